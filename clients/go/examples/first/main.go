// SPDX-License-Identifier: Apache-2.0

// A first program, to be copied into a module of one's own: lists the gateways.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	wirepas "github.com/wirepas-grpc/wirepas-grpc/clients/go"
	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
)

func main() {
	target := "127.0.0.1:50051"
	if len(os.Args) > 1 {
		target = os.Args[1]
	}
	client, err := wirepas.Dial(target)
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
		fmt.Println(gateway.GetGatewayId(), gateway.GetSinkIds())
	}
}
