// SPDX-License-Identifier: Apache-2.0
//
// With a session that the broker keeps, requests have a connection of their own, without one.
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/mqtt_relay.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;

constexpr int kAtOnce = 5;

class RequestsSessionTest : public testing::Test {
 protected:
  void Start() {
    Stack::Options options;
    options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "0"};
    options.service = {"--mqtt_persist_session",
                       "--mqtt_client_id",
                       "the-service",
                       "--mqtt_reconnect_min_delay",
                       "100ms",
                       "--mqtt_reconnect_max_delay",
                       "100ms"};
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->StartBroker()));
    auto relay = MqttRelay::Start(stack_->broker().port(), MqttRelay::Of::kRequests);
    ASSERT_TRUE(IsOk(relay.status()));
    relay_ = *std::move(relay);
    stack_->SetBrokerPort(relay_->port());
    ASSERT_TRUE(IsOk(stack_->StartSimulator()));
    ASSERT_TRUE(IsOk(stack_->StartService()));
    ASSERT_TRUE(IsOk(stack_->WaitForGateways(1)));
  }
  grpc::Status Send() {
    return Call(stack_->stub(), &Stub::SendMessage, SendRequest(kGateway, kSink)).status;
  }

  std::unique_ptr<MqttRelay> relay_;  // outlives the service
  std::unique_ptr<Stack> stack_;
};

TEST_F(RequestsSessionTest, ConnectsOnceToBeRememberedAndOnceNotToBe) {
  ASSERT_NO_FATAL_FAILURE(Start());
  // mosquitto says by c whether the session is a clean one.
  EXPECT_TRUE(IsOk(stack_->broker().WaitForLog("as the-service (p2, c0,")));
  EXPECT_TRUE(IsOk(stack_->broker().WaitForLog("as the-service-requests-")));
  EXPECT_TRUE(IsOk(Send()));
  const std::string log = stack_->broker().log();
  EXPECT_TRUE(std::regex_search(log, std::regex("as the-service-requests-[0-9a-f]{4} \\(p2, c1,")));
  EXPECT_NE(log.find(" 1 gw-response/#"), std::string::npos);
  EXPECT_EQ(log.find("the-service 1 gw-response/#"), std::string::npos);
  EXPECT_EQ(log.find("Received PUBLISH from the-service ("), std::string::npos);
}

TEST_F(RequestsSessionTest, RequestsAreAnsweredAfterOnesThatWereCutInTheMiddle) {
  ASSERT_NO_FATAL_FAILURE(Start());
  UplinkStream uplinks(stack_->stub());
  ASSERT_TRUE(IsOk(stack_->Control("all", {{"command", "rate"}, {"packets_per_second", 200}})));
  SequenceCheck check;
  check.Add(uplinks.Take(20));
  for (int number = 1; number <= 3; ++number) {
    SCOPED_TRACE(absl::StrCat("before PUBREC ", number));
    // The broker has the requests, and the service does not know.
    relay_->CutPresent(
        {{sim::PacketType::kPubrec, number, ""}, CutPoint::Where::kBefore, CutPoint::How::kEnd});
    std::vector<std::unique_ptr<AsyncCall<mesh::SendMessageResponse>>> calls;
    for (int i = 0; i < kAtOnce; ++i) {
      calls.push_back(std::make_unique<AsyncCall<mesh::SendMessageResponse>>(
          stack_->stub(), &Stub::SendMessage, SendRequest(kGateway, kSink)));
    }
    const auto remains = relay_->AwaitCut(kBound);
    ASSERT_TRUE(remains.has_value());
    EXPECT_NE(remains->session_present, true);
    for (auto& call : calls) call->Get();
    // As many as had the packet ids of those, and more; until it is connected none is sent.
    for (int i = 0; i < 4 * kAtOnce; ++i) {
      grpc::Status status;
      ASSERT_TRUE(Eventually([&] {
        status = Send();
        return status.error_code() != StatusCode::UNAVAILABLE;
      }));
      ASSERT_TRUE(IsOk(status));
    }
    check.Add(uplinks.Take(50));
  }
  EXPECT_EQ(relay_->cuts(), 3);
  EXPECT_TRUE(uplinks.gaps().empty());
}

}  // namespace
}  // namespace wirepas_grpc::integration
