// SPDX-License-Identifier: Apache-2.0
#include "core/sinks/ask_gateway.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace wirepas_grpc::core {

RequestOutcome NoTimeLeft(const ScopedSink& sink) {
  RequestOutcome outcome;
  outcome.status =
      WithReason(absl::UnavailableError(absl::StrCat(
                     RequestTargetText(sink.path.gateway.value(), sink.path.sink.value()),
                     ": no time was left when its turn came; nothing was sent")),
                 Reason::kOutOfTime);
  return outcome;
}

SinkFanOut::Cancel AskGateway(Network* network, RequestKind kind, const ScopedSink& sink,
                              wirepas::proto::gateway_api::WirepasMessage message,
                              const RequestLimit& limit, RequestDone done) {
  if (limit.timeout <= absl::ZeroDuration()) {
    network->executor().Post(
        [done = std::move(done), outcome = NoTimeLeft(sink)]() mutable { done(outcome); });
    return nullptr;
  }
  RequestLimit request_limit = limit;
  request_limit.admitted = true;  // with the work that it belongs to
  const RequestId id =
      network->Request(kind, sink.path.gateway, &sink.path.sink, std::move(message), request_limit,
                       std::nullopt, std::move(done));
  return [network, id] { network->CancelRequest(id); };
}

void TakeForPartlyDone(RequestOutcome* outcome) {
  if (outcome->status.ok() || outcome->fate() != RequestFate::kRefused) return;
  outcome->maybe_done = outcome->answer != wirepas::proto::gateway_api::INVALID_SINK_ID;
}

}  // namespace wirepas_grpc::core
