// SPDX-License-Identifier: Apache-2.0
//
// Every unary RPC that asks a gateway, when all goes well.
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"

namespace wirepas_grpc::integration {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Gt;
using testing::Lt;
using Stub = mesh::NetworkService::Stub;

class RequestsTest : public SharedStack<RequestsTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {
        "--gateways", "2",          "--sinks",           "2",    "--rate", "0", "--model", "M7",
        "--version",  "2.3.4-test", "--network_address", "1001", "1002"};
    return options;
  }

 protected:
  // The sink as the service lists it, asked anew.
  static mesh::Sink ListedSink(const std::string& gateway_id, const std::string& sink_id) {
    mesh::ListSinksRequest request;
    request.add_gateway_ids(gateway_id);
    request.set_refresh(true);
    const auto result = Call(stub(), &Stub::ListSinks, request);
    EXPECT_TRUE(IsOk(result.status));
    for (const mesh::Sink& sink : result.response.sinks()) {
      if (sink.sink_id() == sink_id) return sink;
    }
    ADD_FAILURE() << "no " << sink_id;
    return mesh::Sink();
  }

  static mesh::Sink Update(const mesh::SinkConfigUpdate& update,
                           const std::string& sink_id = kSink) {
    auto request = To<mesh::SetSinkConfigRequest>(kGateway, sink_id);
    *request.mutable_update() = update;
    const auto result = Call(stub(), &Stub::SetSinkConfig, request);
    EXPECT_TRUE(IsOk(result.status));
    EXPECT_EQ(result.response.sink().gateway_id(), kGateway);
    EXPECT_EQ(result.response.sink().sink_id(), sink_id);
    return result.response.sink();
  }

  static Result<mesh::GetConfigurationDataItemResponse> GetItem(uint32_t endpoint) {
    auto request = To<mesh::GetConfigurationDataItemRequest>(kGateway, kSink);
    request.set_endpoint(endpoint);
    return Call(stub(), &Stub::GetConfigurationDataItem, request);
  }

  static grpc::Status SetItem(uint32_t endpoint, const std::string& payload) {
    auto request = To<mesh::SetConfigurationDataItemRequest>(kGateway, kSink);
    request.mutable_item()->set_endpoint(endpoint);
    request.mutable_item()->set_payload(payload);
    return Call(stub(), &Stub::SetConfigurationDataItem, request).status;
  }
};

TEST_F(RequestsTest, GatewayTellsItsClockAndWhatItIs) {
  const auto result =
      Call(stub(), &Stub::GetGatewayInfo, To<mesh::GetGatewayInfoRequest>(kGateway));
  ASSERT_TRUE(IsOk(result.status));
  const mesh::GatewayInfo& info = result.response.info();
  EXPECT_EQ(info.gateway_id(), kGateway);
  EXPECT_THAT(info.current_time().seconds(), AllOf(Gt(absl::ToUnixSeconds(absl::Now()) - 60),
                                                   Lt(absl::ToUnixSeconds(absl::Now()) + 60)));
  EXPECT_EQ(info.model(), "M7");
  EXPECT_EQ(info.version(), "2.3.4-test");
  EXPECT_EQ(info.implemented_api_version(), 1u);
  EXPECT_THAT(info.features(), ElementsAre(mesh::GATEWAY_FEATURE_SCRATCHPAD_CHUNK_V1,
                                           mesh::GATEWAY_FEATURE_CONFIGURATION_DATA_V1,
                                           mesh::GATEWAY_FEATURE_SINK_KEY_MANAGEMENT_V1));
  EXPECT_FALSE(info.has_max_scratchpad_size());
}

TEST_F(RequestsTest, SinkTakesEveryFieldOfItsConfigAndReportsIt) {
  mesh::SinkConfigUpdate update;
  update.mutable_node_role()->set_base_role(mesh::BASE_ROLE_ROUTER);
  update.mutable_node_role()->set_low_latency(false);
  update.mutable_node_role()->set_autorole(true);
  update.set_node_address(4321);
  update.set_network_address(777777);
  update.set_network_channel(17);
  update.mutable_app_config()->mutable_diagnostics_interval()->set_seconds(60);
  update.mutable_app_config()->set_data(std::string("\x00\x01\xFF", 3));
  update.mutable_app_config()->set_sequence(9);
  update.set_channel_map(0x0F0F);
  update.mutable_access_cycle_range()->mutable_minimum()->set_seconds(4);
  update.mutable_access_cycle_range()->mutable_maximum()->set_seconds(8);
  update.set_sink_on(false);
  update.mutable_keys()->set_cipher_key("0123456789abcdef");
  update.mutable_keys()->set_authentication_key("fedcba9876543210");
  const mesh::Sink updated = Update(update, kOtherSink);

  const mesh::SinkConfig& config = updated.config();
  EXPECT_EQ(config.node_role().ShortDebugString(), update.node_role().ShortDebugString());
  EXPECT_EQ(config.node_address(), 4321u);
  EXPECT_EQ(config.network_address(), 777777u);
  EXPECT_EQ(config.network_channel(), 17u);
  EXPECT_EQ(config.app_config().ShortDebugString(), update.app_config().ShortDebugString());
  EXPECT_EQ(config.channel_map(), 0x0F0Fu);
  EXPECT_EQ(config.access_cycle_range().ShortDebugString(),
            update.access_cycle_range().ShortDebugString());
  EXPECT_TRUE(config.has_sink_on());
  EXPECT_FALSE(config.sink_on());
  EXPECT_TRUE(config.keys_set());
  EXPECT_EQ(ListedSink(kGateway, kOtherSink).ShortDebugString(), updated.ShortDebugString());
}

TEST_F(RequestsTest, UpdateLeavesTheOtherFieldsAsTheyAre) {
  const mesh::Sink before = ListedSink(kGateway, kSink);
  mesh::SinkConfigUpdate update;
  update.set_network_channel(before.config().network_channel() == 5 ? 6 : 5);
  mesh::Sink expected = before;
  expected.mutable_config()->set_network_channel(update.network_channel());
  EXPECT_EQ(Update(update).ShortDebugString(), expected.ShortDebugString());
}

TEST_F(RequestsTest, NumberedKeysAreSet) {
  mesh::SinkConfigUpdate update;
  for (mesh::SecurityKeys* keys :
       {update.mutable_network_keys(), update.mutable_management_keys()}) {
    keys->set_cipher_key("0123456789abcdef");
    keys->set_authentication_key("fedcba9876543210");
    keys->set_sequence(3);
  }
  EXPECT_TRUE(Update(update).config().keys_set());
}

TEST_F(RequestsTest, ConfigurationDataItemIsSetReadAndCleared) {
  const auto missing = GetItem(4000);
  ASSERT_TRUE(IsOk(missing.status));
  EXPECT_FALSE(missing.response.has_item());

  const std::string payload("\x00item\xFF", 6);
  ASSERT_TRUE(IsOk(SetItem(4000, payload)));
  ASSERT_TRUE(IsOk(SetItem(65535, "the last")));
  const auto item = GetItem(4000);
  ASSERT_TRUE(IsOk(item.status));
  EXPECT_EQ(item.response.item().endpoint(), 4000u);
  EXPECT_EQ(item.response.item().payload(), payload);
  const mesh::Sink sink = ListedSink(kGateway, kSink);
  ASSERT_EQ(sink.config().configuration_data_items_size(), 2);
  EXPECT_EQ(sink.config().configuration_data_items(0).payload(), payload);
  EXPECT_EQ(sink.config().configuration_data_items(1).endpoint(), 65535u);

  ASSERT_TRUE(IsOk(SetItem(4000, "")));
  ASSERT_TRUE(IsOk(SetItem(65535, "")));
  const auto cleared = GetItem(4000);
  ASSERT_TRUE(IsOk(cleared.status));
  EXPECT_FALSE(cleared.response.has_item());
}

TEST_F(RequestsTest, MessageReachesTheGatewayFieldByField) {
  const auto peer = stack().NewPeer({"gw-request/#"});
  auto request = SendRequest(kGateway, kSink, std::string("\x00\xFF payload", 10));
  mesh::Message& message = *request.mutable_message();
  message.set_destination_address(0x80000001);
  message.set_source_endpoint(255);
  message.set_destination_endpoint(240);
  message.set_qos(1);
  message.mutable_initial_delay()->set_seconds(2);
  message.mutable_initial_delay()->set_nanos(500'900'000);
  message.set_unacknowledged_csma_ca(true);
  message.set_hop_limit(15);
  request.set_request_id(0xFEDCBA9876543210);
  const auto result = Call(stub(), &Stub::SendMessage, request);
  ASSERT_TRUE(IsOk(result.status));
  EXPECT_EQ(result.response.sent().request_id(), 0xFEDCBA9876543210u);
  EXPECT_GT(result.response.sent().gateway_time().seconds() * 1'000'000'000 +
                result.response.sent().gateway_time().nanos(),
            0);

  const auto seen = peer->Take(OnTopic(SendDataTopic(kGateway, kSink)));
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_FALSE(seen->retained);
  const gw::WirepasMessage decoded = Decoded(seen->payload);
  const gw::SendPacketReq& sent = decoded.send_packet_req();
  EXPECT_EQ(sent.header().req_id(), 0xFEDCBA9876543210u);
  EXPECT_EQ(sent.header().sink_id(), kSink);
  EXPECT_EQ(sent.destination_address(), 0x80000001u);
  EXPECT_EQ(sent.source_endpoint(), 255u);
  EXPECT_EQ(sent.destination_endpoint(), 240u);
  EXPECT_EQ(sent.qos(), 1u);
  EXPECT_EQ(sent.payload(), message.payload());
  EXPECT_EQ(sent.initial_delay_ms(), 2500u);
  EXPECT_TRUE(sent.is_unack_csma_ca());
  EXPECT_EQ(sent.hop_limit(), 15u);
}

TEST_F(RequestsTest, MessageWithoutChosenIdGetsARandomOne) {
  const auto request = SendRequest(kGateway, kSink, std::string(1500, 'x'));
  const auto first = Call(stub(), &Stub::SendMessage, request);
  const auto second = Call(stub(), &Stub::SendMessage, request);
  ASSERT_TRUE(IsOk(first.status));
  ASSERT_TRUE(IsOk(second.status));
  EXPECT_NE(first.response.sent().request_id(), 0u);
  EXPECT_NE(first.response.sent().request_id(), second.response.sent().request_id());
}

TEST_F(RequestsTest, MessageAsSmallAsItGetsGoesThrough) {
  auto request = SendRequest(kGateway, kSink, "x");
  request.mutable_message()->set_destination_address(1);
  request.mutable_message()->clear_source_endpoint();
  request.mutable_message()->clear_destination_endpoint();
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, request).status));
}

TEST_F(RequestsTest, BroadcastSendsFromEverySinkOfTheNetwork) {
  mesh::BroadcastMessageRequest request;
  request.mutable_scope()->set_network_address(1001);
  *request.mutable_message() = SendRequest("", "").message();
  const auto result = Call(stub(), &Stub::BroadcastMessage, request);
  ASSERT_TRUE(IsOk(result.status));
  ASSERT_EQ(result.response.results_size(), 2);
  for (int i = 0; i < 2; ++i) {
    const mesh::SinkSendResult& each = result.response.results(i);
    EXPECT_EQ(each.sink().gateway_id(), i == 0 ? kGateway : kOtherGateway);
    EXPECT_EQ(each.sink().sink_id(), kSink);
    EXPECT_NE(each.sent().request_id(), 0u) << each.ShortDebugString();
  }
  EXPECT_NE(result.response.results(0).sent().request_id(),
            result.response.results(1).sent().request_id());

  request.mutable_scope()->add_gateway_ids(kOtherGateway);
  const auto narrowed = Call(stub(), &Stub::BroadcastMessage, request);
  ASSERT_TRUE(IsOk(narrowed.status));
  ASSERT_EQ(narrowed.response.results_size(), 1);
  EXPECT_EQ(narrowed.response.results(0).sink().gateway_id(), kOtherGateway);
  // The other sink of the network is not passed over in silence.
  ASSERT_EQ(narrowed.response.skipped_size(), 1);
  EXPECT_EQ(narrowed.response.skipped(0).sink().gateway_id(), kGateway);
  EXPECT_EQ(narrowed.response.skipped(0).reason(), mesh::SKIP_REASON_NOT_IN_SCOPE);
}

}  // namespace
}  // namespace wirepas_grpc::integration
