// SPDX-License-Identifier: Apache-2.0
//
// NodeService: nodes are discovered from what they send.
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"
#include "wirepas/mesh/v1/node_service.grpc.pb.h"

namespace wirepas_grpc::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Stub = mesh::NodeService::Stub;
using Watch = StreamReader<mesh::WatchNodesResponse>;

constexpr char kClient[] = "the-service";
constexpr char kUplinks[] = "gw-event/received_data/#";

class NodesTest : public testing::Test {
 protected:
  // Two gateways with a sink each, in networks 1001 and 1002 when both are named.
  void Start(std::vector<std::string> service = {}, bool durable = false) {
    Stack::Options options;
    options.broker.max_queued_messages = 1'000'000;
    options.simulator = {"--gateways", "2", "--sinks", "1", "--nodes", "5", "--rate", "0"};
    options.service = {"--mqtt_client_id", kClient};
    if (durable) options.service.insert(options.service.end(), {"--state_dir", StateDir()});
    options.service.insert(options.service.end(), service.begin(), service.end());
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
    Connect();
  }
  std::string StateDir() const { return state_.path() + "/state"; }
  void Connect() { stub_ = mesh::NodeService::NewStub(stack_->service().NewChannel()); }
  void Kill() {
    ASSERT_EQ(stack_->service().process().Kill(), 128 + SIGKILL);
    ASSERT_TRUE(IsOk(stack_->StartService()));
    Connect();
  }

  mesh::ListNodesResponse List(const mesh::ListNodesRequest& request = {}) {
    auto result = Call(stub_.get(), &Stub::ListNodes, request);
    EXPECT_TRUE(IsOk(result.status));
    return std::move(result.response);
  }
  std::vector<uint32_t> Addresses(const mesh::ListNodesRequest& request = {}) {
    std::vector<uint32_t> addresses;
    const mesh::ListNodesResponse list = List(request);
    for (const mesh::Node& node : list.nodes()) addresses.push_back(node.node_address());
    return addresses;
  }
  // Waits until all uplinks are taken.
  void Observe() {
    ASSERT_TRUE(Eventually([&] { return List().has_observed_since(); }));
  }
  void Burst(int count) {
    ASSERT_TRUE(IsOk(stack_->Control("all", {{"command", "burst"}, {"count", count}})));
  }
  // A packet by hand, received so many seconds after the epoch's 1.7 billion.
  void Send(uint64_t event_id, uint32_t node, int64_t seconds, const char* gateway = kGateway,
            uint32_t network = kNetwork) {
    gw::WirepasMessage message = UplinkEvent(gateway, kSink, event_id, network);
    gw::PacketReceivedEvent* event = message.mutable_packet_received_event();
    event->set_source_address(node);
    event->set_rx_time_ms_epoch(static_cast<uint64_t>(1'700'000'000 + seconds) * 1000);
    event->set_travel_time_ms(static_cast<uint32_t>(100 * event_id));
    event->set_hop_count(static_cast<uint32_t>(event_id));
    if (peer_ == nullptr) peer_ = stack_->NewPeer();
    ASSERT_TRUE(IsOk(peer_->Publish(UplinkTopic(gateway, kSink, network), Encoded(message))));
  }
  // The packets that all nodes together have sent, as the list tells it.
  uint64_t PacketCount() {
    uint64_t count = 0;
    const mesh::ListNodesResponse list = List();
    for (const mesh::Node& node : list.nodes()) count += node.packet_count();
    return count;
  }

  TemporaryDirectory state_;
  std::unique_ptr<Stack> stack_;
  std::unique_ptr<Stub> stub_;
  std::unique_ptr<MqttPeer> peer_;
};

TEST_F(NodesTest, NodesAreDiscoveredAndListedInPages) {
  Start();
  EXPECT_FALSE(List().has_observed_since());
  Observe();
  Burst(25);
  ASSERT_TRUE(Eventually([&] { return PacketCount() == 50; }));
  const mesh::ListNodesResponse all = List();
  ASSERT_EQ(all.nodes_size(), 10);
  for (int i = 0; i < all.nodes_size(); ++i) {
    const mesh::Node& node = all.nodes(i);
    EXPECT_EQ(node.network_address(), kNetwork);
    EXPECT_EQ(node.packet_count(), 5u);
    EXPECT_GE(node.last_hop_count(), 1u);
    EXPECT_EQ(node.mean_hop_count(), node.last_hop_count());
    EXPECT_EQ(node.endpoints_size(), 1);
    if (i > 0) {
      EXPECT_LT(all.nodes(i - 1).node_address(), node.node_address());
    }
  }
  mesh::ListNodesRequest request;
  request.set_page_size(4);
  std::vector<uint32_t> paged;
  int pages = 0;
  do {
    const mesh::ListNodesResponse page = List(request);
    for (const mesh::Node& node : page.nodes()) paged.push_back(node.node_address());
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!request.page_token().empty() && pages < 10);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(paged, Addresses());
  EXPECT_EQ(stack_->service().Metric("wirepas_grpc_nodes"), 10);

  mesh::ListNodesRequest filtered;
  filtered.mutable_filter()->add_gateway_ids(kOtherGateway);
  EXPECT_EQ(List(filtered).nodes_size(), 5);
  filtered.mutable_filter()->add_network_addresses(7);
  EXPECT_EQ(List(filtered).nodes_size(), 0);
}

// The last packet is the one that came last, whatever the gateway's clock says.
TEST_F(NodesTest, LateAndRepeatedPackets) {
  Start();
  Observe();
  Send(1, 77, 100);
  Send(3, 77, 300, kOtherGateway);
  Send(3, 77, 300, kOtherGateway);  // again
  Send(2, 77, 50);                  // late
  ASSERT_TRUE(Eventually([&] { return PacketCount() == 3; }));
  const mesh::ListNodesResponse list = List();
  ASSERT_EQ(list.nodes_size(), 1);
  const mesh::Node& node = list.nodes(0);
  EXPECT_EQ(node.first_seen().seconds(), 1'700'000'100);
  EXPECT_EQ(node.last_seen().seconds(), 1'700'000'050);
  EXPECT_EQ(node.last_sink().gateway_id(), kGateway);
  EXPECT_EQ(node.last_hop_count(), 2u);
  EXPECT_EQ(node.mean_hop_count(), 2.0);
  EXPECT_EQ(node.last_travel_time().nanos(), 200'000'000);
  EXPECT_EQ(node.mean_travel_time().nanos(), 200'000'000);
  mesh::ListNodesRequest since;
  since.mutable_seen_since()->set_seconds(1'700'000'301);
  EXPECT_EQ(List(since).nodes_size(), 0);
}

TEST_F(NodesTest, WatchersGetASnapshotAndMergedChanges) {
  Start();
  Observe();
  Send(1, 1, 1);
  ASSERT_TRUE(Eventually([&] { return PacketCount() == 1; }));
  mesh::WatchNodesRequest request;
  request.mutable_update_interval()->set_nanos(100'000'000);
  Watch watch(stub_.get(), &Stub::WatchNodes, request);
  const auto snapshot = watch.Next();
  ASSERT_TRUE(snapshot.has_value());
  EXPECT_TRUE(snapshot->snapshot_complete());
  ASSERT_EQ(snapshot->events_size(), 1);
  EXPECT_EQ(snapshot->events(0).type(), mesh::NODE_EVENT_TYPE_PRESENT);
  for (uint64_t i = 2; i <= 200; ++i) Send(i, 1 + i % 2, 2);
  std::map<uint32_t, uint64_t> packets;
  std::set<int> types;
  int events = 0;
  while (packets[1] + packets[2] < 200) {
    const auto response = watch.Next();
    ASSERT_TRUE(response.has_value());
    EXPECT_FALSE(response->snapshot_complete());
    std::set<uint32_t> nodes;
    for (const mesh::NodeEvent& event : response->events()) {
      EXPECT_TRUE(nodes.insert(event.node().node_address()).second) << "twice in a response";
      const bool is_new = packets[event.node().node_address()] == 0;
      EXPECT_EQ(event.type(), is_new && event.node().node_address() == 2
                                  ? mesh::NODE_EVENT_TYPE_ADDED
                                  : mesh::NODE_EVENT_TYPE_UPDATED);
      packets[event.node().node_address()] = event.node().packet_count();
      ++events;
    }
  }
  EXPECT_LT(events, 150);
}

TEST_F(NodesTest, TheLeastRecentlySeenGoFirst) {
  Start({"--max_nodes", "3"});
  Observe();
  mesh::WatchNodesRequest request;
  request.mutable_update_interval();
  Watch watch(stub_.get(), &Stub::WatchNodes, request);
  ASSERT_TRUE(watch.Next().has_value());
  for (uint32_t node = 1; node <= 3; ++node) Send(node, node, node);
  Send(10, 1, 10);
  ASSERT_TRUE(Eventually([&] { return PacketCount() == 4; }));
  Send(11, 4, 11);
  ASSERT_TRUE(Eventually([&] { return Addresses() == std::vector<uint32_t>({1, 3, 4}); }));
  EXPECT_EQ(stack_->service().Metric("wirepas_grpc_nodes_evicted_total"), 1);
  for (bool removed = false; !removed;) {
    const auto response = watch.Next();
    ASSERT_TRUE(response.has_value());
    for (const mesh::NodeEvent& event : response->events()) {
      if (event.type() != mesh::NODE_EVENT_TYPE_REMOVED) continue;
      EXPECT_EQ(event.node().node_address(), 2u);
      EXPECT_EQ(event.node().packet_count(), 1u);
      removed = true;
    }
  }
}

TEST_F(NodesTest, SubscriptionEndsAfterTheLinger) {
  Start({"--collect_linger", "1s"}, /*durable=*/true);
  List();
  EXPECT_TRUE(IsOk(stack_->broker().WaitForLog(absl::StrCat(kClient, " 1 ", kUplinks), kBound)));
  EXPECT_TRUE(Eventually(
      [&] { return stack_->service().Metric("wirepas_grpc_uplink_subscriptions") == 0; }));
  EXPECT_TRUE(IsOk(stack_->broker().WaitForLog(absl::StrCat(kClient, " ", kUplinks), kBound)));
  EXPECT_FALSE(List().has_observed_since());
}

TEST_F(NodesTest, CollectedWithoutBeingAsked) {
  Start({"--collect_nodes"});
  EXPECT_TRUE(IsOk(stack_->broker().WaitForLog(absl::StrCat(kClient, " 1 ", kUplinks), kBound)));
  const auto granted = [&] { return List().has_observed_since(); };
  ASSERT_TRUE(Eventually(granted));
  Burst(1);
  EXPECT_TRUE(Eventually([&] { return PacketCount() == 2; }));
}

TEST_F(NodesTest, KnownAfterARestart) {
  Start({"--collect_nodes"}, /*durable=*/true);
  Observe();
  Burst(50);
  ASSERT_TRUE(Eventually([&] { return PacketCount() == 100; }));
  const mesh::ListNodesResponse before = List();
  stack_->StopService();
  ASSERT_TRUE(IsOk(stack_->StartService()));
  Connect();
  const mesh::ListNodesResponse after = List();
  ASSERT_EQ(after.nodes_size(), before.nodes_size());
  for (int i = 0; i < before.nodes_size(); ++i) {
    EXPECT_EQ(after.nodes(i).SerializeAsString(), before.nodes(i).SerializeAsString());
  }
}

// No node that was listed is missing, and no packet counts twice.
TEST_F(NodesTest, KilledAtAnyMoment) {
  Start({"--collect_nodes"}, /*durable=*/true);
  Observe();
  uint64_t sent = 0;
  for (int round = 0; round < 5 && !HasFailure(); ++round) {
    Send(1000 + round, 5000 + round, round);
    Burst(200);
    sent += 401;
    ASSERT_TRUE(Eventually([&] { return PacketCount() > sent - 200; }));
    const std::vector<uint32_t> listed = Addresses();
    Kill();
    const std::vector<uint32_t> now = Addresses();
    for (const uint32_t address : listed) EXPECT_THAT(now, testing::Contains(address));
    EXPECT_TRUE(Eventually([&] { return PacketCount() == sent; })) << PacketCount();
  }
}

TEST_F(NodesTest, BadRequests) {
  Start();
  mesh::ListNodesRequest list;
  list.mutable_filter()->add_network_addresses(0x1000000);
  ExpectFailure(Call(stub_.get(), &Stub::ListNodes, list).status, StatusCode::INVALID_ARGUMENT,
                {"filter.network_addresses[0]"});
  list.Clear();
  list.set_page_token("x");
  ExpectFailure(Call(stub_.get(), &Stub::ListNodes, list).status, StatusCode::INVALID_ARGUMENT,
                {"page_token"});
  mesh::WatchNodesRequest watch;
  watch.mutable_update_interval()->set_seconds(3601);
  Watch refused(stub_.get(), &Stub::WatchNodes, watch);
  const auto end = refused.WaitForEnd();
  ASSERT_TRUE(end.has_value());
  ExpectFailure(*end, StatusCode::INVALID_ARGUMENT, {"update_interval"});
}

}  // namespace
}  // namespace wirepas_grpc::integration
