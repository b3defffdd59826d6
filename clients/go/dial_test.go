// SPDX-License-Identifier: Apache-2.0

package wirepas

import (
	"slices"
	"testing"

	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
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
