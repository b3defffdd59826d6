// SPDX-License-Identifier: Apache-2.0

// Loads a scratchpad (an .otap file) into all sinks of a network and has its nodes take it over.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	wirepas "github.com/wirepas-grpc/wirepas-grpc/clients/go"
	"github.com/wirepas-grpc/wirepas-grpc/clients/go/examples/internal/cli"
	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
)

func main() {
	cli.Main([]string{"NETWORK", "FILE"}, otap)
}

func otap(ctx context.Context, client *wirepas.Client, arguments []string) error {
	network, err := cli.Number(arguments[0])
	if err != nil {
		return err
	}
	scratchpad, err := os.ReadFile(arguments[1])
	if err != nil {
		return err
	}
	scope := &meshv1.SinkScope{NetworkAddress: &network}
	sequence, err := load(ctx, client, scope, scratchpad)
	if err != nil {
		return err
	}
	return setTarget(ctx, client, scope, sequence)
}

// load gives the sequence number that all sinks store the scratchpad with.
func load(ctx context.Context, client *wirepas.Client, scope *meshv1.SinkScope,
	scratchpad []byte) (uint32, error) {
	stream, err := client.Otap.LoadScratchpad(ctx,
		&meshv1.LoadScratchpadRequest{Scope: scope, Scratchpad: scratchpad})
	if err != nil {
		return 0, err
	}
	for {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return 0, errors.New("the load ended without a summary")
		}
		if err != nil {
			return 0, err
		}
		for _, sink := range response.GetSinks() {
			printProgress(sink, len(scratchpad))
		}
		summary := response.GetSummary()
		if summary == nil {
			continue
		}
		fmt.Printf("loaded %d of %d sinks, sequence %d\n",
			summary.GetDoneCount(), len(summary.GetSinks()), response.GetSequence())
		if int(summary.GetDoneCount()) < len(summary.GetSinks()) {
			return 0, cli.ErrFailed
		}
		return response.GetSequence(), nil
	}
}

func printProgress(load *meshv1.SinkLoad, total int) {
	switch load.GetState() {
	case meshv1.SinkLoadState_SINK_LOAD_STATE_UPLOADING:
		fmt.Printf("%s uploading %d/%d\n", name(load.GetSink()), load.GetAcceptedBytes(), total)
	case meshv1.SinkLoadState_SINK_LOAD_STATE_DONE:
		fmt.Println(name(load.GetSink()), "done")
	case meshv1.SinkLoadState_SINK_LOAD_STATE_FAILED:
		fmt.Println(name(load.GetSink()), "failed:", load.GetError().GetMessage())
	}
}

func setTarget(ctx context.Context, client *wirepas.Client, scope *meshv1.SinkScope,
	sequence uint32) error {
	response, err := client.Otap.SetTarget(ctx, &meshv1.SetTargetRequest{
		Scope: scope,
		Target: &meshv1.TargetScratchpad{
			Action:   meshv1.ScratchpadAction_SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS,
			Sequence: &sequence,
		},
	})
	if err != nil {
		return err
	}
	for _, result := range response.GetResults() {
		if failure := result.GetError(); failure != nil {
			fmt.Println(name(result.GetSink()), "failed:", failure.GetMessage())
			err = cli.ErrFailed
		} else {
			fmt.Println(name(result.GetSink()), "target set")
		}
	}
	return err
}

func name(sink *meshv1.SinkRef) string {
	return sink.GetGatewayId() + "/" + sink.GetSinkId()
}
