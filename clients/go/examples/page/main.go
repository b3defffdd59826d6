// SPDX-License-Identifier: Apache-2.0

// The code of docs/go.md; each part of the page is a function here.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"time"

	wirepas "github.com/wirepas-grpc/wirepas-grpc/clients/go"
	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
	"google.golang.org/grpc/codes"
)

func main() {
	client, err := wirepas.Dial("127.0.0.1:50051")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	response, err := client.Network.ListGateways(ctx, &meshv1.ListGatewaysRequest{})
	if err != nil {
		log.Fatal(err)
	}
	for _, gateway := range response.GetGateways() {
		fmt.Println(gateway.GetGatewayId())
	}
	send(client, "sim-gw-0", "sink0")
}

func overTLS(token string) (*wirepas.Client, error) {
	return wirepas.Dial("wirepas.example.com:50051",
		wirepas.WithCAFile("ca.pem"),                              // without it: the system's authorities
		wirepas.WithClientCertificate("client.pem", "client.key"), // if the service asks for it
		wirepas.WithToken(token))                                  // if what stands before the service asks for it
}

func overUnixSocket() (*wirepas.Client, error) {
	return wirepas.Dial("unix:/run/wirepas-grpcd.sock")
}

func subscribe(ctx context.Context, client *wirepas.Client, cursorFile string) error {
	request := &meshv1.SubscribeUplinkRequest{
		Filter: &meshv1.UplinkFilter{SourceEndpoints: []uint32{1}},
	}
	kept, err := os.ReadFile(cursorFile)
	if err == nil {
		request.Start = &meshv1.SubscribeUplinkRequest_AfterCursor{AfterCursor: kept}
		request.AllowGap = true
	}
	subscription := client.SubscribeUplink(ctx, request,
		wirepas.OnReconnect(func(reconnect wirepas.Reconnect) {
			log.Printf("connection lost: %v", reconnect.Err)
		}))
	defer subscription.Close()
	for event, err := range subscription.Events() {
		if err != nil {
			return err
		}
		if cursor := subscription.Cursor(); string(cursor) != string(kept) {
			kept = cursor
			if err := os.WriteFile(cursorFile, kept, 0o600); err != nil {
				return err
			}
		}
		if event.Gap != nil {
			log.Printf("packets lost: %v", event.Gap.GetReason())
			continue
		}
		handle(event.Uplink)
	}
	return nil
}

func send(client *wirepas.Client, gatewayID, sinkID string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := client.Network.SendMessage(ctx, &meshv1.SendMessageRequest{
		Through: &meshv1.SendMessageRequest_Sink{
			Sink: &meshv1.SinkRef{GatewayId: gatewayID, SinkId: sinkID}},
		RequestId: new(rand.Uint64()), // makes a retry safe, by the same run of the service
		Message: &meshv1.Message{
			DestinationAddress:  0xFFFFFFFF, // every node
			SourceEndpoint:      10,
			DestinationEndpoint: 10,
			Payload:             []byte("hello"),
		},
	})
	var failure *wirepas.Error
	if !errors.As(err, &failure) {
		return // sent
	}
	log.Print(failure)
	switch {
	case failure.Outcome() == meshv1.RequestOutcome_REQUEST_OUTCOME_UNKNOWN:
		log.Print("it may have been sent: try again")
	case failure.Code == codes.Unavailable:
		log.Print("nothing was sent: try again later")
	case failure.Reason == meshv1.ErrorReason_ERROR_REASON_INVALID_FIELD:
		log.Printf("wrong: %v", failure.Fields)
	case failure.Gateway.GetResult() == meshv1.ResultCode_RESULT_CODE_INVALID_SINK_ID:
		log.Printf("no such sink: %s", failure.Gateway.GetSinkId())
	}
}

func sendToNode(ctx context.Context, client *wirepas.Client, network, node uint32) error {
	response, err := client.Network.SendMessage(ctx, &meshv1.SendMessageRequest{
		Through:   &meshv1.SendMessageRequest_NetworkAddress{NetworkAddress: network},
		IfUnheard: meshv1.IfUnheard_IF_UNHEARD_ALL_SINKS,
		Message: &meshv1.Message{
			DestinationAddress: node, SourceEndpoint: 10, DestinationEndpoint: 10, Payload: []byte("hello")},
	})
	if err != nil {
		return err
	}
	sink, sent := response.GetSink(), response.GetSent()
	log.Printf("%s/%s took it after %v", sink.GetGatewayId(), sink.GetSinkId(), sent.GetGatewayTime().AsDuration())
	return nil
}

func handle(uplink *meshv1.Uplink) {
	fmt.Printf("%d: %x\n", uplink.GetSourceAddress(), uplink.GetPayload())
}

// The page names them only.
var (
	_ = overTLS
	_ = overUnixSocket
	_ = subscribe
	_ = sendToNode
)
