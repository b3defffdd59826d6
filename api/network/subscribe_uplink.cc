// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/call/delivery.h"
#include "api/call/errors.h"
#include "api/call/log_limits.h"
#include "api/call/stream_reactor.h"
#include "api/convert/filter.h"
#include "api/convert/progress_interval.h"
#include "api/convert/time.h"
#include "api/convert/uplink_encoder.h"
#include "api/network/rpcs.h"
#include "api/network/uplink_packets.h"
#include "api/network/uplink_start.h"
#include "core/traffic/cursor.h"
#include "core/traffic/filter.h"
#include "core/uplink_log/packet_search.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/slice.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {
namespace {

using Reactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;

// A subscriber whose filter lets nothing through gets a response all the same when
// this many packets have passed, so that its cursor does not grow old.
constexpr uint64_t kCursorInterval = 65536;

constexpr absl::Duration kMaxMaxDelay = absl::Seconds(10);

// Hands the bytes over without a copy.
grpc::ByteBuffer ToByteBuffer(std::string bytes) {
  auto* owned = new std::string(std::move(bytes));
  const grpc::Slice slice(
      owned->data(), owned->size(), [](void* string) { delete static_cast<std::string*>(string); },
      owned);
  return grpc::ByteBuffer(&slice, 1);
}

struct Subscription {
  UplinkStart start;
  core::TrafficFilter filter;
  absl::Duration max_delay;
  absl::Duration progress_interval;
};

// One subscriber: a cursor into the log, with a filter.
class UplinkSubscription final : public StreamReactor<grpc::ByteBuffer> {
 public:
  UplinkSubscription(Engine* engine, const UplinkSource& source, Subscription subscription)
      : StreamReactor(engine->network, subscription.progress_interval),
        network_(engine->network),
        delivery_(&engine->delivery),
        searches_(&engine->searches),
        source_(source),
        start_(std::move(subscription.start)),
        filter_(std::move(subscription.filter)),
        max_delay_(subscription.max_delay) {}

 private:
  void Open() override {
    interest_ = network_->AcquireUplinks(filter_, Waker());
    reader_ = delivery_->Add();
    // The broker may take its time, or not be there: let the client know that the
    // call as such has been taken.
    if (!interest_->result().has_value()) StartSendInitialMetadata();
  }

  Pulled Pull(grpc::ByteBuffer* response) override {
    const std::optional<absl::Status> confirmed = interest_->result();
    if (!confirmed.has_value()) return Pulled::kNothing;
    if (!confirmed->ok()) {
      End(ToGrpcStatus(*confirmed));
      return Pulled::kEnd;
    }
    if (next_ != 0) return PullMore(response);
    if (start_.kind == UplinkStart::Kind::kAfterPackets && !start_.places.has_value()) {
      return Search(response);
    }
    return NeedsDisk(start_, source_) ? Pulled::kOnDisk : PullFirst(response);
  }

  Pulled PullFromDisk(grpc::ByteBuffer* response) override {
    if (search_.has_value()) return SearchStored(response);
    if (next_ == 0) return PullFirst(response);
    const UplinkPackets::Mark before = packets_.BeginRead(next_);
    const auto read = source_.log->ReadStored(
        next_, kMaxScan, [this](uint64_t sequence, const core::Uplink& uplink) {
          return packets_.Take(sequence, uplink);
        });
    if (!read.ok()) return CannotRead(read.status());
    const Pulled pulled = Advance(*read, before, response);
    return pulled == Pulled::kNothing ? Pulled::kMore : pulled;
  }

  core::Executor* disk_executor() override { return network_->uplinks().disk_executor(); }

  // With the cursor, once there is one.
  void FillProgress(grpc::ByteBuffer* response) override {
    if (next_ == 0) {
      *response = ToByteBuffer("");
    } else if (packets_.empty()) {
      Respond(next_, std::nullopt, response);
    } else {
      *response = ToByteBuffer(EncodeCursorAndGap(CursorAt(given_), std::nullopt));
    }
  }

  void Release() override {
    interest_.reset();
    reader_.reset();
    search_.reset();
    searching_.reset();
    StopWaiting();
    if (others_timer_.has_value()) network_->scheduler().Cancel(*others_timer_);
  }

  void StopWaiting() {
    if (wait_.has_value()) network_->uplinks().CancelWait(*wait_);
    wait_.reset();
  }

  Pulled CannotRead(const absl::Status& status) {
    const absl::Status unreadable = absl::UnavailableError(
        absl::StrCat("the stored packets cannot be read: ", status.message()));
    End(ToGrpcStatus(core::WithReason(unreadable, core::Reason::kStorageFailed)));
    return Pulled::kEnd;
  }

  // A slice of the search for the packets to start after.
  Pulled Search(grpc::ByteBuffer* response) {
    if (!search_.has_value()) {
      absl::StatusOr<core::PacketSearches::Ticket> ticket = searches_->Begin();
      if (!ticket.ok()) {
        End(ToGrpcStatus(ticket.status()));
        return Pulled::kEnd;
      }
      searching_ = *std::move(ticket);
      search_.emplace(source_.log, &start_.packets);
      search_next_ = core::PacketSearch::Next::kInMemory;
    }
    if (search_next_ == core::PacketSearch::Next::kInMemory) search_next_ = search_->SearchMemory();
    return AfterSlice(response);
  }

  Pulled SearchStored(grpc::ByteBuffer* response) {
    const absl::StatusOr<core::PacketSearch::Next> next = search_->SearchStored();
    if (!next.ok()) return CannotRead(next.status());
    search_next_ = *next;
    // Not from here to the disk again: others have their turn.
    return *next == core::PacketSearch::Next::kDone ? AfterSlice(response) : Pulled::kMore;
  }

  Pulled AfterSlice(grpc::ByteBuffer* response) {
    if (search_next_ == core::PacketSearch::Next::kInMemory) return Pulled::kMore;
    if (search_next_ == core::PacketSearch::Next::kOnDisk) return Pulled::kOnDisk;
    start_.places = search_->places();
    search_.reset();
    searching_.reset();
    return PullFirst(response);
  }

  // The broker has confirmed: takes the place in the log.
  Pulled PullFirst(grpc::ByteBuffer* response) {
    // A session may be lost in between: who begins behind its marker must know of it.
    absl::StatusOr<UplinkPosition> position;
    do {
      known_ = interest_->coverage();
      position = FindStart(start_, source_, known_);
    } while (position.ok() && interest_->coverage() != known_);
    if (!position.ok()) {
      // Of packets to start after it may be one gateway's that are missing.
      const auto facts = core::FactsOf(position.status());
      const auto gateway = facts.find("gateway_id");
      End(ToGrpcStatus(position.status(),
                       TargetOf(gateway == facts.end() ? "" : gateway->second, "")));
      return Pulled::kEnd;
    }
    next_ = position->sequence;
    reader_->MoveTo(next_);
    told_ = position->told;
    if (start_.places.has_value()) {
      packets_.SetHad({std::move(start_.packets), *std::move(start_.places)});
    }
    Respond(next_, position->gap, response);
    return Pulled::kSomething;
  }

  Pulled PullMore(grpc::ByteBuffer* response) {
    const UplinkPackets::Mark before = packets_.BeginRead(next_);
    const core::UplinkLog::ReadResult read = source_.log->Read(
        next_, kMaxScan, keys_, [this](uint64_t sequence, const core::Uplink& uplink) {
          return packets_.Take(sequence, uplink);
        });
    if (read.forgotten) return Pulled::kOnDisk;
    const Pulled pulled = Advance(read, before, response);
    if (pulled != Pulled::kNothing) return pulled;
    caught_up_ = true;
    if (!packets_.empty()) AwaitOthers();
    wait_ = network_->uplinks().Wait(next_, Waker());
    return wait_.has_value() ? Pulled::kNothing : Pulled::kMore;
  }

  // What was read, with what was gathered before, becomes a response, unless it is nothing or
  // waits for others.
  Pulled Advance(const core::UplinkLog::ReadResult& read, const UplinkPackets::Mark& before,
                 grpc::ByteBuffer* response) {
    if (read.gap.has_value() && before.count > 0) {
      // It comes in the next response, whose packets are after it.
      packets_.GoBackTo(before);
      Respond(next_, std::nullopt, response);
      return Pulled::kSomething;
    }
    passed_ += read.next - next_;
    const bool moved = read.next != next_;
    const bool cut_off =
        read.gap.has_value() && read.gap->reason == core::GapReason::kBrokerDisconnected;
    if (cut_off) LearnOfHole(read.next);
    next_ = read.next;
    reader_->MoveTo(next_);
    if (before.count == 0 && !packets_.empty()) Gather();
    const bool ready =
        packets_.empty() ? passed_ >= kCursorInterval : packets_.full() || !MayWait();
    if (ready || read.gap.has_value()) {
      Respond(next_, read.gap, response);
      return Pulled::kSomething;
    }
    return moved ? Pulled::kMore : Pulled::kNothing;
  }

  // The first packet of a response is there.
  void Gather() {
    const bool measured = caught_up_ && packets_.oldest() != core::Instant::InfinitePast();
    if (!measured && max_delay_ == absl::ZeroDuration()) return;
    const core::Instant now = network_->scheduler().MonotonicNow();
    if (measured) delivery_->delay().Observe(now - packets_.oldest());
    others_until_ = now + max_delay_;
  }

  // Whether what is gathered may wait for others still.
  bool MayWait() const {
    return max_delay_ > absl::ZeroDuration() &&
           network_->scheduler().MonotonicNow() < others_until_;
  }

  void AwaitOthers() {
    StopWaiting();  // of before
    if (others_timer_.has_value()) return;
    const absl::Duration left = others_until_ - network_->scheduler().MonotonicNow();
    others_timer_ = network_->scheduler().RunAfter(
        left, [executor = &network_->executor(), wake = Waker()]() mutable {
          executor->Post(std::move(wake));
        });
  }

  // What was read up to `end` holds the marker of a lost session. If it is where a hole begins
  // for this reader, it knows of it now.
  void LearnOfHole(uint64_t end) {
    const core::Coverage coverage = interest_->coverage();
    const bool met = coverage.hole_begin >= next_ && coverage.hole_begin < end;
    if (coverage.since != known_.since || (coverage.hole_begin != known_.hole_begin && !met)) {
      return;
    }
    known_ = coverage;
    if (coverage.MayMiss(end)) told_ = ToldOf(start_.filter_hash, coverage);
  }

  std::string CursorAt(uint64_t sequence) const {
    return core::EncodeCursor({source_.log->run_id(), sequence, told_});
  }

  // With what was gathered, all before `next`.
  void Respond(uint64_t next, const std::optional<core::Gap>& gap, grpc::ByteBuffer* response) {
    passed_ = 0;
    given_ = next;
    if (others_timer_.has_value()) {
      network_->scheduler().Cancel(*others_timer_);
      others_timer_.reset();
    }
    if (gap.has_value()) network_->gaps().Count(*gap, network_->scheduler().MonotonicNow());
    std::string bytes = packets_.TakeBytes();
    bytes += EncodeCursorAndGap(CursorAt(next), gap);
    *response = ToByteBuffer(std::move(bytes));
  }

  core::Network* const network_;
  Delivery* const delivery_;
  core::PacketSearches* const searches_;
  const UplinkSource source_;
  UplinkStart start_;
  const core::TrafficFilter filter_;
  const core::GatewayKeys keys_{filter_};
  const absl::Duration max_delay_;
  core::InterestPtr interest_;
  Delivery::ReaderPtr reader_;

  // While the packets to start after are searched for.
  std::optional<core::PacketSearch> search_;
  core::PacketSearch::Next search_next_ = core::PacketSearch::Next::kInMemory;
  core::PacketSearches::Ticket searching_;

  UplinkPackets packets_{source_.log, &filter_};
  core::Instant others_until_;  // of the packets gathered; with max_delay_
  std::optional<core::TimerId> others_timer_;

  uint64_t next_ = 0;       // the log's entry to read next; 0: the place is not taken yet
  uint64_t given_ = 0;      // all before it that matches was given
  uint64_t passed_ = 0;     // entries since the last response
  uint64_t told_ = 0;       // of cursors, see there
  bool caught_up_ = false;  // it had read all there was, at least once
  core::Coverage known_;    // of which it knows what is missing before `next_`
  std::optional<core::WaitId> wait_;
};

absl::StatusOr<absl::Duration> ParseMaxDelay(const mesh::SubscribeUplinkRequest& request) {
  if (!request.has_max_delay()) return absl::ZeroDuration();
  const absl::StatusOr<uint32_t> milliseconds =
      WholeUnits("max_delay", request.max_delay(), absl::Milliseconds(1), FinerPart::kInvalid);
  if (!milliseconds.ok()) return milliseconds.status();
  if (absl::Milliseconds(*milliseconds) <= kMaxMaxDelay) return absl::Milliseconds(*milliseconds);
  return InvalidField("max_delay", "must be between 0 and 10 s");
}

absl::StatusOr<Subscription> Parse(const grpc::ByteBuffer& bytes, const UplinkSource& source) {
  mesh::SubscribeUplinkRequest request;
  grpc::ByteBuffer copy(bytes);  // of references
  grpc::ProtoBufferReader reader(&copy);
  if (!reader.status().ok() || !request.ParseFromZeroCopyStream(&reader)) {
    return core::WithReason(
        absl::InvalidArgumentError("the request is not a SubscribeUplinkRequest"),
        core::Reason::kMalformedRequest);
  }
  absl::StatusOr<UplinkStart> start = ParseStart(request);
  if (!start.ok()) return start.status();
  absl::StatusOr<core::TrafficFilter> filter = ToFilter(request.filter());
  if (!filter.ok()) return filter.status();
  const absl::StatusOr<absl::Duration> progress_interval = ParseProgressInterval(request);
  if (!progress_interval.ok()) return progress_interval.status();
  // The place is taken when the broker has confirmed; but what is gone already
  // need not wait for that to be told.
  if (absl::Status status = CheckStart(*start, source); !status.ok()) return status;
  const absl::StatusOr<absl::Duration> max_delay = ParseMaxDelay(request);
  if (!max_delay.ok()) return max_delay.status();
  return Subscription{*std::move(start), *std::move(filter), *max_delay, *progress_interval};
}

}  // namespace

Reactor* SubscribeUplink(Engine* engine, const grpc::ByteBuffer& request) {
  const UplinkSource source{&engine->network->uplinks(), engine->begin};
  absl::StatusOr<Subscription> subscription = Parse(request, source);
  if (!subscription.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(subscription.status()));
  return UplinkSubscription::Start(
      std::make_shared<UplinkSubscription>(engine, source, *std::move(subscription)),
      &engine->streams);
}

}  // namespace wirepas_grpc::api
