// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"sync"
	"time"

	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
)

const (
	// What the simulator writes at the start of each payload: number and time of sending.
	headerBytes = 16
	// A pause between two packets that is worth telling.
	longPause = 500 * time.Millisecond
	// The most that is kept of losses, gaps, pauses and errors: a witness that has seen more is of
	// no use, and must not fill its memory.
	mostKept = 200
)

// Loss is a run of packets of one gateway that were passed over.
type Loss struct {
	Gateway string `json:"gateway"`
	First   uint64 `json:"first"`
	Count   uint64 `json:"count"`
	// A gap was told between the packets next to them.
	Told bool `json:"told"`
}

// GapSeen is a gap that the service told of.
type GapSeen struct {
	Reason string  `json:"reason"`
	Lost   *uint64 `json:"lost,omitempty"`
}

// Pause is a time in which no packet came, in milliseconds since 1970.
type Pause struct {
	From  int64 `json:"from"`
	Until int64 `json:"until"`
}

// Report is all that a witness can say. Times are milliseconds since 1970 by its own clock.
type Report struct {
	Now        int64     `json:"now"`
	Packets    uint64    `json:"packets"`
	Missing    uint64    `json:"missing"`  // passed over by a later packet of the same gateway
	Repeated   uint64    `json:"repeated"` // came again, or late
	Strange    uint64    `json:"strange"`  // not of a simulated gateway
	Losses     []Loss    `json:"losses"`   // `missing` one by one
	Gaps       []GapSeen `json:"gaps"`
	Pauses     []Pause   `json:"pauses"`
	Gateways   int       `json:"gateways"`
	Reconnects int       `json:"reconnects"`
	Errors     []string  `json:"errors"` // what they were for
	// Of the latest packet: when it came, and how long after it was sent.
	Arrived int64 `json:"arrived"`
	LagMs   int64 `json:"lag_ms"`
	// Why it has given up.
	Failure string `json:"failure"`
}

type source struct {
	next uint64 // the number expected next
	gaps int    // told by its latest packet
}

// Tally counts what comes. Safe for use by several goroutines.
type Tally struct {
	mutex    sync.Mutex
	report   Report
	gapsTold int
	sources  map[string]source
}

func newTally() *Tally {
	return &Tally{
		report:  Report{Losses: []Loss{}, Gaps: []GapSeen{}, Pauses: []Pause{}, Errors: []string{}},
		sources: map[string]source{},
	}
}

// Snapshot gives what has been seen so far.
func (t *Tally) Snapshot() Report {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	report := t.report
	report.Now = time.Now().UnixMilli()
	report.Losses = append([]Loss{}, t.report.Losses...)
	report.Gaps = append([]GapSeen{}, t.report.Gaps...)
	report.Pauses = append([]Pause{}, t.report.Pauses...)
	report.Errors = append([]string{}, t.report.Errors...)
	return report
}

// Reconnect notes that the subscription begins anew, and why.
func (t *Tally) Reconnect(err error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.report.Reconnects++
	t.report.Errors = keep(t.report.Errors, err.Error())
}

// Fail notes why there is no more to come.
func (t *Tally) Fail(err error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.report.Failure = err.Error()
}

// Gap notes one that was told. Each packet before it in the stream has been counted.
func (t *Tally) Gap(gap *meshv1.Gap) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.gapsTold++
	t.report.Gaps = keep(t.report.Gaps, GapSeen{gap.GetReason().String(), gap.LostPackets})
}

// Packet counts one that came at this time. A gateway's first one says where its numbers begin.
func (t *Tally) Packet(uplink *meshv1.Uplink, now time.Time) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	payload := uplink.GetPayload()
	if len(payload) < headerBytes {
		t.report.Strange++
		return
	}
	number := binary.LittleEndian.Uint64(payload)
	sent := time.UnixMicro(int64(binary.LittleEndian.Uint64(payload[8:])))
	t.arrived(sent, now)

	name := uplink.GetGatewayId()
	from, known := t.sources[name]
	switch {
	case !known:
		t.report.Gateways++
	case number < from.next:
		t.report.Repeated++
		return
	case number > from.next:
		missing := number - from.next
		t.report.Missing += missing
		t.report.Losses = keep(t.report.Losses,
			Loss{Gateway: name, First: from.next, Count: missing, Told: t.gapsTold > from.gaps})
	}
	t.sources[name] = source{next: number + 1, gaps: t.gapsTold}
}

func (t *Tally) arrived(sent, now time.Time) {
	t.report.Packets++
	at := now.UnixMilli()
	if before := t.report.Arrived; before != 0 && at-before >= longPause.Milliseconds() {
		t.report.Pauses = keep(t.report.Pauses, Pause{From: before, Until: at})
	}
	t.report.Arrived = at
	t.report.LagMs = now.Sub(sent).Milliseconds()
}

func keep[T any](list []T, item T) []T {
	if len(list) >= mostKept {
		return list
	}
	return append(list, item)
}
