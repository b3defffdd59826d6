// SPDX-License-Identifier: Apache-2.0
//
// What failures say to programs, and that numbers which the service does not know come through:
// codes, features. With them the filters by address and the listings by page, for which a few
// sinks are enough.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"
#include "tests/support/failure.h"
#include "wirepas/mesh/v1/app_config_service.grpc.pb.h"
#include "wirepas/mesh/v1/node_service.grpc.pb.h"
#include "wirepas/mesh/v1/otap_service.grpc.pb.h"

namespace wirepas_grpc::integration {
namespace {

using testing::ElementsAre;
using Stub = mesh::NetworkService::Stub;

constexpr uint32_t kEmptyNetwork = 99;

class FailuresTest : public SharedStack<FailuresTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {
        "--gateways", "2",      "--sinks", "2",          "--nodes",
        "3",          "--rate", "20",      "--features", "CONFIGURATION_DATA_V1,1000,77,5,77"};
    return options;
  }

 protected:
  static mesh::SendMessageRequest Message(uint32_t destination) {
    auto request = To<mesh::SendMessageRequest>(kGateway, kSink);
    request.mutable_message()->set_destination_address(destination);
    request.mutable_message()->set_source_endpoint(1);
    request.mutable_message()->set_destination_endpoint(2);
    request.mutable_message()->set_payload("x");
    return request;
  }

  template <typename Service>
  static std::unique_ptr<typename Service::Stub> NewStub() {
    return Service::NewStub(stack().service().NewChannel());
  }

  // "gateway/sink" of all pages.
  template <typename Response, typename Entries, typename Call>
  static std::vector<std::vector<std::string>> Pages(Entries entries, Call call) {
    std::vector<std::vector<std::string>> pages;
    std::string token;
    do {
      const Result<Response> page = call(token);
      EXPECT_TRUE(IsOk(page.status));
      pages.emplace_back();
      for (const auto& entry : entries(page.response)) {
        pages.back().push_back(
            absl::StrCat(entry.sink().gateway_id(), "/", entry.sink().sink_id()));
      }
      token = page.response.next_page_token();
    } while (!token.empty() && pages.size() < 10);
    return pages;
  }
};

TEST_F(FailuresTest, ACodeThatIsNotKnownKeepsItsNumber) {
  ASSERT_TRUE(IsOk(
      stack().SetFaults(kGateway, {{"error_codes", {{"otap_status", 4711}, {"send_data", -5}}}})));
  const auto asked = Call(stub(), &Stub::GetScratchpadStatus,
                          To<mesh::GetScratchpadStatusRequest>(kGateway, kSink));
  ExpectFailure(asked.status, StatusCode::UNKNOWN,
                {.part = "4711",
                 .gateway_id = kGateway,
                 .sink_id = kSink,
                 .result = mesh::RESULT_CODE_UNKNOWN,
                 .sent = true,
                 .outcome = mesh::REQUEST_OUTCOME_UNKNOWN,
                 .reason = mesh::ERROR_REASON_GATEWAY_REFUSED});
  EXPECT_EQ(DetailsOf(asked.status).gateway_error->raw_result(), 4711);

  StreamReader<mesh::SubscribeDownlinkResponse> downlinks(stub(), &Stub::SubscribeDownlink,
                                                          mesh::SubscribeDownlinkRequest());
  ASSERT_TRUE(downlinks.Next().has_value());
  const auto sent = Call(stub(), &Stub::SendMessage, Message(7));
  EXPECT_EQ(sent.status.error_code(), StatusCode::UNKNOWN);
  EXPECT_EQ(DetailsOf(sent.status).gateway_error->raw_result(), -5);
  const auto seen = downlinks.Next();
  ASSERT_TRUE(seen.has_value());
  ASSERT_EQ(seen->downlinks_size(), 1);
  EXPECT_EQ(seen->downlinks(0).answer().result(), mesh::RESULT_CODE_UNKNOWN);
  EXPECT_EQ(seen->downlinks(0).answer().raw_result(), -5);
}

TEST_F(FailuresTest, FeaturesThatAreNotKnownKeepTheirNumbers) {
  const auto listed = Call(stub(), &Stub::ListGateways, mesh::ListGatewaysRequest());
  ASSERT_TRUE(IsOk(listed.status));
  ASSERT_EQ(listed.response.gateways_size(), 2);
  for (const mesh::Gateway& gateway : listed.response.gateways()) {
    EXPECT_THAT(gateway.features(), ElementsAre(mesh::GATEWAY_FEATURE_CONFIGURATION_DATA_V1));
    EXPECT_THAT(gateway.unknown_features(), ElementsAre(5, 77, 1000));
  }
  const auto told = Call(stub(), &Stub::GetGatewayInfo, To<mesh::GetGatewayInfoRequest>(kGateway));
  ASSERT_TRUE(IsOk(told.status));
  EXPECT_THAT(told.response.info().unknown_features(), ElementsAre(5, 77, 1000));
}

TEST_F(FailuresTest, FailuresSayWhyToPrograms) {
  ExpectReason(
      Call(stub(), &Stub::GetGatewayInfo, To<mesh::GetGatewayInfoRequest>("nobody")).status,
      mesh::ERROR_REASON_GATEWAY_NOT_KNOWN);
  ExpectReason(Call(stub(), &Stub::GetScratchpadStatus,
                    To<mesh::GetScratchpadStatusRequest>(kGateway, "nowhere"))
                   .status,
               mesh::ERROR_REASON_SINK_NOT_KNOWN);
  mesh::SendMessageRequest message = Message(7);
  message.mutable_message()->set_hop_limit(16);
  ExpectInvalidField(Call(stub(), &Stub::SendMessage, message).status, "message.hop_limit");
  mesh::SetSinkConfigRequest keys = To<mesh::SetSinkConfigRequest>(kGateway, kSink);
  auto& pair = *keys.mutable_update()->mutable_network_keys();
  pair.set_cipher_key(std::string(16, 'c'));
  pair.set_authentication_key(std::string(16, 'a'));
  pair.set_sequence(1);
  ExpectReason(Call(stub(), &Stub::SetSinkConfig, keys).status, mesh::ERROR_REASON_FEATURE_MISSING);
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_answer", {"otap_status"}}})));
  ExpectReason(Call(stub(), &Stub::GetScratchpadStatus,
                    To<mesh::GetScratchpadStatusRequest>(kGateway, kSink), absl::Milliseconds(500))
                   .status,
               mesh::ERROR_REASON_NO_ANSWER);
  const auto app_configs = NewStub<mesh::AppConfigService>();
  mesh::ListAppConfigsRequest list;
  list.mutable_scope()->set_network_address(kEmptyNetwork);
  const auto none = Call(app_configs.get(), &mesh::AppConfigService::Stub::ListAppConfigs, list);
  ExpectReason(none.status, mesh::ERROR_REASON_NO_SINKS);
  EXPECT_EQ(DetailsOf(none.status).info->metadata().at("network_address"),
            absl::StrCat(kEmptyNetwork));
  list.mutable_scope()->add_sinks()->set_gateway_id(kGateway);
  ExpectInvalidField(
      Call(app_configs.get(), &mesh::AppConfigService::Stub::ListAppConfigs, list).status,
      "scope.sinks[0].sink_id");
}

TEST_F(FailuresTest, DownlinksAreFilteredByTheirDestination) {
  mesh::SubscribeDownlinkRequest request;
  request.mutable_filter()->add_destination_addresses(8);
  request.mutable_filter()->add_destination_addresses(0xffffffff);
  StreamReader<mesh::SubscribeDownlinkResponse> downlinks(stub(), &Stub::SubscribeDownlink,
                                                          request);
  ASSERT_TRUE(downlinks.Next().has_value());
  for (const uint32_t destination : {7u, 8u, 0x80000001u, 0xffffffffu}) {
    ASSERT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, Message(destination)).status));
  }
  std::vector<uint32_t> seen;
  while (seen.size() < 2) {
    const auto response = downlinks.Next();
    ASSERT_TRUE(response.has_value());
    for (const mesh::Downlink& downlink : response->downlinks()) {
      seen.push_back(downlink.message().destination_address());
    }
  }
  EXPECT_THAT(seen, ElementsAre(8u, 0xffffffffu));
}

TEST_F(FailuresTest, NodesAndSinksAreFilteredByTheirNames) {
  const auto nodes = NewStub<mesh::NodeService>();
  const auto list = [&](const mesh::ListNodesRequest& request) {
    return Call(nodes.get(), &mesh::NodeService::Stub::ListNodes, request);
  };
  Result<mesh::ListNodesResponse> all;
  ASSERT_TRUE(Eventually([&] {
    all = list({});
    return all.response.nodes_size() >= 4;
  }));
  mesh::ListNodesRequest request;
  request.mutable_filter()->add_node_addresses(all.response.nodes(1).node_address());
  request.mutable_filter()->add_node_addresses(all.response.nodes(3).node_address());
  const auto some = list(request);
  ASSERT_EQ(some.response.nodes_size(), 2);
  EXPECT_EQ(some.response.nodes(0).node_address(), all.response.nodes(1).node_address());
  EXPECT_EQ(some.response.nodes(1).node_address(), all.response.nodes(3).node_address());

  mesh::ListSinksRequest sinks;
  sinks.add_sink_ids("sink1");
  const auto listed = Call(stub(), &Stub::ListSinks, sinks);
  ASSERT_EQ(listed.response.sinks_size(), 2);
  for (const mesh::Sink& sink : listed.response.sinks()) EXPECT_EQ(sink.sink_id(), "sink1");
}

TEST_F(FailuresTest, AppConfigsAndScratchpadsComeInPages) {
  const auto app_configs = NewStub<mesh::AppConfigService>();
  const auto otap = NewStub<mesh::OtapService>();
  const std::vector<std::vector<std::string>> pages = {
      {"sim-gw-0/sink0", "sim-gw-0/sink1", "sim-gw-1/sink0"}, {"sim-gw-1/sink1"}};
  const auto fill = [](auto request, const std::string& token) {
    request.mutable_scope()->set_network_address(kNetwork);
    request.set_page_size(3);
    request.set_page_token(token);
    return request;
  };
  EXPECT_EQ(pages, (Pages<mesh::ListAppConfigsResponse>(
                       [](const auto& response) { return response.app_configs(); },
                       [&](const std::string& token) {
                         return Call(app_configs.get(),
                                     &mesh::AppConfigService::Stub::ListAppConfigs,
                                     fill(mesh::ListAppConfigsRequest(), token));
                       })));
  EXPECT_EQ(pages, (Pages<mesh::ListScratchpadsResponse>(
                       [](const auto& response) { return response.sinks(); },
                       [&](const std::string& token) {
                         return Call(otap.get(), &mesh::OtapService::Stub::ListScratchpads,
                                     fill(mesh::ListScratchpadsRequest(), token));
                       })));
}

}  // namespace
}  // namespace wirepas_grpc::integration
