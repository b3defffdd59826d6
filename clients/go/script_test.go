// SPDX-License-Identifier: Apache-2.0

package wirepas

import (
	"context"
	"net"
	"sync"
	"testing"

	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// script is a service that plays a part at each subscription; the last one again and again.
type script struct {
	meshv1.UnimplementedNetworkServiceServer

	parts    []part
	gateways func() error

	mutex    sync.Mutex
	requests []*meshv1.SubscribeUplinkRequest
	metadata []metadata.MD
}

// part is what one subscription gets: responses, then the error; nil: it stays open, unless ends.
type part struct {
	responses []*meshv1.SubscribeUplinkResponse
	err       error
	ends      bool
}

func (s *script) SubscribeUplink(request *meshv1.SubscribeUplinkRequest,
	stream meshv1.NetworkService_SubscribeUplinkServer) error {
	s.mutex.Lock()
	sent, _ := metadata.FromIncomingContext(stream.Context())
	s.requests = append(s.requests, proto.CloneOf(request))
	s.metadata = append(s.metadata, sent)
	now := s.parts[min(len(s.requests), len(s.parts))-1]
	s.mutex.Unlock()
	for _, response := range now.responses {
		if err := stream.Send(response); err != nil {
			return err
		}
	}
	if now.err != nil || now.ends {
		return now.err
	}
	<-stream.Context().Done()
	return stream.Context().Err()
}

func (s *script) ListGateways(context.Context, *meshv1.ListGatewaysRequest) (
	*meshv1.ListGatewaysResponse, error) {
	return &meshv1.ListGatewaysResponse{}, s.gateways()
}

// serve starts the script's service at an address.
func (s *script) serve(t *testing.T, address string) (*grpc.Server, string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	meshv1.RegisterNetworkServiceServer(server, s)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return server, listener.Addr().String()
}

// dial starts the script's service and gives a client of it.
func (s *script) dial(t *testing.T, options ...Option) *Client {
	t.Helper()
	_, address := s.serve(t, "127.0.0.1:0")
	client, err := Dial(address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// response has packets with these event ids.
func response(cursor string, events ...uint64) *meshv1.SubscribeUplinkResponse {
	made := &meshv1.SubscribeUplinkResponse{Cursor: []byte(cursor)}
	for _, event := range events {
		made.Uplinks = append(made.Uplinks, &meshv1.Uplink{EventId: event})
	}
	return made
}
