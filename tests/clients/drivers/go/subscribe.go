// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"syscall"
	"time"

	wirepas "github.com/wirepas-grpc/wirepas-grpc/clients/go"
	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
)

const progressEvery = 1000

func (d *driver) subscribe(ctx context.Context, op *operation) answer {
	each := op.Report == "each"
	if !each && op.Report != "digest" {
		return status(malformed("report is %q, and not each or digest", op.Report))
	}
	var request meshv1.SubscribeUplinkRequest
	if err := fromJSON(op.Request, &request); err != nil {
		return status(err)
	}
	subscription := d.client.SubscribeUplink(ctx, &request, wirepas.OnReconnect(func(r wirepas.Reconnect) {
		code := "NOT_AN_ERROR_OF_THE_CLIENT"
		if failure, ok := errors.AsType[*wirepas.Error](r.Err); ok {
			code = wirepas.CodeName(failure.Code)
		}
		d.answer(op, answer{"reconnect": map[string]any{"code": code}})
	}))
	defer subscription.Close()
	cursor := func() string { return base64.StdEncoding.EncodeToString(subscription.Cursor()) }

	packets, payloadBytes, digest := 0, 0, sha256.New()
	var failure error
	var line []byte
	for event, err := range subscription.Events() {
		if err != nil {
			failure = err
			continue
		}
		if event.Gap != nil {
			d.answer(op, answer{"gap": toJSON(event.Gap)})
			continue
		}
		uplink := event.Uplink
		packets++
		payloadBytes += len(uplink.GetPayload())
		line = strconv.AppendUint(line[:0], uint64(uplink.GetSourceAddress()), 10)
		line = append(line, ':')
		line = strconv.AppendUint(line, uplink.GetEventId(), 10)
		digest.Write(append(line, '\n'))
		if each {
			d.answer(op, answer{"uplink": toJSON(uplink), "cursor": cursor()})
		} else if packets%progressEvery == 0 {
			d.answer(op, answer{"progress": packets})
		}
		if op.SlowMs > 0 {
			sleep(ctx, time.Duration(op.SlowMs*float64(time.Millisecond)))
		}
		if packets == op.Packets {
			// Closed first, so that asking for one more, which the loop does, does not wait for it.
			subscription.Close()
		}
	}
	last := status(failure)
	last["packets"] = packets
	last["payload_bytes"] = payloadBytes
	last["digest"] = hex.EncodeToString(digest.Sum(nil))
	last["cursor"] = cursor()
	return last
}

func sleep(ctx context.Context, delay time.Duration) {
	select {
	case <-time.After(delay):
	case <-ctx.Done():
	}
}

// measure counts packets and takes the time from the first to the last.
func (d *driver) measure(ctx context.Context, op *operation) answer {
	if op.Packets < 1 {
		return status(malformed("packets is missing"))
	}
	var request meshv1.SubscribeUplinkRequest
	if err := fromJSON(op.Request, &request); err != nil {
		return status(err)
	}
	subscription := d.client.SubscribeUplink(ctx, &request)
	defer subscription.Close()
	var started time.Time
	var cpuStarted time.Duration
	packets, sum := 0, 0
	for event, err := range subscription.Events() {
		if err != nil {
			last := status(err)
			last["packets"] = packets
			return last
		}
		if event.Uplink == nil {
			continue
		}
		if packets == 0 {
			started, cpuStarted = time.Now(), cpuTime()
		}
		packets++
		sum += int(event.Uplink.GetSourceAddress()) + len(event.Uplink.GetPayload())
		if packets == op.Packets {
			break
		}
	}
	last := status(nil)
	last["packets"] = packets
	last["seconds"] = time.Since(started).Seconds()
	last["cpu_seconds"] = (cpuTime() - cpuStarted).Seconds()
	last["sum"] = sum
	return last
}

// cpuTime gives the processor time that this process has taken.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
