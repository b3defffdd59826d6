// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/gateway_model.h"

#include <gtest/gtest.h>

#include <string>

namespace wirepas_grpc::sim {
namespace {

constexpr uint64_t kRequestId = 0x1234567890ABCDEF;
const absl::Time kNow = absl::FromUnixMillis(1700000000123);

GatewaySettings Settings() {
  GatewaySettings settings;
  settings.gateway_id = "gw";
  settings.model = "model";
  settings.version = "1.2";
  settings.max_scratchpad_size = 1000;
  settings.features = {pb::SCRATCHPAD_CHUNK_V1, pb::CONFIGURATION_DATA_V1};
  for (const char* id : {"sink0", "sink1"}) {
    SinkSettings sink;
    sink.sink_id = id;
    settings.sinks.push_back(sink);
  }
  return settings;
}

// A message of the type for "sink0" with its required fields.
pb::GenericMessage MakeRequest(RequestType type, const std::string& sink_id = "sink0") {
  pb::GenericMessage generic;
  pb::WirepasMessage* message = generic.mutable_wirepas();
  const auto header = [](auto* request) {
    request->mutable_header()->set_req_id(kRequestId);
    return request;
  };
  switch (type) {
    case RequestType::kGetConfigs:
      header(message->mutable_get_configs_req());
      break;
    case RequestType::kGetGatewayInfo:
      header(message->mutable_get_gateway_info_req());
      break;
    case RequestType::kSetConfig:
      header(message->mutable_set_config_req())->mutable_config()->set_sink_id(sink_id);
      break;
    case RequestType::kSendData: {
      pb::SendPacketReq* request = header(message->mutable_send_packet_req());
      request->set_destination_address(0xFFFFFFFF);
      request->set_source_endpoint(255);
      request->set_destination_endpoint(240);
      request->set_qos(0);
      request->set_payload(std::string("\x19\x00", 2));
      break;
    }
    case RequestType::kScratchpadStatus:
      header(message->mutable_get_scratchpad_status_req());
      break;
    case RequestType::kLoadScratchpad: {
      pb::UploadScratchpadReq* request = header(message->mutable_upload_scratchpad_req());
      request->set_seq(3);
      request->set_scratchpad("scratchpad");
      break;
    }
    case RequestType::kProcessScratchpad:
      header(message->mutable_process_scratchpad_req());
      break;
    case RequestType::kSetTarget:
      header(message->mutable_set_scratchpad_target_and_action_req())
          ->mutable_target_and_action()
          ->set_action(pb::NO_OTAP);
      break;
    case RequestType::kSetConfigurationData: {
      auto* item = header(message->mutable_set_configuration_data_item_req())
                       ->mutable_configuration_data_item();
      item->set_endpoint(5);
      item->set_payload("data");
      break;
    }
    case RequestType::kGetConfigurationData:
      header(message->mutable_get_configuration_data_item_req())->set_endpoint(5);
      break;
  }
  return generic;
}

std::string Topic(RequestType type, const std::string& sink_id = "sink0") {
  std::string topic = "gw-request/" + std::string(RequestTypeName(type)) + "/gw";
  if (NeedsSink(type)) topic += "/" + sink_id;
  return topic;
}

absl::StatusOr<Request> Decode(const std::string& topic, const pb::GenericMessage& message) {
  return DecodeRequest(ParseRequestTopic(topic).value(), message.SerializePartialAsString());
}

Reaction Handle(GatewayModel* gateway, RequestType type, const std::string& sink_id = "sink0") {
  return gateway->Handle(Decode(Topic(type, sink_id), MakeRequest(type, sink_id)).value(), kNow);
}

// The header of whatever response the message holds.
const pb::ResponseHeader& Header(const pb::GenericMessage& message) {
  const pb::WirepasMessage& wirepas = message.wirepas();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  wirepas.GetReflection()->ListFields(wirepas, &fields);
  EXPECT_EQ(fields.size(), 1U);
  const auto& body = wirepas.GetReflection()->GetMessage(wirepas, fields.at(0));
  const auto& header =
      body.GetReflection()->GetMessage(body, body.GetDescriptor()->FindFieldByNumber(1));
  return dynamic_cast<const pb::ResponseHeader&>(header);
}

TEST(RequestTopic, Parses) {
  const auto topic = ParseRequestTopic("gw-request/send_data/gw/sink0");
  ASSERT_TRUE(topic.has_value());
  EXPECT_EQ(topic->type, RequestType::kSendData);
  EXPECT_EQ(topic->gateway_id, "gw");
  EXPECT_EQ(topic->sink_id, "sink0");
  EXPECT_EQ(ParseRequestTopic("gw-request/get_configs/gw")->sink_id, "");
}

TEST(RequestTopic, RefusesWhatIsNone) {
  for (const char* topic : {"", "gw-request", "gw-request/", "gw-request/send_data",
                            "gw-request/unknown/gw/sink0", "gw-response/send_data/gw/sink0",
                            "gw-request/send_data//sink0", "gw-request/send_data/gw/sink0/more"}) {
    EXPECT_FALSE(ParseRequestTopic(topic).has_value()) << topic;
  }
}

TEST(DecodeRequest, RefusesBrokenPayloads) {
  const std::string topic = Topic(RequestType::kSendData);
  EXPECT_FALSE(DecodeRequest(*ParseRequestTopic(topic), "\x0A\xFF").ok());
  EXPECT_FALSE(DecodeRequest(*ParseRequestTopic(topic), "").ok());
  pb::GenericMessage incomplete = MakeRequest(RequestType::kSendData);
  incomplete.mutable_wirepas()->mutable_send_packet_req()->clear_qos();
  EXPECT_FALSE(Decode(topic, incomplete).ok());
}

TEST(DecodeRequest, RefusesAnotherTypeThanTheTopics) {
  EXPECT_FALSE(
      Decode(Topic(RequestType::kSendData), MakeRequest(RequestType::kScratchpadStatus)).ok());
}

TEST(DecodeRequest, RefusesAnotherSinkThanTheTopics) {
  EXPECT_FALSE(
      Decode(Topic(RequestType::kSetConfig, "sink1"), MakeRequest(RequestType::kSetConfig, "sink0"))
          .ok());
  pb::GenericMessage message = MakeRequest(RequestType::kScratchpadStatus);
  message.mutable_wirepas()->mutable_get_scratchpad_status_req()->mutable_header()->set_sink_id(
      "sink1");
  EXPECT_FALSE(Decode(Topic(RequestType::kScratchpadStatus), message).ok());
}

TEST(GatewayModel, AnswersEveryRequestOnItsTopic) {
  for (RequestType type : AllRequestTypes()) {
    GatewayModel gateway(Settings(), 1);
    const Reaction reaction = Handle(&gateway, type);
    std::string expected = Topic(type);
    expected.replace(0, std::string("gw-request").size(), "gw-response");
    EXPECT_EQ(reaction.response.topic, expected);
    const pb::ResponseHeader& header = Header(reaction.response.message);
    EXPECT_EQ(header.req_id(), kRequestId);
    EXPECT_EQ(header.gw_id(), "gw");
    EXPECT_EQ(header.sink_id(), NeedsSink(type) ? "sink0" : "");
    EXPECT_EQ(header.time_ms_epoch(), 1700000000123U);
    pb::ErrorCode code = pb::OK;
    // Nothing is stored, and no item is set.
    if (type == RequestType::kProcessScratchpad) code = pb::NO_SCRATCHPAD_PRESENT;
    if (type == RequestType::kGetConfigurationData) code = pb::INVALID_PARAM;
    EXPECT_EQ(header.res(), code) << RequestTypeName(type);
    EXPECT_TRUE(reaction.response.message.IsInitialized());
  }
}

TEST(GatewayModel, UnknownSinkIsInvalidSinkId) {
  for (RequestType type : AllRequestTypes()) {
    if (!NeedsSink(type)) continue;
    GatewayModel gateway(Settings(), 1);
    const Reaction reaction = Handle(&gateway, type, "nowhere");
    EXPECT_EQ(Header(reaction.response.message).res(), pb::INVALID_SINK_ID);
    EXPECT_FALSE(reaction.changed_sink.has_value());
    EXPECT_TRUE(reaction.response.message.IsInitialized());
  }
}

TEST(GatewayModel, MissingSinkIsNeeded) {
  GatewayModel gateway(Settings(), 1);
  const auto request =
      Decode("gw-request/otap_status/gw", MakeRequest(RequestType::kScratchpadStatus));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(Header(gateway.Handle(*request, kNow).response.message).res(),
            pb::REQUEST_NEEDS_SINK_ID);
}

TEST(GatewayModel, ConfigOfUnknownSinkHasOnlyItsId) {
  GatewayModel gateway(Settings(), 1);
  const Reaction reaction = Handle(&gateway, RequestType::kSetConfig, "nowhere");
  pb::SinkReadConfig expected;
  expected.set_sink_id("nowhere");
  EXPECT_EQ(reaction.response.message.wirepas().set_config_resp().config().SerializeAsString(),
            expected.SerializeAsString());
}

TEST(GatewayModel, TellsWhichSinkChanged) {
  GatewayModel gateway(Settings(), 1);
  EXPECT_EQ(Handle(&gateway, RequestType::kSetConfig, "sink1").changed_sink, 1U);
  EXPECT_EQ(Handle(&gateway, RequestType::kLoadScratchpad).changed_sink, 0U);
  EXPECT_EQ(Handle(&gateway, RequestType::kSetTarget).changed_sink, 0U);
  EXPECT_EQ(Handle(&gateway, RequestType::kSetConfigurationData).changed_sink, 0U);
  EXPECT_EQ(Handle(&gateway, RequestType::kProcessScratchpad).changed_sink, 0U);
  EXPECT_FALSE(Handle(&gateway, RequestType::kSendData).changed_sink.has_value());
  EXPECT_FALSE(Handle(&gateway, RequestType::kGetConfigs).changed_sink.has_value());
}

TEST(GatewayModel, ReadsBackConfigurationData) {
  GatewayModel gateway(Settings(), 1);
  Handle(&gateway, RequestType::kSetConfigurationData);
  const Reaction reaction = Handle(&gateway, RequestType::kGetConfigurationData);
  EXPECT_EQ(reaction.response.message.wirepas()
                .get_configuration_data_item_resp()
                .configuration_data_item()
                .payload(),
            "data");
}

TEST(GatewayModel, RemoteApiRequestReachesTheNodes) {
  GatewayModel gateway(Settings(), 1);
  const Reaction reaction = Handle(&gateway, RequestType::kSendData, "sink1");
  ASSERT_TRUE(reaction.query.has_value());
  EXPECT_EQ(reaction.query->sink, 1U);
  EXPECT_EQ(reaction.query->destination_address, 0xFFFFFFFF);
}

TEST(GatewayModel, RefusedRequestIsNotCarriedOut) {
  GatewayModel gateway(Settings(), 1);
  const Request request =
      Decode(Topic(RequestType::kLoadScratchpad), MakeRequest(RequestType::kLoadScratchpad))
          .value();
  const Outgoing response = gateway.Refuse(request, pb::SINK_TIMEOUT, kNow);
  EXPECT_EQ(Header(response.message).res(), pb::SINK_TIMEOUT);
  EXPECT_EQ(Header(response.message).req_id(), kRequestId);
  EXPECT_EQ(gateway.sink(0).scratchpads().stored_type(), pb::BLANK);
}

TEST(GatewayModel, RefusalsAreCompleteMessages) {
  for (RequestType type : AllRequestTypes()) {
    GatewayModel gateway(Settings(), 1);
    const Request request = Decode(Topic(type), MakeRequest(type)).value();
    EXPECT_TRUE(gateway.Refuse(request, pb::ACCESS_DENIED, kNow).message.IsInitialized());
  }
}

TEST(GatewayModel, StatusTellsEverything) {
  GatewayModel gateway(Settings(), 77);
  const Outgoing out = gateway.Status(true, kNow);
  EXPECT_EQ(out.topic, "gw-event/status/gw");
  const pb::StatusEvent& status = out.message.wirepas().status_event();
  EXPECT_EQ(status.header().event_id(), 77U);
  EXPECT_EQ(status.version(), 1U);
  EXPECT_EQ(status.state(), pb::ON);
  EXPECT_EQ(status.configs_size(), 2);
  EXPECT_EQ(status.gw_model(), "model");
  EXPECT_EQ(status.gw_version(), "1.2");
  EXPECT_EQ(status.max_scratchpad_size(), 1000U);
  EXPECT_EQ(status.gw_features_size(), 2);
  EXPECT_EQ(gateway.Status(true, kNow).message.wirepas().status_event().header().event_id(), 78U);
}

TEST(GatewayModel, OfflineStatusHasNoConfigs) {
  GatewayModel gateway(Settings(), 1);
  const Outgoing status = gateway.Status(false, kNow);
  EXPECT_EQ(status.message.wirepas().status_event().state(), pb::OFF);
  EXPECT_EQ(status.message.wirepas().status_event().configs_size(), 0);
}

TEST(GatewayModel, OldGatewayTellsConfigsOnlyWhenAsked) {
  GatewaySettings settings = Settings();
  settings.old = true;
  GatewayModel gateway(settings, 1);
  EXPECT_EQ(gateway.Status(true, kNow).message.wirepas().status_event().configs_size(), 0);
  const Reaction reaction = Handle(&gateway, RequestType::kGetConfigs);
  EXPECT_EQ(reaction.response.message.wirepas().get_configs_resp().configs_size(), 2);
}

TEST(GatewayModel, UnaskedResponsesHaveRequestIdZero) {
  const GatewayModel gateway(Settings(), 1);
  const Outgoing configs = gateway.UnaskedConfigs(kNow);
  EXPECT_EQ(configs.topic, "gw-response/get_configs/gw");
  EXPECT_EQ(Header(configs.message).req_id(), 0U);
  EXPECT_EQ(configs.message.wirepas().get_configs_resp().configs_size(), 2);
  const Outgoing config = gateway.UnaskedSinkConfig(1, kNow);
  EXPECT_EQ(config.topic, "gw-response/set_config/gw/sink1");
  EXPECT_EQ(Header(config.message).req_id(), 0U);
  EXPECT_EQ(config.message.wirepas().set_config_resp().config().sink_id(), "sink1");
}

TEST(GatewayModel, WithoutTheFeatureConfigurationDataIsNotUnderstood) {
  GatewaySettings settings = Settings();
  settings.features.clear();
  const GatewayModel gateway(settings, 1);
  EXPECT_FALSE(gateway.Understands(RequestType::kSetConfigurationData));
  EXPECT_FALSE(gateway.Understands(RequestType::kGetConfigurationData));
  EXPECT_TRUE(gateway.Understands(RequestType::kSetConfig));
}

}  // namespace
}  // namespace wirepas_grpc::sim
