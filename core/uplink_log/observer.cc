// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/observer.h"

namespace wirepas_grpc::core {

UplinkObserver::UplinkObserver(const Options& options, UplinkLog* log, Executor* executor,
                               Scheduler* scheduler, Handler* handler)
    : options_(options),
      log_(log),
      executor_(executor),
      scheduler_(scheduler),
      handler_(handler),
      state_(std::make_shared<State>()) {}

absl::StatusOr<UplinkLog::Sequence> UplinkObserver::CatchUp(UplinkLog::Sequence from) {
  const UplinkLog::Sequence end = log_->next();
  next_ = from;
  while (next_ < end) {
    const UplinkLog::Sequence before = next_;
    if (ReadMemory() == Then::kOnDisk && ReadDisk() == Then::kRest && next_ == before) {
      return absl::UnavailableError("the stored packets cannot be read");
    }
    handler_->OnTurn(next_);
  }
  return next_;
}

void UplinkObserver::Start(UplinkLog::Sequence from) {
  next_ = from;
  PostTurn(executor_);
}

void UplinkObserver::Stop() {
  std::optional<TimerId> timer;
  std::optional<WaitId> wait;
  {
    MutexLock lock(&state_->mutex);
    state_->stopped = true;
    while (state_->running) state_->ended.Wait(&state_->mutex);
    timer = state_->timer;
    wait = state_->wait;
  }
  if (timer.has_value()) scheduler_->Cancel(*timer);
  if (wait.has_value()) log_->CancelWait(*wait);
}

void UplinkObserver::PostTurn(Executor* executor) {
  const bool on_disk = executor != executor_;
  executor->Post([this, on_disk, state = state_] {
    {
      MutexLock lock(&state->mutex);
      if (state->stopped) return;
      state->running = true;
    }
    const Then then = RunTurn(on_disk);
    MutexLock lock(&state->mutex);
    state->running = false;
    state->ended.SignalAll();
    // Not before: the next turn would run on while Stop() sees the end of this one.
    if (!state->stopped) GoOn(then);
  });
}

UplinkObserver::Then UplinkObserver::RunTurn(bool on_disk) {
  const UplinkLog::Sequence before = next_;
  Then then = on_disk ? ReadDisk() : ReadMemory();
  // Where turns may wait anyway.
  if (then == Then::kOnDisk && log_->disk_executor() == executor_) then = ReadDisk();
  if (next_ != before) handler_->OnTurn(next_);
  return then;
}

void UplinkObserver::GoOn(Then then) {
  state_->mutex.AssertHeld();
  switch (then) {
    case Then::kMore:
      return PostTurn(executor_);
    case Then::kOnDisk:
      return PostTurn(log_->disk_executor());
    case Then::kRest:
      return Rest();
  }
}

UplinkObserver::Then UplinkObserver::ReadMemory() {
  const UplinkLog::Sequence before = next_;
  const auto read = log_->Read(next_, options_.max_scan,
                               [this](UplinkLog::Sequence sequence, const Uplink& uplink) {
                                 handler_->OnUplink(sequence, uplink);
                                 return true;
                               });
  if (read.forgotten) return Then::kOnDisk;
  Advance(read);
  // A turn that was short has reached the end, or a gap.
  return next_ == before ? Then::kRest : Then::kMore;
}

UplinkObserver::Then UplinkObserver::ReadDisk() {
  const UplinkLog::Sequence before = next_;
  const auto read = log_->ReadStored(next_, options_.max_scan,
                                     [this](UplinkLog::Sequence sequence, const Uplink& uplink) {
                                       handler_->OnUplink(sequence, uplink);
                                       return true;
                                     });
  if (!read.ok()) return Then::kRest;  // and tries again
  Advance(*read);
  return next_ == before ? Then::kRest : Then::kMore;
}

void UplinkObserver::Advance(const UplinkLog::ReadResult& read) {
  next_ = read.next;
  if (read.gap.has_value()) handler_->OnGap(*read.gap);
}

void UplinkObserver::Rest() {
  state_->mutex.AssertHeld();
  state_->timer = scheduler_->RunAfter(options_.interval, [this, state = state_] {
    MutexLock locked(&state->mutex);
    if (!state->stopped) AwaitPackets();
  });
}

void UplinkObserver::AwaitPackets() {
  state_->mutex.AssertHeld();
  state_->timer.reset();
  state_->wait = log_->Wait(next_, [this, state = state_] {
    MutexLock lock(&state->mutex);
    if (!state->stopped) PostTurn(executor_);
  });
  if (!state_->wait.has_value()) PostTurn(executor_);
}

}  // namespace wirepas_grpc::core
