// SPDX-License-Identifier: Apache-2.0

package wirepas

import (
	"errors"
	"testing"
	"time"

	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

func TestAFailedCallHasWhatTheServiceSaysOfTheGateway(t *testing.T) {
	s := &script{gateways: func() error {
		failure, err := status.New(codes.NotFound, "no such sink").WithDetails(&meshv1.GatewayError{
			GatewayId: "gw", SinkId: "sink0", RequestId: 1 << 63,
			Result: meshv1.ResultCode_RESULT_CODE_INVALID_SINK_ID})
		if err != nil {
			return err
		}
		return failure.Err()
	}}
	_, err := s.dial(t).Network.ListGateways(t.Context(), &meshv1.ListGatewaysRequest{})
	var failure *Error
	if !errors.As(err, &failure) {
		t.Fatalf("failed with %v", err)
	}
	expect(t, "code", failure.Code, codes.NotFound)
	expect(t, "code for package status", status.Code(err), codes.NotFound)
	expect(t, "request id", failure.Gateway.GetRequestId(), uint64(1<<63))
	expect(t, "text", err.Error(),
		"NOT_FOUND: no such sink (gateway gw, sink sink0, RESULT_CODE_INVALID_SINK_ID)")
}

func TestTheFailureOfAPartOfACall(t *testing.T) {
	if FromCallError(nil) != nil {
		t.Error("nil is no failure")
	}
	failure := FromCallError(&meshv1.CallError{Code: 8, Message: "full",
		GatewayError: &meshv1.GatewayError{GatewayId: "gw"}})
	expect(t, "code", failure.Code, codes.ResourceExhausted)
	expect(t, "gateway", failure.Gateway.GetGatewayId(), "gw")
	expect(t, "code for package status", status.Code(failure), codes.ResourceExhausted)
}

func TestWhyACallFailed(t *testing.T) {
	raw := int32(99)
	details := []protoadapt.MessageV1{
		&meshv1.GatewayError{GatewayId: "gw", Result: meshv1.ResultCode_RESULT_CODE_UNKNOWN, RawResult: &raw},
		&errdetails.ErrorInfo{Reason: "GATEWAY_REFUSED", Domain: "wirepas.mesh.v1",
			Metadata: map[string]string{"gateway_id": "gw", "node_address": "7"}},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "message.qos", Description: "is 2"}, {Field: "message", Description: "is odd"}}},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)},
	}
	s := &script{gateways: func() error {
		failure, err := status.New(codes.Unknown, "no").WithDetails(details...)
		if err != nil {
			return err
		}
		return failure.Err()
	}}
	_, err := s.dial(t).Network.ListGateways(t.Context(), &meshv1.ListGatewaysRequest{})
	var failure *Error
	if !errors.As(err, &failure) {
		t.Fatalf("failed with %v", err)
	}
	expect(t, "reason", failure.Reason, meshv1.ErrorReason_ERROR_REASON_GATEWAY_REFUSED)
	expect(t, "node", failure.Ids["node_address"], "7")
	expect(t, "number of fields", len(failure.Fields), 2)
	expect(t, "field", failure.Fields[0], FieldViolation{"message.qos", "is 2"})
	expect(t, "retry delay", failure.RetryDelay, 1500*time.Millisecond)
	number, answered := failure.RawResult()
	expect(t, "raw result", number, raw)
	expect(t, "whether there is one", answered, true)
	expect(t, "text", err.Error(), "UNKNOWN GATEWAY_REFUSED: no (gateway gw, result 99)")
}

func TestReasonsOfOthersAndOfLaterVersions(t *testing.T) {
	for _, info := range []*errdetails.ErrorInfo{
		{Reason: "GATEWAY_OFFLINE", Domain: "example.com"},
		{Reason: "ONE_OF_TOMORROW", Domain: "wirepas.mesh.v1"},
	} {
		detailed, err := status.New(codes.Unavailable, "why").WithDetails(info)
		if err != nil {
			t.Fatal(err)
		}
		failure := fromStatus(detailed)
		expect(t, "reason", failure.Reason, meshv1.ErrorReason_ERROR_REASON_UNSPECIFIED)
		expect(t, "text", failure.Error(), "UNAVAILABLE: why")
		_, answered := failure.RawResult()
		expect(t, "whether a gateway answered", answered, false)
	}
}

func TestWhyAPartOfACallFailed(t *testing.T) {
	failure := FromCallError(&meshv1.CallError{Code: 3, Message: "message.hop_limit: is 16",
		Reason: meshv1.ErrorReason_ERROR_REASON_INVALID_FIELD, Field: "message.hop_limit",
		RetryDelay: durationpb.New(time.Second), GatewayError: &meshv1.GatewayError{GatewayId: "gw"}})
	// The functions of package status see the same.
	for _, one := range []*Error{failure, fromStatus(failure.GRPCStatus())} {
		expect(t, "reason", one.Reason, meshv1.ErrorReason_ERROR_REASON_INVALID_FIELD)
		expect(t, "number of fields", len(one.Fields), 1)
		expect(t, "field", one.Fields[0], FieldViolation{"message.hop_limit", "message.hop_limit: is 16"})
		expect(t, "retry delay", one.RetryDelay, time.Second)
		expect(t, "gateway", one.Ids["gateway_id"], "gw")
	}
}

func TestOnlyTheServiceKnowsThatNothingWasSent(t *testing.T) {
	const unspecified = meshv1.RequestOutcome_REQUEST_OUTCOME_UNSPECIFIED
	const notSent = meshv1.RequestOutcome_REQUEST_OUTCOME_NOT_SENT
	const refused = meshv1.RequestOutcome_REQUEST_OUTCOME_REFUSED
	const unknown = meshv1.RequestOutcome_REQUEST_OUTCOME_UNKNOWN
	// As gRPC makes it when a connection breaks.
	s := &script{gateways: func() error { return status.Error(codes.Unavailable, "gone") }}
	_, err := s.dial(t).Network.ListGateways(t.Context(), &meshv1.ListGatewaysRequest{})
	var bare *Error
	if !errors.As(err, &bare) {
		t.Fatalf("failed with %v", err)
	}
	expect(t, "outcome without a detail", bare.Outcome(), unknown)
	for told, read := range map[meshv1.RequestOutcome]meshv1.RequestOutcome{
		unspecified: unknown, notSent: notSent, refused: refused, unknown: unknown, 99: unknown} {
		failure := FromCallError(&meshv1.CallError{Code: 14, Message: "why",
			GatewayError: &meshv1.GatewayError{Outcome: told}})
		expect(t, "outcome", failure.Outcome(), read)
		expect(t, "text without a gateway", failure.Error(), "UNAVAILABLE: why")
	}
}
