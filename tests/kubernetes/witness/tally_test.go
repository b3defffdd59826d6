// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"errors"
	"reflect"
	"testing"
	"time"

	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
)

var start = time.UnixMilli(1_000_000)

func packet(gateway string, number uint64, sent time.Time) *meshv1.Uplink {
	payload := binary.LittleEndian.AppendUint64(nil, number)
	payload = binary.LittleEndian.AppendUint64(payload, uint64(sent.UnixMicro()))
	return &meshv1.Uplink{GatewayId: gateway, Payload: payload}
}

// come counts packets of one gateway with these numbers.
func come(tally *Tally, gateway string, numbers ...uint64) {
	for _, number := range numbers {
		tally.Packet(packet(gateway, number, start), start)
	}
}

func TestPacketsInOrderAreAllThereIs(t *testing.T) {
	tally := newTally()
	come(tally, "a", 7, 8, 9)
	come(tally, "b", 0, 1)
	come(tally, "a", 10)
	got := tally.Snapshot()
	if got.Packets != 6 || got.Gateways != 2 || got.Missing != 0 || got.Repeated != 0 {
		t.Errorf("%+v", got)
	}
}

func TestAHoleIsALoss(t *testing.T) {
	tally := newTally()
	come(tally, "a", 1, 2, 5)
	got := tally.Snapshot()
	want := []Loss{{Gateway: "a", First: 3, Count: 2}}
	if got.Missing != 2 || !reflect.DeepEqual(got.Losses, want) {
		t.Errorf("%+v", got)
	}
}

func TestAHoleAfterAGapIsTold(t *testing.T) {
	tally := newTally()
	come(tally, "a", 1)
	come(tally, "b", 1)
	tally.Gap(&meshv1.Gap{Reason: meshv1.GapReason_GAP_REASON_STORAGE_LOSS})
	come(tally, "a", 4)
	come(tally, "a", 6)
	come(tally, "b", 3)
	got := tally.Snapshot()
	want := []Loss{
		{Gateway: "a", First: 2, Count: 2, Told: true},
		{Gateway: "a", First: 5, Count: 1},
		{Gateway: "b", First: 2, Count: 1, Told: true},
	}
	if !reflect.DeepEqual(got.Losses, want) || got.Gaps[0].Reason != "GAP_REASON_STORAGE_LOSS" {
		t.Errorf("%+v", got)
	}
}

func TestWhatComesTwiceIsNoNewPacketOfItsGateway(t *testing.T) {
	tally := newTally()
	come(tally, "a", 1, 2, 2, 1, 3)
	got := tally.Snapshot()
	if got.Repeated != 2 || got.Missing != 0 {
		t.Errorf("%+v", got)
	}
}

func TestPausesAndLag(t *testing.T) {
	tally := newTally()
	tally.Packet(packet("a", 1, start), start)
	later := start.Add(3 * time.Second)
	tally.Packet(packet("a", 2, later.Add(-2*time.Second)), later)
	tally.Packet(packet("a", 3, later), later.Add(longPause-time.Millisecond))
	got := tally.Snapshot()
	want := []Pause{{From: start.UnixMilli(), Until: later.UnixMilli()}}
	if !reflect.DeepEqual(got.Pauses, want) || got.LagMs != 499 {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsOfNoSimulatorIsStrange(t *testing.T) {
	tally := newTally()
	tally.Packet(&meshv1.Uplink{GatewayId: "a", Payload: []byte("short")}, start)
	if got := tally.Snapshot(); got.Strange != 1 || got.Packets != 0 {
		t.Errorf("%+v", got)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	tally := newTally()
	for range 2 * mostKept {
		tally.Reconnect(errors.New("gone"))
	}
	if got := tally.Snapshot(); got.Reconnects != 2*mostKept || len(got.Errors) != mostKept {
		t.Errorf("%d reconnects, %d kept", got.Reconnects, len(got.Errors))
	}
}
