// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_DURABLE_STATE_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_DURABLE_STATE_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"

namespace wirepas_grpc::integration {

// Keeps all that comes for a client that is away.
inline Mosquitto::Options KeepingBroker() {
  Mosquitto::Options options;
  options.max_queued_messages = 10'000'000;
  options.max_inflight = 20;
  return options;
}

// A service with --state_dir, two simulated gateways, and a broker that keeps what comes meanwhile.
class DurableStateTest : public testing::Test {
 protected:
  std::string StateDir() const { return state_.path() + "/state"; }

  void Start(const std::vector<std::string>& service = {}) {
    Stack::Options options;
    options.broker = KeepingBroker();
    options.simulator = {"--gateways", "2", "--sinks", "1", "--rate", "0", "--payload_size", "100"};
    options.service = {"--state_dir", StateDir()};
    options.service.insert(options.service.end(), service.begin(), service.end());
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
  }

  // So many from each of the two gateways.
  void Burst(int count) {
    ASSERT_TRUE(IsOk(stack_->Control("all", {{"command", "burst"}, {"count", count}})));
  }

  void RestartService() {
    stack_->StopService();
    ASSERT_TRUE(IsOk(stack_->StartService()));
  }

  std::string ServiceOutput() { return stack_->service().process().output(); }

  static mesh::SubscribeUplinkRequest After(const std::string& cursor) {
    mesh::SubscribeUplinkRequest request;
    request.set_after_cursor(cursor);
    return request;
  }
  static mesh::SubscribeUplinkRequest Oldest() {
    mesh::SubscribeUplinkRequest request;
    request.set_oldest(true);
    return request;
  }
  static mesh::SubscribeUplinkRequest From(absl::Time time) {
    mesh::SubscribeUplinkRequest request;
    request.mutable_from_time()->set_seconds(absl::ToUnixSeconds(time));
    request.mutable_from_time()->set_nanos(
        static_cast<int32_t>(absl::ToUnixNanos(time) % 1'000'000'000));
    return request;
  }

  TemporaryDirectory state_;
  std::unique_ptr<Stack> stack_;
};

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_DURABLE_STATE_FIXTURE_H_
