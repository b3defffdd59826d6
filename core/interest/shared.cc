// SPDX-License-Identifier: Apache-2.0
#include "core/interest/shared.h"

#include <utility>
#include <vector>

#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {

struct SharedInterest::Holder {
  absl::AnyInvocable<void()> changed;
  Mutex mutex;
  bool ended ABSL_GUARDED_BY(mutex) = false;
};

SharedInterest::Hold::Hold(SharedInterest* interest, std::shared_ptr<Holder> holder)
    : interest_(interest), holder_(std::move(holder)) {}

SharedInterest::Hold::~Hold() { interest_->Release(holder_); }

// Somebody who waits for the result and does not stay.
struct SharedInterest::Question {
  Mutex mutex;
  HoldPtr hold ABSL_GUARDED_BY(mutex);
  absl::AnyInvocable<void()> then ABSL_GUARDED_BY(mutex);

  // Whoever comes first calls `then`.
  void Answer() {
    HoldPtr ended;  // destroyed after the lock is released
    absl::AnyInvocable<void()> answered;
    {
      MutexLock lock(&mutex);
      ended = std::move(hold);
      answered = std::exchange(then, nullptr);
    }
    if (answered != nullptr) answered();
  }
};

SharedInterest::SharedInterest(const Options& options, UplinkDemand* demand, Executor* executor,
                               Scheduler* scheduler)
    : options_(options), demand_(demand), executor_(executor), scheduler_(scheduler) {}

SharedInterest::~SharedInterest() {
  UplinkDemand::InterestPtr last;  // destroyed after the lock is released
  MutexLock lock(&mutex_);
  if (timer_.has_value()) scheduler_->Cancel(*timer_);
  last = std::move(interest_);
}

void SharedInterest::Start() {
  if (!options_.always) return;
  MutexLock lock(&mutex_);
  always_ = true;
  AddHolder();
}

SharedInterest::HoldPtr SharedInterest::Acquire(absl::AnyInvocable<void()> changed) {
  auto holder = std::make_shared<Holder>();
  holder->changed = std::move(changed);
  MutexLock lock(&mutex_);
  AddHolder();
  holders_.insert(holder);
  return std::make_unique<Hold>(this, std::move(holder));
}

void SharedInterest::Touch() {
  const HoldPtr hold = Acquire([] {});
}

void SharedInterest::TouchThen(absl::Duration limit, absl::AnyInvocable<void()> then) {
  auto question = std::make_shared<Question>();
  HoldPtr hold = Acquire([weak = std::weak_ptr<Question>(question)] {
    if (const auto waiting = weak.lock()) waiting->Answer();
  });
  if (result().has_value()) return then();
  {
    MutexLock lock(&question->mutex);
    question->hold = std::move(hold);
    question->then = std::move(then);
  }
  // The timer keeps the question.
  scheduler_->RunAfter(limit, [question, executor = executor_] {
    executor->Post([question] { question->Answer(); });
  });
  // The result may have come in between.
  if (result().has_value()) question->Answer();
}

bool SharedInterest::Refused() const {
  const std::optional<absl::Status> result = interest_->result();
  return result.has_value() && !result->ok();
}

void SharedInterest::AddHolder() {
  if (timer_.has_value()) scheduler_->Cancel(*timer_);
  timer_.reset();
  ++timer_generation_;
  if (interest_ != nullptr && !Refused()) return;
  interest_.reset();
  granted_since_.reset();
  const uint64_t generation = ++generation_;
  interest_ = demand_->Acquire(
      options_.filter, [this, generation] { OnChanged(generation); },
      UplinkDemand::Leaving::kAtOnce);
  // What others hold already is there without a change.
  const std::optional<absl::Status> result = interest_->result();
  if (result.has_value() && result->ok()) granted_since_ = scheduler_->Now();
}

void SharedInterest::Release(const std::shared_ptr<Holder>& holder) {
  {
    MutexLock lock(&holder->mutex);
    holder->ended = true;
  }
  MutexLock lock(&mutex_);
  holders_.erase(holder);
  if (!holders_.empty() || always_) return;
  const uint64_t generation = ++timer_generation_;
  timer_ = scheduler_->RunAfter(options_.linger, [this, generation] { OnTimer(generation); });
}

void SharedInterest::OnTimer(uint64_t generation) {
  UplinkDemand::InterestPtr dropped;  // destroyed after the lock is released
  MutexLock lock(&mutex_);
  if (generation != timer_generation_) return;
  timer_.reset();
  if (always_) return AddHolder();
  ++generation_;
  granted_since_.reset();
  dropped = std::move(interest_);
}

void SharedInterest::OnChanged(uint64_t generation) {
  std::vector<std::shared_ptr<Holder>> holders;
  {
    MutexLock lock(&mutex_);
    if (generation != generation_ || interest_ == nullptr) return;
    const std::optional<absl::Status> result = interest_->result();
    granted_since_.reset();
    if (result.has_value() && result->ok()) granted_since_ = scheduler_->Now();
    if (always_ && result.has_value() && !result->ok()) {
      spdlog::error("uplinks cannot be collected: {}", std::string(result->message()));
      const uint64_t retry = ++timer_generation_;
      timer_ = scheduler_->RunAfter(options_.retry, [this, retry] { OnTimer(retry); });
    }
    holders.assign(holders_.begin(), holders_.end());
  }
  for (const auto& holder : holders) {
    {
      MutexLock lock(&holder->mutex);
      if (holder->ended) continue;
    }
    holder->changed();
  }
}

std::optional<absl::Status> SharedInterest::result() const {
  MutexLock lock(&mutex_);
  if (interest_ == nullptr) return std::nullopt;
  return interest_->result();
}

std::optional<absl::Time> SharedInterest::granted_since() const {
  MutexLock lock(&mutex_);
  return granted_since_;
}

}  // namespace wirepas_grpc::core
