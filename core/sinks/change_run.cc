// SPDX-License-Identifier: Apache-2.0
#include "core/sinks/change_run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/base/reason.h"
#include "core/sinks/ask_gateway.h"

namespace wirepas_grpc::core {
namespace {

// What the callbacks of one run share.
struct Run {
  Network* network;
  ChangeOptions options;
  Instant end_time;
  std::shared_ptr<std::vector<ScopedSink>> sinks = std::make_shared<std::vector<ScopedSink>>();
  std::vector<SinkRequest> requests;
  std::vector<char> has_result;  // each written by one thread at a time, and read at the end
  std::function<void(size_t, const RequestOutcome&)> result;
  std::function<void()> end;

  RequestLimit Limit() const {
    RequestLimit limit =
        std::min(end_time - network->scheduler().MonotonicNow(), options.sink_limit);
    limit.asker = options.asker;
    return limit;
  }
};

RequestOutcome NotBegun(const Network& network) {
  RequestOutcome outcome;
  outcome.status = network.closing() ? ShuttingDown()
                                     : WithReason(absl::CancelledError("the call was cancelled"),
                                                  Reason::kCancelled);
  return outcome;
}

}  // namespace

SinkFanOut::Ptr SendChanges(Network* network, std::vector<PlannedChange> changes,
                            const ChangeOptions& options,
                            std::function<void(size_t, const RequestOutcome&)> result,
                            std::function<void()> end) {
  const auto run = std::make_shared<Run>();
  run->network = network;
  run->options = options;
  run->end_time = network->scheduler().MonotonicNow() + options.limit;
  run->result = std::move(result);
  run->end = std::move(end);
  run->has_result.resize(changes.size());
  for (PlannedChange& change : changes) {
    run->sinks->push_back(std::move(change.sink));
    run->requests.push_back(std::move(change.request));
  }
  SinkFanOut::Work work;
  work.begin = [run](size_t index, RequestDone done) {
    const SinkRequest& request = run->requests[index];
    return AskGateway(run->network, request.kind, (*run->sinks)[index], request.make(),
                      run->Limit(), std::move(done));
  };
  work.result = [run](size_t index, const RequestOutcome& outcome) {
    RequestOutcome told = outcome;
    if (run->requests[index].in_parts) TakeForPartlyDone(&told);
    run->has_result[index] = 1;
    run->result(index, told);
  };
  work.end = [run] {
    for (size_t i = 0; i < run->has_result.size(); ++i) {
      if (run->has_result[i] == 0) run->result(i, NotBegun(*run->network));
    }
    run->end();
  };
  return SinkFanOut::Start(&network->executor(), &network->scheduler(), run->sinks,
                           {.max_concurrent = options.max_concurrent,
                            .may_begin = [network] { return !network->closing(); }},
                           std::move(work));
}

}  // namespace wirepas_grpc::core
