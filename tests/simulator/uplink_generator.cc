// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/uplink_generator.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace wirepas_grpc::sim {
namespace {

// Packets between two waits of the loop, so that acknowledgements get their turn.
constexpr uint64_t kBudget = 4000;
// Sending in batches costs less than waking for each packet.
constexpr absl::Duration kTick = absl::Milliseconds(1);
// Sinks start again without telling; this is how late it may be noticed.
constexpr absl::Duration kRetry = absl::Milliseconds(20);

}  // namespace

UplinkGenerator::UplinkGenerator(EventLoop* loop, std::vector<Gateway*> gateways,
                                 std::optional<uint64_t> limit, std::function<void()> on_limit)
    : loop_(loop), gateways_(std::move(gateways)), limit_(limit), on_limit_(std::move(on_limit)) {}

void UplinkGenerator::SetRate(double rate) {
  pacer_.Start(rate, EventLoop::Now());
  Wake();
}

void UplinkGenerator::Burst(Gateway* gateway, std::optional<size_t> sink, uint64_t count,
                            BurstDone done) {
  auto burst = std::make_shared<BurstState>();
  burst->gateway = gateway;
  burst->sink = sink;
  burst->to_send = count;
  burst->done = std::move(done);
  bursts_.push_back(std::move(burst));
  Wake();
}

void UplinkGenerator::Wake() {
  if (wake_pending_) return;
  wake_pending_ = true;
  loop_->RunBeforeWait([this] {
    wake_pending_ = false;
    Pump();
  });
}

void UplinkGenerator::Pump() {
  if (timer_.has_value()) loop_->Cancel(*timer_);
  timer_.reset();
  uint64_t sent = SendBursts(kBudget);
  sent += SendPaced(kBudget - sent);
  ScheduleNext(sent >= kBudget);
}

uint64_t UplinkGenerator::SendBursts(uint64_t budget) {
  uint64_t sent = 0;
  for (const auto& burst : bursts_) {
    while (sent < budget && burst->to_send > 0 && burst->gateway->CanSendUplink(burst->sink)) {
      --burst->to_send;
      ++burst->unanswered;
      ++sent;
      burst->gateway->SendUplink(burst->sink, &scratch_, [burst](bool acknowledged) {
        --burst->unanswered;
        if (acknowledged) ++burst->acknowledged;
        if (burst->to_send == 0 && burst->unanswered == 0) burst->done(burst->acknowledged);
      });
    }
  }
  std::erase_if(bursts_, [](const auto& burst) { return burst->to_send == 0; });
  return sent;
}

uint64_t UplinkGenerator::SendPaced(uint64_t budget) {
  const uint64_t due = std::min({pacer_.Due(EventLoop::Now()), Remaining(), budget});
  uint64_t sent = 0;
  size_t refusals = 0;
  while (sent < due && refusals < gateways_.size()) {
    Gateway* gateway = gateways_[next_gateway_++ % gateways_.size()];
    if (!gateway->CanSendUplink()) {
      ++refusals;
      continue;
    }
    refusals = 0;
    ++sent;
    ++sent_;
    gateway->SendUplink(std::nullopt, &scratch_,
                        [this](bool acknowledged) { OnAnswered(acknowledged); });
  }
  pacer_.Sent(sent);
  return sent;
}

void UplinkGenerator::OnAnswered(bool acknowledged) {
  ++answered_;
  if (acknowledged) ++acknowledged_;
  if (limit_.has_value() && answered_ == *limit_) on_limit_();
}

uint64_t UplinkGenerator::Remaining() const {
  return limit_.has_value() ? *limit_ - sent_ : std::numeric_limits<uint64_t>::max();
}

void UplinkGenerator::ScheduleNext(bool out_of_budget) {
  const absl::Time now = EventLoop::Now();
  absl::Time next = absl::InfiniteFuture();
  if (Remaining() > 0) next = std::max(pacer_.Next(), now + kTick);
  // Overdue although there was budget: nobody could send.
  if (!out_of_budget && Remaining() > 0 && pacer_.Next() < now) next = now + kRetry;
  if (!bursts_.empty()) next = std::min(next, now + kRetry);
  if (out_of_budget) next = now;
  if (next == absl::InfiniteFuture()) return;
  timer_ = loop_->RunAfter(next - now, [this] {
    timer_.reset();
    Pump();
  });
}

}  // namespace wirepas_grpc::sim
