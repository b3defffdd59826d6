// SPDX-License-Identifier: Apache-2.0

// Package cli is what the examples share: the command line, and failures.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	wirepas "github.com/wirepas-grpc/wirepas-grpc/clients/go"
)

// ErrFailed ends an example with exit code 1 after it has said itself what failed.
var ErrFailed = errors.New("failed")

// Main runs an example: with a client of the service at --target and the positional arguments, as
// many as usage names, until Ctrl-C.
func Main(usage []string, run func(context.Context, *wirepas.Client, []string) error) {
	target := flag.String("target", "127.0.0.1:50051", "where the service is")
	flag.Usage = func() {
		fmt.Fprintf(os.Stderr, "Usage: %s [OPTIONS]", os.Args[0])
		for _, name := range usage {
			fmt.Fprint(os.Stderr, " ", name)
		}
		fmt.Fprintln(os.Stderr)
		flag.PrintDefaults()
	}
	arguments := parse(os.Args[1:])
	if len(arguments) != len(usage) {
		flag.Usage()
		os.Exit(2)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	client, err := wirepas.Dial(*target)
	if err == nil {
		defer client.Close()
		err = run(ctx, client, arguments)
	}
	switch {
	case err == nil || ctx.Err() != nil:
		return
	case !errors.Is(err, ErrFailed):
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(1)
}

// parse takes options before, between and behind the positional arguments, which it returns.
func parse(words []string) (arguments []string) {
	for {
		if err := flag.CommandLine.Parse(words); err != nil {
			os.Exit(2)
		}
		if flag.NArg() == 0 {
			return arguments
		}
		arguments = append(arguments, flag.Arg(0))
		words = flag.Args()[1:]
	}
}

// Number reads a positional argument.
func Number(word string) (uint32, error) {
	number, err := strconv.ParseUint(word, 0, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number", word)
	}
	return uint32(number), nil
}
