// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/outbox.h"

#include <utility>

namespace wirepas_grpc::sim {

void Outbox::Put(std::string topic, std::string payload, int qos, bool retain, Done done) {
  waiting_.push_back({std::move(topic), std::move(payload), qos, retain, std::move(done)});
  SendSoon();
}

void Outbox::Open() {
  open_ = true;
  for (const auto& [number, message] : in_flight_) Publish(number);
  SendSoon();
}

void Outbox::Clear() {
  auto waiting = std::exchange(waiting_, {});
  auto in_flight = std::exchange(in_flight_, {});
  for (auto& [number, message] : in_flight) waiting.push_back(std::move(message));
  for (const Message& message : waiting) {
    if (message.done) message.done(false);
  }
}

void Outbox::SendSoon() {
  if (!open_ || send_pending_) return;
  send_pending_ = true;
  loop_->RunBeforeWait([this] {
    send_pending_ = false;
    Send();
  });
}

void Outbox::Send() {
  while (open_ && !waiting_.empty() && in_flight_.size() < kMaxInFlight) {
    const uint64_t number = next_number_++;
    in_flight_.emplace(number, std::move(waiting_.back()));
    waiting_.pop_back();
    Publish(number);
  }
}

void Outbox::Publish(uint64_t number) {
  const Message& message = in_flight_.at(number);
  connection_->Publish(message.topic, message.payload, message.qos, message.retain,
                       [this, number](bool acknowledged) {
                         if (!acknowledged) return;  // To be sent again.
                         const auto sent = in_flight_.extract(number);
                         SendSoon();
                         if (!sent.empty() && sent.mapped().done) sent.mapped().done(true);
                       });
}

}  // namespace wirepas_grpc::sim
