// SPDX-License-Identifier: Apache-2.0
//
// What the relay is told, and what it is asked.
#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "tests/integration/mqtt_relay.h"

namespace wirepas_grpc::integration {

using core::MutexLock;
using sim::PacketType;

void MqttRelay::Wake() { eventfd_write(wake_fd_, 1); }

void MqttRelay::Break() {
  {
    MutexLock lock(&mutex_);
    break_ = true;
    stands_ = false;
  }
  Wake();
}

void MqttRelay::SetDown(bool down) {
  {
    MutexLock lock(&mutex_);
    down_ = down;
    break_ |= down;
    if (down) stands_ = false;
  }
  Wake();
}

void MqttRelay::CutNext(const CutPoint& point) {
  {
    MutexLock lock(&mutex_);
    cut_ = point;
    cut_from_ = present_ + 1;
    break_ = true;
    stands_ = false;
  }
  Wake();
}

void MqttRelay::CutPresent(const CutPoint& point) {
  MutexLock lock(&mutex_);
  cut_ = point;
  cut_from_ = present_;
  counts_.clear();
  passed_.clear();
}

void MqttRelay::CutPresentAndStayDown(const CutPoint& point) {
  MutexLock lock(&mutex_);
  cut_ = point;
  cut_from_ = present_;
  down_after_cut_ = true;
  counts_.clear();
  passed_.clear();
}

void MqttRelay::CountAnew() {
  MutexLock lock(&mutex_);
  counts_.clear();
  passed_.clear();
}

std::optional<MqttRelay::Remains> MqttRelay::AwaitCut(absl::Duration bound) {
  const absl::Time end = absl::Now() + bound;
  MutexLock lock(&mutex_);
  while (cut_.has_value() && absl::Now() < end) {
    changed_.WaitWithTimeout(&mutex_, end - absl::Now());
  }
  if (cut_.has_value()) return std::nullopt;
  return remains_;
}

int MqttRelay::cuts() const {
  MutexLock lock(&mutex_);
  return cuts_;
}

bool MqttRelay::AwaitSettled(const std::set<std::string>& filters, absl::Duration bound) {
  const absl::Time end = absl::Now() + bound;
  MutexLock lock(&mutex_);
  const auto settled = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stands_ && session_present_.has_value() && unanswered_.empty() && granted_ == filters &&
           session_ == filters;
  };
  while (!settled() && absl::Now() < end) changed_.WaitWithTimeout(&mutex_, end - absl::Now());
  return settled();
}

bool MqttRelay::AwaitPassed(PacketType type, absl::Duration bound) {
  const absl::Time end = absl::Now() + bound;
  MutexLock lock(&mutex_);
  const auto passed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return std::any_of(passed_.begin(), passed_.end(),
                       [type](const HandshakePacket& p) { return p.type == type; });
  };
  while (!passed() && absl::Now() < end) changed_.WaitWithTimeout(&mutex_, end - absl::Now());
  return passed();
}

std::vector<HandshakePacket> MqttRelay::passed() const {
  MutexLock lock(&mutex_);
  return passed_;
}

std::optional<bool> MqttRelay::session_present() const {
  MutexLock lock(&mutex_);
  return session_present_;
}

std::set<std::string> MqttRelay::session() const {
  MutexLock lock(&mutex_);
  return session_;
}

std::set<std::string> MqttRelay::granted() const {
  MutexLock lock(&mutex_);
  return granted_;
}

}  // namespace wirepas_grpc::integration
