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
#include "api/convert/uplink_encoder.h"
#include "api/network/rpcs.h"
#include "api/network/uplink_start.h"
#include "core/traffic/cursor.h"
#include "core/traffic/filter.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/slice.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {
namespace {

using Reactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;

// A subscriber whose filter lets nothing through gets a response all the same when
// this many packets have passed, so that its cursor does not grow old.
constexpr uint64_t kCursorInterval = 65536;

// Hands the bytes over without a copy.
grpc::ByteBuffer ToByteBuffer(std::string bytes) {
  auto* owned = new std::string(std::move(bytes));
  const grpc::Slice slice(
      owned->data(), owned->size(), [](void* string) { delete static_cast<std::string*>(string); },
      owned);
  return grpc::ByteBuffer(&slice, 1);
}

// Gathers the encoded packets of a response. To be called with each one read: false
// when it is full.
struct Packets {
  explicit Packets(const core::TrafficFilter& filter_in) : filter(filter_in) {}

  bool operator()(const core::Uplink& uplink) {
    if (!filter.Matches(uplink)) return true;
    const std::string& encoded = EncodedUplink(uplink);
    if (count == kMaxEntries || (count > 0 && bytes.size() + encoded.size() > kMaxBytes)) {
      return false;
    }
    bytes += encoded;
    if (count == 0) oldest = uplink.arrival;
    ++count;
    return true;
  }

  const core::TrafficFilter& filter;
  std::string bytes;
  int count = 0;
  core::Instant oldest;  // when the first one came
};

// One subscriber: a cursor into the log, with a filter.
class UplinkSubscription final : public StreamReactor<grpc::ByteBuffer> {
 public:
  UplinkSubscription(Engine* engine, const UplinkSource& source, UplinkStart start,
                     core::TrafficFilter filter, absl::Duration progress_interval)
      : StreamReactor(engine->network, progress_interval),
        network_(engine->network),
        delivery_(&engine->delivery),
        source_(source),
        start_(std::move(start)),
        filter_(std::move(filter)) {}

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
    return NeedsDisk(start_, source_) ? Pulled::kOnDisk : PullFirst(response);
  }

  Pulled PullFromDisk(grpc::ByteBuffer* response) override {
    if (next_ == 0) return PullFirst(response);
    Packets packets(filter_);
    const auto read = source_.log->ReadStored(
        next_, kMaxScan,
        [&packets](uint64_t, const core::Uplink& uplink) { return packets(uplink); });
    if (!read.ok()) {
      End(ToGrpcStatus(absl::UnavailableError(
          absl::StrCat("the stored packets cannot be read: ", read.status().message()))));
      return Pulled::kEnd;
    }
    const Pulled pulled = Advance(*read, &packets, response);
    return pulled == Pulled::kNothing ? Pulled::kMore : pulled;
  }

  core::Executor* disk_executor() override { return network_->uplinks().disk_executor(); }

  // With the cursor, once there is one.
  void FillProgress(grpc::ByteBuffer* response) override {
    if (next_ != 0) {
      Respond("", std::nullopt, response);
    } else {
      *response = ToByteBuffer("");
    }
  }

  void Release() override {
    interest_.reset();
    reader_.reset();
    if (wait_.has_value()) network_->uplinks().CancelWait(*wait_);
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
      End(ToGrpcStatus(position.status()));
      return Pulled::kEnd;
    }
    next_ = position->sequence;
    reader_->MoveTo(next_);
    told_ = position->told;
    Respond("", position->gap, response);
    return Pulled::kSomething;
  }

  Pulled PullMore(grpc::ByteBuffer* response) {
    Packets packets(filter_);
    const core::UplinkLog::ReadResult read = source_.log->Read(next_, kMaxScan, keys_, packets);
    if (read.forgotten) return Pulled::kOnDisk;
    const Pulled pulled = Advance(read, &packets, response);
    if (pulled != Pulled::kNothing) return pulled;
    caught_up_ = true;
    wait_ = network_->uplinks().Wait(next_, Waker());
    return wait_.has_value() ? Pulled::kNothing : Pulled::kMore;
  }

  // What was read becomes a response, unless it is nothing.
  Pulled Advance(const core::UplinkLog::ReadResult& read, Packets* packets,
                 grpc::ByteBuffer* response) {
    passed_ += read.next - next_;
    const bool moved = read.next != next_;
    const bool cut_off =
        read.gap.has_value() && read.gap->reason == core::GapReason::kBrokerDisconnected;
    if (cut_off) LearnOfHole(read.next);
    next_ = read.next;
    reader_->MoveTo(next_);
    if (caught_up_ && packets->count > 0 && packets->oldest != core::Instant::InfinitePast()) {
      delivery_->delay().Observe(network_->scheduler().MonotonicNow() - packets->oldest);
    }
    if (packets->count > 0 || read.gap.has_value() || passed_ >= kCursorInterval) {
      Respond(std::move(packets->bytes), read.gap, response);
      return Pulled::kSomething;
    }
    return moved ? Pulled::kMore : Pulled::kNothing;
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

  void Respond(std::string uplinks, const std::optional<core::Gap>& gap,
               grpc::ByteBuffer* response) {
    passed_ = 0;
    if (gap.has_value()) network_->gaps().Count(*gap, network_->scheduler().MonotonicNow());
    const core::Cursor cursor{source_.log->run_id(), next_, told_};
    uplinks += EncodeCursorAndGap(core::EncodeCursor(cursor), gap);
    *response = ToByteBuffer(std::move(uplinks));
  }

  core::Network* const network_;
  Delivery* const delivery_;
  const UplinkSource source_;
  const UplinkStart start_;
  const core::TrafficFilter filter_;
  const core::GatewayKeys keys_{filter_};
  core::InterestPtr interest_;
  Delivery::ReaderPtr reader_;

  uint64_t next_ = 0;       // the log's entry to read next; 0: the place is not taken yet
  uint64_t passed_ = 0;     // entries since the last response
  uint64_t told_ = 0;       // of cursors, see there
  bool caught_up_ = false;  // it had read all there was, at least once
  core::Coverage known_;    // of which it knows what is missing before `next_`
  std::optional<core::WaitId> wait_;
};

struct Subscription {
  UplinkStart start;
  core::TrafficFilter filter;
  absl::Duration progress_interval;
};

absl::StatusOr<Subscription> Parse(const grpc::ByteBuffer& bytes, const UplinkSource& source) {
  mesh::SubscribeUplinkRequest request;
  grpc::ByteBuffer copy(bytes);  // of references
  grpc::ProtoBufferReader reader(&copy);
  if (!reader.status().ok() || !request.ParseFromZeroCopyStream(&reader)) {
    return absl::InvalidArgumentError("the request is not a SubscribeUplinkRequest");
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
  return Subscription{*std::move(start), *std::move(filter), *progress_interval};
}

}  // namespace

Reactor* SubscribeUplink(Engine* engine, const grpc::ByteBuffer& request) {
  const UplinkSource source{&engine->network->uplinks(), engine->begin};
  absl::StatusOr<Subscription> subscription = Parse(request, source);
  if (!subscription.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(subscription.status()));
  return UplinkSubscription::Start(
      std::make_shared<UplinkSubscription>(engine, source, std::move(subscription->start),
                                           std::move(subscription->filter),
                                           subscription->progress_interval),
      &engine->streams);
}

}  // namespace wirepas_grpc::api
