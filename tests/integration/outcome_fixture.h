// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_OUTCOME_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_OUTCOME_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/tcp_relay.h"

namespace wirepas_grpc::integration {

// "Was anything sent?": for each row of the table in docs/errors.md what it says of that, by what
// somebody at the broker has heard go out to gateways. The comment above a test is the row's:
// status and answer (tests/docs/errors_test.py compares). That of a shutdown is in
// shutdown_test.cc.
class OutcomeTest : public testing::Test {
 protected:
  void Start(Stack::Options options = {}) {
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->StartBroker()));
    auto relay = TcpRelay::Start(stack_->broker().port());
    ASSERT_TRUE(IsOk(relay.status()));
    to_broker_ = *std::move(relay);
    stack_->SetBrokerPort(to_broker_->port());
    ASSERT_TRUE(IsOk(stack_->StartSimulator()));
    ASSERT_TRUE(IsOk(stack_->StartService()));
    ASSERT_TRUE(IsOk(stack_->WaitForGateways(2)));
    peer_ = stack_->NewPeer({"gw-request/#"});
  }
  mesh::NetworkService::Stub* stub() { return stack_->stub(); }
  void SetFaults(const nlohmann::json& faults) {
    ASSERT_TRUE(IsOk(stack_->SetFaults("all", faults)));
  }
  void Refuse(const std::string& code) { SetFaults({{"error_codes", {{"all", code}}}}); }
  grpc::Status Send(const std::string& gateway = kGateway, const std::string& sink = kSink,
                    absl::Duration deadline = kBound) {
    return Call(stub(), &mesh::NetworkService::Stub::SendMessage, SendRequest(gateway, sink),
                deadline)
        .status;
  }

  // What has gone out to gateways since the last call: the requests' names. What is published
  // later arrives later, so a message of this test's own marks the end.
  std::vector<std::string> Seen() {
    std::vector<std::string> names;
    const std::string end = absl::StrCat("gw-request/end/", ++ends_);
    auto other = stack_->NewPeer();
    if (!IsOk(other->Publish(end, ""))) return names;
    const auto heard = peer_->TakeUpTo(OnTopic(end));
    EXPECT_TRUE(IsOk(heard.status()));
    if (!heard.ok()) return names;
    for (const MqttPeer::Message& message : *heard) {
      if (message.topic == end) continue;
      const size_t begin = message.topic.find('/') + 1;
      names.push_back(message.topic.substr(begin, message.topic.find('/', begin) - begin));
    }
    return names;
  }
  void ExpectSeen(const std::vector<std::string>& names) { EXPECT_EQ(Seen(), names); }
  // Waits until a request has gone out.
  bool Out(const std::string& name) {
    return Eventually([&] {
      for (const MqttPeer::Message& message : peer_->messages()) {
        if (absl::StartsWith(message.topic, absl::StrCat("gw-request/", name, "/"))) return true;
      }
      return false;
    });
  }
  double Metric(const std::string& name) { return stack_->service().Metric(name); }
  bool AwaitBroker(bool connected) {
    return Eventually(
        [&] { return Metric("wirepas_grpc_broker_connected") == (connected ? 1 : 0); });
  }

  std::unique_ptr<Stack> stack_;
  std::unique_ptr<TcpRelay> to_broker_;
  std::unique_ptr<MqttPeer> peer_;
  int ends_ = 0;
};

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_OUTCOME_FIXTURE_H_
