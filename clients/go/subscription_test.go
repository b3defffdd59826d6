// SPDX-License-Identifier: Apache-2.0

package wirepas

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	meshv1 "github.com/wirepas-grpc/wirepas-grpc/clients/go/wirepas/mesh/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
)

var unavailable = status.Error(codes.Unavailable, "as the script says")

func quick(s *Subscription) { s.backoffMin = time.Millisecond }

// take gives the event ids of the next packets, 0 for a gap.
func take(t *testing.T, s *Subscription, count int) []uint64 {
	t.Helper()
	var taken []uint64
	for event, err := range s.Events() {
		if err != nil {
			t.Fatalf("after %v: %v", taken, err)
		}
		taken = append(taken, event.Uplink.GetEventId())
		if len(taken) == count {
			break
		}
	}
	return taken
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, and not %v", what, got, want)
	}
}

func TestCursorIsThatOfThePacketsDoneWith(t *testing.T) {
	s := &script{parts: []part{{responses: []*meshv1.SubscribeUplinkResponse{
		response("0"), response("2", 1, 2), response("3", 3)}}}}
	subscription := s.dial(t).SubscribeUplink(t.Context(), nil)
	expect(t, "cursor", string(subscription.Cursor()), "")
	wanted := []string{"0", "0", "2"}
	for event, err := range subscription.Events() {
		if err != nil {
			t.Fatal(err)
		}
		id := event.Uplink.GetEventId()
		expect(t, "cursor", string(subscription.Cursor()), wanted[id-1])
		if id == 3 {
			break
		}
	}
}

func TestGoesOnBehindWhatItHasGot(t *testing.T) {
	s := &script{parts: []part{
		{responses: []*meshv1.SubscribeUplinkResponse{response("2", 1, 2)}, err: unavailable},
		{err: unavailable},
		{responses: []*meshv1.SubscribeUplinkResponse{response("4", 3, 4)}},
	}}
	var told []Reconnect
	request := &meshv1.SubscribeUplinkRequest{
		Start: &meshv1.SubscribeUplinkRequest_Oldest{Oldest: true}}
	subscription := s.dial(t).SubscribeUplink(t.Context(), request, quick,
		OnReconnect(func(r Reconnect) { told = append(told, r) }))
	if got := take(t, subscription, 4); !slices.Equal(got, []uint64{1, 2, 3, 4}) {
		t.Errorf("got %v", got)
	}
	expect(t, "number of requests", len(s.requests), 3)
	expect(t, "first start", s.requests[0].GetOldest(), true)
	expect(t, "first allow_gap", s.requests[0].GetAllowGap(), false)
	for _, later := range s.requests[1:] {
		expect(t, "later start", string(later.GetAfterCursor()), "2")
		expect(t, "later allow_gap", later.GetAllowGap(), true)
	}
	for i, reconnect := range told {
		expect(t, "attempt", reconnect.Attempt, i+1)
		expect(t, "code", status.Code(reconnect.Err), codes.Unavailable)
	}
	expect(t, "number of reconnects", len(told), 2)
	expect(t, "the caller's request", request.GetOldest(), true)
}

func TestRepeatsTheCallersStartUntilThereIsACursor(t *testing.T) {
	s := &script{parts: []part{
		{err: status.Error(codes.ResourceExhausted, "full")},
		{responses: []*meshv1.SubscribeUplinkResponse{response("1", 1)}},
	}}
	request := &meshv1.SubscribeUplinkRequest{
		Filter: &meshv1.UplinkFilter{SourceEndpoints: []uint32{7}},
		Start:  &meshv1.SubscribeUplinkRequest_AfterCursor{AfterCursor: []byte("mine")},
	}
	take(t, s.dial(t).SubscribeUplink(t.Context(), request, quick), 1)
	asked := proto.CloneOf(request)
	asked.ProgressInterval = durationpb.New(30 * time.Second)
	for _, got := range s.requests {
		if !proto.Equal(got, asked) {
			t.Errorf("asked with %v", got)
		}
	}
}

func TestWhatTheRequestSaysOfTimeStaysOverResumes(t *testing.T) {
	for _, interval := range []time.Duration{0, 5 * time.Second} {
		s := &script{parts: []part{
			{responses: []*meshv1.SubscribeUplinkResponse{response("1", 1)}, err: unavailable},
			{responses: []*meshv1.SubscribeUplinkResponse{response("2", 2)}},
		}}
		request := &meshv1.SubscribeUplinkRequest{
			MaxDelay: durationpb.New(time.Second), ProgressInterval: durationpb.New(interval)}
		take(t, s.dial(t).SubscribeUplink(t.Context(), request, quick), 2)
		for _, got := range s.requests {
			expect(t, "max_delay", got.GetMaxDelay().AsDuration(), time.Second)
			expect(t, "progress_interval", got.GetProgressInterval().AsDuration(), interval)
			expect(t, "whether there is one", got.ProgressInterval != nil, interval != 0)
		}
	}
}

// impatient takes a stream for broken soon.
func impatient(s *Subscription) { quick(s); s.silence = 150 * time.Millisecond }

func TestAServiceThatFallsSilentIsLeft(t *testing.T) {
	s := &script{parts: []part{
		{responses: []*meshv1.SubscribeUplinkResponse{
			response("0"), response("1", 1), response("2")}},
		{}, // the one that answers next says nothing at all
		{responses: []*meshv1.SubscribeUplinkResponse{response("3", 3)}},
	}}
	var told []Reconnect
	subscription := s.dial(t).SubscribeUplink(t.Context(), nil, impatient,
		OnReconnect(func(r Reconnect) { told = append(told, r) }))
	if got := take(t, subscription, 2); !slices.Equal(got, []uint64{1, 3}) {
		t.Errorf("got %v", got)
	}
	if len(told) < 2 {
		t.Errorf("reconnects %d times", len(told))
	}
	for _, reconnect := range told {
		expect(t, "code", status.Code(reconnect.Err), codes.Unavailable)
	}
	expect(t, "start", string(s.requests[2].GetAfterCursor()), "2")
}

func TestAServiceThatTellsNoProgressMayBeSilent(t *testing.T) {
	s := &script{parts: []part{{responses: []*meshv1.SubscribeUplinkResponse{
		response("0"), response("1", 1)}}}}
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	subscription := s.dial(t).SubscribeUplink(ctx, nil, impatient,
		OnReconnect(func(r Reconnect) { t.Errorf("reconnects after %v", r.Err) }))
	packets := 0
	for _, err := range subscription.Events() {
		if err == nil {
			packets++
		}
	}
	expect(t, "number of packets", packets, 1)
}

func TestALoopThatIsSlowDoesNotMakeTheServiceSilent(t *testing.T) {
	s := &script{parts: []part{{responses: []*meshv1.SubscribeUplinkResponse{
		response("0"), response("0"), response("2", 1, 2), response("3", 3)}}}}
	subscription := s.dial(t).SubscribeUplink(t.Context(), nil, impatient,
		OnReconnect(func(r Reconnect) { t.Errorf("reconnects after %v", r.Err) }))
	packets := 0
	for _, err := range subscription.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if packets++; packets == 3 {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
}

func TestTellsOfAGapBeforeThePacketsBehindIt(t *testing.T) {
	behind := response("9", 9)
	behind.Gap = &meshv1.Gap{Reason: meshv1.GapReason_GAP_REASON_SERVICE_RESTARTED}
	s := &script{parts: []part{
		{responses: []*meshv1.SubscribeUplinkResponse{response("1", 1)}, err: unavailable},
		{responses: []*meshv1.SubscribeUplinkResponse{behind}},
	}}
	got := take(t, s.dial(t).SubscribeUplink(t.Context(), nil, quick), 3)
	if !slices.Equal(got, []uint64{1, 0, 9}) {
		t.Errorf("got %v", got)
	}
}

func TestAnOrderlyEndOfTheStreamIsNoEnd(t *testing.T) {
	s := &script{parts: []part{
		{responses: []*meshv1.SubscribeUplinkResponse{response("1", 1)}, ends: true},
		{responses: []*meshv1.SubscribeUplinkResponse{response("2", 2)}},
	}}
	got := take(t, s.dial(t).SubscribeUplink(t.Context(), nil, quick), 2)
	if !slices.Equal(got, []uint64{1, 2}) {
		t.Errorf("got %v", got)
	}
}

func TestEndsWithWhatWouldFailAgain(t *testing.T) {
	for _, code := range []codes.Code{codes.OutOfRange, codes.Unauthenticated, codes.InvalidArgument} {
		s := &script{parts: []part{{err: status.Error(code, "no")}}}
		var last error
		for _, err := range s.dial(t).SubscribeUplink(t.Context(), nil, quick).Events() {
			last = err
		}
		var failure *Error
		if !errors.As(last, &failure) || failure.Code != code {
			t.Errorf("ended with %v, and not %v", last, code)
		}
		expect(t, "number of requests", len(s.requests), 1)
	}
}

func TestCloseEndsItWithoutAnError(t *testing.T) {
	waits := map[string]*script{
		"for packets": {parts: []part{{responses: []*meshv1.SubscribeUplinkResponse{response("1")}}}},
		"to back off": {parts: []part{{err: unavailable}}},
	}
	for name, s := range waits {
		subscription := s.dial(t).SubscribeUplink(t.Context(), nil,
			func(s *Subscription) { s.backoffMin = time.Hour })
		timer := time.AfterFunc(50*time.Millisecond, subscription.Close)
		begin := time.Now()
		for _, err := range subscription.Events() {
			t.Errorf("%s: ended with %v", name, err)
		}
		if time.Since(begin) > 10*time.Second {
			t.Errorf("%s: took %v", name, time.Since(begin))
		}
		timer.Stop()
	}
}

func TestTheContextsEndIsTold(t *testing.T) {
	s := &script{parts: []part{{}}}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	var last error
	for _, err := range s.dial(t).SubscribeUplink(ctx, nil).Events() {
		last = err
	}
	expect(t, "code", status.Code(last), codes.DeadlineExceeded)
}

func TestResumesAsSoonAsTheServiceIsBack(t *testing.T) {
	s := &script{parts: []part{{responses: []*meshv1.SubscribeUplinkResponse{response("1", 1)}},
		{responses: []*meshv1.SubscribeUplinkResponse{response("2", 2)}}}}
	server, address := s.serve(t, "127.0.0.1:0")
	client, err := Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	failed := make(chan Reconnect, 100)
	subscription := client.SubscribeUplink(t.Context(), nil, func(s *Subscription) {
		s.backoffMin = time.Hour
		s.onReconnect = func(reconnect Reconnect) { failed <- reconnect }
	})
	expect(t, "packet", take(t, subscription, 1)[0], uint64(1))
	server.Stop()
	next := make(chan []uint64)
	go func() { next <- take(t, subscription, 1) }()
	<-failed
	s.serve(t, address)
	select {
	case taken := <-next:
		expect(t, "packet", taken[0], uint64(2))
	case <-time.After(time.Minute):
		t.Error("it waits for the end of the back-off")
	}
}

func TestBackoffGrowsToItsBound(t *testing.T) {
	for attempt, base := range map[int]time.Duration{
		1: 100 * time.Millisecond, 2: 160 * time.Millisecond, 50: 10 * time.Second, 100000: 10 * time.Second} {
		for range 100 {
			delay := backoffDelay(backoffMin, attempt)
			if delay < base*79/100 || delay > base*121/100 {
				t.Errorf("attempt %d: %v", attempt, delay)
			}
		}
	}
}
