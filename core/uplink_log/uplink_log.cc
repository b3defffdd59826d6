// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/uplink_log.h"

#include <algorithm>

#include "absl/random/random.h"
#include "gateway_api/generic_message.pb.h"

namespace wirepas_grpc::core {
namespace {

// One visit of the disk looks at no more than this, so that all readers get their turn.
constexpr size_t kMaxStoredBytes = 1 << 20;

uint64_t RunId(const UplinkStore* store) {
  if (store != nullptr) return store->run_id();
  absl::BitGen random;
  return absl::Uniform<uint64_t>(random);
}

UplinkLog::Options MemoryOptions(UplinkLog::Options options, const UplinkStore* store) {
  if (store == nullptr) return options;
  options.first = store->next();
  options.kept_elsewhere = true;
  return options;
}

bool TellsNothing(const Gap& gap) { return gap.lost == uint64_t{0}; }

// Decodes what is visited and hands it on.
class Decoder final : public UplinkStore::Visitor {
 public:
  using Visit = absl::FunctionRef<bool(UplinkLog::Sequence, const Uplink&)>;
  explicit Decoder(Visit visit) : visit_(visit) {}

  const std::optional<Gap>& gap() const { return gap_; }

  bool OnPacket(uint64_t sequence, absl::Time arrival, absl::string_view topic,
                absl::string_view payload) override {
    DropReason reason;
    const std::unique_ptr<Uplink> uplink = DecodeUplink(topic, payload, &scratch_, &reason);
    // It was good when it was stored: the disk changed it, or an earlier version took what
    // is larger than a packet can be. A response with such a one could be larger than
    // clients take.
    if (uplink == nullptr) return TakeGap({GapReason::kStorageLoss, 1});
    uplink->moment = arrival;
    visited_ = true;
    return visit_(sequence, *uplink);
  }

  bool OnGap(uint64_t, const Gap& gap) override { return TellsNothing(gap) || TakeGap(gap); }

 private:
  // A gap is told before packets, and alone.
  bool TakeGap(const Gap& gap) {
    if (visited_ || gap_.has_value()) return false;
    gap_ = gap;
    return true;
  }

  const Visit visit_;
  wirepas::proto::gateway_api::GenericMessage scratch_;
  std::optional<Gap> gap_;
  bool visited_ = false;
};

// When the first packet came that is visited.
class FirstArrival final : public UplinkStore::Visitor {
 public:
  const std::optional<absl::Time>& arrival() const { return arrival_; }

  bool OnPacket(uint64_t, absl::Time arrival, absl::string_view, absl::string_view) override {
    arrival_ = arrival;
    return false;
  }
  bool OnGap(uint64_t, const Gap&) override { return true; }

 private:
  std::optional<absl::Time> arrival_;
};

}  // namespace

UplinkLog::UplinkLog(const Options& options, Durable durable, Executor* executor,
                     Scheduler* scheduler)
    : store_(durable.store),
      disk_executor_(durable.readers),
      disk_writer_(durable.writers),
      own_clock_(store_ == nullptr ? std::make_unique<LogClock>(scheduler) : nullptr),
      clock_(store_ == nullptr ? own_clock_.get() : &store_->clock()),
      begin_(clock_->Now()),
      run_id_(RunId(store_)),
      memory_(MemoryOptions(options, store_), executor, scheduler) {}

UplinkLog::Sequence UplinkLog::Append(std::unique_ptr<Uplink> uplink, absl::string_view topic,
                                      absl::string_view payload) {
  const size_t bytes = uplink->MemorySize();
  const uint32_t key = GatewayKey(uplink->gateway_id);
  MutexLock lock(&append_mutex_);
  const absl::Time now = clock_->Now();
  uplink->moment = now;
  // A failure is counted and logged by the store, and told to whoever reads the disk.
  if (store_ != nullptr) store_->Append(memory_.next(), now, topic, payload).IgnoreError();
  return memory_.Append(std::move(uplink), bytes, now, key);
}

UplinkLog::Sequence UplinkLog::AppendGap(const Gap& gap) {
  MutexLock lock(&append_mutex_);
  const absl::Time now = clock_->Now();
  if (store_ != nullptr) store_->AppendGap(memory_.next(), now, gap).IgnoreError();
  return memory_.AppendGap(gap, now);
}

UplinkLog::Sequence UplinkLog::oldest() const {
  const Sequence in_memory = memory_.oldest();
  return store_ == nullptr ? in_memory : std::min(in_memory, store_->oldest());
}

std::optional<absl::Time> UplinkLog::oldest_time() const {
  const std::optional<absl::Time> moment = OldestMoment();
  if (!moment.has_value()) return std::nullopt;
  return clock_->Name(*moment);
}

std::optional<absl::Time> UplinkLog::OldestMoment() const {
  const std::optional<absl::Time> in_memory = memory_.oldest_time();
  // As the store does.
  if (own_clock_ != nullptr && in_memory.has_value() && memory_.oldest() > 1) {
    own_clock_->ForgetBefore(*in_memory);
  }
  const std::optional<absl::Time> stored = store_ == nullptr ? std::nullopt : store_->oldest_time();
  if (!stored.has_value()) return in_memory;
  return in_memory.has_value() ? std::min(*in_memory, *stored) : stored;
}

std::optional<UplinkRuns::Place> UplinkLog::Resolve(const Cursor& cursor) const {
  if (store_ != nullptr) return store_->Resolve(cursor.run_id, cursor.next_sequence);
  if (cursor.run_id != run_id_) return std::nullopt;
  return UplinkRuns::Place{cursor.next_sequence, true};
}

std::optional<absl::Duration> UplinkLog::AgeOf(Sequence sequence) const {
  if (sequence >= next()) return std::nullopt;
  std::optional<absl::Time> came = memory_.TimeOf(std::max(sequence, memory_.oldest()));
  if (store_ != nullptr && sequence < memory_.oldest()) {
    FirstArrival first;
    const auto read = store_->Read(sequence, {.max_entries = 1}, &first);
    if (read.ok() && first.arrival().has_value()) came = first.arrival();
  }
  if (!came.has_value()) return std::nullopt;
  return std::max(clock_->Now() - *came, absl::ZeroDuration());
}

absl::StatusOr<UplinkLog::Sequence> UplinkLog::SeekTime(absl::Time time) const {
  const absl::Time moment = clock_->Find(time);
  if (store_ != nullptr) {
    const std::optional<absl::Time> in_memory = memory_.oldest_time();
    if (!in_memory.has_value() || moment <= *in_memory) return store_->SeekTime(moment);
  }
  return memory_.SeekTime(moment);
}

bool UplinkLog::Reaches(absl::Time time) const {
  const absl::Time kept = OldestMoment().value_or(begin_);
  const bool whole = oldest() == 1;
  const absl::Time moment = clock_->Find(time);
  return moment >= (whole ? std::min(kept, begin_ - LogClock::kTolerance) : kept);
}

absl::StatusOr<UplinkLog::ReadResult> UplinkLog::ReadStored(
    Sequence from, size_t max_scan, absl::FunctionRef<bool(Sequence, const Uplink&)> visit) const {
  // From there on memory has it all, also what could not be stored.
  const Sequence end = memory_.oldest();
  Decoder decoder(visit);
  const UplinkStore::ReadLimits limits{
      .max_entries = max_scan, .max_bytes = kMaxStoredBytes, .end = end};
  const absl::StatusOr<UplinkStore::ReadResult> read = store_->Read(from, limits, &decoder);
  if (!read.ok()) return read.status();
  ReadResult result;
  result.next = std::min(read->next, std::max(from, end));
  result.gap = decoder.gap();
  if (read->expired) {
    result.gap = Gap{GapReason::kSlowReader, read->expired_entries};
    if (read->next > end) result.gap->lost = end - from;
  }
  // The store takes nothing any more, and memory has forgotten what followed.
  if (result.next == from && store_->next() <= from && from < end) {
    result = {.next = end, .gap = Gap{GapReason::kStorageLoss, end - from}};
  }
  return result;
}

absl::StatusOr<UplinkLog::Sequence> UplinkLog::ReadStoredBackward(
    Sequence end, size_t max_scan,
    absl::FunctionRef<bool(Sequence, absl::string_view, absl::string_view)> visit) const {
  return store_->ReadBackward(end, {.max_entries = max_scan, .max_bytes = kMaxStoredBytes}, visit);
}

}  // namespace wirepas_grpc::core
