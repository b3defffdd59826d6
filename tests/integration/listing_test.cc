// SPDX-License-Identifier: Apache-2.0
//
// ListGateways, ListSinks and ClearGatewayStatus.
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"

namespace wirepas_grpc::integration {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Stub = mesh::NetworkService::Stub;

constexpr int kGateways = 25;
constexpr uint32_t kFirstNetwork = 1001;
constexpr uint32_t kSecondNetwork = 1002;

class ListingTest : public SharedStack<ListingTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {"--gateways",
                         absl::StrCat(kGateways),
                         "--sinks",
                         "2",
                         "--rate",
                         "0",
                         "--max_scratchpad_size",
                         "1024",
                         "--network_address",
                         absl::StrCat(kFirstNetwork),
                         absl::StrCat(kSecondNetwork)};
    return options;
  }

 protected:
  static Result<mesh::ListGatewaysResponse> ListGateways(bool include_offline = false) {
    mesh::ListGatewaysRequest request;
    request.set_include_offline(include_offline);
    return Call(stub(), &Stub::ListGateways, request);
  }

  static Result<mesh::ListSinksResponse> ListSinks(const mesh::ListSinksRequest& request) {
    return Call(stub(), &Stub::ListSinks, request);
  }

  // All that pages of a size have, in order; fails the test when a page is larger.
  template <typename Request, typename Response>
  static std::vector<Response> Pages(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                                     Request request, int page_size) {
    std::vector<Response> pages;
    request.set_page_size(page_size);
    do {
      const auto result = Call(stub(), method, request);
      EXPECT_TRUE(IsOk(result.status));
      if (!result.ok()) return pages;
      pages.push_back(result.response);
      request.set_page_token(result.response.next_page_token());
    } while (!request.page_token().empty());
    return pages;
  }
};

TEST_F(ListingTest, GatewaysComeSortedWithAllThatTheirStatusTells) {
  const auto result = ListGateways();
  ASSERT_TRUE(IsOk(result.status));
  ASSERT_EQ(result.response.gateways_size(), kGateways);
  EXPECT_EQ(result.response.next_page_token(), "");
  std::set<std::string> ids;
  std::string last;
  for (const mesh::Gateway& gateway : result.response.gateways()) {
    EXPECT_LT(last, gateway.gateway_id());
    last = gateway.gateway_id();
    ids.insert(last);
    EXPECT_TRUE(gateway.online());
    EXPECT_EQ(gateway.model(), "simulated-gateway");
    EXPECT_EQ(gateway.version(), "1.0.0");
    EXPECT_THAT(gateway.features(), ElementsAre(mesh::GATEWAY_FEATURE_SCRATCHPAD_CHUNK_V1,
                                                mesh::GATEWAY_FEATURE_CONFIGURATION_DATA_V1,
                                                mesh::GATEWAY_FEATURE_SINK_KEY_MANAGEMENT_V1));
    EXPECT_EQ(gateway.max_scratchpad_size(), 1024u);
    EXPECT_THAT(gateway.sink_ids(), ElementsAre("sink0", "sink1"));
    EXPECT_GT(gateway.status_time().seconds(), absl::ToUnixSeconds(absl::Now()) - 3600);
    EXPECT_LE(gateway.status_time().seconds(), absl::ToUnixSeconds(absl::Now()) + 1);
  }
  EXPECT_TRUE(ids.contains("sim-gw-0"));
  EXPECT_TRUE(ids.contains("sim-gw-24"));
}

TEST_F(ListingTest, GatewaysComeInPages) {
  const auto whole = ListGateways();
  for (const int size : {1, 7, 24, 25, 26}) {
    SCOPED_TRACE(size);
    const auto pages = Pages(&Stub::ListGateways, mesh::ListGatewaysRequest(), size);
    mesh::ListGatewaysResponse joined;
    for (const auto& page : pages) {
      EXPECT_LE(page.gateways_size(), size);
      joined.mutable_gateways()->MergeFrom(page.gateways());
    }
    EXPECT_EQ(joined.ShortDebugString(), whole.response.ShortDebugString());
    EXPECT_EQ(pages.size(), static_cast<size_t>((kGateways + size - 1) / size));
  }
}

TEST_F(ListingTest, TokenOfAnotherListingIsRefused) {
  mesh::ListGatewaysRequest request;
  request.set_page_size(3);
  const auto first = Call(stub(), &Stub::ListGateways, request);
  ASSERT_TRUE(IsOk(first.status));
  ASSERT_NE(first.response.next_page_token(), "");
  request.set_page_token(first.response.next_page_token());
  request.set_page_size(5);  // may change
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::ListGateways, request).status));
  request.set_include_offline(true);  // may not
  ExpectFailure(Call(stub(), &Stub::ListGateways, request).status, StatusCode::INVALID_ARGUMENT,
                {"page_token"});
  mesh::ListSinksRequest sinks;
  sinks.set_page_token(first.response.next_page_token());
  ExpectFailure(ListSinks(sinks).status, StatusCode::INVALID_ARGUMENT, {"page_token"});
}

TEST_F(ListingTest, SinksComeSortedWithTheirConfig) {
  const auto result = ListSinks({});
  ASSERT_TRUE(IsOk(result.status));
  ASSERT_EQ(result.response.sinks_size(), 2 * kGateways);
  EXPECT_THAT(result.response.silent_gateway_ids(), IsEmpty());
  std::pair<std::string, std::string> last;
  for (const mesh::Sink& sink : result.response.sinks()) {
    EXPECT_LT(last, std::pair(sink.gateway_id(), sink.sink_id()));
    last = {sink.gateway_id(), sink.sink_id()};
    const mesh::SinkConfig& config = sink.config();
    EXPECT_EQ(config.network_address(), sink.sink_id() == kSink ? kFirstNetwork : kSecondNetwork);
    EXPECT_EQ(config.node_role().base_role(), mesh::BASE_ROLE_SINK);
    EXPECT_TRUE(config.node_role().low_latency());
    EXPECT_TRUE(config.has_node_address());
    EXPECT_TRUE(config.sink_on());
    EXPECT_EQ(config.max_mtu(), 102u);
    EXPECT_EQ(config.channel_limits().maximum(), 40u);
    EXPECT_EQ(config.access_cycle_limits().minimum().seconds(), 2);
    EXPECT_EQ(config.firmware_version().major(), 5u);
    EXPECT_EQ(config.app_config_max_size(), 80u);
    EXPECT_TRUE(config.has_scratchpad_status());
  }
}

TEST_F(ListingTest, SinksComeInPages) {
  const auto whole = ListSinks({});
  for (const int size : {1, 9, 49, 50}) {
    SCOPED_TRACE(size);
    mesh::ListSinksResponse joined;
    for (const auto& page : Pages(&Stub::ListSinks, mesh::ListSinksRequest(), size)) {
      EXPECT_LE(page.sinks_size(), size);
      joined.mutable_sinks()->MergeFrom(page.sinks());
    }
    EXPECT_EQ(joined.ShortDebugString(), whole.response.ShortDebugString());
  }
}

TEST_F(ListingTest, SinksAreFilteredByNetworkAndGateway) {
  mesh::ListSinksRequest request;
  request.set_network_address(kSecondNetwork);
  const auto of_network = ListSinks(request);
  ASSERT_TRUE(IsOk(of_network.status));
  EXPECT_EQ(of_network.response.sinks_size(), kGateways);
  for (const mesh::Sink& sink : of_network.response.sinks()) EXPECT_EQ(sink.sink_id(), kOtherSink);

  request.add_gateway_ids("sim-gw-3");
  request.add_gateway_ids("sim-gw-12");
  request.add_gateway_ids("sim-gw-3");
  const auto of_both = ListSinks(request);
  ASSERT_TRUE(IsOk(of_both.status));
  ASSERT_EQ(of_both.response.sinks_size(), 2);
  EXPECT_EQ(of_both.response.sinks(0).gateway_id(), "sim-gw-12");
  EXPECT_EQ(of_both.response.sinks(1).gateway_id(), "sim-gw-3");

  request.set_network_address(4);
  const auto none = ListSinks(request);
  ASSERT_TRUE(IsOk(none.status));
  EXPECT_THAT(none.response.sinks(), IsEmpty());

  request.add_gateway_ids("nobody");
  ExpectFailure(ListSinks(request).status, StatusCode::NOT_FOUND, {"not known", "nobody"});
}

TEST_F(ListingTest, RefreshAsksEveryGatewayAndNamesTheSilent) {
  ASSERT_TRUE(IsOk(stack().SetFaults("sim-gw-4", {{"no_answer", {"get_configs"}}})));
  ASSERT_TRUE(IsOk(stack().SetFaults("sim-gw-2", {{"no_answer", {"get_configs"}}})));
  // Nobody is asked for what is known.
  const auto known = ListSinks({});
  ASSERT_TRUE(IsOk(known.status));
  EXPECT_THAT(known.response.silent_gateway_ids(), IsEmpty());

  mesh::ListSinksRequest request;
  request.set_refresh(true);
  request.set_page_size(10);
  const auto refreshed = ListSinks(request);
  ASSERT_TRUE(IsOk(refreshed.status));
  EXPECT_THAT(refreshed.response.silent_gateway_ids(), ElementsAre("sim-gw-2", "sim-gw-4"));
  // Their sinks are known from before.
  int sinks = 0;
  for (const auto& page : Pages(&Stub::ListSinks, request, 40)) sinks += page.sinks_size();
  EXPECT_EQ(sinks, 2 * kGateways);

  request.set_require_all(true);
  ExpectFailure(ListSinks(request).status, StatusCode::DEADLINE_EXCEEDED,
                {"did not answer", "sim-gw-2", "", mesh::RESULT_CODE_UNSPECIFIED, false,
                 mesh::REQUEST_OUTCOME_UNKNOWN});
}

TEST_F(ListingTest, ClientsDeadlineShortensTheWaitForTheSilent) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_answer", {"get_configs"}}})));
  mesh::ListSinksRequest request;
  request.set_refresh(true);
  request.add_gateway_ids(kGateway);
  const auto result = Call(stub(), &Stub::ListSinks, request, absl::Seconds(1));
  ASSERT_TRUE(IsOk(result.status));
  EXPECT_THAT(result.response.silent_gateway_ids(), ElementsAre(kGateway));
  EXPECT_EQ(result.response.sinks_size(), 2);
}

TEST_F(ListingTest, OfflineGatewaysAreListedOnRequest) {
  ASSERT_TRUE(IsOk(stack().Control("sim-gw-9", {{"command", "stop"}})));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(kGateways - 1)));
  const auto all = ListGateways(true);
  ASSERT_TRUE(IsOk(all.status));
  ASSERT_EQ(all.response.gateways_size(), kGateways);
  const mesh::Gateway& last = all.response.gateways(kGateways - 1);
  EXPECT_EQ(last.gateway_id(), "sim-gw-9");
  EXPECT_FALSE(last.online());
  EXPECT_THAT(last.sink_ids(), ElementsAre("sink0", "sink1"));  // as when it was online

  mesh::ListSinksRequest request;
  const auto sinks = ListSinks(request);
  ASSERT_TRUE(IsOk(sinks.status));
  EXPECT_EQ(sinks.response.sinks_size(), 2 * (kGateways - 1));
  request.add_gateway_ids("sim-gw-9");
  const auto of_offline = ListSinks(request);
  ASSERT_TRUE(IsOk(of_offline.status));
  EXPECT_THAT(of_offline.response.sinks(), IsEmpty());
  request.set_require_all(true);
  ExpectFailure(ListSinks(request).status, StatusCode::UNAVAILABLE, {"offline", "sim-gw-9"});

  ASSERT_TRUE(IsOk(stack().Control("sim-gw-9", {{"command", "start"}})));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(kGateways)));
}

TEST_F(ListingTest, ClearedGatewayIsForgottenByAll) {
  ASSERT_TRUE(IsOk(stack().Control("sim-gw-8", {{"command", "stop"}})));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(kGateways - 1)));
  ASSERT_TRUE(
      IsOk(Call(stub(), &Stub::ClearGatewayStatus, To<mesh::ClearGatewayStatusRequest>("sim-gw-8"))
               .status));
  EXPECT_TRUE(
      Eventually([] { return ListGateways(true).response.gateways_size() == kGateways - 1; }));
  // Nor does the broker keep its status: a marker that is published afterwards comes
  // after all that is kept.
  const auto peer = stack().NewPeer({"gw-event/status/#"});
  const std::string marker = StatusTopic("sim-gw-80");
  ASSERT_TRUE(IsOk(peer->Publish(marker, "")));
  const auto heard = peer->TakeUpTo(OnTopic(marker));
  ASSERT_TRUE(heard.ok()) << heard.status();
  EXPECT_EQ(heard->size(), static_cast<size_t>(kGateways));
  for (const MqttPeer::Message& message : *heard) {
    EXPECT_NE(message.topic, StatusTopic("sim-gw-8"));
  }

  ASSERT_TRUE(IsOk(stack().Control("sim-gw-8", {{"command", "start"}})));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(kGateways)));
}

}  // namespace
}  // namespace wirepas_grpc::integration
