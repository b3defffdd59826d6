// SPDX-License-Identifier: Apache-2.0
//
// How requests are given to the broker.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"

namespace wirepas_grpc::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Stub = mesh::NetworkService::Stub;

class RequestDeliveryTest : public testing::Test {
 protected:
  void Start(Stack::Options options) {
    options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "0"};
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
  }
  // Sends so many at once; how many were answered.
  int Send(int count) {
    std::vector<std::unique_ptr<AsyncCall<mesh::SendMessageResponse>>> calls;
    for (int i = 0; i < count; ++i) {
      calls.push_back(std::make_unique<AsyncCall<mesh::SendMessageResponse>>(
          stack_->stub(), &Stub::SendMessage, SendRequest(kGateway, kSink), absl::Seconds(3)));
    }
    int answered = 0;
    for (auto& call : calls) answered += call->Get().ok() ? 1 : 0;
    return answered;
  }

  std::unique_ptr<Stack> stack_;
};

TEST_F(RequestDeliveryTest, GoesAtQos1WhereThatIsWanted) {
  Stack::Options options;
  options.service = {"--mqtt_request_qos", "1", "--mqtt_client_id", "the-service"};
  ASSERT_NO_FATAL_FAILURE(Start(std::move(options)));
  EXPECT_EQ(Send(1), 1);
  EXPECT_THAT(stack_->broker().log(),
              AllOf(HasSubstr("Received PUBLISH from the-service (d0, q1"),
                    Not(HasSubstr("Received PUBLISH from the-service (d0, q2"))));
  EXPECT_EQ(stack_->service().Metric("wirepas_grpc_broker_qos2_as_qos1_total"), 0);
}

TEST_F(RequestDeliveryTest, BrokerThatTakesFewerAtATimeIsSentFewer) {
  constexpr int kAtOnce = 50;
  Stack::Options options;
  options.broker.max_inflight = 4;
  options.broker.max_queued_messages = 10'000;
  options.service = {"--mqtt_max_inflight_messages", "8"};
  ASSERT_NO_FATAL_FAILURE(Start(std::move(options)));
  EXPECT_TRUE(Eventually([&] { return Send(kAtOnce) == kAtOnce && Send(kAtOnce) == kAtOnce; },
                         absl::Minutes(2)));
  EXPECT_THAT(stack_->service().process().output(), HasSubstr("--mqtt_max_inflight_messages"));
}

TEST_F(RequestDeliveryTest, BrokerThatTakesThemIsSentThem) {
  ASSERT_NO_FATAL_FAILURE(Start(Stack::Options()));
  for (int i = 0; i < 5; ++i) EXPECT_GT(Send(100), 0);
  // It has looked, and is done.
  ASSERT_TRUE(IsOk(stack_->broker().WaitForLog("Sending UNSUBACK to wirepas-grpc-")));
  EXPECT_THAT(stack_->service().process().output(), Not(HasSubstr("--mqtt_max_inflight_messages")));
}

}  // namespace
}  // namespace wirepas_grpc::integration
