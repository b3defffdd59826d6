// SPDX-License-Identifier: Apache-2.0

// Watches for a while which nodes there are, then lists them.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"time"

	wirepas "github.com/wirepas-grpc/wirepas-grpc/clients/go"
	"github.com/wirepas-grpc/wirepas-grpc/clients/go/examples/internal/cli"
	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

var seconds = flag.Float64("seconds", 10, "how long to watch")

func main() {
	cli.Main(nil, discoverNodes)
}

func discoverNodes(ctx context.Context, client *wirepas.Client, _ []string) error {
	watched, cancel := context.WithTimeout(ctx, time.Duration(*seconds*float64(time.Second)))
	defer cancel()
	nodes, err := watch(watched, client)
	// The end of the time is no failure.
	if status.Code(err) != codes.DeadlineExceeded {
		return err
	}
	for _, node := range slices.SortedFunc(maps.Values(nodes), byAddress) {
		fmt.Printf("network=%d node=%d packets=%d last=%s/%s\n",
			node.GetNetworkAddress(), node.GetNodeAddress(), node.GetPacketCount(),
			node.GetLastSink().GetGatewayId(), node.GetLastSink().GetSinkId())
	}
	return nil
}

type address struct{ network, node uint32 }

// watch gives the nodes known when ctx ends.
func watch(ctx context.Context, client *wirepas.Client) (map[address]*meshv1.Node, error) {
	nodes := make(map[address]*meshv1.Node)
	stream, err := client.Nodes.WatchNodes(ctx, &meshv1.WatchNodesRequest{})
	if err != nil {
		return nodes, err
	}
	for {
		response, err := stream.Recv()
		if err != nil {
			return nodes, err
		}
		for _, event := range response.GetEvents() {
			node := event.GetNode()
			key := address{node.GetNetworkAddress(), node.GetNodeAddress()}
			if event.GetType() == meshv1.NodeEventType_NODE_EVENT_TYPE_REMOVED {
				delete(nodes, key)
			} else {
				nodes[key] = node
			}
		}
	}
}

func byAddress(a, b *meshv1.Node) int {
	return cmp.Or(cmp.Compare(a.GetNetworkAddress(), b.GetNetworkAddress()),
		cmp.Compare(a.GetNodeAddress(), b.GetNodeAddress()))
}
