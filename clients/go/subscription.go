// SPDX-License-Identifier: Apache-2.0

package wirepas

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"time"

	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	backoffMin    = 100 * time.Millisecond
	backoffMax    = 10 * time.Second
	backoffFactor = 1.6
	backoffJitter = 0.2
	pauseLeast    = time.Second

	progressInterval = 30 * time.Second
	// How many of these may pass in silence: one response may be lost on the way, and late.
	silentIntervals = 2.3
)

// Event is what a [Subscription] hands over: a packet, or a gap where packets are missing. One of
// the fields is set.
type Event struct {
	Uplink *meshv1.Uplink
	Gap    *meshv1.Gap
}

// Reconnect tells of a subscription that has failed and will be tried again.
type Reconnect struct {
	// Err is what it failed with: an [*Error], with code OK when the service ended the stream.
	Err error
	// Attempt counts the attempts since the last response, from 1 up.
	Attempt int
	// Delay is the time until this attempt.
	Delay time.Duration
}

// SubscribeOption changes a [Subscription].
type SubscribeOption func(*Subscription)

// OnReconnect has the function called before each wait for an attempt to reconnect, in the
// goroutine that ranges over the events.
func OnReconnect(call func(Reconnect)) SubscribeOption {
	return func(s *Subscription) { s.onReconnect = call }
}

// Subscription is a subscription to uplinks that survives losses of the connection, restarts of the
// service, and a service that falls silent.
type Subscription struct {
	client      *Client
	request     *meshv1.SubscribeUplinkRequest
	onReconnect func(Reconnect)
	backoffMin  time.Duration
	silence     time.Duration // that means that the stream is broken; 0: none does

	caller context.Context
	ctx    context.Context
	cancel context.CancelFunc
	closed atomic.Bool
	cursor atomic.Pointer[[]byte]

	// What only the goroutine that ranges over the events touches. response is the latest one, of
	// which the gap, if any, and the uplinks before next have been handed over.
	stream   meshv1.NetworkService_SubscribeUplinkClient
	drop     context.CancelFunc // ends the stream
	begun    bool               // the response that begins it has come
	alive    bool               // and one that tells of progress
	response *meshv1.SubscribeUplinkResponse
	next     int
	failures int
	progress bool // the service tells of progress: it may not be silent
	err      error
}

// SubscribeUplink subscribes to packets. It ends when ctx does, with Close, or with an error that
// trying again does not help. The caller must see to it that one of these comes.
//
// The request says where to start; until the service has told a first cursor, that start is
// repeated. From then on the subscription resumes after what it has handed over, and tells of what
// is no longer kept as a [Event.Gap].
//
// Without a progress_interval in the request, the service is asked for a response every 30 s that it
// has no packets, and with one of zero it is not asked for any. When such responses have come, and
// then nothing comes for 2.3 times the interval, the stream is taken for broken and resumed.
func (c *Client) SubscribeUplink(ctx context.Context, request *meshv1.SubscribeUplinkRequest,
	options ...SubscribeOption) *Subscription {
	s := &Subscription{
		client:      c,
		request:     proto.CloneOf(request),
		onReconnect: func(Reconnect) {},
		backoffMin:  backoffMin,
		caller:      ctx,
	}
	if s.request == nil {
		s.request = &meshv1.SubscribeUplinkRequest{}
	}
	switch interval := s.request.ProgressInterval; {
	case interval == nil:
		s.request.ProgressInterval = durationpb.New(progressInterval)
	case interval.AsDuration() == 0:
		s.request.ProgressInterval = nil
	}
	s.silence = time.Duration(silentIntervals * float64(s.request.GetProgressInterval().AsDuration()))
	s.ctx, s.cancel = context.WithCancel(ctx)
	for _, option := range options {
		option(s)
	}
	return s
}

// Close ends the subscription at once, from any goroutine. The loop over the events then ends
// without an error.
func (s *Subscription) Close() {
	s.closed.Store(true)
	s.cancel()
}

// Cursor gives the place after the last packet that the loop over the events is done with, to start
// after (SubscribeUplinkRequest.after_cursor) in another process. The loop is done with a packet
// when it asks for the next. Responses of the service have a cursor each, so that a start there may
// give packets again that were handed over, and never leaves one out. Nil before the first.
//
// Any goroutine may call it.
func (s *Subscription) Cursor() []byte {
	if cursor := s.cursor.Load(); cursor != nil {
		return *cursor
	}
	return nil
}

// Events gives the events in order. An error is the last one: the context's, if that has ended, or
// one that trying again does not help; always an [*Error].
//
// A loop that was left goes on with the next event when Events is ranged over again. Only one
// goroutine may do so at a time.
func (s *Subscription) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for s.more() {
			if !s.handOver(yield) {
				return
			}
		}
		if s.err != nil {
			yield(Event{}, s.err)
		}
	}
}

// handOver yields what is left of the response. False: the loop was left.
func (s *Subscription) handOver(yield func(Event, error) bool) bool {
	if gap := s.response.Gap; gap != nil {
		s.response.Gap = nil
		if !yield(Event{Gap: gap}, nil) {
			return false
		}
	}
	uplinks := s.response.Uplinks
	for s.next < len(uplinks) && s.ctx.Err() == nil {
		uplink := uplinks[s.next]
		s.next++
		if !yield(Event{Uplink: uplink}, nil) {
			return false
		}
	}
	return true
}

// more sees to it that there is something to hand over. False: the subscription has ended, with
// s.err if that is set.
func (s *Subscription) more() bool {
	for s.err == nil {
		if s.response != nil && (s.response.Gap != nil || s.next < len(s.response.Uplinks)) {
			// Handed over by the response, so that it costs nothing per packet.
			if s.ctx.Err() == nil {
				return true
			}
		} else if s.response != nil {
			// All of it is handed over, and more is asked for.
			if cursor := s.response.Cursor; len(cursor) > 0 {
				s.cursor.Store(&cursor)
			}
			s.response = nil
		}
		if s.ctx.Err() != nil {
			s.end()
			return false
		}
		s.receive()
	}
	return false
}

// receive gets the next response, or waits until it is time to try again, or sets err.
func (s *Subscription) receive() {
	err := s.open()
	if err == nil {
		s.response, err = s.receiveResponse()
	}
	if err == nil {
		s.next, s.failures = 0, 0
		s.noteProgress()
		return
	}
	s.drop()
	s.stream, s.response = nil, nil
	if s.ctx.Err() != nil {
		return
	}
	if err == io.EOF {
		err = fromStatus(status.New(codes.OK, "the service ended the stream"))
	} else if !retried(status.Code(err)) || s.client.Conn.GetState() == connectivity.Shutdown {
		s.err = err
		s.cancel()
		return
	}
	s.resumeLater(err)
}

// open sees to it that there is a stream.
func (s *Subscription) open() (err error) {
	if s.stream != nil {
		return nil
	}
	// This attempt is as late as it shall be: the connection's own back-off would come on top.
	s.client.Conn.ResetConnectBackoff()
	var ctx context.Context
	ctx, s.drop = context.WithCancel(s.ctx)
	s.begun, s.alive = false, false
	s.stream, err = s.client.Network.SubscribeUplink(ctx, s.request)
	return err
}

// noteProgress finds out whether the service tells of progress: an older one does not, and must not be
// asked again and again because it is silent.
func (s *Subscription) noteProgress() {
	begins := !s.begun && len(s.response.Cursor) > 0
	if !begins && len(s.response.Uplinks) == 0 && s.response.Gap == nil {
		s.progress, s.alive = true, true
	}
	s.begun = s.begun || begins
}

// receiveResponse waits for a response of the stream, for no longer than the service may be silent.
func (s *Subscription) receiveResponse() (*meshv1.SubscribeUplinkResponse, error) {
	if s.silence <= 0 || !s.progress {
		return s.stream.Recv()
	}
	timer := time.AfterFunc(s.silence, s.drop)
	response, err := s.stream.Recv()
	if !timer.Stop() && err != nil && s.ctx.Err() == nil {
		// One that has begun without it is another service than the one that told of progress.
		s.progress = s.alive || !s.begun
		err = fromStatus(status.New(codes.Unavailable,
			fmt.Sprintf("nothing came from the service for %v", s.silence)))
	}
	return response, err
}

func (s *Subscription) resumeLater(err error) {
	if cursor := s.Cursor(); cursor != nil {
		s.request.Start = &meshv1.SubscribeUplinkRequest_AfterCursor{AfterCursor: cursor}
		s.request.AllowGap = true
	}
	s.failures++
	delay := backoffDelay(s.backoffMin, s.failures)
	s.onReconnect(Reconnect{Err: err, Attempt: s.failures, Delay: delay})
	s.pause(delay)
}

// pause waits for so long. A connection that was lost comes back meanwhile, and ends it then, but for a
// part that keeps attempts apart from each other where connections are taken and lost at once.
func (s *Subscription) pause(delay time.Duration) {
	ctx, cancel := context.WithTimeout(s.ctx, delay)
	defer cancel()
	state := s.client.Conn.GetState()
	lost := state != connectivity.Ready && state != connectivity.Shutdown
	if lost && state == connectivity.Idle {
		s.client.Conn.Connect()
	}
	select {
	case <-ctx.Done():
		return
	case <-time.After(min(delay, pauseLeast)):
	}
	if !lost {
		<-ctx.Done()
		return
	}
	for state = s.client.Conn.GetState(); state != connectivity.Ready; {
		if state == connectivity.Idle {
			s.client.Conn.Connect()
		}
		if !s.client.Conn.WaitForStateChange(ctx, state) {
			return
		}
		state = s.client.Conn.GetState()
	}
}

// end sets err after the end of the context.
func (s *Subscription) end() {
	s.stream = nil
	if !s.closed.Load() {
		s.err = fromStatus(status.FromContextError(s.caller.Err()))
	}
}

// retried says whether a subscription that ended so may work when it is tried again.
func retried(code codes.Code) bool {
	switch code {
	case codes.Unavailable, codes.ResourceExhausted, codes.Aborted, codes.Internal, codes.Unknown,
		codes.DeadlineExceeded, codes.Canceled:
		return true
	}
	return false
}

// backoffDelay gives the time before an attempt, the first one being 1.
func backoffDelay(shortest time.Duration, attempt int) time.Duration {
	delay := float64(shortest) * math.Pow(backoffFactor, float64(attempt-1))
	delay = math.Min(delay, float64(backoffMax))
	return time.Duration(delay * (1 + backoffJitter*(2*rand.Float64()-1)))
}
