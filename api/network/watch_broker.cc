// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>

#include "api/call/stream_reactor.h"
#include "api/convert/broker.h"
#include "api/network/rpcs.h"

namespace wirepas_grpc::api {
namespace {

using Response = mesh::WatchBrokerResponse;

class BrokerWatch final : public StreamReactor<Response> {
 public:
  explicit BrokerWatch(core::Network* network)
      : StreamReactor(&network->executor()), monitor_(&network->broker()) {}

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

grpc::ServerWriteReactor<Response>* WatchBroker(Engine* engine) {
  return BrokerWatch::Start(std::make_shared<BrokerWatch>(engine->network), &engine->streams);
}

}  // namespace wirepas_grpc::api
