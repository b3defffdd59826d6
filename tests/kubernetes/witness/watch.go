// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	wirepas "github.com/wirepas-grpc/wirepas-grpc/clients/go"
	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
)

const callTimeout = 5 * time.Second

type settings struct {
	target, http  string
	plaintext     bool
	ca, cert, key string
	count, drain  uint64
	firstCall     bool
}

func parse(words []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("witness watch", flag.ContinueOnError)
	flags.StringVar(&s.target, "target", "", "where the service is")
	flags.BoolVar(&s.plaintext, "plaintext", false, "no TLS towards another machine")
	flags.StringVar(&s.ca, "ca", "", "authorities (PEM) to check the service with")
	flags.StringVar(&s.cert, "cert", "", "certificate (PEM) to present; needs --key")
	flags.StringVar(&s.key, "key", "", "key (PEM) of --cert")
	flags.StringVar(&s.http, "http", defaultHTTP, "serve /report here")
	flags.Uint64Var(&s.count, "count", 0, "end after so many packets (0: never)")
	flags.Uint64Var(&s.drain, "drain", 0, "at SIGTERM, take so many packets more, and make a call")
	flags.BoolVar(&s.firstCall, "first-call", false,
		"make one call before all else, once, and say what came of it")
	err := flags.Parse(words)
	if err == nil && (s.target == "" || flags.NArg() != 0) {
		err = errors.New("witness watch: --target must be given, and no other words")
	}
	return s, err
}

func (s settings) dial() (*wirepas.Client, error) {
	var options []wirepas.Option
	if s.plaintext {
		options = append(options, wirepas.WithPlaintext())
	}
	if s.ca != "" {
		options = append(options, wirepas.WithCAFile(s.ca))
	}
	if s.cert != "" {
		options = append(options, wirepas.WithClientCertificate(s.cert, s.key))
	}
	return wirepas.Dial(s.target, options...)
}

// say writes a line of the log, a JSON object.
func say(event string, details map[string]any) {
	line := map[string]any{"time": time.Now().UTC().Format(time.RFC3339Nano), "event": event}
	for name, value := range details {
		line[name] = value
	}
	text, err := json.Marshal(line)
	if err != nil {
		text = []byte(err.Error())
	}
	fmt.Println(string(text))
}

// call makes a call that needs nothing but the service, once: no retry hides that it is away.
func call(client *wirepas.Client, event string) error {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	_, err := client.Network.ListGateways(ctx, &meshv1.ListGatewaysRequest{})
	text := "OK"
	if err != nil {
		text = err.Error()
	}
	say(event, map[string]any{"result": text, "ms": time.Since(begin).Milliseconds()})
	return err
}

// callOnce is all that "witness call" does.
func callOnce(words []string) error {
	s, err := parse(words)
	if err != nil {
		return err
	}
	client, err := s.dial()
	if err != nil {
		return err
	}
	defer client.Close()
	return call(client, "call")
}

func watch(words []string) error {
	s, err := parse(words)
	if err != nil {
		return err
	}
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM, os.Interrupt)
	client, err := s.dial()
	if err != nil {
		return err
	}
	defer client.Close()
	say("started", map[string]any{"target": s.target})
	if s.firstCall {
		_ = call(client, "first_call") // it is told, and the subscription tries again
	}

	tally := newTally()
	http.HandleFunc("/report", func(w http.ResponseWriter, _ *http.Request) {
		// The reader sees a reply that is cut off; there is nothing else to do about it.
		_ = json.NewEncoder(w).Encode(tally.Snapshot())
	})
	failed := make(chan error, 1)
	go func() { failed <- http.ListenAndServe(s.http, nil) }()
	ended := make(chan error, 1)
	progress := make(chan struct{}, 1)
	subscription := client.SubscribeUplink(context.Background(), nil,
		wirepas.OnReconnect(func(reconnect wirepas.Reconnect) {
			tally.Reconnect(reconnect.Err)
			say("reconnect", map[string]any{
				"error": reconnect.Err.Error(), "attempt": reconnect.Attempt})
		}))
	defer subscription.Close()
	go func() { ended <- read(subscription, tally, s.count, progress) }()

	select {
	case err = <-failed:
	case err = <-ended:
	case <-terminate:
		say("terminated", nil)
		err = drain(s, client, tally, progress, ended)
	}
	if err != nil {
		tally.Fail(err)
	}
	say("ended", map[string]any{"report": tally.Snapshot()})
	return err
}

// read takes packets until there are `count`, if that is not 0, or the subscription gives up.
func read(subscription *wirepas.Subscription, tally *Tally, count uint64,
	progress chan<- struct{}) error {
	packets := uint64(0)
	for event, err := range subscription.Events() {
		if err != nil {
			tally.Fail(err)
			say("failed", map[string]any{"error": err.Error()})
			return err
		}
		if event.Gap != nil {
			say("gap", map[string]any{"reason": event.Gap.GetReason().String()})
			tally.Gap(event.Gap)
			continue
		}
		tally.Packet(event.Uplink, time.Now())
		packets++
		if packets == 1 {
			say("first_packet", map[string]any{"gateway": event.Uplink.GetGatewayId()})
		}
		select {
		case progress <- struct{}{}:
		default:
		}
		if packets == count {
			return nil
		}
	}
	return nil
}

// drain is what an app does that was told to end: it finishes its work over the service.
func drain(s settings, client *wirepas.Client, tally *Tally, progress <-chan struct{},
	ended <-chan error) error {
	if s.drain == 0 {
		return nil
	}
	before := tally.Snapshot()
	_ = call(client, "last_call") // it is told
	for {
		now := tally.Snapshot()
		if now.Packets >= before.Packets+s.drain {
			say("drained", map[string]any{
				"packets": now.Packets - before.Packets, "reconnects": now.Reconnects - before.Reconnects})
			return nil
		}
		select {
		case <-progress:
		case err := <-ended:
			return fmt.Errorf("the subscription ended while draining: %w", err)
		}
	}
}
