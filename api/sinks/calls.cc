// SPDX-License-Identifier: Apache-2.0
#include "api/sinks/calls.h"

#include <algorithm>

#include "api/call/gateway.h"
#include "api/convert/sink_path.h"
#include "core/base/instant.h"

namespace wirepas_grpc::api {
namespace {

// What the sinks answered so far, and who waits for it.
struct Gathering {
  core::Mutex mutex;
  Outcomes outcomes ABSL_GUARDED_BY(mutex);
  absl::AnyInvocable<void(const Outcomes&)> done ABSL_GUARDED_BY(mutex);
};

}  // namespace

core::RequestLimit CallTime::Within(absl::Duration limit) const {
  return LimitOf(asker_, std::clamp(end_ - core::Instant::Now(), absl::ZeroDuration(), limit));
}

AskSink AskScratchpadStatus(core::Network* network, const CallTime& time) {
  return [network, time](const core::ScopedSink& sink, core::RequestDone done) {
    gw::WirepasMessage message;
    message.mutable_get_scratchpad_status_req();
    return core::AskGateway(network, core::RequestKind::kOtapStatus, sink, std::move(message),
                            time.Within(kRequestLimit), std::move(done));
  };
}

absl::AnyInvocable<void()> AskEach(core::Network* network, SinksPtr sinks, AskSink ask,
                                   absl::AnyInvocable<void(const Outcomes&)> done) {
  const auto gathering = std::make_shared<Gathering>();
  core::RequestOutcome not_begun;  // with those that are not, as the service closes
  not_begun.status = core::ShuttingDown();
  {
    core::MutexLock lock(&gathering->mutex);
    gathering->outcomes.resize(sinks->size(), not_begun);
    gathering->done = std::move(done);
  }
  core::SinkFanOut::Work work;
  work.begin = [sinks, ask = std::move(ask)](size_t index, core::RequestDone sink_done) {
    return ask((*sinks)[index], std::move(sink_done));
  };
  work.result = [gathering](size_t index, const core::RequestOutcome& outcome) {
    core::MutexLock lock(&gathering->mutex);
    gathering->outcomes[index] = outcome;
  };
  work.end = [gathering] {
    absl::AnyInvocable<void(const Outcomes&)> taken;
    Outcomes outcomes;
    {
      core::MutexLock lock(&gathering->mutex);
      taken = std::exchange(gathering->done, nullptr);
      outcomes.swap(gathering->outcomes);
    }
    if (taken != nullptr) taken(outcomes);
  };
  const core::SinkFanOut::Ptr fan_out = core::SinkFanOut::Start(
      &network->executor(), &network->scheduler(), std::move(sinks),
      {.may_begin = [network] { return !network->closing(); }}, std::move(work));
  return [gathering, fan_out] {
    absl::AnyInvocable<void(const Outcomes&)> dropped;
    {
      core::MutexLock lock(&gathering->mutex);
      dropped = std::exchange(gathering->done, nullptr);
    }
    fan_out->Stop();
  };
}

void SetResult(const core::ScopedSink& sink, const core::RequestOutcome& outcome,
               mesh::SinkResult* result) {
  SetSinkRef(sink.path, result->mutable_sink());
  if (!outcome.status.ok()) *result->mutable_error() = ToCallError(outcome, TargetOf(sink.path));
}

}  // namespace wirepas_grpc::api
