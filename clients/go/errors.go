// SPDX-License-Identifier: Apache-2.0

package wirepas

import (
	"context"
	"errors"
	"fmt"
	"io"

	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
	rpccode "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Error is a failed call. All calls of a [Client] fail with it: get it with [errors.As]. The
// functions of package status work on it too.
type Error struct {
	Code    codes.Code
	Message string
	// Gateway says which gateway and sink were concerned, what the gateway answered and the id that
	// the request had. Without ids when no gateway was concerned. Nil when it was not the service
	// that ended the call, but gRPC itself, as for a connection that broke.
	Gateway *meshv1.GatewayError

	status *status.Status
}

// Error gives "CODE: message" and, if a gateway was concerned, which, and its answer.
func (e *Error) Error() string {
	text := CodeName(e.Code) + ": " + e.Message
	if e.Gateway.GetGatewayId() != "" {
		text += fmt.Sprintf(" (gateway %s, sink %s, %s)",
			e.Gateway.GetGatewayId(), e.Gateway.GetSinkId(), e.Gateway.GetResult())
	}
	return text
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
	if e.GetGatewayError() != nil {
		if detailed, err := s.WithDetails(e.GetGatewayError()); err == nil {
			s = detailed
		}
	}
	return fromStatus(s)
}

func fromStatus(s *status.Status) *Error {
	e := &Error{Code: s.Code(), Message: s.Message(), status: s}
	for _, detail := range s.Details() {
		if gateway, ok := detail.(*meshv1.GatewayError); ok {
			e.Gateway = gateway
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
