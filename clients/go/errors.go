// SPDX-License-Identifier: Apache-2.0

package wirepas

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
	rpccode "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	// Whose reasons are those of meshv1.ErrorReason, and how these begin, which an ErrorInfo leaves out.
	reasonDomain = "wirepas.mesh.v1"
	reasonPrefix = "ERROR_REASON_"
)

// FieldViolation is a field of a request that is wrong.
type FieldViolation struct {
	// Field is its path in the request, as in "message.hop_limit". Of a part of a call it begins at
	// the request for this part.
	Field string
	// Description says what is wrong with it, for people to read.
	Description string
}

// Error is a failed call. All calls of a [Client] fail with it: get it with [errors.As]. The
// functions of package status work on it too.
type Error struct {
	Code    codes.Code
	Message string
	// Reason says why it failed, for programs. ERROR_REASON_UNSPECIFIED when it was not the service that ended the
	// call, or when it has a reason that this package does not know: then the code counts.
	Reason meshv1.ErrorReason
	// Fields are the fields of the request that are wrong, with ERROR_REASON_INVALID_FIELD.
	Fields []FieldViolation
	// RetryDelay is how long to wait before a retry; 0 when that is not known.
	RetryDelay time.Duration
	// Ids are those that the failure concerns, by their names: gateway_id, sink_id, network_address,
	// node_address. A part of a call has those of Gateway only.
	Ids map[string]string
	// Gateway says which gateway and sink were concerned, what the gateway answered and the id that
	// the request had. Without ids when no gateway was concerned. Nil when it was not the service
	// that ended the call, but gRPC itself, as for a connection that broke.
	Gateway *meshv1.GatewayError

	status *status.Status
}

// Error gives "CODE REASON: message" and, if a gateway was concerned, which, and its answer.
func (e *Error) Error() string {
	text := CodeName(e.Code)
	if e.Reason != meshv1.ErrorReason_ERROR_REASON_UNSPECIFIED {
		text += " " + strings.TrimPrefix(e.Reason.String(), reasonPrefix)
	}
	text += ": " + e.Message
	if e.Gateway.GetGatewayId() == "" {
		return text
	}
	about := []string{"gateway " + e.Gateway.GetGatewayId()}
	if e.Gateway.GetSinkId() != "" {
		about = append(about, "sink "+e.Gateway.GetSinkId())
	}
	switch result := e.Gateway.GetResult(); result {
	case meshv1.ResultCode_RESULT_CODE_UNSPECIFIED:
	case meshv1.ResultCode_RESULT_CODE_UNKNOWN:
		about = append(about, fmt.Sprintf("result %d", e.Gateway.GetRawResult()))
	default:
		about = append(about, result.String())
	}
	return text + " (" + strings.Join(about, ", ") + ")"
}

// Outcome says what became of the request: REQUEST_OUTCOME_NOT_SENT and REQUEST_OUTCOME_REFUSED mean
// that nothing was carried out and a repetition is safe. REQUEST_OUTCOME_UNKNOWN when the service
// does not know, or when it is not the service that ended the call: gRPC itself ends calls with
// Unavailable when the connection breaks, and they may have been carried out.
func (e *Error) Outcome() meshv1.RequestOutcome {
	switch outcome := e.Gateway.GetOutcome(); outcome {
	case meshv1.RequestOutcome_REQUEST_OUTCOME_NOT_SENT,
		meshv1.RequestOutcome_REQUEST_OUTCOME_REFUSED:
		return outcome
	default:
		return meshv1.RequestOutcome_REQUEST_OUTCOME_UNKNOWN
	}
}

// RawResult gives the number that the gateway gave as its answer, which tells codes apart that the
// service does not know. False when no answer came.
func (e *Error) RawResult() (int32, bool) {
	if e.Gateway == nil || e.Gateway.RawResult == nil {
		return 0, false
	}
	return e.Gateway.GetRawResult(), true
}

// GRPCStatus gives the status that the call ended with; it is for package status.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// CodeName gives the name that the gRPC specification has for a code, such as NOT_FOUND.
func CodeName(code codes.Code) string { return rpccode.Code(code).String() }

// FromCallError gives the error of one part of a call, such as one message of SendMessages or one
// sink of BroadcastMessage; nil for nil.
func FromCallError(e *meshv1.CallError) *Error {
	if e == nil {
		return nil
	}
	s := status.New(codes.Code(e.GetCode()), e.GetMessage())
	if detailed, err := s.WithDetails(detailsOf(e)...); err == nil {
		s = detailed
	}
	failure := fromStatus(s)
	failure.Reason = e.GetReason() // also one that has no name here
	return failure
}

// detailsOf gives what the status of a call that failed as this part did would have in its details.
func detailsOf(e *meshv1.CallError) []protoadapt.MessageV1 {
	var details []protoadapt.MessageV1
	add := func(detail protoadapt.MessageV2) {
		details = append(details, protoadapt.MessageV1Of(detail))
	}
	ids := map[string]string{}
	if gateway := e.GetGatewayError(); gateway != nil {
		add(gateway)
		for name, id := range map[string]string{
			"gateway_id": gateway.GetGatewayId(), "sink_id": gateway.GetSinkId()} {
			if id != "" {
				ids[name] = id
			}
		}
	}
	if name, known := meshv1.ErrorReason_name[int32(e.GetReason())]; known && e.GetReason() != 0 {
		add(&errdetails.ErrorInfo{Domain: reasonDomain, Metadata: ids,
			Reason: strings.TrimPrefix(name, reasonPrefix)})
	}
	if e.GetField() != "" {
		add(&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: e.GetField(), Description: e.GetMessage()}}})
	}
	if delay := e.GetRetryDelay(); delay != nil {
		add(&errdetails.RetryInfo{RetryDelay: durationpb.New(delay.AsDuration())})
	}
	return details
}

func fromStatus(s *status.Status) *Error {
	e := &Error{Code: s.Code(), Message: s.Message(), status: s}
	for _, detail := range s.Details() {
		switch detail := detail.(type) {
		case *meshv1.GatewayError:
			e.Gateway = detail
		case *errdetails.ErrorInfo:
			if detail.GetDomain() == reasonDomain {
				// 0, unspecified, when it has no such name.
				e.Reason = meshv1.ErrorReason(meshv1.ErrorReason_value[reasonPrefix+detail.GetReason()])
				e.Ids = detail.GetMetadata()
			}
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				e.Fields = append(e.Fields,
					FieldViolation{Field: violation.GetField(), Description: violation.GetDescription()})
			}
		case *errdetails.RetryInfo:
			e.RetryDelay = detail.GetRetryDelay().AsDuration()
		}
	}
	return e
}

// asError makes an Error of what gRPC fails with. Nil, and the end of a stream, stay as they are.
func asError(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	if s, ok := status.FromError(err); ok {
		return fromStatus(s)
	}
	return fromStatus(status.FromContextError(err))
}

func unaryErrors(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn,
	invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	return asError(invoke(ctx, method, request, reply, conn, options...))
}

func streamErrors(ctx context.Context, description *grpc.StreamDesc, conn *grpc.ClientConn,
	method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	stream, err := open(ctx, description, conn, method, options...)
	if err != nil {
		return nil, asError(err)
	}
	return errorStream{stream}, nil
}

// errorStream is a stream that fails with an Error.
type errorStream struct{ grpc.ClientStream }

func (s errorStream) SendMsg(message any) error { return asError(s.ClientStream.SendMsg(message)) }
func (s errorStream) RecvMsg(message any) error { return asError(s.ClientStream.RecvMsg(message)) }
func (s errorStream) CloseSend() error          { return asError(s.ClientStream.CloseSend()) }
