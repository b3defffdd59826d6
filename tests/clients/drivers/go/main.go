// SPDX-License-Identifier: Apache-2.0

// The conformance driver of the Go client: does what JSON lines on stdin tell it, and answers with
// JSON lines on stdout. Operations run at the same time.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"

	wirepas "github.com/wirepas-grpc/wirepas-grpc/clients/go"
	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
)

func main() {
	target := flag.String("target", "127.0.0.1:50051", "where the service is")
	tls := flag.Bool("tls", false, "use TLS on this machine too")
	ca := flag.String("ca", "", "file with the authorities of the service")
	cert := flag.String("cert", "", "file with the client's certificate")
	key := flag.String("key", "", "file with its key")
	flag.Parse()
	var options []wirepas.Option
	if *tls {
		options = append(options, wirepas.WithTLS())
	}
	if *ca != "" {
		options = append(options, wirepas.WithCAFile(*ca))
	}
	if *cert != "" {
		options = append(options, wirepas.WithClientCertificate(*cert, *key))
	}
	if err := run(*target, options); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(target string, options []wirepas.Option) error {
	client, err := wirepas.Dial(target, options...)
	if err != nil {
		return err
	}
	defer client.Close()
	d := &driver{client: client, out: bufio.NewWriter(os.Stdout), running: map[string]context.CancelFunc{}}
	return d.serve(os.Stdin)
}

// operation is a line of stdin: what all operations have, and what some have.
type operation struct {
	ID json.RawMessage `json:"id"`
	Op string          `json:"op"`

	Method     string            `json:"method"`
	Requests   []json.RawMessage `json:"requests"`
	DeadlineMs float64           `json:"deadline_ms"`
	StopAfter  int               `json:"stop_after"`

	Request json.RawMessage `json:"request"`
	Report  string          `json:"report"`
	Packets int             `json:"packets"`
	SlowMs  float64         `json:"slow_ms"`

	Target json.RawMessage `json:"target"`
}

type driver struct {
	client *wirepas.Client

	outMutex sync.Mutex
	out      *bufio.Writer

	runningMutex sync.Mutex
	running      map[string]context.CancelFunc
}

// serve works until the end of the input, and then cancels what still runs.
func (d *driver) serve(input io.Reader) error {
	d.print(map[string]any{"ready": true})
	ctx, cancel := context.WithCancel(context.Background())
	var operations sync.WaitGroup
	defer operations.Wait()
	defer cancel()
	reader := bufio.NewReader(input)
	for {
		line, err := reader.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			d.start(ctx, &operations, line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (d *driver) start(ctx context.Context, operations *sync.WaitGroup, line []byte) {
	var op operation
	if err := json.Unmarshal(line, &op); err != nil {
		d.answer(&op, status(malformed("%v", err)))
		return
	}
	if op.Op == "cancel" {
		d.answer(&op, status(d.cancel(string(op.Target))))
		return
	}
	work := map[string]func(context.Context, *operation) answer{
		"call": d.call, "subscribe": d.subscribe, "measure": d.measure,
	}[op.Op]
	if work == nil {
		d.answer(&op, status(malformed("there is no operation %q", op.Op)))
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	// Registered before the next line is read, which may cancel it.
	d.runningMutex.Lock()
	d.running[string(op.ID)] = cancel
	d.runningMutex.Unlock()
	operations.Go(func() {
		last := work(ctx, &op)
		d.runningMutex.Lock()
		delete(d.running, string(op.ID))
		d.runningMutex.Unlock()
		cancel()
		d.answer(&op, last)
	})
}

func (d *driver) cancel(id string) error {
	d.runningMutex.Lock()
	defer d.runningMutex.Unlock()
	cancel, found := d.running[id]
	if !found {
		return &wirepas.Error{Code: codes.NotFound, Message: "no operation " + id + " is running"}
	}
	cancel()
	return nil
}

// answer is a line of stdout, without the id.
type answer map[string]any

func (d *driver) answer(op *operation, line answer) {
	line["id"] = op.ID
	d.print(line)
}

func (d *driver) print(line map[string]any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	d.outMutex.Lock()
	defer d.outMutex.Unlock()
	d.out.Write(append(text, '\n'))
	d.out.Flush()
}

func malformed(format string, arguments ...any) error {
	return &wirepas.Error{Code: codes.InvalidArgument, Message: fmt.Sprintf(format, arguments...)}
}

// status is the answer to an operation that ended with this error, or nil.
func status(err error) answer {
	if err == nil {
		return answer{"status": map[string]any{"code": "OK"}}
	}
	failure, ok := errors.AsType[*wirepas.Error](err)
	if !ok {
		// The client is to fail with its own error only: let the test see that it does not.
		return answer{"status": map[string]any{"code": "NOT_AN_ERROR_OF_THE_CLIENT", "message": err.Error()}}
	}
	fields := map[string]any{"code": wirepas.CodeName(failure.Code), "message": failure.Message}
	if failure.Gateway != nil {
		fields["gateway_error"] = toJSON(failure.Gateway)
	}
	if failure.Reason != meshv1.ErrorReason_ERROR_REASON_UNSPECIFIED {
		fields["reason"] = failure.Reason.String()
	}
	if len(failure.Fields) > 0 {
		var violations []answer
		for _, one := range failure.Fields {
			violations = append(violations, answer{"field": one.Field, "description": one.Description})
		}
		fields["fields"] = violations
	}
	if failure.RetryDelay > 0 {
		fields["retry_delay"] = toJSON(durationpb.New(failure.RetryDelay))
	}
	if len(failure.Ids) > 0 {
		fields["ids"] = failure.Ids
	}
	return answer{"status": fields}
}

func toJSON(message proto.Message) json.RawMessage {
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
	if err != nil {
		panic(err)
	}
	return text
}

func fromJSON(text json.RawMessage, message proto.Message) error {
	if len(text) == 0 {
		return nil
	}
	if err := protojson.Unmarshal(text, message); err != nil {
		return malformed("%v", err)
	}
	return nil
}
