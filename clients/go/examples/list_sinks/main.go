// SPDX-License-Identifier: Apache-2.0

// Lists all sinks with their networks, addresses and channels.
package main

import (
	"context"
	"fmt"

	wirepas "github.com/wirepas-grpc/wirepas-grpc/clients/go"
	"github.com/wirepas-grpc/wirepas-grpc/clients/go/examples/internal/cli"
	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
)

func main() {
	cli.Main(nil, listSinks)
}

func listSinks(ctx context.Context, client *wirepas.Client, _ []string) error {
	request := &meshv1.ListSinksRequest{}
	for {
		page, err := client.Network.ListSinks(ctx, request)
		if err != nil {
			return err
		}
		for _, sink := range page.GetSinks() {
			config := sink.GetConfig()
			fmt.Printf("%s/%s network=%s address=%s channel=%s\n", sink.GetGatewayId(), sink.GetSinkId(),
				orDash(config.NetworkAddress), orDash(config.NodeAddress), orDash(config.NetworkChannel))
		}
		if page.GetNextPageToken() == "" {
			return nil
		}
		request.PageToken = page.GetNextPageToken()
	}
}

// orDash shows a field that a sink may leave unset.
func orDash(value *uint32) string {
	if value == nil {
		return "-"
	}
	return fmt.Sprint(*value)
}
