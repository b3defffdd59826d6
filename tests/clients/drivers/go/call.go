// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// call calls a method of a generated stub, by its name.
func (d *driver) call(ctx context.Context, op *operation) answer {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if op.DeadlineMs > 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(op.DeadlineMs*float64(time.Millisecond)))
		defer cancel()
	}
	method, err := d.stub(op.Method)
	if err != nil {
		return status(err)
	}
	responses := 0
	report := func(response any) {
		d.answer(op, answer{"response": toJSON(response.(proto.Message))})
		if responses++; responses == op.StopAfter {
			cancel()
		}
	}
	// Stubs are func(ctx, request, ...options) or, with a stream of requests, func(ctx, ...options).
	kind := method.Type()
	if kind.NumIn() == 2 {
		return status(d.callWithStream(ctx, op, method, report))
	}
	request := reflect.New(kind.In(1).Elem())
	if len(op.Requests) != 1 {
		return status(malformed("%s takes one request", op.Method))
	}
	if err := fromJSON(op.Requests[0], request.Interface().(proto.Message)); err != nil {
		return status(err)
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx), request})
	if err, _ := results[1].Interface().(error); err != nil {
		return status(err)
	}
	if stream, ok := results[0].Interface().(grpc.ClientStream); ok {
		return status(receiveAll(reflect.ValueOf(stream), report))
	}
	report(results[0].Interface())
	return status(nil)
}

func (d *driver) callWithStream(ctx context.Context, op *operation, method reflect.Value, report func(any)) error {
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx)})
	if err, _ := results[1].Interface().(error); err != nil {
		return err
	}
	stream := results[0]
	send := stream.MethodByName("Send")
	var requests []reflect.Value
	for _, text := range op.Requests {
		request := reflect.New(send.Type().In(0).Elem())
		if err := fromJSON(text, request.Interface().(proto.Message)); err != nil {
			return err
		}
		requests = append(requests, request)
	}
	go func() {
		for _, request := range requests {
			// When it fails, receiving tells why.
			if !send.Call([]reflect.Value{request})[0].IsNil() {
				return
			}
		}
		_ = stream.Interface().(grpc.ClientStream).CloseSend()
	}()
	return receiveAll(stream, report)
}

// receiveAll gives nil when the stream ended with OK.
func receiveAll(stream reflect.Value, report func(any)) error {
	receive := stream.MethodByName("Recv")
	for {
		results := receive.Call(nil)
		if err, _ := results[1].Interface().(error); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		report(results[0].Interface())
	}
}

// stub finds the generated method for a name such as wirepas.mesh.v1.NodeService/ListNodes.
func (d *driver) stub(name string) (reflect.Value, error) {
	stubs := map[string]any{
		"NetworkService":   d.client.Network,
		"OtapService":      d.client.Otap,
		"AppConfigService": d.client.AppConfig,
		"NodeService":      d.client.Nodes,
	}
	service, method, _ := strings.Cut(strings.TrimPrefix(name, "wirepas.mesh.v1."), "/")
	if stub, found := stubs[service]; found {
		if value := reflect.ValueOf(stub).MethodByName(method); value.IsValid() {
			return value, nil
		}
	}
	return reflect.Value{}, malformed("there is no method %q", name)
}
