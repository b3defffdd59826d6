// SPDX-License-Identifier: Apache-2.0
//
// ListNodeStatus and WatchNodeStatus of OtapService.
#include "tests/api/collecting_fixture.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Stub = mesh::OtapService::Stub;

constexpr char kReports[] = "gw-event/received_data/+/+/+/240/255";
constexpr absl::Duration kLinger = absl::Minutes(10);

// The lengths of the three versions, without the head.
constexpr uint8_t kVersion1 = 24;
constexpr uint8_t kVersion2 = 39;
constexpr uint8_t kVersion3 = 47;

// A report whose bytes after the head are 1, 2, 3, ..., but for the parts that have
// names.
std::string Report(uint8_t length = kVersion1) {
  std::string report = {'\x99', static_cast<char>(length)};
  for (int i = 1; i <= length; ++i) report.push_back(static_cast<char>(i));
  report[9] = 2;                            // type: to be processed
  report[10] = 3;                           // state: checksum
  if (length == kVersion3) report[41] = 1;  // action: propagate only
  return report;
}

class NodeStatusTest : public CollectingTest {
 protected:
  using Watch = Stream<mesh::WatchNodeStatusResponse>;

  grpc::Status TryList(const mesh::ListNodeStatusRequest& request,
                       mesh::ListNodeStatusResponse* response) {
    grpc::ClientContext context;
    return otap_stub_->ListNodeStatus(&context, request, response);
  }
  mesh::ListNodeStatusResponse List(const mesh::ListNodeStatusRequest& request = {}) {
    mesh::ListNodeStatusResponse response;
    const grpc::Status status = TryList(request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  void ExpectRefused(const mesh::ListNodeStatusRequest& request, const std::string& words) {
    mesh::ListNodeStatusResponse response;
    ExpectStatus(TryList(request, &response), grpc::StatusCode::INVALID_ARGUMENT, {words});
  }

  // Connects, and has the broker grant the reports.
  void Listen() {
    broker_.Connect();
    List();
    Await([&] {
      return network_.subscriptions()
          .CoveredFrom("gw-event/received_data/+/+/+/240/255")
          .has_value();
    });
  }
  static Packet ReportOf(uint32_t node, uint64_t event_id, std::optional<std::string> payload) {
    Packet packet;
    packet.node = node;
    packet.event_id = event_id;
    packet.source_endpoint = 240;
    packet.destination_endpoint = 255;
    packet.payload = std::move(payload);
    return packet;
  }
  void AwaitStatuses(size_t count) {
    AwaitCollected([&] { return node_status_.registry().size() == count; });
  }

  // "12/7", in the order of the response.
  template <typename Response>
  static std::vector<std::string> Names(const Response& response) {
    std::vector<std::string> names;
    for (const mesh::NodeStatus& status : response.statuses()) {
      names.push_back(absl::StrCat(status.network_address(), "/", status.node_address()));
    }
    return names;
  }
  Watch WatchNodeStatus(const mesh::WatchNodeStatusRequest& request = {}) {
    return Watch(otap_stub_.get(), &Stub::WatchNodeStatus, request);
  }
};

// ---- ListNodeStatus ----

TEST_F(NodeStatusTest, TheLongestVersionTellsAll) {
  Listen();
  Packet packet = ReportOf(7, 1, Report(kVersion3));
  packet.gateway = "gw2";
  packet.time_ms += 2500;
  packet.travel_ms = 3001;
  Deliver(packet);
  AwaitStatuses(1);
  const mesh::ListNodeStatusResponse response = List();
  ASSERT_EQ(response.statuses_size(), 1);
  const mesh::NodeStatus& status = response.statuses(0);
  EXPECT_EQ(status.network_address(), 12u);
  EXPECT_EQ(status.node_address(), 7u);
  EXPECT_EQ(status.sink().gateway_id(), "gw2");
  EXPECT_EQ(status.sink().sink_id(), "sink");
  EXPECT_EQ(status.receive_time().seconds(), 1'700'000'002);
  EXPECT_EQ(status.receive_time().nanos(), 500'000'000);
  EXPECT_EQ(status.send_time().seconds(), 1'699'999'999);
  EXPECT_EQ(status.send_time().nanos(), 499'000'000);
  EXPECT_EQ(status.report_version(), 3u);
  EXPECT_EQ(status.stored().length(), 0x04030201u);
  EXPECT_EQ(status.stored().crc(), 0x0605u);
  EXPECT_EQ(status.stored().sequence(), 7u);
  EXPECT_EQ(status.stored_type(), mesh::NODE_SCRATCHPAD_TYPE_PROCESS);
  EXPECT_EQ(status.stored_state(), mesh::NODE_SCRATCHPAD_STATE_INVALID_CRC);
  EXPECT_EQ(status.stored_state_code(), 3u);

  EXPECT_EQ(status.stack().scratchpad().length(), 0x0d0c0b0au);
  EXPECT_EQ(status.stack().scratchpad().crc(), 0x0f0eu);
  EXPECT_EQ(status.stack().scratchpad().sequence(), 16u);
  EXPECT_EQ(status.stack().area_id(), 0x14131211u);
  EXPECT_EQ(status.stack().version().major(), 21u);
  EXPECT_EQ(status.stack().version().minor(), 22u);
  EXPECT_EQ(status.stack().version().maintenance(), 23u);
  EXPECT_EQ(status.stack().version().development(), 24u);

  EXPECT_EQ(status.application().scratchpad().length(), 0x1c1b1a19u);
  EXPECT_EQ(status.application().scratchpad().crc(), 0x1e1du);
  EXPECT_EQ(status.application().scratchpad().sequence(), 31u);
  EXPECT_EQ(status.application().area_id(), 0x23222120u);
  EXPECT_EQ(status.application().version().major(), 36u);
  EXPECT_EQ(status.application().version().development(), 39u);

  EXPECT_EQ(status.target().action(), mesh::SCRATCHPAD_ACTION_PROPAGATE_ONLY);
  EXPECT_EQ(status.target().sequence(), 41u);
  EXPECT_EQ(status.target().crc(), 0x2b2au);
  EXPECT_EQ(status.target().delay().seconds(), 0x2d2c * 60);
  EXPECT_EQ(status.target().remaining_delay().seconds(), 0x2f2e * 60);
}

TEST_F(NodeStatusTest, OlderVersionsLeaveUnsetWhatTheyDoNotTell) {
  Listen();
  Deliver(ReportOf(1, 1, Report(kVersion1)));
  Deliver(ReportOf(2, 2, Report(kVersion2)));
  AwaitStatuses(2);
  const mesh::ListNodeStatusResponse response = List();
  ASSERT_EQ(response.statuses_size(), 2);
  const mesh::NodeStatus& oldest = response.statuses(0);
  EXPECT_EQ(oldest.report_version(), 1u);
  EXPECT_EQ(oldest.stack().version().development(), 24u);
  EXPECT_FALSE(oldest.has_application());
  EXPECT_FALSE(oldest.has_target());
  const mesh::NodeStatus& newer = response.statuses(1);
  EXPECT_EQ(newer.report_version(), 2u);
  EXPECT_EQ(newer.application().version().development(), 39u);
  EXPECT_FALSE(newer.has_target());
}

TEST_F(NodeStatusTest, WhatIsNoReportIsNeitherListedNorReplacesOne) {
  Listen();
  Deliver(ReportOf(1, 1, Report()));
  AwaitStatuses(1);
  uint64_t event_id = 2;
  const auto deliver_later = [&](std::optional<std::string> payload) {
    for (const uint32_t node : {1u, 2u}) {
      Packet packet = ReportOf(node, event_id++, payload);
      packet.time_ms += 1000;
      Deliver(packet);
    }
  };
  deliver_later("");
  deliver_later("\x99");
  deliver_later(Report(kVersion3).substr(0, 48));
  deliver_later(Report(kVersion1 + 1));
  deliver_later("\x98" + Report().substr(1));
  deliver_later(std::nullopt);
  // Comes last, so that all the others have been looked at when it is known.
  Deliver(ReportOf(3, event_id, Report()));
  AwaitStatuses(2);
  const mesh::ListNodeStatusResponse response = List();
  EXPECT_THAT(Names(response), ElementsAre("12/1", "12/3"));
  EXPECT_EQ(response.statuses(0).receive_time().nanos(), 0);
  EXPECT_EQ(response.statuses(0).receive_time().seconds(), 1'700'000'000);
}

TEST_F(NodeStatusTest, ReportsAreKnownByBothEndpoints) {
  Listen();
  // Others have asked for all uplinks.
  mesh::ListNodesResponse nodes;
  grpc::ClientContext context;
  ASSERT_TRUE(node_stub_->ListNodes(&context, {}, &nodes).ok());
  Await([&] { return nodes_.observed_since().has_value(); });
  Packet packet = ReportOf(1, 1, Report());
  packet.source_endpoint = 241;
  Deliver(packet);
  packet = ReportOf(2, 2, Report());
  packet.destination_endpoint = 254;
  Deliver(packet);
  Deliver(ReportOf(3, 3, Report()));
  AwaitStatuses(1);
  EXPECT_THAT(Names(List()), ElementsAre("12/3"));
}

TEST_F(NodeStatusTest, PagesOfOneGiveEachNodeInOrderAndEndWithTheLast) {
  Listen();
  Packet packet = ReportOf(1, 1, Report());
  packet.network = 13;
  Deliver(packet);
  Deliver(ReportOf(0xffffffff, 2, Report()));
  Deliver(ReportOf(2, 3, Report()));
  AwaitStatuses(3);
  mesh::ListNodeStatusRequest request;
  request.set_page_size(1);
  for (const char* name : {"12/2", "12/4294967295", "13/1"}) {
    const mesh::ListNodeStatusResponse page = List(request);
    EXPECT_THAT(Names(page), ElementsAre(name));
    request.set_page_token(page.next_page_token());
  }
  EXPECT_THAT(request.page_token(), IsEmpty());
}

TEST_F(NodeStatusTest, ATokenIsGoodForItsRequestOnly) {
  Listen();
  Deliver(ReportOf(1, 1, Report()));
  Deliver(ReportOf(2, 2, Report()));
  AwaitStatuses(2);
  mesh::ListNodeStatusRequest request;
  request.set_page_size(1);
  request.set_page_token(List(request).next_page_token());
  ASSERT_FALSE(request.page_token().empty());
  request.mutable_filter()->add_node_addresses(2);
  ExpectRefused(request, "page_token: given for another request");
  request.clear_filter();
  request.mutable_received_since();
  ExpectRefused(request, "page_token: given for another request");
  request.clear_received_since();
  request.set_page_size(2);
  EXPECT_THAT(Names(List(request)), ElementsAre("12/2"));
}

TEST_F(NodeStatusTest, EveryFieldOfTheFilterMustMatch) {
  Listen();
  for (uint32_t node = 1; node <= 3; ++node) {
    Packet packet = ReportOf(node, node, Report());
    packet.network = 11 + node;
    packet.time_ms += node;
    Deliver(packet);
  }
  AwaitStatuses(3);
  mesh::ListNodeStatusRequest request;
  request.mutable_filter()->add_node_addresses(1);
  request.mutable_filter()->add_node_addresses(3);
  EXPECT_THAT(Names(List(request)), ElementsAre("12/1", "14/3"));
  request.mutable_filter()->add_network_addresses(13);
  request.mutable_filter()->add_network_addresses(14);
  EXPECT_THAT(Names(List(request)), ElementsAre("14/3"));
  // The time itself belongs to "since".
  request.mutable_received_since()->set_seconds(1'700'000'000);
  request.mutable_received_since()->set_nanos(3'000'000);
  EXPECT_THAT(Names(List(request)), ElementsAre("14/3"));
  request.mutable_received_since()->set_nanos(3'000'001);
  EXPECT_THAT(Names(List(request)), IsEmpty());
}

TEST_F(NodeStatusTest, NamesTheFieldThatIsWrongAndAsksForNothing) {
  broker_.Connect();
  mesh::ListNodeStatusRequest request;
  request.set_page_size(-1);
  ExpectRefused(request, "page_size:");
  request.Clear();
  request.set_page_token("x");
  ExpectRefused(request, "page_token:");
  request.Clear();
  request.mutable_received_since()->set_nanos(1'000'000'000);
  ExpectRefused(request, "received_since:");
  request.Clear();
  request.mutable_filter()->add_network_addresses(0);
  request.mutable_filter()->add_network_addresses(0x1000000);
  ExpectRefused(request, "filter.network_addresses[1]:");
  request.Clear();
  for (uint32_t node = 0; node <= 10000; ++node) request.mutable_filter()->add_node_addresses(node);
  ExpectRefused(request, "filter.node_addresses: 10001 values");
  EXPECT_FALSE(Subscribed(kReports));
}

TEST_F(NodeStatusTest, AListingAsksForReportsForAWhile) {
  Listen();
  EXPECT_TRUE(Subscribed(kReports));
  EXPECT_FALSE(Subscribed("gw-event/received_data/#"));
  Deliver(ReportOf(1, 1, Report()));
  AwaitStatuses(1);
  Advance(kLinger + absl::Seconds(1));
  AwaitWanted(kReports, false);
  EXPECT_THAT(Names(List()), ElementsAre("12/1")) << "what is known stays";
}

// ---- WatchNodeStatus ----

TEST_F(NodeStatusTest, TheFirstResponseComesWhenTheBrokerHasGranted) {
  Watch watch = WatchNodeStatus();
  watch.WaitForMetadata();
  broker_.HoldGrants(true);
  broker_.Connect();
  AwaitWanted(kReports);
  broker_.HoldGrants(false);
  EXPECT_THAT(watch.Read().statuses(), IsEmpty());
  Deliver(ReportOf(7, 1, Report(kVersion2)));
  AwaitStatuses(1);
  const mesh::WatchNodeStatusResponse response = watch.Read();
  EXPECT_THAT(Names(response), ElementsAre("12/7"));
  EXPECT_EQ(response.statuses(0).report_version(), 2u);
}

TEST_F(NodeStatusTest, WatchersBeginWithWhatIsKnownOnlyIfTheyWantIt) {
  Listen();
  Deliver(ReportOf(1, 1, Report()));
  Deliver(ReportOf(2, 2, Report()));
  AwaitStatuses(2);
  mesh::WatchNodeStatusRequest request;
  Watch from_now = WatchNodeStatus(request);
  EXPECT_THAT(from_now.Read().statuses(), IsEmpty());
  request.set_include_known(true);
  request.mutable_filter()->add_node_addresses(2);
  request.mutable_filter()->add_node_addresses(3);
  Watch from_known = WatchNodeStatus(request);
  EXPECT_THAT(Names(from_known.Read()), ElementsAre("12/2"));
  Deliver(ReportOf(4, 3, Report()));
  AwaitStatuses(3);
  EXPECT_THAT(Names(from_now.Read()), ElementsAre("12/4"));
  Deliver(ReportOf(3, 4, Report()));
  AwaitStatuses(4);
  EXPECT_THAT(Names(from_now.Read()), ElementsAre("12/3"));
  EXPECT_THAT(Names(from_known.Read()), ElementsAre("12/3"));
}

TEST_F(NodeStatusTest, AWatchGoesOnThroughALossOfTheBroker) {
  broker_.Connect();
  Watch watch = WatchNodeStatus();
  watch.Read();
  broker_.Disconnect();
  broker_.Connect();
  broker_.Flush();
  Deliver(ReportOf(7, 1, Report()));
  AwaitStatuses(1);
  EXPECT_THAT(Names(watch.Read()), ElementsAre("12/7"));
}

TEST_F(NodeStatusTest, ARefusedSubscriptionEndsTheWatch) {
  broker_.RefuseSubscription(kReports, absl::PermissionDeniedError("not allowed"));
  Watch watch = WatchNodeStatus();
  broker_.Connect();
  ExpectStatus(watch.Finish(), grpc::StatusCode::PERMISSION_DENIED, {"not allowed"});
}

TEST_F(NodeStatusTest, ReportsAreAskedForWhileSomebodyWatches) {
  broker_.Connect();
  {
    Watch watch = WatchNodeStatus();
    watch.Read();
    Advance(2 * kLinger);
    EXPECT_TRUE(Subscribed(kReports));
  }
  Await([&] {
    Advance(kLinger);
    return !Subscribed(kReports);
  });
}

TEST_F(NodeStatusTest, WatchersFieldsAreChecked) {
  mesh::WatchNodeStatusRequest request;
  request.mutable_filter()->add_network_addresses(0x1000000);
  ExpectStatus(WatchNodeStatus(request).Finish(), grpc::StatusCode::INVALID_ARGUMENT,
               {"filter.network_addresses[0]:"});
}

}  // namespace
}  // namespace wirepas_grpc::api
