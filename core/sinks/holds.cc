// SPDX-License-Identifier: Apache-2.0
#include "core/sinks/holds.h"

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/requests/tracker.h"

namespace wirepas_grpc::core {
namespace {

absl::Status InUse(const SinkPath& sink) {
  absl::Status status = absl::AbortedError(
      absl::StrCat(RequestTargetText(sink.gateway.value(), sink.sink.value()),
                   ": another change of it is under way through this service; nothing was sent"));
  status = WithFact(std::move(status), "gateway_id", sink.gateway.value());
  status = WithFact(std::move(status), "sink_id", sink.sink.value());
  return WithReason(std::move(status), Reason::kSinkInUse);
}

}  // namespace

absl::StatusOr<SinkHolds::HoldPtr> SinkHolds::Take(const std::vector<SinkPath>& sinks,
                                                   absl::Duration limit) {
  const Instant now = scheduler_->MonotonicNow();
  uint64_t holder;
  {
    MutexLock lock(&held_->mutex);
    for (const SinkPath& sink : sinks) {
      const auto found = held_->sinks.find(sink);
      if (found != held_->sinks.end() && found->second.end > now) return InUse(sink);
    }
    holder = held_->next_holder++;
    for (const SinkPath& sink : sinks) {
      held_->sinks.insert_or_assign(sink, Entry{holder, now + limit});
    }
  }
  return std::make_shared<Hold>(held_, holder, sinks);
}

SinkHolds::Hold::~Hold() {
  MutexLock lock(&held_->mutex);
  for (const SinkPath& sink : sinks_) {
    const auto found = held_->sinks.find(sink);
    if (found != held_->sinks.end() && found->second.holder == holder_) held_->sinks.erase(found);
  }
}

}  // namespace wirepas_grpc::core
