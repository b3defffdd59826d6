// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_STREAM_REACTOR_H_
#define WIREPAS_GRPC_API_CALL_STREAM_REACTOR_H_

#include <memory>
#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "api/call/errors.h"
#include "api/call/refusal.h"
#include "api/call/stream_registry.h"
#include "core/base/executor.h"
#include "core/base/instant.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"
#include "core/network/network.h"
#include "grpcpp/support/server_callback.h"
#include "grpcpp/support/status.h"

namespace wirepas_grpc::api {

// A server stream that pulls what it sends from a source, at the pace of its
// client: it has at most one response at a time, and no queue. Derived classes say
// how to pull; this one keeps the states:
//
//   pulling --something--> writing --written--> pulling
//   pulling --nothing----> waiting --Wake()---> pulling
//   pulling --on disk----> pulling, on a thread that may wait
//   waiting --quiet for the progress interval--> telling --written--> waiting
//   any, when an end is due and no write is under way --> finished
//
// A stream with a progress interval tells its client that it is there: when nothing was written
// for that long, from the start on, a response that FillProgress() makes goes out. Of a client
// that does not read, none is added to the one that it has not read.
//
// Whoever moves the stream into a state does that state's work, without a lock; so
// Pull() and Release() are never called at the same time, and gRPC is not touched
// after the end. Owned by gRPC until it is done with the call, and by wake-ups
// while they run.
template <typename Response>
class StreamReactor : public grpc::ServerWriteReactor<Response>,
                      public OpenStream,
                      public std::enable_shared_from_this<StreamReactor<Response>> {
 public:
  // Registers the stream and starts it, or refuses it. Called in the RPC's handler.
  static grpc::ServerWriteReactor<Response>* Start(std::shared_ptr<StreamReactor> stream,
                                                   StreamRegistry* registry) {
    absl::StatusOr<StreamRegistry::PlacePtr> place = registry->Add(stream);
    if (!place.ok()) {
      return Refusal<grpc::ServerWriteReactor<Response>>::Make(ToGrpcStatus(place.status()));
    }
    StreamReactor* const reactor = stream.get();
    {
      // OnCancel() may come on another thread at once.
      core::MutexLock lock(&reactor->mutex_);
      reactor->place_ = *std::move(place);
      reactor->self_ = std::move(stream);
      if (reactor->tells_progress()) {
        reactor->quiet_since_ = reactor->scheduler_->MonotonicNow();
        reactor->AwaitQuiet(reactor->progress_interval_);
      }
    }
    reactor->Open();
    reactor->Pump();
    return reactor;
  }

  void End(const grpc::Status& status) override {
    {
      core::MutexLock lock(&mutex_);
      if (end_.has_value()) return;
      end_ = status;
      if (state_ != State::kWaiting) return;  // who works sees it
      state_ = State::kFinished;
    }
    FinishNow();
  }

 protected:
  // An infinite progress interval: it tells none.
  StreamReactor(core::Executor* executor, core::Scheduler* scheduler,
                absl::Duration progress_interval)
      : executor_(executor), scheduler_(scheduler), progress_interval_(progress_interval) {}
  StreamReactor(core::Network* network, absl::Duration progress_interval)
      : StreamReactor(&network->executor(), &network->scheduler(), progress_interval) {}

  enum class Pulled {
    kSomething,  // *response is to be sent
    kNothing,    // nothing is there; Wake() will be called
    kMore,       // nothing yet, and the turn was long: pull again, after others had theirs
    kOnDisk,     // what comes next must be waited for: PullFromDisk() is to be called
    kEnd,        // End() was called
  };

  // Runs once before the first Pull(), in the RPC's handler.
  virtual void Open() {}
  // Fills *response, which is empty.
  virtual Pulled Pull(Response* response) = 0;
  // The same, on a thread of disk_executor(), after Pull() said kOnDisk. Does not say
  // so itself.
  virtual Pulled PullFromDisk(Response*) { return Pulled::kMore; }
  virtual core::Executor* disk_executor() { return executor_; }
  // Fills *response, which is empty, with what a response without content has all the same. Never
  // called at the same time as Pull(); also before the first response.
  virtual void FillProgress(Response*) {}
  // The stream ends: drops leases and waits. Runs once.
  virtual void Release() = 0;

  // Something may be there. From any thread, any number of times.
  void Wake() {
    {
      core::MutexLock lock(&mutex_);
      if (state_ != State::kWaiting) {
        woken_ = true;
        return;
      }
      state_ = State::kPulling;
    }
    Pump();
  }

  // A callback that does, as long as the stream is there.
  absl::AnyInvocable<void()> Waker() {
    return [weak = this->weak_from_this()] {
      if (const auto stream = weak.lock()) stream->Wake();
    };
  }

 private:
  enum class State { kPulling, kWriting, kWaiting, kTelling, kFinished };

  bool tells_progress() const { return progress_interval_ != absl::InfiniteDuration(); }

  // The work of kPulling.
  void Pump() {
    response_.Clear();  // what was written
    Pulled pulled;
    do {
      pulled = Pull(&response_);
    } while (!Follow(pulled));
  }

  void PumpFromDisk() {
    if (!Follow(PullFromDisk(&response_))) Pump();
  }

  // Does what comes after pulling. False: it is to be pulled again at once, having been
  // woken while there was nothing.
  bool Follow(Pulled pulled) {
    switch (Leave(pulled)) {
      case State::kPulling:
        if (pulled == Pulled::kMore) {
          executor_->Post([stream = this->shared_from_this()] { stream->Pump(); });
        } else if (pulled == Pulled::kOnDisk) {
          disk_executor()->Post([stream = this->shared_from_this()] { stream->PumpFromDisk(); });
        } else {
          return false;
        }
        break;
      case State::kWriting:
        if (pulled == Pulled::kSomething) {
          this->StartWrite(&response_);
        } else {
          WriteProgress();
        }
        break;
      case State::kTelling:
        WriteProgress();
        break;
      case State::kWaiting:
        break;
      case State::kFinished:
        FinishNow();
        break;
    }
    return true;
  }

  // The state after pulling.
  State Leave(Pulled pulled) {
    core::MutexLock lock(&mutex_);
    if (end_.has_value()) {
      state_ = State::kFinished;
    } else if (pulled == Pulled::kSomething) {
      BeginWrite(State::kWriting);
    } else if (pulled == Pulled::kNothing && !woken_) {
      if (progress_due_) {
        BeginWrite(State::kTelling);
      } else {
        state_ = State::kWaiting;
      }
    } else if (pulled == Pulled::kNothing) {
      woken_ = false;
    } else if (progress_due_) {
      BeginWrite(State::kWriting);  // and then it is pulled on
    }
    return state_;
  }

  void BeginWrite(State state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    state_ = state;
    progress_due_ = false;
    if (tells_progress()) quiet_since_ = scheduler_->MonotonicNow();
  }

  void WriteProgress() {
    response_.Clear();
    FillProgress(&response_);
    this->StartWrite(&response_);
  }

  void AwaitQuiet(absl::Duration delay) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    quiet_timer_ =
        scheduler_->RunAfter(delay, [executor = executor_, weak = this->weak_from_this()] {
          executor->Post([weak] {
            if (const auto stream = weak.lock()) stream->LookForQuiet();
          });
        });
  }

  // The timer is over. It is not set anew with each write: it finds out here how long the last
  // one is ago.
  void LookForQuiet() {
    {
      core::MutexLock lock(&mutex_);
      if (end_.has_value()) return;
      const absl::Duration left = progress_interval_ - (scheduler_->MonotonicNow() - quiet_since_);
      AwaitQuiet(left > absl::ZeroDuration() ? left : progress_interval_);
      if (left > absl::ZeroDuration()) return;
      if (state_ == State::kPulling) progress_due_ = true;  // who pulls sees it
      if (state_ != State::kWaiting) return;
      BeginWrite(State::kTelling);
    }
    WriteProgress();
  }

  void OnWriteDone(bool ok) override {
    bool finished;
    {
      core::MutexLock lock(&mutex_);
      if (!ok && !end_.has_value()) end_ = grpc::Status::CANCELLED;
      finished = end_.has_value();
      if (!finished && state_ == State::kTelling) {
        state_ = State::kWaiting;  // for what it has waited for before
        if (!woken_) return;
        woken_ = false;
      }
      state_ = finished ? State::kFinished : State::kPulling;
    }
    finished ? FinishNow() : Pump();
  }

  void OnCancel() override { End(grpc::Status::CANCELLED); }

  // The work of kFinished. The last that touches gRPC.
  void FinishNow() {
    Release();
    grpc::Status status;
    std::optional<core::TimerId> timer;
    {
      core::MutexLock lock(&mutex_);
      status = *end_;
      timer = quiet_timer_;
    }
    if (timer.has_value()) scheduler_->Cancel(*timer);
    this->Finish(std::move(status));
  }

  void OnDone() override {
    std::shared_ptr<StreamReactor> last;  // destroyed after the lock is released
    core::MutexLock lock(&mutex_);
    place_ = nullptr;
    last = std::move(self_);
  }

  core::Executor* const executor_;
  core::Scheduler* const scheduler_;
  const absl::Duration progress_interval_;
  StreamRegistry::PlacePtr place_;
  std::shared_ptr<StreamReactor> self_;  // gRPC's share
  Response response_;                    // the worker's, then gRPC's while it writes

  core::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kPulling;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;  // since the last look at the source
  std::optional<grpc::Status> end_ ABSL_GUARDED_BY(mutex_);
  // These with a progress interval only.
  core::Instant quiet_since_ ABSL_GUARDED_BY(mutex_);  // the last write's beginning, or the start
  std::optional<core::TimerId> quiet_timer_ ABSL_GUARDED_BY(mutex_);
  bool progress_due_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_STREAM_REACTOR_H_
