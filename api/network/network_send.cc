// SPDX-License-Identifier: Apache-2.0
#include "api/network/network_send.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/call/await_directory.h"
#include "api/call/gateway.h"
#include "api/convert/sink_path.h"
#include "core/base/instant.h"
#include "core/base/reason.h"

namespace wirepas_grpc::api {
namespace {

using core::NetworkSend;

// Whom a message is for, as facts of its status.
struct Names {
  absl::Status AddTo(absl::Status status) const {
    if (status.ok()) return status;
    status = core::WithFact(std::move(status), "network_address", absl::StrCat(network_address));
    return core::WithFact(std::move(status), "node_address", absl::StrCat(node_address));
  }

  uint32_t network_address;
  uint32_t node_address;
};
Names NamesOf(const core::NetworkMessage& message) {
  return {message.network_address, message.packet.destination_address()};
}

// From the request to the sending: the directory is awaited, the sinks are found. Whoever takes
// `done_` ends it.
class Search : public std::enable_shared_from_this<Search> {
 public:
  Search(Engine* engine, core::NetworkMessage message, NetworkSend::Terms terms,
         NetworkSend::Done done)
      : engine_(engine),
        message_(std::move(message)),
        end_(core::Instant::Now() + terms.limit.timeout),
        admitted_(terms.limit.admitted),
        from_taken_(terms.limit.from_taken),
        since_(engine->network_sender.HeardSince(message_.network_address)),
        listening_(engine->network_sender.Listen(message_.network_address)),
        terms_(std::move(terms)),
        done_([names = NamesOf(message_),
               done = std::move(done)](core::NetworkOutcome outcome) mutable {
          outcome.status = names.AddTo(std::move(outcome.status));
          done(std::move(outcome));
        }) {}

  void Start() {
    absl::StatusOr<core::RouteMemory::Use> first = engine_->network_sender.Repeat(message_);
    if (!first.ok()) return Fail(first.status());
    if (first->route() != nullptr) return Send(*std::move(first));
    absl::AnyInvocable<void()> stop =
        AwaitDirectory(engine_->network, end_ - core::Instant::Now(),
                       [self = shared_from_this()] { self->Choose(); });
    SetStop(std::move(stop));
  }

  void Cancel() {
    NetworkSend::Done dropped;  // destroyed after the lock is released
    absl::AnyInvocable<void()> stop;
    NetworkSend::Ptr send;
    {
      core::MutexLock lock(&mutex_);
      cancelled_ = true;
      dropped = std::exchange(done_, nullptr);
      stop = std::exchange(stop_, nullptr);
      send = std::exchange(send_, nullptr);
    }
    if (stop != nullptr) stop();
    if (send != nullptr) send->Cancel();
  }

 private:
  // What was read before the service shut down goes out.
  absl::Status Check() const {
    if (admitted_ && engine_->network->directory().synced()) return absl::OkStatus();
    return CheckDirectory(engine_->network);
  }

  void Choose() {
    if (absl::Status status = Check(); !status.ok()) return Fail(std::move(status));
    absl::StatusOr<core::RouteMemory::Use> use = engine_->network_sender.Choose(message_, since_);
    if (!use.ok()) return Fail(use.status());
    Send(*std::move(use));
  }

  void Send(core::RouteMemory::Use use) {
    NetworkSend::Done done = TakeDone();
    if (done == nullptr) return;
    if (!from_taken_) {
      terms_.limit.timeout = std::max(end_ - core::Instant::Now(), absl::ZeroDuration());
    }
    NetworkSend::Ptr send = engine_->network_sender.Send(
        message_, std::move(use), std::move(listening_), std::move(terms_), std::move(done));
    {
      core::MutexLock lock(&mutex_);
      if (!cancelled_) {
        send_ = std::move(send);
        return;
      }
    }
    send->Cancel();
  }

  void Fail(absl::Status status) {
    NetworkSend::Done done = TakeDone();
    if (done == nullptr) return;
    listening_.reset();
    core::NetworkOutcome outcome;
    outcome.status = std::move(status);
    done(std::move(outcome));
  }

  NetworkSend::Done TakeDone() {
    absl::AnyInvocable<void()> unused;  // destroyed after the lock is released
    core::MutexLock lock(&mutex_);
    unused = std::exchange(stop_, nullptr);
    return std::exchange(done_, nullptr);
  }

  // How the wait is called off; at once when this was cancelled meanwhile.
  void SetStop(absl::AnyInvocable<void()> stop) {
    if (stop == nullptr) return;
    {
      core::MutexLock lock(&mutex_);
      if (!cancelled_) {
        if (done_ != nullptr) stop_ = std::move(stop);
        return;
      }
    }
    stop();
  }

  Engine* const engine_;
  const core::NetworkMessage message_;
  const core::Instant end_;
  const bool admitted_;
  const bool from_taken_;
  const std::optional<absl::Time> since_;  // of before it listens for this
  // Of whoever works: the one who has taken `done_`, and before that Start().
  core::NetworkListening::UsePtr listening_;
  NetworkSend::Terms terms_;

  core::Mutex mutex_;
  NetworkSend::Done done_ ABSL_GUARDED_BY(mutex_);
  absl::AnyInvocable<void()> stop_ ABSL_GUARDED_BY(mutex_);
  NetworkSend::Ptr send_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

// Whom a failure concerns that is of no sink to which something was sent.
Target TargetOfFacts(const absl::Status& status) {
  const auto facts = core::FactsOf(status);
  const auto gateway = facts.find("gateway_id");
  const auto sink = facts.find("sink_id");
  if (gateway == facts.end()) return {};
  return {gateway->second, sink == facts.end() ? "" : sink->second};
}

// The outcome of the sink that decides, with the words of all.
core::RequestOutcome Decisive(const core::NetworkOutcome& outcome, Target* target) {
  core::RequestOutcome decisive;
  if (outcome.sinks.empty()) {
    *target = TargetOfFacts(outcome.status);
  } else {
    decisive = outcome.sinks[outcome.decisive].outcome;
    *target = TargetOf(outcome.sinks[outcome.decisive].sink);
  }
  decisive.status = outcome.status;
  return decisive;
}

}  // namespace

absl::AnyInvocable<void()> SendByNetwork(Engine* engine, core::NetworkMessage message,
                                         NetworkSend::Terms terms, NetworkSend::Done done) {
  const auto search =
      std::make_shared<Search>(engine, std::move(message), std::move(terms), std::move(done));
  search->Start();
  return [search] { search->Cancel(); };
}

mesh::SendMessageResponse ToSendMessageResponse(const core::NetworkOutcome& outcome) {
  const core::SinkOutcome& first = outcome.sinks[outcome.decisive];
  mesh::SendMessageResponse response = ToSendMessageResponse(first.outcome, TargetOf(first.sink));
  for (const core::SinkOutcome& sink : outcome.sinks) {
    SetSinkSendResult(sink.sink, sink.outcome, response.add_results());
  }
  return response;
}

grpc::Status ToGrpcStatus(const core::NetworkOutcome& outcome) {
  Target target;
  const core::RequestOutcome decisive = Decisive(outcome, &target);
  return ToGrpcStatus(decisive, target);
}

mesh::CallError ToCallError(const core::NetworkOutcome& outcome) {
  Target target;
  const core::RequestOutcome decisive = Decisive(outcome, &target);
  return ToCallError(decisive, target);
}

bool WasSent(const core::NetworkOutcome& outcome) {
  return std::any_of(outcome.sinks.begin(), outcome.sinks.end(), [](const core::SinkOutcome& sink) {
    return sink.outcome.status.ok() || sink.outcome.fate() != core::RequestFate::kNotSent;
  });
}

}  // namespace wirepas_grpc::api
