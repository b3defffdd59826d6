// SPDX-License-Identifier: Apache-2.0
#include "core/sending/route_memory.h"

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace wirepas_grpc::core {

absl::Status RequestIdUsed(RequestId id) {
  return InvalidField("request_id",
                      absl::StrCat(id, " was used for another sink, network or message"));
}

RouteMemory::Use::~Use() {
  if (memory_ != nullptr) memory_->End(id_, had_effect_);
}

absl::StatusOr<RouteMemory::Use> RouteMemory::Find(RequestId id, size_t fingerprint) {
  MutexLock lock(&mutex_);
  ForgetExpiredLocked();
  return FindLocked(id, fingerprint);
}

absl::StatusOr<RouteMemory::Use> RouteMemory::FindLocked(RequestId id, size_t fingerprint) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return Use(nullptr);
  Entry& entry = found->second;
  if (entry.fingerprint != fingerprint) return RequestIdUsed(id);
  if (entry.uses++ == 0) idle_.erase({entry.expires, id});
  return Use(shared_from_this(), id, entry.route);
}

absl::StatusOr<RouteMemory::Use> RouteMemory::Remember(RequestId id, size_t fingerprint,
                                                       Route route) {
  MutexLock lock(&mutex_);
  ForgetExpiredLocked();
  if (!entries_.contains(id)) {
    while (sinks_ + route->size() > max_sinks_ && !idle_.empty()) {
      ForgetLocked(idle_.begin()->second);
    }
    Entry& entry = entries_[id];
    entry.fingerprint = fingerprint;
    entry.expires = scheduler_->MonotonicNow() + kRemembered;
    sinks_ += route->size();
    entry.route = std::move(route);
    idle_.emplace(entry.expires, id);  // until the next line
  }
  return FindLocked(id, fingerprint);
}

bool RouteMemory::Contains(RequestId id) {
  MutexLock lock(&mutex_);
  ForgetExpiredLocked();
  return entries_.contains(id);
}

size_t RouteMemory::sinks() const {
  MutexLock lock(&mutex_);
  return sinks_;
}

void RouteMemory::End(RequestId id, bool had_effect) {
  MutexLock lock(&mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.had_effect |= had_effect;
  if (--entry.uses > 0) return;
  idle_.emplace(entry.expires, id);
  if (!entry.had_effect) ForgetLocked(id);
}

void RouteMemory::ForgetLocked(RequestId id) {
  const auto found = entries_.find(id);
  idle_.erase({found->second.expires, id});
  sinks_ -= found->second.route->size();
  entries_.erase(found);
}

void RouteMemory::ForgetExpiredLocked() {
  const Instant now = scheduler_->MonotonicNow();
  while (!idle_.empty() && idle_.begin()->first <= now) ForgetLocked(idle_.begin()->second);
}

}  // namespace wirepas_grpc::core
