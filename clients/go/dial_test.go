// SPDX-License-Identifier: Apache-2.0

package wirepas

import (
	"errors"
	"slices"
	"testing"

	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestTargetsOnThisMachine(t *testing.T) {
	for target, want := range map[string]bool{
		"127.0.0.1:50051": true, "127.8.9.1:1": true, "localhost:50051": true, "[::1]:50051": true,
		"unix:/run/service.sock": true, "unix:///run/service.sock": true, "dns:///localhost:1": true,
		"example.com:50051": false, "192.0.2.1:1": false, "[2001:db8::1]:1": false,
		"localhost.example.com:1": false, "dns://192.0.2.1/localhost:1": false,
	} {
		if isLocal(target) != want {
			t.Errorf("%s is on this machine: %v", target, !want)
		}
	}
}

func TestATokenIsNeverSentInClearToAnotherMachine(t *testing.T) {
	if _, err := Dial("example.com:1", WithPlaintext(), WithToken("secret")); err == nil {
		t.Error("it would be sent")
	}
	if _, err := Dial("example.com:1", WithToken("two\nlines")); err == nil {
		t.Error("a header cannot have it")
	}
	for _, options := range [][]Option{{}, {WithTLS()}} {
		client, err := Dial("example.com:1", append(options, WithToken("secret"))...)
		if err != nil {
			t.Fatal(err)
		}
		_ = client.Close()
	}
}

func TestTheTokenGoesWithEachCall(t *testing.T) {
	s := &script{parts: []part{{responses: []*meshv1.SubscribeUplinkResponse{response("1", 1)}}}}
	take(t, s.dial(t, WithToken("secret")).SubscribeUplink(t.Context(), nil), 1)
	if got := s.metadata[0].Get("authorization"); !slices.Equal(got, []string{"Bearer secret"}) {
		t.Errorf("sent %v", got)
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	for name, options := range map[string][]Option{
		"plaintext and TLS":   {WithPlaintext(), WithTLS()},
		"no such CA":          {WithCAFile("/nosuch")},
		"CA without any":      {WithCAFile("dial.go")},
		"no such key":         {WithClientCertificate("/nosuch", "/nosuch")},
		"certificate, no key": {WithClientCertificate("dial.go", "")},
	} {
		if client, err := Dial("example.com:1", options...); err == nil {
			_ = client.Close()
			t.Errorf("%s: no error", name)
		}
	}
}

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
