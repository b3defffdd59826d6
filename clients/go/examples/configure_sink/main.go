// SPDX-License-Identifier: Apache-2.0

// Sets the network channel of a sink.
package main

import (
	"context"
	"fmt"

	wirepas "github.com/wirepas-grpc/wirepas-grpc/clients/go"
	"github.com/wirepas-grpc/wirepas-grpc/clients/go/examples/internal/cli"
	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
)

func main() {
	cli.Main([]string{"GATEWAY", "SINK", "CHANNEL"}, configureSink)
}

func configureSink(ctx context.Context, client *wirepas.Client, arguments []string) error {
	channel, err := cli.Number(arguments[2])
	if err != nil {
		return err
	}
	response, err := client.Network.SetSinkConfig(ctx, &meshv1.SetSinkConfigRequest{
		GatewayId: arguments[0],
		SinkId:    arguments[1],
		Update:    &meshv1.SinkConfigUpdate{NetworkChannel: &channel},
	})
	if err != nil {
		return err
	}
	sink := response.GetSink()
	fmt.Printf("%s/%s channel=%d\n",
		sink.GetGatewayId(), sink.GetSinkId(), sink.GetConfig().GetNetworkChannel())
	return nil
}
