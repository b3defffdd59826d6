// SPDX-License-Identifier: Apache-2.0
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

using Stub = mesh::NetworkService::Stub;

class SinkRpcsTest : public ServiceTest {
 protected:
  void SetUp() override {
    gw::WirepasMessage status = Status("new", {"sink"});
    AddFeature(gw::CONFIGURATION_DATA_V1, &status);
    AddFeature(gw::SINK_KEY_MANAGEMENT_V1, &status);
    Retain("new", status);
    AddGateway("old", {"sink"});
    ConnectAndSync();
  }

  template <typename Request>
  static Request To(const std::string& gateway) {
    Request request;
    request.set_gateway_id(gateway);
    request.set_sink_id("sink");
    return request;
  }
};

TEST_F(SinkRpcsTest, SetSinkConfigGivesTheSinkAsItIsNow) {
  auto request = To<mesh::SetSinkConfigRequest>("old");
  request.mutable_update()->set_network_channel(7);
  Call call(stub_.get(), &Stub::SetSinkConfig, request);
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.topic, "gw-request/set_config/old/sink");
  EXPECT_EQ(incoming.message.set_config_req().config().network_channel(), 7u);
  gw::WirepasMessage answer;
  gw::SinkReadConfig* config = answer.mutable_set_config_resp()->mutable_config();
  config->set_sink_id("sink");
  config->set_network_channel(7);
  config->set_network_address(12);
  Answer(incoming, answer);
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_EQ(call.response().sink().gateway_id(), "old");
  EXPECT_EQ(call.response().sink().config().network_channel(), 7u);
}

TEST_F(SinkRpcsTest, SetSinkConfigTellsTheGatewaysAnswer) {
  auto request = To<mesh::SetSinkConfigRequest>("old");
  request.mutable_update()->set_sink_on(true);
  Call call(stub_.get(), &Stub::SetSinkConfig, request);
  const Incoming incoming = NextRequest();
  gw::WirepasMessage answer;
  answer.mutable_set_config_resp()->mutable_config()->set_sink_id("sink");
  Answer(incoming, answer, gw::INVALID_SINK_STATE);
  ExpectStatus(call.Finish(), grpc::StatusCode::FAILED_PRECONDITION,
               {"'old'", "'sink'", "INVALID_SINK_STATE"});
  const mesh::GatewayError detail = DetailOf(call.Finish());
  EXPECT_EQ(detail.gateway_id(), "old");
  EXPECT_EQ(detail.sink_id(), "sink");
  EXPECT_EQ(detail.result(), mesh::RESULT_CODE_INVALID_SINK_STATE);
  EXPECT_EQ(detail.request_id(), incoming.id);
}

// Gateways make changes one by one.
TEST_F(SinkRpcsTest, ARefusalOfOneOfSeveralChangesLeavesTheOthersUnknown) {
  const auto refuse = [&](bool several, gw::ErrorCode code) {
    auto request = To<mesh::SetSinkConfigRequest>("old");
    request.mutable_update()->set_sink_on(true);
    if (several) request.mutable_update()->set_network_channel(7);
    Call call(stub_.get(), &Stub::SetSinkConfig, request);
    gw::WirepasMessage answer;
    answer.mutable_set_config_resp()->mutable_config()->set_sink_id("sink");
    Answer(NextRequest(), answer, code);
    return DetailOf(call.Finish()).outcome();
  };
  EXPECT_EQ(refuse(false, gw::INVALID_SINK_STATE), mesh::REQUEST_OUTCOME_REFUSED);
  EXPECT_EQ(refuse(true, gw::INVALID_SINK_STATE), mesh::REQUEST_OUTCOME_UNKNOWN);
  EXPECT_EQ(refuse(true, gw::INVALID_SINK_ID), mesh::REQUEST_OUTCOME_REFUSED);
}

TEST_F(SinkRpcsTest, ManagedKeysGoToGatewaysThatKnowThemOnly) {
  auto request = To<mesh::SetSinkConfigRequest>("old");
  auto* keys = request.mutable_update()->mutable_network_keys();
  keys->set_cipher_key(std::string(16, 'c'));
  keys->set_authentication_key(std::string(16, 'a'));
  keys->set_sequence(1);
  Call refused(stub_.get(), &Stub::SetSinkConfig, request);
  ExpectStatus(refused.Finish(), grpc::StatusCode::FAILED_PRECONDITION,
               {"'old'", "SINK_KEY_MANAGEMENT_V1"});
  EXPECT_EQ(DetailOf(refused.Finish()).sink_id(), "sink");
  EXPECT_EQ(broker_.published_count(), 0u);

  request.set_gateway_id("new");
  Call sent(stub_.get(), &Stub::SetSinkConfig, request);
  EXPECT_TRUE(NextRequest().message.set_config_req().config().has_network_keys());
}

TEST_F(SinkRpcsTest, AnUpdateOfNothingIsRefused) {
  Call call(stub_.get(), &Stub::SetSinkConfig, To<mesh::SetSinkConfigRequest>("old"));
  ExpectStatus(call.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"update:"});
  EXPECT_EQ(DetailOf(call.Finish()).gateway_id(), "old");
}

TEST_F(SinkRpcsTest, ConfigurationDataItems) {
  auto get = To<mesh::GetConfigurationDataItemRequest>("new");
  get.set_endpoint(300);
  gw::WirepasMessage answer;
  auto* item = answer.mutable_get_configuration_data_item_resp()->mutable_configuration_data_item();
  item->set_endpoint(300);
  item->set_payload("data");
  Call there(stub_.get(), &Stub::GetConfigurationDataItem, get);
  Answer(NextRequest(), answer);
  ASSERT_TRUE(there.Finish().ok()) << there.Finish().error_message();
  EXPECT_EQ(there.response().item().payload(), "data");
  item->clear_payload();
  item->set_payload("");
  Call none(stub_.get(), &Stub::GetConfigurationDataItem, get);
  Answer(NextRequest(), answer);
  ASSERT_TRUE(none.Finish().ok());
  EXPECT_FALSE(none.response().has_item());

  auto set = To<mesh::SetConfigurationDataItemRequest>("new");
  set.mutable_item()->set_endpoint(300);
  Call cleared(stub_.get(), &Stub::SetConfigurationDataItem, set);
  const Incoming incoming = NextRequest();
  const auto& sent = incoming.message.set_configuration_data_item_req().configuration_data_item();
  EXPECT_EQ(sent.endpoint(), 300u);
  EXPECT_TRUE(sent.has_payload());
  gw::WirepasMessage done;
  done.mutable_set_configuration_data_item_resp();
  Answer(incoming, done);
  EXPECT_TRUE(cleared.Finish().ok()) << cleared.Finish().error_message();
}

TEST_F(SinkRpcsTest, AnItemThatIsNotSetIsAnAnswerWithoutOne) {
  auto get = To<mesh::GetConfigurationDataItemRequest>("new");
  get.set_endpoint(300);
  gw::WirepasMessage answer;
  answer.mutable_get_configuration_data_item_resp();
  Call unset(stub_.get(), &Stub::GetConfigurationDataItem, get);
  Answer(NextRequest(), answer, gw::INVALID_PARAM);
  ASSERT_TRUE(unset.Finish().ok()) << unset.Finish().error_message();
  EXPECT_FALSE(unset.response().has_item());
  Call failed(stub_.get(), &Stub::GetConfigurationDataItem, get);
  Answer(NextRequest(), answer, gw::INVALID_SINK_ID);
  ExpectStatus(failed.Finish(), grpc::StatusCode::NOT_FOUND, {"'new'"});

  // Setting one is another matter.
  auto set = To<mesh::SetConfigurationDataItemRequest>("new");
  set.mutable_item()->set_endpoint(300);
  Call refused(stub_.get(), &Stub::SetConfigurationDataItem, set);
  gw::WirepasMessage done;
  done.mutable_set_configuration_data_item_resp();
  Answer(NextRequest(), done, gw::INVALID_PARAM);
  ExpectStatus(refused.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"INVALID_PARAM"});
}

TEST_F(SinkRpcsTest, ConfigurationDataItemsThatCannotBe) {
  auto get = To<mesh::GetConfigurationDataItemRequest>("old");
  Call feature(stub_.get(), &Stub::GetConfigurationDataItem, get);
  ExpectStatus(feature.Finish(), grpc::StatusCode::FAILED_PRECONDITION, {"CONFIGURATION_DATA_V1"});
  get.set_endpoint(65536);
  Call range(stub_.get(), &Stub::GetConfigurationDataItem, get);
  ExpectStatus(range.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"endpoint:"});
  auto set = To<mesh::SetConfigurationDataItemRequest>("new");
  Call missing(stub_.get(), &Stub::SetConfigurationDataItem, set);
  ExpectStatus(missing.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"item:"});
}

TEST_F(SinkRpcsTest, ScratchpadRequests) {
  Call status(stub_.get(), &Stub::GetScratchpadStatus, To<mesh::GetScratchpadStatusRequest>("old"));
  gw::WirepasMessage answer;
  answer.mutable_get_scratchpad_status_resp()->set_firmware_area_id(9);
  Answer(NextRequest(), answer);
  ASSERT_TRUE(status.Finish().ok()) << status.Finish().error_message();
  EXPECT_EQ(status.response().status().firmware_area_id(), 9u);

  Call process(stub_.get(), &Stub::ProcessScratchpad, To<mesh::ProcessScratchpadRequest>("old"));
  const Incoming processed = NextRequest();
  Advance(absl::Seconds(121));
  EXPECT_EQ(network_.tracker().pending(), 1u);
  answer.Clear();
  answer.mutable_process_scratchpad_resp();
  Answer(processed, answer, gw::NO_SCRATCHPAD_PRESENT);
  ExpectStatus(process.Finish(), grpc::StatusCode::FAILED_PRECONDITION, {"NO_SCRATCHPAD_PRESENT"});

  auto request = To<mesh::SetTargetScratchpadRequest>("old");
  Call missing(stub_.get(), &Stub::SetTargetScratchpad, request);
  ExpectStatus(missing.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"target: missing"});
  request.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_NO_OTAP);
  Call target(stub_.get(), &Stub::SetTargetScratchpad, request);
  const Incoming targeted = NextRequest();
  EXPECT_EQ(targeted.message.set_scratchpad_target_and_action_req().target_and_action().action(),
            gw::NO_OTAP);
  answer.Clear();
  answer.mutable_set_scratchpad_target_and_action_resp();
  Answer(targeted, answer);
  EXPECT_TRUE(target.Finish().ok());
}

TEST_F(SinkRpcsTest, SequenceAndChecksumOfATargetAreLeftToTheGateway) {
  auto request = To<mesh::SetTargetScratchpadRequest>("old");
  request.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS);
  Call call(stub_.get(), &Stub::SetTargetScratchpad, request);
  const Incoming targeted = NextRequest();
  const auto& target = targeted.message.set_scratchpad_target_and_action_req().target_and_action();
  EXPECT_EQ(target.action(), gw::PROPAGATE_AND_PROCESS);
  EXPECT_FALSE(target.has_target_sequence());
  EXPECT_FALSE(target.has_target_crc());
}

}  // namespace
}  // namespace wirepas_grpc::api
