// SPDX-License-Identifier: Apache-2.0
//
// What the RPCs that change all sinks of a scope have in common.
#ifndef WIREPAS_GRPC_API_NETWORK_SINK_CHANGES_H_
#define WIREPAS_GRPC_API_NETWORK_SINK_CHANGES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/call/engine.h"
#include "api/call/errors.h"
#include "api/call/namespaces.h"
#include "api/call/stream_reactor.h"
#include "api/sinks/calls.h"
#include "api/sinks/scope.h"
#include "core/base/mutex.h"
#include "core/sinks/change.h"
#include "core/sinks/change_run.h"
#include "core/sinks/holds.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "grpcpp/support/status.h"
#include "wirepas/mesh/v1/sink_change.pb.h"

namespace wirepas_grpc::api {

// What to do with the sinks of a scope.
struct SinkChangeJob {
  core::SinkScope scope;
  // Whether a sink can be changed, and how.
  std::function<core::SinkCheck(const core::ScopedSink&)> check;
  // Of all sinks together, before each is checked; null: there is nothing to say.
  std::function<absl::Status(const std::vector<core::ScopedSink>&)> check_all = nullptr;
  size_t max_concurrent = core::kChangedAtOnce;
  absl::Duration sink_limit;  // of each sink, from its turn on
  bool dry_run = false;
  bool refresh = false;  // gateways are asked for their sinks also if they have told them
};

// The fields that these requests have in common. INVALID_ARGUMENT, naming the field.
absl::StatusOr<size_t> ParseChangedAtOnce(uint32_t max_concurrent);

// One such RPC, from step to step: the scope is resolved, its sinks are held, all are checked, and
// if all pass each is changed. Thread-safe.
class SinkChanges : public std::enable_shared_from_this<SinkChanges> {
 public:
  SinkChanges(Engine* engine, SinkChangeJob job, const CallTime& time)
      : network_(engine->network), holds_(&engine->sink_holds), job_(std::move(job)), time_(time) {}

  // Once. `wake` is called whenever there is something to take, from any thread.
  void Start(absl::AnyInvocable<void()> wake);
  // Nothing further is sent. Any number of times.
  void Stop();
  // The same, unless the sinks are known already: then it goes on. True: it is stopped.
  bool StopUnlessBegun();

  // What became of sinks since the last call, at most `max` of them.
  void Take(int max, google::protobuf::RepeatedPtrField<mesh::SinkChange>* changes);
  // When all is taken: how it ended. The summary is for OK.
  std::optional<grpc::Status> End(mesh::SinkChangeSummary* summary) const;

 private:
  using Outcome = mesh::SinkChangeOutcome;
  struct Result {
    size_t index;
    Outcome outcome;
    core::RequestOutcome error;
  };
  enum class Stage { kResolving, kChanging, kEnded };

  void Begin(ResolvedScope resolved);
  // What each sink is to be sent; nothing is when one does not pass. Notes the results of the
  // others.
  std::vector<core::PlannedChange> Check(std::vector<size_t>* indexes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddLocked(size_t index, Outcome outcome, core::RequestOutcome error = {})
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Fail(grpc::Status status);
  void OnResult(size_t index, const core::RequestOutcome& outcome);
  void OnEnd();

  core::Network* const network_;
  core::SinkHolds* const holds_;
  const SinkChangeJob job_;
  const CallTime time_;
  std::shared_ptr<absl::AnyInvocable<void()>> wake_;  // set by Start()

  mutable core::Mutex mutex_;
  Stage stage_ ABSL_GUARDED_BY(mutex_) = Stage::kResolving;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::AnyInvocable<void()> stop_resolving_ ABSL_GUARDED_BY(mutex_);
  std::vector<core::ScopedSink> sinks_ ABSL_GUARDED_BY(mutex_);
  core::SinkHolds::HoldPtr hold_ ABSL_GUARDED_BY(mutex_);  // while sinks are being changed
  core::SinkFanOut::Ptr fan_out_ ABSL_GUARDED_BY(mutex_);  // likewise
  std::deque<Result> results_ ABSL_GUARDED_BY(mutex_);     // not taken yet
  mesh::SinkChangeSummary summary_ ABSL_GUARDED_BY(mutex_);
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);  // once ended
};

// The stream of such an RPC.
template <typename Response>
class SinkChangeStream final : public StreamReactor<Response> {
 public:
  using Base = StreamReactor<Response>;

  SinkChangeStream(Engine* engine, SinkChangeJob job, const CallTime& time,
                   absl::Duration progress_interval)
      : Base(engine->network, progress_interval),
        changes_(std::make_shared<SinkChanges>(engine, std::move(job), time)) {}

  bool acts() const override { return true; }
  // What has begun goes on.
  void Drain(const grpc::Status& status) override {
    if (changes_->StopUnlessBegun()) this->End(status);
  }

 private:
  // What one response carries at most.
  static constexpr int kMaxChanges = 1000;

  void Open() override { changes_->Start(this->Waker()); }

  typename Base::Pulled Pull(Response* response) override {
    if (ends_.has_value()) return GiveEnd();
    changes_->Take(kMaxChanges, response->mutable_changes());
    if (response->changes_size() > 0) return Base::Pulled::kSomething;
    mesh::SinkChangeSummary summary;
    ends_ = changes_->End(&summary);
    if (!ends_.has_value()) return Base::Pulled::kNothing;
    if (!ends_->ok()) return GiveEnd();
    *response->mutable_summary() = std::move(summary);
    return Base::Pulled::kSomething;
  }

  typename Base::Pulled GiveEnd() {
    this->End(*ends_);
    return Base::Pulled::kEnd;
  }

  void Release() override { changes_->Stop(); }

  const std::shared_ptr<SinkChanges> changes_;
  std::optional<grpc::Status> ends_;  // once the summary is on its way
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_SINK_CHANGES_H_
