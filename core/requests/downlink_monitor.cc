// SPDX-License-Identifier: Apache-2.0
#include "core/requests/downlink_monitor.h"

#include <algorithm>

#include "core/gateway_api/epoch_time.h"
#include "core/gateway_api/unknown_values.h"

namespace wirepas_grpc::core {
namespace {

size_t MemorySize(const Downlink& downlink) {
  return sizeof(Downlink) + downlink.gateway_id.size() + downlink.sink_id.size() +
         downlink.request.SpaceUsedLong();
}

}  // namespace

DownlinkMonitor::DownlinkMonitor(const Options& options, Executor* executor, Scheduler* scheduler)
    : options_(options), scheduler_(scheduler), log_(options.log, executor, scheduler) {}

void DownlinkMonitor::OnRequest(const Topic& topic,
                                wirepas::proto::gateway_api::SendPacketReq* request) {
  auto downlink = std::make_unique<Downlink>();
  downlink->gateway_id = std::string(topic.gateway_id);
  downlink->sink_id = std::string(topic.sink_id);
  downlink->request_id = request->header().req_id();
  downlink->send_time = scheduler_->Now();
  downlink->request.Swap(request);
  Key key(downlink->gateway_id, downlink->request_id);

  MutexLock lock(&mutex_);
  if (waiting_.contains(key)) return;  // the broker delivered it twice
  // What is answered still stands in `arrivals_`, which so needs a bound of its own.
  while (!arrivals_.empty() &&
         (waiting_.size() >= options_.max_waiting || waiting_bytes_ > options_.log.max_bytes ||
          arrivals_.size() >= 4 * options_.max_waiting)) {
    ExpireOldestLocked();
  }
  const Instant seen = scheduler_->MonotonicNow();
  arrivals_.push_back({key, seen});
  waiting_bytes_ += MemorySize(*downlink);
  waiting_.emplace(std::move(key), Waiting{std::move(downlink), seen});
  ArmTimerLocked();
}

void DownlinkMonitor::OnResponse(const Topic& topic,
                                 const wirepas::proto::gateway_api::SendPacketResp& response) {
  MutexLock lock(&mutex_);
  std::optional<Waiting> waiting =
      TakeLocked(Key(std::string(topic.gateway_id), response.header().req_id()));
  if (!waiting.has_value()) return;
  waiting->downlink->answer = response.header().res();
  waiting->downlink->unknown_answer = UnknownCode(response.header());
  waiting->downlink->gateway_time = scheduler_->MonotonicNow() - waiting->seen;
  waiting->downlink->answer_time = TimeOfEpochMs(response.header().time_ms_epoch());
  Append(std::move(waiting->downlink));
}

void DownlinkMonitor::OnDisconnected() {
  MutexLock lock(&mutex_);
  while (!arrivals_.empty()) ExpireOldestLocked();
  log_.AppendGap({GapReason::kBrokerDisconnected, std::nullopt});
}

void DownlinkMonitor::Append(std::unique_ptr<Downlink> downlink) {
  const size_t bytes = MemorySize(*downlink);
  log_.Append(std::move(downlink), bytes);
}

std::optional<DownlinkMonitor::Waiting> DownlinkMonitor::TakeLocked(const Key& key) {
  const auto found = waiting_.find(key);
  if (found == waiting_.end()) return std::nullopt;
  std::optional<Waiting> taken = std::move(found->second);
  waiting_.erase(found);
  waiting_bytes_ -= MemorySize(*taken->downlink);
  return taken;
}

void DownlinkMonitor::ExpireOldestLocked() {
  const Arrival arrival = std::move(arrivals_.front());
  arrivals_.pop_front();
  const auto found = waiting_.find(arrival.key);
  // An id that was used again after its answer has an arrival of its own.
  if (found == waiting_.end() || found->second.seen != arrival.seen) return;
  Append(std::move(TakeLocked(arrival.key)->downlink));
}

void DownlinkMonitor::ArmTimerLocked() {
  if (timer_armed_ || arrivals_.empty()) return;
  timer_armed_ = true;
  const absl::Duration wait =
      arrivals_.front().seen + options_.answer_timeout - scheduler_->MonotonicNow();
  scheduler_->RunAfter(wait, [this] { OnTimer(); });
}

void DownlinkMonitor::OnTimer() {
  MutexLock lock(&mutex_);
  timer_armed_ = false;
  const Instant expired = scheduler_->MonotonicNow() - options_.answer_timeout;
  while (!arrivals_.empty() && arrivals_.front().seen <= expired) {
    ExpireOldestLocked();
  }
  ArmTimerLocked();
}

}  // namespace wirepas_grpc::core
