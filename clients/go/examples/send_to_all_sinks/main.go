// SPDX-License-Identifier: Apache-2.0

// Sends a message to all nodes of a network, from each of its sinks.
package main

import (
	"context"
	"encoding/hex"
	"fmt"

	wirepas "github.com/wirepas-grpc/wirepas-grpc/clients/go"
	"github.com/wirepas-grpc/wirepas-grpc/clients/go/examples/internal/cli"
	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
)

const (
	everyNode = 0xFFFFFFFF
	endpoint  = 10
)

func main() {
	cli.Main([]string{"NETWORK", "PAYLOAD_HEX"}, send)
}

func send(ctx context.Context, client *wirepas.Client, arguments []string) error {
	network, err := cli.Number(arguments[0])
	if err != nil {
		return err
	}
	payload, err := hex.DecodeString(arguments[1])
	if err != nil {
		return fmt.Errorf("PAYLOAD_HEX: %w", err)
	}

	response, err := client.Network.BroadcastMessage(ctx, &meshv1.BroadcastMessageRequest{
		Scope: &meshv1.SinkScope{NetworkAddress: &network},
		Message: &meshv1.Message{
			DestinationAddress:  everyNode,
			SourceEndpoint:      endpoint,
			DestinationEndpoint: endpoint,
			Payload:             payload,
		},
	})
	if err != nil {
		return err
	}
	for _, result := range response.GetResults() {
		fmt.Printf("%s/%s ", result.GetSink().GetGatewayId(), result.GetSink().GetSinkId())
		if failure := result.GetError(); failure != nil {
			fmt.Println("failed:", failure.GetMessage())
			err = cli.ErrFailed
		} else {
			fmt.Println("sent")
		}
	}
	return err
}
