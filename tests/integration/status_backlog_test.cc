// SPDX-License-Identifier: Apache-2.0
//
// What the service knows of gateways when their statuses queue behind what the broker has kept
// for its session.
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"
#include "tests/integration/tcp_relay.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

using testing::IsEmpty;
using Stub = mesh::NetworkService::Stub;
using NetworkWatch = StreamReader<mesh::WatchNetworkResponse>;
using BrokerWatch = StreamReader<mesh::WatchBrokerResponse>;

class StatusBacklogTest : public testing::Test {
 protected:
  void Start(Stack::Options options) {
    options.service.insert(options.service.end(), {"--mqtt_reconnect_min_delay", "100ms",
                                                   "--mqtt_reconnect_max_delay", "100ms"});
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->StartBroker()));
    auto relay = TcpRelay::Start(stack_->broker().port());
    ASSERT_TRUE(IsOk(relay.status()));
    relay_ = *std::move(relay);
    stack_->SetBrokerPort(relay_->port());
    ASSERT_TRUE(IsOk(stack_->StartSimulator()));
    ASSERT_TRUE(IsOk(stack_->StartService()));
  }
  static std::vector<std::string> WithSession() {
    return {"--mqtt_persist_session", "--mqtt_client_id", "the-service", "--uplink_linger", "10m"};
  }
  void Burst(int count) {
    ASSERT_TRUE(IsOk(stack_->Control("all", {{"command", "burst"}, {"count", count}})));
  }
  Stub* stub() { return stack_->stub(); }

  std::unique_ptr<TcpRelay> relay_;  // outlives the service
  std::unique_ptr<Stack> stack_;
};

// The broker keeps so many messages for a client and drops what comes then.
TEST_F(StatusBacklogTest, StatusesForWhichThereWasNoRoomAreAskedForAgain) {
  constexpr int kGateways = 100;
  Stack::Options options;
  options.broker.max_queued_messages = 150;
  options.simulator = {"--gateways", absl::StrCat(kGateways), "--sinks", "1", "--rate", "0"};
  options.service = WithSession();
  ASSERT_NO_FATAL_FAILURE(Start(std::move(options)));
  { UplinkStream uplinks(stub()); }
  stack_->StopService();
  ASSERT_NO_FATAL_FAILURE(Burst(10));
  // The session's queue is full when the service subscribes to the statuses.
  ASSERT_TRUE(IsOk(stack_->StartService()));
  int online = 0;
  EXPECT_TRUE(Eventually([&] {
    const auto listed = Call(stub(), &Stub::ListGateways, mesh::ListGatewaysRequest());
    online = 0;
    for (const mesh::Gateway& gateway : listed.response.gateways()) online += gateway.online();
    return online == kGateways;
  })) << online;
}

TEST_F(StatusBacklogTest, ABacklogThatStallsRemovesNobody) {
  constexpr int kGateways = 5;
  constexpr int kEach = 2000;
  Stack::Options options;
  options.broker.max_queued_messages = 1'000'000;
  options.simulator = {"--gateways", absl::StrCat(kGateways), "--sinks", "1", "--rate", "0"};
  options.service = WithSession();
  ASSERT_NO_FATAL_FAILURE(Start(std::move(options)));
  ASSERT_TRUE(IsOk(stack_->WaitForGateways(kGateways)));
  UplinkStream uplinks(stub());
  BrokerWatch broker(stub(), &Stub::WatchBroker, mesh::WatchBrokerRequest());
  const auto await_broker = [&](bool connected) {
    while (const auto response = broker.Next()) {
      if (response->state().connected() == connected) return true;
    }
    return false;
  };
  ASSERT_TRUE(await_broker(true));
  NetworkWatch watch(stub(), &Stub::WatchNetwork, mesh::WatchNetworkRequest());
  for (bool complete = false; !complete;) {
    const auto response = watch.Next();
    ASSERT_TRUE(response.has_value());
    complete = response->snapshot_complete();
  }
  SequenceCheck check;
  for (int round = 0; round < 2; ++round) {
    relay_->SetDown(true);
    ASSERT_TRUE(await_broker(false));
    ASSERT_NO_FATAL_FAILURE(Burst(kEach));
    relay_->SetDown(false);
    ASSERT_TRUE(await_broker(true));
    // Stalls of the network in the middle of it, each longer than the time that is quiet.
    for (int stall = 0; stall < 3; ++stall) {
      check.Add(uplinks.Take(kEach));
      relay_->SetStalled(true);
      absl::SleepFor(absl::Milliseconds(600));
      relay_->SetStalled(false);
    }
    check.Add(uplinks.Take((kGateways - 3) * kEach));
  }
  // What the watcher is told up to a change of the test's own.
  const auto peer = stack_->NewPeer();
  ASSERT_TRUE(
      IsOk(peer->Publish(StatusTopic("last"), Encoded(OnlineStatus("last", "s")), 1, true)));
  std::vector<std::string> others;
  for (bool last = false; !last;) {
    const auto response = watch.Next();
    ASSERT_TRUE(response.has_value());
    for (const mesh::NetworkEvent& event : response->events()) {
      last = last || event.gateway().gateway_id() == "last";
      if (!last) others.push_back(event.ShortDebugString());
    }
  }
  EXPECT_THAT(others, IsEmpty()) << "nothing flaps";
}

// By its defaults it keeps 1,020 messages for a client: of 3,000 retained statuses it sends the
// same ones for each subscription to all of them.
class StatusesBeyondRoomTest : public StatusBacklogTest, public testing::WithParamInterface<bool> {
 protected:
  static constexpr int kGateways = 3000;

  static std::string Id(int number) { return absl::StrFormat("many-%04d", number); }
  // Of all that are known.
  std::set<std::string> Listed() {
    std::set<std::string> ids;
    mesh::ListGatewaysRequest request;
    request.set_include_offline(true);
    do {
      const auto listed = Call(stub(), &Stub::ListGateways, request);
      EXPECT_TRUE(listed.status.ok()) << listed.status.error_message();
      for (const mesh::Gateway& gateway : listed.response.gateways()) {
        ids.insert(gateway.gateway_id());
      }
      request.set_page_token(listed.response.next_page_token());
    } while (!request.page_token().empty());
    return ids;
  }
  // To statuses of single gateways, by the broker's log.
  std::set<std::string> StillSubscribed() {
    std::set<std::string> held;
    bool unsubscribes = false;
    const std::string log = stack_->broker().log();
    const std::string begin = StatusTopic("many-");
    for (const absl::string_view line : absl::StrSplit(log, '\n')) {
      if (absl::StrContains(line, "Received ")) unsubscribes = absl::StrContains(line, "UNSUB");
      const std::vector<absl::string_view> columns = absl::StrSplit(line, '\t');
      if (columns.size() < 2 || !absl::StartsWith(columns[1], begin)) continue;
      const std::string topic(columns[1].substr(0, columns[1].find(' ')));
      unsubscribes ? (void)held.erase(topic) : (void)held.insert(topic);
    }
    return held;
  }
  bool KnowsSoMany(size_t count) {
    return Eventually([&] {
      return stack_->service().Metric("wirepas_grpc_gateways") == static_cast<double>(count);
    });
  }
};

INSTANTIATE_TEST_SUITE_P(Sessions, StatusesBeyondRoomTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Kept" : "Clean"; });

// Without a session, who was cleared is removed minutes later:
// tests/core/network/absence_broker_test.cc.
TEST_P(StatusesBeyondRoomTest, EachIsAskedForAndNobodyIsLost) {
  Stack::Options options;
  options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "0"};
  if (GetParam()) options.service = WithSession();
  ASSERT_NO_FATAL_FAILURE(Start(std::move(options)));
  ASSERT_TRUE(IsOk(stack_->WaitForGateways(1)));
  const auto peer = stack_->NewPeer();
  for (int i = 0; i < kGateways; ++i) {
    ASSERT_TRUE(
        IsOk(peer->Publish(StatusTopic(Id(i)), Encoded(OnlineStatus(Id(i), "s")), 1, true)));
  }
  ASSERT_TRUE(KnowsSoMany(kGateways + 1));
  std::set<std::string> expected = Listed();
  ASSERT_EQ(expected.size(), kGateways + 1u);

  relay_->SetDown(true);
  ASSERT_TRUE(
      Eventually([&] { return stack_->service().Metric("wirepas_grpc_broker_connected") == 0; }));
  for (const int number : {3, 1019, 1500, 2500, 2999}) {
    ASSERT_TRUE(IsOk(peer->Publish(StatusTopic(Id(number)), "", 1, true)));
    if (GetParam()) expected.erase(Id(number));  // the session tells of it
  }
  relay_->SetDown(false);
  EXPECT_TRUE(KnowsSoMany(expected.size()));
  // All that the broker had no room for are asked for by themselves, of them the last.
  ASSERT_TRUE(IsOk(stack_->broker().WaitForLog(StatusTopic(Id(2998)) + " (QoS 1)")));
  EXPECT_TRUE(Eventually([&] { return StillSubscribed().empty(); }));
  EXPECT_EQ(Listed(), expected);
}

}  // namespace
}  // namespace wirepas_grpc::integration
