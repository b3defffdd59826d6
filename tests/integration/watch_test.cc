// SPDX-License-Identifier: Apache-2.0
//
// WatchNetwork: the snapshot, and each kind of change.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"

namespace wirepas_grpc::integration {
namespace {

using testing::ElementsAre;
using Stub = mesh::NetworkService::Stub;

// "GATEWAY_ONLINE sim-gw-0" or "SINK_ADDED sim-gw-0/sink1".
std::string Text(const mesh::NetworkEvent& event) {
  const std::string name =
      mesh::NetworkEventType_Name(event.type()).substr(sizeof("NETWORK_EVENT_TYPE_") - 1);
  if (event.has_gateway()) return absl::StrCat(name, " ", event.gateway().gateway_id());
  return absl::StrCat(name, " ", event.sink().gateway_id(), "/", event.sink().sink_id());
}

class Watcher {
 public:
  explicit Watcher(Stub* stub, const mesh::WatchNetworkRequest& request = {})
      : reader_(stub, &Stub::WatchNetwork, request) {}

  // The events of the snapshot, as text.
  std::vector<std::string> Snapshot() {
    std::vector<std::string> texts;
    while (std::optional<mesh::WatchNetworkResponse> response = reader_.Next()) {
      for (const auto& event : response->events()) texts.push_back(Text(event));
      if (response->snapshot_complete()) return texts;
    }
    ADD_FAILURE() << "the snapshot does not end";
    return texts;
  }

  // Waits for an event of this text and returns it; others that come before are
  // told by seen().
  std::optional<mesh::NetworkEvent> Await(const std::string& text) {
    seen_.clear();
    while (true) {
      while (next_ < response_.events_size()) {
        const mesh::NetworkEvent& event = response_.events(next_++);
        if (Text(event) == text) return event;
        seen_.push_back(Text(event));
      }
      std::optional<mesh::WatchNetworkResponse> response = reader_.Next();
      if (!response.has_value()) {
        ADD_FAILURE() << "no " << text;
        return std::nullopt;
      }
      EXPECT_FALSE(response->snapshot_complete());
      EXPECT_GT(response->events_size(), 0);
      response_ = *std::move(response);
      next_ = 0;
    }
  }

  const std::vector<std::string>& seen() const { return seen_; }
  bool open() const { return !reader_.status().has_value(); }

 private:
  StreamReader<mesh::WatchNetworkResponse> reader_;
  mesh::WatchNetworkResponse response_;
  int next_ = 0;
  std::vector<std::string> seen_;
};

class WatchTest : public SharedStack<WatchTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {"--gateways",        "2",    "--sinks", "2", "--rate", "0",
                         "--network_address", "1001", "1002"};
    return options;
  }

 protected:
  static grpc::Status SetNetwork(const std::string& gateway_id, const std::string& sink_id,
                                 uint32_t network) {
    auto request = To<mesh::SetSinkConfigRequest>(gateway_id, sink_id);
    request.mutable_update()->set_network_address(network);
    return Call(stub(), &Stub::SetSinkConfig, request).status;
  }
};

TEST_F(WatchTest, SnapshotHasGatewaysBeforeTheirSinks) {
  Watcher watcher(stub());
  EXPECT_THAT(watcher.Snapshot(),
              ElementsAre("GATEWAY_PRESENT sim-gw-0", "SINK_PRESENT sim-gw-0/sink0",
                          "SINK_PRESENT sim-gw-0/sink1", "GATEWAY_PRESENT sim-gw-1",
                          "SINK_PRESENT sim-gw-1/sink0", "SINK_PRESENT sim-gw-1/sink1"));
}

TEST_F(WatchTest, EmptySnapshotIsToldToo) {
  mesh::WatchNetworkRequest request;
  request.add_gateway_ids("nobody");
  Watcher watcher(stub(), request);
  EXPECT_THAT(watcher.Snapshot(), testing::IsEmpty());
}

TEST_F(WatchTest, LostGatewayGoesOfflineAndComesBack) {
  Watcher watcher(stub());
  watcher.Snapshot();
  // Without a word: the broker tells by the last will.
  ASSERT_TRUE(IsOk(stack().Control(kGateway, {{"command", "disconnect"}})));
  const auto offline = watcher.Await("GATEWAY_OFFLINE sim-gw-0");
  ASSERT_TRUE(offline.has_value());
  EXPECT_FALSE(offline->gateway().online());
  EXPECT_THAT(offline->gateway().sink_ids(), ElementsAre("sink0", "sink1"));
  EXPECT_EQ(offline->gateway().model(), "simulated-gateway");

  ASSERT_TRUE(IsOk(stack().Control(kGateway, {{"command", "start"}})));
  const auto online = watcher.Await("GATEWAY_ONLINE sim-gw-0");
  ASSERT_TRUE(online.has_value());
  EXPECT_TRUE(online->gateway().online());
}

TEST_F(WatchTest, GatewayThatIsClearedIsRemovedAfterItsSinks) {
  Watcher watcher(stub());
  watcher.Snapshot();
  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "remove"}})));
  const auto removed = watcher.Await("GATEWAY_REMOVED sim-gw-1");
  ASSERT_TRUE(removed.has_value());
  EXPECT_THAT(watcher.seen(), testing::IsSupersetOf(
                                  {"SINK_REMOVED sim-gw-1/sink0", "SINK_REMOVED sim-gw-1/sink1"}));

  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "start"}})));
  EXPECT_TRUE(watcher.Await("GATEWAY_ONLINE sim-gw-1").has_value());
  EXPECT_TRUE(watcher.Await("SINK_ADDED sim-gw-1/sink0").has_value());
  EXPECT_TRUE(watcher.Await("SINK_ADDED sim-gw-1/sink1").has_value());
}

TEST_F(WatchTest, ChangedSinkIsUpdated) {
  Watcher watcher(stub());
  watcher.Snapshot();
  auto request = To<mesh::SetSinkConfigRequest>(kGateway, kOtherSink);
  request.mutable_update()->set_network_channel(33);
  ASSERT_TRUE(IsOk(Call(stub(), &Stub::SetSinkConfig, request).status));
  const auto updated = watcher.Await("SINK_UPDATED sim-gw-0/sink1");
  ASSERT_TRUE(updated.has_value());
  EXPECT_EQ(updated->sink().config().network_channel(), 33u);
}

TEST_F(WatchTest, GatewayMadeByHandComesChangesAndGoes) {
  const auto peer = stack().NewPeer();
  mesh::WatchNetworkRequest request;
  request.add_gateway_ids("by-hand");
  Watcher watcher(stub(), request);
  watcher.Snapshot();
  const std::string topic = StatusTopic("by-hand");
  gw::WirepasMessage status = OnlineStatus("by-hand", "s1");
  status.mutable_status_event()->set_gw_model("first");
  ASSERT_TRUE(IsOk(peer->Publish(topic, Encoded(status))));
  EXPECT_TRUE(watcher.Await("GATEWAY_ONLINE by-hand").has_value());
  EXPECT_TRUE(watcher.Await("SINK_ADDED by-hand/s1").has_value());

  status.mutable_status_event()->set_gw_model("second");
  *status.mutable_status_event()->add_configs() = status.status_event().configs(0);
  status.mutable_status_event()->mutable_configs(1)->set_sink_id("s2");
  ASSERT_TRUE(IsOk(peer->Publish(topic, Encoded(status))));
  const auto updated = watcher.Await("GATEWAY_UPDATED by-hand");
  ASSERT_TRUE(updated.has_value());
  EXPECT_EQ(updated->gateway().model(), "second");
  EXPECT_THAT(updated->gateway().sink_ids(), ElementsAre("s1", "s2"));
  EXPECT_TRUE(watcher.Await("SINK_ADDED by-hand/s2").has_value());

  // One sink less, although all else is the same.
  status.mutable_status_event()->mutable_configs()->DeleteSubrange(0, 1);
  ASSERT_TRUE(IsOk(peer->Publish(topic, Encoded(status))));
  EXPECT_TRUE(watcher.Await("SINK_REMOVED by-hand/s1").has_value());
  EXPECT_THAT(watcher.seen(), ElementsAre("GATEWAY_UPDATED by-hand"));

  ASSERT_TRUE(IsOk(peer->Publish(topic, "", 1, true)));
  EXPECT_TRUE(watcher.Await("GATEWAY_REMOVED by-hand").has_value());
  EXPECT_THAT(watcher.seen(), ElementsAre("SINK_REMOVED by-hand/s2"));
}

TEST_F(WatchTest, FilteredByGatewayOthersAreNotThere) {
  mesh::WatchNetworkRequest request;
  request.add_gateway_ids(kOtherGateway);
  Watcher watcher(stub(), request);
  EXPECT_THAT(watcher.Snapshot(),
              ElementsAre("GATEWAY_PRESENT sim-gw-1", "SINK_PRESENT sim-gw-1/sink0",
                          "SINK_PRESENT sim-gw-1/sink1"));
  ASSERT_TRUE(IsOk(SetNetwork(kGateway, kSink, 5)));
  ASSERT_TRUE(IsOk(SetNetwork(kGateway, kSink, 1001)));
  ASSERT_TRUE(IsOk(SetNetwork(kOtherGateway, kSink, 5)));
  EXPECT_TRUE(watcher.Await("SINK_UPDATED sim-gw-1/sink0").has_value());
  for (const std::string& text : watcher.seen()) {
    EXPECT_THAT(text, testing::HasSubstr(kOtherGateway));
  }
  ASSERT_TRUE(IsOk(SetNetwork(kOtherGateway, kSink, 1001)));
}

TEST_F(WatchTest, FilteredByNetworkWhatMovesComesAndGoes) {
  mesh::WatchNetworkRequest request;
  request.set_network_address(2002);
  Watcher watcher(stub(), request);
  EXPECT_THAT(watcher.Snapshot(), testing::IsEmpty());
  ASSERT_TRUE(IsOk(SetNetwork(kGateway, kOtherSink, 2002)));
  const auto came = watcher.Await("GATEWAY_ONLINE sim-gw-0");
  ASSERT_TRUE(came.has_value());
  EXPECT_TRUE(watcher.Await("SINK_ADDED sim-gw-0/sink1").has_value());
  ASSERT_TRUE(IsOk(SetNetwork(kGateway, kOtherSink, 1002)));
  EXPECT_TRUE(watcher.Await("GATEWAY_REMOVED sim-gw-0").has_value());
  EXPECT_THAT(watcher.seen(), testing::Contains("SINK_REMOVED sim-gw-0/sink1"));
  EXPECT_TRUE(watcher.open());
}

// Two changes or two hundred: whoever reads slowly gets the newest state, once.
TEST_F(WatchTest, ManyChangesOfManyGatewaysAllArriveInTheEnd) {
  const auto peer = stack().NewPeer();
  Watcher watcher(stub());
  watcher.Snapshot();
  constexpr int kRounds = 50;
  for (int round = 1; round <= kRounds; ++round) {
    gw::WirepasMessage status = OnlineStatus("busy", "s1");
    status.mutable_status_event()->set_gw_model(absl::StrCat("round ", round));
    ASSERT_TRUE(IsOk(peer->Publish(StatusTopic("busy"), Encoded(status))));
  }
  auto event = watcher.Await("GATEWAY_ONLINE busy");
  ASSERT_TRUE(event.has_value());
  std::string model = event->gateway().model();
  while (model != absl::StrCat("round ", kRounds)) {
    event = watcher.Await("GATEWAY_UPDATED busy");
    ASSERT_TRUE(event.has_value());
    model = event->gateway().model();
  }
  ASSERT_TRUE(IsOk(peer->Publish(StatusTopic("busy"), "", 1, true)));
  EXPECT_TRUE(watcher.Await("GATEWAY_REMOVED busy").has_value());
}

}  // namespace
}  // namespace wirepas_grpc::integration
