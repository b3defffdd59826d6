// SPDX-License-Identifier: Apache-2.0
#include "core/interest/demand.h"

#include <utility>

namespace wirepas_grpc::core {

Demand::Demand(std::string filter, int qos, absl::Duration linger, BrokerClient* broker,
               Executor* executor, Scheduler* scheduler)
    : filter_(std::move(filter)),
      qos_(qos),
      linger_(linger),
      broker_(broker),
      executor_(executor),
      scheduler_(scheduler) {}

Demand::LeasePtr Demand::Acquire() {
  MutexLock lock(&mutex_);
  ++users_;
  ++generation_;
  if (!wanted_) {
    wanted_ = true;
    // Under the lock, so that it cannot pass an Unsubscribe() on another thread.
    broker_->Subscribe(filter_, qos_);
  }
  return std::make_unique<Lease>(this);
}

void Demand::Release() {
  MutexLock lock(&mutex_);
  if (--users_ > 0) return;
  const uint64_t generation = ++generation_;
  scheduler_->RunAfter(linger_, [this, generation] { DropIfUnused(generation); });
}

void Demand::DropIfUnused(uint64_t generation) {
  MutexLock lock(&mutex_);
  if (generation != generation_ || users_ > 0 || !wanted_) return;
  wanted_ = false;
  confirmed_ = false;
  refused_ = false;
  broker_->Unsubscribe(filter_);
}

uint64_t Demand::WhenConfirmed(Answered confirmed) {
  MutexLock lock(&mutex_);
  const uint64_t id = next_waiter_++;
  if (confirmed_) {
    executor_->Post([callback = std::move(confirmed)]() mutable { callback(absl::OkStatus()); });
  } else {
    waiters_.emplace(id, std::make_shared<Answered>(std::move(confirmed)));
    // The broker answers each subscription once, so it must be asked anew.
    if (refused_ && wanted_) {
      refused_ = false;
      broker_->Subscribe(filter_, qos_);
    }
  }
  return id;
}

uint64_t Demand::WhenRefused(Answered refused) {
  MutexLock lock(&mutex_);
  const uint64_t id = next_waiter_++;
  refusal_waiters_.emplace(id, std::make_shared<Answered>(std::move(refused)));
  return id;
}

void Demand::CancelWait(uint64_t id) {
  std::shared_ptr<Answered> dropped;  // destroyed after the lock is released
  MutexLock lock(&mutex_);
  for (Waiters* waiters : {&waiters_, &refusal_waiters_}) {
    const auto found = waiters->find(id);
    if (found == waiters->end()) continue;
    dropped = std::move(found->second);
    waiters->erase(found);
    return;
  }
}

bool Demand::wanted() const {
  MutexLock lock(&mutex_);
  return wanted_;
}

bool Demand::confirmed() const {
  MutexLock lock(&mutex_);
  return confirmed_;
}

void Demand::OnDisconnected() {
  MutexLock lock(&mutex_);
  confirmed_ = false;
  refused_ = false;
}

void Demand::OnSubscribed(const absl::Status& status) {
  Waiters waiters;
  {
    MutexLock lock(&mutex_);
    if (!wanted_) return;
    confirmed_ = status.ok();
    refused_ = !status.ok();
    waiters.swap(waiters_);
    if (refused_) {
      waiters.merge(refusal_waiters_);
      refusal_waiters_.clear();
    }
  }
  for (auto& [id, waiter] : waiters) {
    executor_->Post([waiter = std::move(waiter), status] { (*waiter)(status); });
  }
}

}  // namespace wirepas_grpc::core
