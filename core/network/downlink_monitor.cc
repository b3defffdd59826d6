// SPDX-License-Identifier: Apache-2.0
#include "core/network/downlink_monitor.h"

namespace wirepas_grpc::core {

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
  if (waiting_.size() >= options_.max_waiting) {
    while (!arrivals_.empty()) {
      std::unique_ptr<Downlink> oldest = TakeLocked(arrivals_.front().key);
      arrivals_.pop_front();
      if (oldest == nullptr) continue;
      Append(std::move(oldest));
      break;
    }
  }
  arrivals_.push_back({key, downlink->send_time});
  waiting_.emplace(std::move(key), std::move(downlink));
  ArmTimerLocked();
}

void DownlinkMonitor::OnResponse(const Topic& topic,
                                 const wirepas::proto::gateway_api::SendPacketResp& response) {
  MutexLock lock(&mutex_);
  std::unique_ptr<Downlink> downlink =
      TakeLocked(Key(std::string(topic.gateway_id), response.header().req_id()));
  if (downlink == nullptr) return;
  downlink->answer = response.header().res();
  downlink->gateway_time = scheduler_->Now() - downlink->send_time;
  Append(std::move(downlink));
}

void DownlinkMonitor::OnDisconnected() {
  MutexLock lock(&mutex_);
  for (const Arrival& arrival : arrivals_) {
    if (auto downlink = TakeLocked(arrival.key)) Append(std::move(downlink));
  }
  arrivals_.clear();
  log_.AppendGap({GapReason::kBrokerDisconnected, std::nullopt});
}

void DownlinkMonitor::Append(std::unique_ptr<Downlink> downlink) {
  const size_t bytes = sizeof(Downlink) + downlink->gateway_id.size() + downlink->sink_id.size() +
                       downlink->request.SpaceUsedLong();
  log_.Append(std::move(downlink), bytes);
}

std::unique_ptr<Downlink> DownlinkMonitor::TakeLocked(const Key& key) {
  const auto found = waiting_.find(key);
  if (found == waiting_.end()) return nullptr;
  std::unique_ptr<Downlink> downlink = std::move(found->second);
  waiting_.erase(found);
  return downlink;
}

void DownlinkMonitor::ArmTimerLocked() {
  if (timer_armed_ || arrivals_.empty()) return;
  timer_armed_ = true;
  const absl::Duration wait =
      arrivals_.front().time + options_.answer_timeout - scheduler_->Now();
  scheduler_->RunAfter(wait, [this] { OnTimer(); });
}

void DownlinkMonitor::OnTimer() {
  MutexLock lock(&mutex_);
  timer_armed_ = false;
  const absl::Time expired = scheduler_->Now() - options_.answer_timeout;
  while (!arrivals_.empty() && arrivals_.front().time <= expired) {
    if (auto downlink = TakeLocked(arrivals_.front().key)) Append(std::move(downlink));
    arrivals_.pop_front();
  }
  ArmTimerLocked();
}

}  // namespace wirepas_grpc::core
