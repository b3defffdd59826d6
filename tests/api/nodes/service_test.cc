// SPDX-License-Identifier: Apache-2.0
#include "tests/api/collecting_fixture.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Stub = mesh::NodeService::Stub;

constexpr char kUplinks[] = "gw-event/received_data/#";
// How long the broker is asked for uplinks after a listing.
constexpr absl::Duration kLinger = absl::Minutes(10);

class NodeServiceTest : public CollectingTest {
 protected:
  using Watch = Stream<mesh::WatchNodesResponse>;

  grpc::Status TryList(const mesh::ListNodesRequest& request, mesh::ListNodesResponse* response) {
    grpc::ClientContext context;
    return node_stub_->ListNodes(&context, request, response);
  }
  mesh::ListNodesResponse List(const mesh::ListNodesRequest& request = {}) {
    mesh::ListNodesResponse response;
    const grpc::Status status = TryList(request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  void ExpectRefused(const mesh::ListNodesRequest& request, const std::string& words) {
    mesh::ListNodesResponse response;
    ExpectStatus(TryList(request, &response), grpc::StatusCode::INVALID_ARGUMENT, {words});
  }

  // Connects, and has the broker grant all uplinks.
  void Observe() {
    broker_.Connect();
    Await([&] { return List().has_observed_since(); });
  }
  uint64_t Packets() {
    uint64_t packets = 0;
    for (const core::Node& node : nodes_.registry().List(0, {}, 1000, 1000).nodes) {
      packets += node.record.packets;
    }
    return packets;
  }
  // Until all of them together have sent so many.
  void AwaitPackets(uint64_t count) {
    AwaitCollected([&] { return Packets() == count; });
  }

  // "12/7", in the order of the response.
  static std::vector<std::string> Names(const mesh::ListNodesResponse& response) {
    std::vector<std::string> names;
    for (const mesh::Node& node : response.nodes()) {
      names.push_back(absl::StrCat(node.network_address(), "/", node.node_address()));
    }
    return names;
  }
  // "ADDED 7 1", with the number of packets.
  static std::vector<std::string> Events(const mesh::WatchNodesResponse& response) {
    constexpr size_t kPrefix = sizeof("NODE_EVENT_TYPE_") - 1;
    std::vector<std::string> events;
    for (const mesh::NodeEvent& event : response.events()) {
      events.push_back(absl::StrCat(mesh::NodeEventType_Name(event.type()).substr(kPrefix), " ",
                                    event.node().node_address(), " ", event.node().packet_count()));
    }
    return events;
  }
  Watch WatchNodes(const mesh::WatchNodesRequest& request = {}) {
    return Watch(node_stub_.get(), &Stub::WatchNodes, request);
  }
};

// ---- ListNodes ----

TEST_F(NodeServiceTest, TellsWhatThePacketsOfANodeShow) {
  Observe();
  Deliver({.event_id = 1, .source_endpoint = 5, .travel_ms = 1500, .hops = 2});
  Deliver({.event_id = 2, .time_ms = kTimeMs + 10, .travel_ms = 500, .hops = 3});
  Deliver({.event_id = 4, .source_endpoint = 5, .time_ms = kTimeMs + 20, .travel_ms = 1001});
  Deliver({.event_id = 3,
           .gateway = "gw2",
           .source_endpoint = 5,
           .destination_endpoint = 6,
           .time_ms = kTimeMs + 2500,
           .travel_ms = 1003});
  AwaitPackets(4);
  const mesh::ListNodesResponse response = List();
  ASSERT_EQ(response.nodes_size(), 1);
  const mesh::Node& node = response.nodes(0);
  EXPECT_EQ(node.network_address(), 12u);
  EXPECT_EQ(node.node_address(), 7u);
  EXPECT_EQ(node.first_seen().seconds(), 1'700'000'000);
  EXPECT_EQ(node.last_seen().seconds(), 1'700'000'002);
  EXPECT_EQ(node.last_seen().nanos(), 500'000'000);
  EXPECT_EQ(node.last_sink().gateway_id(), "gw2");
  EXPECT_EQ(node.last_sink().sink_id(), "sink");
  EXPECT_EQ(node.packet_count(), 4u);
  EXPECT_FALSE(node.has_last_hop_count()) << "the gateway of the last packet tells none";
  EXPECT_EQ(node.mean_hop_count(), 2.5);
  EXPECT_EQ(node.last_travel_time().seconds(), 1);
  EXPECT_EQ(node.last_travel_time().nanos(), 3'000'000);
  EXPECT_EQ(node.mean_travel_time().seconds(), 1);
  EXPECT_EQ(node.mean_travel_time().nanos(), 1'000'000);
  std::vector<std::string> endpoints;
  for (const mesh::EndpointTraffic& traffic : node.endpoints()) {
    endpoints.push_back(absl::StrCat(traffic.source_endpoint(), ">", traffic.destination_endpoint(),
                                     " ", traffic.packet_count()));
  }
  EXPECT_THAT(endpoints, ElementsAre("5>6 1", "5>20 2", "10>20 1"));
}

TEST_F(NodeServiceTest, HopsThatNoGatewayTellsAreUnset) {
  Observe();
  Deliver({});
  AwaitPackets(1);
  const mesh::ListNodesResponse response = List();
  ASSERT_EQ(response.nodes_size(), 1);
  EXPECT_FALSE(response.nodes(0).has_last_hop_count());
  EXPECT_FALSE(response.nodes(0).has_mean_hop_count());
}

TEST_F(NodeServiceTest, PagesOfOneGiveEachNodeInOrderAndEndWithTheLast) {
  Observe();
  Deliver({.event_id = 1, .node = 0xffffffff, .network = 12});
  Deliver({.event_id = 2, .node = 0xffffffff, .network = 0xffffff});
  Deliver({.event_id = 3, .node = 1, .network = 13});
  Deliver({.event_id = 4, .node = 2, .network = 12});
  AwaitPackets(4);
  mesh::ListNodesRequest request;
  request.set_page_size(1);
  for (const char* name : {"12/2", "12/4294967295", "13/1", "16777215/4294967295"}) {
    const mesh::ListNodesResponse page = List(request);
    EXPECT_THAT(Names(page), ElementsAre(name));
    request.set_page_token(page.next_page_token());
  }
  EXPECT_THAT(request.page_token(), IsEmpty());
}

TEST_F(NodeServiceTest, ATokenLeadsOnWhateverHasComeInBetween) {
  Observe();
  Deliver({.event_id = 1, .node = 5});
  Deliver({.event_id = 2, .node = 8});
  AwaitPackets(2);
  mesh::ListNodesRequest request;
  request.set_page_size(1);
  request.set_page_token(List(request).next_page_token());
  Deliver({.event_id = 3, .node = 4});
  Deliver({.event_id = 4, .node = 6});
  AwaitPackets(4);
  request.set_page_size(10);
  EXPECT_THAT(Names(List(request)), ElementsAre("12/6", "12/8"));
}

TEST_F(NodeServiceTest, ATokenIsGoodForItsRequestOnly) {
  Observe();
  Deliver({.event_id = 1, .node = 1});
  Deliver({.event_id = 2, .node = 2});
  AwaitPackets(2);
  mesh::ListNodesRequest request;
  request.set_page_size(1);
  const std::string token = List(request).next_page_token();
  ASSERT_FALSE(token.empty());
  request.set_page_token(token);
  request.mutable_filter()->add_network_addresses(12);
  ExpectRefused(request, "page_token: given for another request");
  request.clear_filter();
  request.mutable_seen_since();
  ExpectRefused(request, "page_token: given for another request");

  grpc::ClientContext context;
  mesh::ListNodeStatusRequest other;
  other.set_page_token(token);
  mesh::ListNodeStatusResponse response;
  ExpectStatus(otap_stub_->ListNodeStatus(&context, other, &response),
               grpc::StatusCode::INVALID_ARGUMENT, {"page_token: given for another request"});
}

TEST_F(NodeServiceTest, EveryFieldOfTheFilterMustMatch) {
  Observe();
  Deliver({.event_id = 1, .node = 1, .gateway = "gw1", .time_ms = kTimeMs});
  Deliver({.event_id = 2, .node = 2, .gateway = "gw2", .time_ms = kTimeMs + 1});
  Deliver({.event_id = 3, .node = 3, .network = 13, .gateway = "gw2", .time_ms = kTimeMs + 2});
  Deliver({.event_id = 4, .node = 4, .network = 0, .gateway = "gw3", .time_ms = kTimeMs + 3});
  AwaitPackets(4);
  mesh::ListNodesRequest request;
  request.mutable_filter()->add_gateway_ids("gw2");
  request.mutable_filter()->add_gateway_ids("gw3");
  EXPECT_THAT(Names(List(request)), ElementsAre("0/4", "12/2", "13/3"));
  request.mutable_filter()->add_network_addresses(13);
  request.mutable_filter()->add_network_addresses(0);
  EXPECT_THAT(Names(List(request)), ElementsAre("0/4", "13/3"));
  // The time itself belongs to "since".
  request.mutable_seen_since()->set_seconds(1'700'000'000);
  request.mutable_seen_since()->set_nanos(2'000'000);
  EXPECT_THAT(Names(List(request)), ElementsAre("0/4", "13/3"));
  request.mutable_seen_since()->set_nanos(2'000'001);
  EXPECT_THAT(Names(List(request)), ElementsAre("0/4"));
}

TEST_F(NodeServiceTest, NamesTheFieldThatIsWrongAndAsksForNothing) {
  broker_.Connect();
  mesh::ListNodesRequest request;
  request.set_page_size(-1);
  ExpectRefused(request, "page_size:");
  request.Clear();
  request.set_page_token("x");
  ExpectRefused(request, "page_token:");
  request.Clear();
  request.mutable_seen_since()->set_nanos(-1);
  ExpectRefused(request, "seen_since:");
  request.Clear();
  request.mutable_filter()->add_gateway_ids("gw1");
  request.mutable_filter()->add_gateway_ids("gw/1");
  ExpectRefused(request, "filter.gateway_ids[1]:");
  request.Clear();
  request.mutable_filter()->add_network_addresses(0xffffff);
  request.mutable_filter()->add_network_addresses(0x1000000);
  ExpectRefused(request, "filter.network_addresses[1]:");
  EXPECT_FALSE(Subscribed(kUplinks));
}

TEST_F(NodeServiceTest, AListingAsksForAllUplinksForAWhile) {
  broker_.Connect();
  EXPECT_FALSE(List().has_observed_since()) << "it begins with this call";
  AwaitWanted(kUplinks);
  Await([&] { return nodes_.observed_since().has_value(); });
  const absl::Time granted = scheduler_.Now();
  Deliver({});
  AwaitPackets(1);
  EXPECT_EQ(List().observed_since().seconds(), absl::ToUnixSeconds(granted));
  // It was granted when a clock that is right would have shown so much more.
  scheduler_.JumpTo(scheduler_.Now() + absl::Hours(1));
  EXPECT_EQ(List().observed_since().seconds(), absl::ToUnixSeconds(granted + absl::Hours(1)));
  Advance(kLinger - absl::Seconds(1));
  EXPECT_TRUE(List().has_observed_since());  // and prolongs it
  Advance(kLinger - absl::Seconds(1));
  EXPECT_TRUE(Subscribed(kUplinks));
  Advance(absl::Seconds(2));
  AwaitWanted(kUplinks, false);
  const mesh::ListNodesResponse later = List();
  EXPECT_FALSE(later.has_observed_since());
  EXPECT_THAT(Names(later), ElementsAre("12/7")) << "what is known stays";
}

TEST_F(NodeServiceTest, ALossOfTheBrokerThatCostPacketsIsABreak) {
  Observe();
  const int64_t before = List().observed_since().seconds();
  broker_.Disconnect();
  broker_.Flush();
  Advance(absl::Seconds(5));
  broker_.Connect();
  AwaitCollected([&] { return List().observed_since().seconds() >= before + 5; });
}

// ---- WatchNodes ----

TEST_F(NodeServiceTest, WatchersNeedNoBrokerForWhatIsKnown) {
  Watch watch = WatchNodes();
  const mesh::WatchNodesResponse snapshot = watch.Read();
  EXPECT_THAT(snapshot.events(), IsEmpty());
  EXPECT_TRUE(snapshot.snapshot_complete());
  broker_.Connect();
  AwaitWanted(kUplinks);
  Await([&] { return nodes_.observed_since().has_value(); });
  Deliver({});
  AwaitPackets(1);
  const mesh::WatchNodesResponse change = watch.Read();
  EXPECT_THAT(Events(change), ElementsAre("ADDED 7 1"));
  EXPECT_FALSE(change.snapshot_complete());
  EXPECT_EQ(change.events(0).node().last_sink().gateway_id(), "gw1");
}

TEST_F(NodeServiceTest, ChangesAreMergedUntilTheIntervalIsOver) {
  Observe();
  Deliver({.event_id = 1, .node = 1});
  AwaitPackets(1);
  mesh::WatchNodesRequest request;
  request.mutable_update_interval()->set_seconds(3600);
  Watch watch = WatchNodes(request);
  EXPECT_THAT(Events(watch.Read()), ElementsAre("PRESENT 1 1"));
  Deliver({.event_id = 2, .node = 1});
  AwaitPackets(2);
  EXPECT_THAT(Events(watch.Read()), ElementsAre("UPDATED 1 2"));
  // From here on the watcher rests.
  Deliver({.event_id = 3, .node = 1});
  AwaitPackets(3);
  Deliver({.event_id = 4, .node = 2});
  AwaitPackets(4);
  Deliver({.event_id = 5, .node = 1});
  AwaitPackets(5);
  Advance(absl::Hours(1));
  EXPECT_THAT(Events(watch.Read()), ElementsAre("ADDED 2 1", "UPDATED 1 4"));
}

TEST_F(NodeServiceTest, ANodeComesAndGoesWithTheFilter) {
  Observe();
  mesh::WatchNodesRequest request;
  request.mutable_filter()->add_gateway_ids("gw1");
  request.mutable_update_interval();  // none
  Watch watch = WatchNodes(request);
  EXPECT_TRUE(watch.Read().snapshot_complete());
  Deliver({.event_id = 1, .gateway = "gw2"});
  AwaitPackets(1);
  Deliver({.event_id = 2, .gateway = "gw1"});
  AwaitPackets(2);
  EXPECT_THAT(Events(watch.Read()), ElementsAre("ADDED 7 2"));
  Deliver({.event_id = 3, .gateway = "gw2"});
  AwaitPackets(3);
  const mesh::WatchNodesResponse removal = watch.Read();
  EXPECT_THAT(Events(removal), ElementsAre("REMOVED 7 3"));
  EXPECT_EQ(removal.events(0).node().last_sink().gateway_id(), "gw2");
}

TEST_F(NodeServiceTest, UplinksAreAskedForWhileSomebodyWatches) {
  broker_.Connect();
  {
    Watch watch = WatchNodes();
    watch.Read();
    AwaitWanted(kUplinks);
    Advance(2 * kLinger);
    EXPECT_TRUE(Subscribed(kUplinks));
  }
  Await([&] {
    Advance(kLinger);
    return !Subscribed(kUplinks);
  });
}

TEST_F(NodeServiceTest, ARefusedSubscriptionEndsTheWatch) {
  broker_.RefuseSubscription(kUplinks, absl::PermissionDeniedError("not allowed"));
  Watch watch = WatchNodes();
  EXPECT_TRUE(watch.Read().snapshot_complete());
  broker_.Connect();
  ExpectStatus(watch.Finish(), grpc::StatusCode::PERMISSION_DENIED, {"not allowed"});
}

TEST_F(NodeServiceTest, ShutdownEndsWatches) {
  Watch watch = WatchNodes();
  watch.Read();
  service_.Drain();
  ExpectStatus(watch.Finish(), grpc::StatusCode::UNAVAILABLE, {"shutting down"});
}

TEST_F(NodeServiceTest, WatchersFieldsAreChecked) {
  mesh::WatchNodesRequest request;
  request.mutable_update_interval()->set_nanos(-1);
  ExpectStatus(WatchNodes(request).Finish(), grpc::StatusCode::INVALID_ARGUMENT,
               {"update_interval: must be between 0 and 1h"});
  request.mutable_update_interval()->set_nanos(1);
  request.mutable_update_interval()->set_seconds(3600);
  ExpectStatus(WatchNodes(request).Finish(), grpc::StatusCode::INVALID_ARGUMENT,
               {"update_interval:"});
  request.mutable_update_interval()->set_seconds(-1);
  ExpectStatus(WatchNodes(request).Finish(), grpc::StatusCode::INVALID_ARGUMENT,
               {"update_interval:"});
  request.clear_update_interval();
  request.mutable_filter()->add_network_addresses(0x1000000);
  ExpectStatus(WatchNodes(request).Finish(), grpc::StatusCode::INVALID_ARGUMENT,
               {"filter.network_addresses[0]:"});
}

}  // namespace
}  // namespace wirepas_grpc::api
