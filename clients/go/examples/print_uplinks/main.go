// SPDX-License-Identifier: Apache-2.0

// Prints the packets of all nodes as they come.
package main

import (
	"context"
	"flag"
	"fmt"

	wirepas "github.com/wirepas-grpc/wirepas-grpc/clients/go"
	"github.com/wirepas-grpc/wirepas-grpc/clients/go/examples/internal/cli"
	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
)

var count = flag.Int("count", 0, "end after so many packets (default: never)")

func main() {
	cli.Main(nil, printUplinks)
}

func printUplinks(ctx context.Context, client *wirepas.Client, _ []string) error {
	subscription := client.SubscribeUplink(ctx, &meshv1.SubscribeUplinkRequest{})
	defer subscription.Close()
	packets := 0
	for event, err := range subscription.Events() {
		if err != nil {
			return err
		}
		if event.Gap != nil {
			printGap(event.Gap)
			continue
		}
		printUplink(event.Uplink)
		if packets++; packets == *count {
			break
		}
	}
	return nil
}

func printUplink(uplink *meshv1.Uplink) {
	payload := "hidden"
	if uplink.Payload != nil {
		payload = fmt.Sprintf("%x", uplink.Payload)
	}
	fmt.Printf("%s %s/%s node=%d endpoints=%d->%d payload=%s\n",
		uplink.GetReceiveTime().AsTime().Format("2006-01-02T15:04:05.000Z"),
		uplink.GetGatewayId(), uplink.GetSinkId(), uplink.GetSourceAddress(),
		uplink.GetSourceEndpoint(), uplink.GetDestinationEndpoint(), payload)
}

func printGap(gap *meshv1.Gap) {
	number := "unknown number of"
	if gap.LostPackets != nil {
		number = fmt.Sprint(gap.GetLostPackets())
	}
	fmt.Printf("gap: %s packets lost (%s)\n", number, gap.GetReason())
}
