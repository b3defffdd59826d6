// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>

#include "api/call/errors.h"
#include "api/call/stream_reactor.h"
#include "api/convert/broker.h"
#include "api/convert/progress_interval.h"
#include "api/network/rpcs.h"

namespace wirepas_grpc::api {
namespace {

using Response = mesh::WatchBrokerResponse;
using Reactor = grpc::ServerWriteReactor<Response>;

class BrokerWatch final : public StreamReactor<Response> {
 public:
  BrokerWatch(core::Network* network, absl::Duration progress_interval)
      : StreamReactor(network, progress_interval), monitor_(&network->broker()) {}

 private:
  Pulled Pull(Response* response) override {
    const core::BrokerMonitor::Versioned current = monitor_->Get();
    if (current.version == told_) {
      wait_ = monitor_->Wait(told_, Waker());
      return wait_.has_value() ? Pulled::kNothing : Pulled::kMore;
    }
    told_ = current.version;
    *response->mutable_state() = ToProto(current);
    return Pulled::kSomething;
  }

  void Release() override {
    if (wait_.has_value()) monitor_->CancelWait(*wait_);
  }

  core::BrokerMonitor* const monitor_;
  uint64_t told_ = 0;  // version of the state
  std::optional<core::WaitId> wait_;
};

}  // namespace

Reactor* WatchBroker(Engine* engine, const mesh::WatchBrokerRequest& request) {
  const absl::StatusOr<absl::Duration> progress_interval = ParseProgressInterval(request);
  if (!progress_interval.ok()) {
    return Refusal<Reactor>::Make(ToGrpcStatus(progress_interval.status()));
  }
  return BrokerWatch::Start(std::make_shared<BrokerWatch>(engine->network, *progress_interval),
                            &engine->streams);
}

}  // namespace wirepas_grpc::api
