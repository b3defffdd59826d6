// SPDX-License-Identifier: Apache-2.0
#include "core/sinks/fan_out.h"

#include <optional>
#include <utility>

namespace wirepas_grpc::core {

SinkFanOut::Ptr SinkFanOut::Start(Executor* executor, Scheduler* scheduler,
                                  std::shared_ptr<const std::vector<ScopedSink>> sinks,
                                  const Options& options, Work work) {
  Ptr fan_out(new SinkFanOut(executor, scheduler, std::move(sinks), options, std::move(work)));
  fan_out->PostPump();
  return fan_out;
}

void SinkFanOut::PostPump() {
  executor_->Post([self = shared_from_this()] { self->Pump(); });
}

void SinkFanOut::Pump() {
  while (const std::optional<size_t> index = TakeNext()) Begin(*index);
  bool end = false;
  {
    MutexLock lock(&mutex_);
    if (!ended_ && NothingLeftLocked()) end = ended_ = true;
  }
  if (end) work_.end();
}

bool SinkFanOut::NothingLeftLocked() const {
  return running_.empty() && (begins_none_ || next_ == sinks_->size());
}

std::optional<size_t> SinkFanOut::TakeNext() {
  MutexLock lock(&mutex_);
  if (options_.may_begin != nullptr && !options_.may_begin()) begins_none_ = true;
  if (begins_none_ || delayed_ || next_ == sinks_->size() ||
      running_.size() >= options_.max_concurrent) {
    return std::nullopt;
  }
  const bool sends = (*sinks_)[next_].status.ok();
  if (sends && options_.delay > absl::ZeroDuration() && next_ + 1 < sinks_->size()) {
    delayed_ = true;
    timer_ = scheduler_->RunAfter(options_.delay, [self = shared_from_this()] {
      {
        MutexLock inner(&self->mutex_);
        self->delayed_ = false;
        self->timer_ = 0;
      }
      self->PostPump();
    });
  }
  running_.emplace(next_, nullptr);
  return next_++;
}

void SinkFanOut::Begin(size_t index) {
  const ScopedSink& sink = (*sinks_)[index];
  if (!sink.status.ok()) {
    RequestOutcome outcome;
    outcome.status = sink.status;
    executor_->Post([self = shared_from_this(), index, outcome] { self->OnDone(index, outcome); });
    return;
  }
  Cancel cancel = work_.begin(index, [self = shared_from_this(), index](const RequestOutcome& o) {
    self->OnDone(index, o);
  });
  {
    MutexLock lock(&mutex_);
    const auto running = running_.find(index);
    if (running == running_.end()) return;  // done already
    if (!stopped_) {
      running->second = std::move(cancel);
      return;
    }
  }
  if (cancel != nullptr) cancel();
}

void SinkFanOut::OnDone(size_t index, const RequestOutcome& outcome) {
  work_.result(index, outcome);
  {
    MutexLock lock(&mutex_);
    running_.erase(index);
    if (!outcome.status.ok() && options_.stop_at_first_failure) begins_none_ = true;
  }
  Pump();
}

void SinkFanOut::Stop() {
  std::vector<Cancel> cancels;
  {
    MutexLock lock(&mutex_);
    if (stopped_) return;
    stopped_ = begins_none_ = true;
    for (auto& [index, cancel] : running_) cancels.push_back(std::exchange(cancel, nullptr));
    if (timer_ != 0) scheduler_->Cancel(timer_);
    timer_ = 0;
  }
  for (Cancel& cancel : cancels) {
    if (cancel != nullptr) cancel();
  }
  PostPump();  // in case nothing was under way
}

}  // namespace wirepas_grpc::core
