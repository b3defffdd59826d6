// SPDX-License-Identifier: Apache-2.0
// What gateways of the world answer that a polite one does not.
#include "tests/simulator/profile.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "tests/simulator/gateway_model.h"
#include "tests/simulator/options.h"

namespace wirepas_grpc::sim {
namespace {

const absl::Time kTime = absl::FromUnixMillis(1700000000123);

SinkModel Sink(Profile profile) {
  SinkSettings settings;
  settings.sink_id = "sink0";
  settings.profile = profile;
  return SinkModel(settings);
}

GatewayModel Model(Profile profile) {
  GatewaySettings settings;
  settings.gateway_id = "gw";
  settings.profile = profile;
  settings.model = "model";
  settings.version = "1.2";
  settings.max_scratchpad_size = 1024;
  settings.features = {pb::SCRATCHPAD_CHUNK_V1, pb::CONFIGURATION_DATA_V1};
  SinkSettings sink;
  sink.sink_id = "sink0";
  sink.profile = profile;
  settings.sinks = {sink};
  return GatewayModel(settings, 1);
}

Reaction React(GatewayModel* gateway, const std::string& topic, const pb::GenericMessage& message) {
  return gateway->Handle(
      DecodeRequest(ParseRequestTopic(topic).value(), message.SerializeAsString()).value(), kTime);
}

pb::GatewayInfo Info(GatewayModel* gateway) {
  pb::GenericMessage message;
  message.mutable_wirepas()->mutable_get_gateway_info_req()->mutable_header()->set_req_id(1);
  const Reaction reaction = React(gateway, "gw-request/get_gw_info/gw", message);
  return reaction.response.message.wirepas().get_gateway_info_resp().info();
}

bool AnswersScratchpadOf(GatewayModel* gateway, size_t size) {
  pb::GenericMessage message;
  auto* request = message.mutable_wirepas()->mutable_upload_scratchpad_req();
  request->mutable_header()->set_req_id(1);
  request->set_seq(5);
  request->set_scratchpad(std::string(size, 'x'));
  return React(gateway, "gw-request/otap_load_scratchpad/gw/sink0", message).answered;
}

bool AnswersForItemAt(GatewayModel* gateway, const std::string& sink_id) {
  pb::GenericMessage message;
  auto* request = message.mutable_wirepas()->mutable_get_configuration_data_item_req();
  request->mutable_header()->set_req_id(1);
  request->set_endpoint(1);
  return React(gateway, "gw-request/get_configuration_data_item/gw/" + sink_id, message).answered;
}

pb::UploadScratchpadReq Chunk(const std::string& whole, uint32_t offset, size_t size,
                              uint32_t sequence = 7) {
  pb::UploadScratchpadReq request;
  request.set_seq(sequence);
  request.set_scratchpad(whole.substr(offset, size));
  request.mutable_chunk_info()->set_scratchpad_total_size(static_cast<uint32_t>(whole.size()));
  request.mutable_chunk_info()->set_start_offset(offset);
  return request;
}

std::variant<Options, int> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "wirepas-gateway-sim");
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

class RealProfiles : public testing::TestWithParam<Profile> {};
INSTANTIATE_TEST_SUITE_P(All, RealProfiles, testing::Values(Profile::kLinux, Profile::kEmbedded));

// ---- configuration ----

TEST_P(RealProfiles, DoWhatIsNotRefusedAndAnswerWithOneCode) {
  SinkModel sink = Sink(GetParam());
  pb::SinkNewConfig config;
  config.set_sink_id("sink0");
  config.set_node_address(4712);
  config.set_network_channel(41);
  EXPECT_EQ(sink.SetConfig(config), pb::INVALID_PARAM);
  EXPECT_EQ(sink.node_address(), 4712U);
  EXPECT_EQ(sink.Config().network_channel(), 5U);
}

TEST_P(RealProfiles, FillAppConfigsUpWithZeros) {
  SinkModel sink = Sink(GetParam());
  pb::SinkNewConfig config;
  config.mutable_app_config()->set_diag_interval_s(60);
  config.mutable_app_config()->set_app_config_data("abc");
  config.mutable_app_config()->set_seq(9);
  EXPECT_EQ(sink.SetConfig(config), pb::OK);
  EXPECT_EQ(sink.Config().app_config().app_config_data(), "abc" + std::string(77, '\0'));
}

TEST_P(RealProfiles, TakeAddressesAboveTheGroups) {
  SinkModel sink = Sink(GetParam());
  pb::SinkNewConfig config;
  config.set_node_address(0xFFFFFFFD);
  EXPECT_EQ(sink.SetConfig(config), pb::OK);
  config.set_node_address(0xFFFFFFFE);
  EXPECT_EQ(sink.SetConfig(config), pb::INVALID_PARAM);
  EXPECT_EQ(sink.node_address(), 0xFFFFFFFD);
}

TEST(LinuxProfile, AnswersWithTheLastRefusal) {
  SinkModel sink = Sink(Profile::kLinux);
  pb::SinkNewConfig config;
  config.set_network_address(0xABCDE);
  config.mutable_keys()->set_cipher("short");
  config.mutable_keys()->set_authentication("short");
  config.set_network_channel(41);
  EXPECT_EQ(sink.SetConfig(config), pb::INTERNAL_ERROR);
  config.mutable_app_config()->set_diag_interval_s(7);
  config.mutable_app_config()->set_app_config_data("");
  config.mutable_app_config()->set_seq(0);
  EXPECT_EQ(sink.SetConfig(config), pb::INVALID_DIAG_INTERVAL);
  EXPECT_EQ(sink.network_address(), 0xABCDEU);
}

TEST(LinuxProfile, PassesOverTheAccessCycleRange) {
  pb::SinkNewConfig config;
  config.mutable_current_ac_range()->set_min_ms(4000);
  config.mutable_current_ac_range()->set_max_ms(4000);
  SinkModel sink = Sink(Profile::kLinux);
  EXPECT_EQ(sink.SetConfig(config), pb::OK);
  EXPECT_EQ(sink.Config().current_ac_range().min_ms(), 2000U);
  SinkModel embedded = Sink(Profile::kEmbedded);
  EXPECT_EQ(embedded.SetConfig(config), pb::OK);
  EXPECT_EQ(embedded.Config().current_ac_range().min_ms(), 4000U);
}

TEST_P(RealProfiles, TellOfWhatIsDoneInPart) {
  GatewayModel gateway = Model(GetParam());
  pb::GenericMessage message;
  pb::SetConfigReq* request = message.mutable_wirepas()->mutable_set_config_req();
  request->mutable_header()->set_req_id(1);
  request->mutable_config()->set_sink_id("sink0");
  request->mutable_config()->set_node_address(4712);
  request->mutable_config()->set_network_channel(41);
  const Reaction reaction = React(&gateway, "gw-request/set_config/gw/sink0", message);
  const pb::SetConfigResp& response = reaction.response.message.wirepas().set_config_resp();
  EXPECT_EQ(response.header().res(), pb::INVALID_PARAM);
  EXPECT_EQ(response.config().node_address(), 4712U);
  EXPECT_EQ(reaction.changed_sink, 0U);
}

// ---- packets ----

TEST_P(RealProfiles, RefuseAPacketWithOneCode) {
  const SinkModel sink = Sink(GetParam());
  pb::SendPacketReq packet;
  packet.set_destination_address(1);
  packet.set_payload("x");
  packet.set_hop_limit(16);
  EXPECT_EQ(sink.CheckPacket(packet),
            GetParam() == Profile::kLinux ? pb::INVALID_MAX_HOP_COUNT : pb::OK);
  packet.clear_hop_limit();
  EXPECT_EQ(sink.CheckPacket(packet), pb::OK);
  packet.set_qos(2);
  EXPECT_EQ(sink.CheckPacket(packet), pb::INVALID_PARAM);
  packet.set_qos(0);
  packet.set_source_endpoint(256);
  EXPECT_EQ(sink.CheckPacket(packet), pb::INVALID_PARAM);
}

// ---- targets and scratchpads ----

TEST_P(RealProfiles, ReportEveryTargetWithSequenceAndChecksum) {
  SinkModel sink = Sink(GetParam());
  for (const auto& target : {sink.Config().target_and_action(), [&] {
                               pb::GetScratchpadStatusResp response;
                               sink.FillScratchpadStatus(&response);
                               return response.target_and_action();
                             }()}) {
    EXPECT_EQ(target.action(), pb::NO_OTAP);
    EXPECT_TRUE(target.has_target_sequence());
    EXPECT_TRUE(target.has_target_crc());
    EXPECT_EQ(target.has_raw(), GetParam() == Profile::kLinux);
  }
}

TEST_P(RealProfiles, ForgetATargetThatTheActionDoesNotHave) {
  SinkModel sink = Sink(GetParam());
  pb::TargetScratchpadAndAction target;
  target.set_action(pb::PROPAGATE_ONLY);
  EXPECT_EQ(sink.SetTarget(target), pb::INVALID_PARAM);  // Nothing is stored.
  target.set_target_sequence(9);
  target.set_target_crc(10);
  EXPECT_EQ(sink.SetTarget(target), pb::OK);
  EXPECT_EQ(sink.Config().target_and_action().target_sequence(), 9U);
  target.set_action(pb::NO_OTAP);
  EXPECT_EQ(sink.SetTarget(target), pb::OK);
  EXPECT_EQ(sink.Config().target_and_action().target_sequence(), 0U);
  target.set_action(pb::PROPAGATE_ONLY);
  target.set_target_sequence(255);
  EXPECT_EQ(sink.SetTarget(target), pb::INVALID_PARAM);
}

TEST_P(RealProfiles, NameDelaysThatHaveAName) {
  SinkModel sink = Sink(GetParam());
  pb::TargetScratchpadAndAction target;
  target.set_action(pb::PROPAGATE_AND_PROCESS_WITH_DELAY);
  target.set_target_sequence(9);
  target.set_target_crc(10);
  target.set_raw(0x86);
  EXPECT_EQ(sink.SetTarget(target), pb::OK);
  EXPECT_EQ(sink.Config().target_and_action().delay(), pb::SIX_HOURS);
  target.set_raw(0x87);
  EXPECT_EQ(sink.SetTarget(target), pb::OK);
  EXPECT_EQ(sink.Config().target_and_action().raw(), 0x87U);
}

TEST(LinuxProfile, TakesChunksInAnyOrderAndOfAnySize) {
  SinkSettings settings;
  settings.sink_id = "sink0";
  settings.profile = Profile::kLinux;
  settings.max_scratchpad_request = 10;
  SinkModel sink(settings);
  const std::string whole = "a scratchpad that has no header, so it is what it is";
  const auto second = static_cast<uint32_t>(whole.size() / 2);
  EXPECT_EQ(sink.UploadScratchpad(Chunk(whole, second, whole.size())), pb::OK);
  EXPECT_EQ(sink.UploadScratchpad(Chunk(whole, second, whole.size())), pb::OK);  // once more
  EXPECT_EQ(sink.scratchpads().stored_type(), pb::BLANK);
  EXPECT_EQ(sink.UploadScratchpad(Chunk(whole, 1, second - 1)), pb::OK);
  // The first byte is missing, and with offset 0 all begins anew.
  EXPECT_EQ(sink.UploadScratchpad(Chunk(whole, 0, 1)), pb::OK);
  EXPECT_EQ(sink.scratchpads().stored_type(), pb::BLANK);
  EXPECT_EQ(sink.UploadScratchpad(Chunk(whole, second, whole.size())), pb::OK);
  EXPECT_EQ(sink.UploadScratchpad(Chunk(whole, 1, second - 1)), pb::OK);
  EXPECT_EQ(sink.scratchpads().stored_bytes(), whole);
  EXPECT_EQ(sink.scratchpads().stored().seq(), 7U);
}

TEST(LinuxProfile, JudgesTheSequenceOfAWholeScratchpad) {
  SinkModel sink = Sink(Profile::kLinux);
  EXPECT_EQ(sink.UploadScratchpad(Chunk("whole", 0, 2, 255)), pb::OK);
  EXPECT_EQ(sink.UploadScratchpad(Chunk("whole", 2, 3, 255)), pb::INVALID_SEQUENCE_NUMBER);
}

TEST(EmbeddedProfile, HasNoAnswerForAScratchpadThatDoesNotFit) {
  GatewayModel embedded = Model(Profile::kEmbedded);
  EXPECT_TRUE(AnswersScratchpadOf(&embedded, 1024));
  EXPECT_FALSE(AnswersScratchpadOf(&embedded, 1025));
  GatewayModel linux_one = Model(Profile::kLinux);
  EXPECT_TRUE(AnswersScratchpadOf(&linux_one, 1025));
}

TEST(LinuxProfile, HasNoAnswerForAnItemAtAnUnknownSink) {
  GatewayModel gateway = Model(Profile::kLinux);
  EXPECT_TRUE(AnswersForItemAt(&gateway, "sink0"));
  EXPECT_FALSE(AnswersForItemAt(&gateway, "nowhere"));
}

// ---- what gateways tell of themselves ----

TEST(LinuxProfile, LastWillHasModelAndVersionOnly) {
  GatewayModel gateway = Model(Profile::kLinux);
  pb::StatusEvent will = gateway.Status(false, kTime).message.wirepas().status_event();
  will.mutable_header()->clear_event_id();
  pb::StatusEvent expected;
  expected.mutable_header()->set_gw_id("gw");
  expected.mutable_header()->set_time_ms_epoch(1700000000123);
  expected.set_version(1);
  expected.set_state(pb::OFF);
  expected.set_gw_model("model");
  expected.set_gw_version("1.2");
  EXPECT_EQ(will.SerializePartialAsString(), expected.SerializePartialAsString());
}

TEST(EmbeddedProfile, LastWillStatesTheSizeOfScratchpads) {
  GatewayModel gateway = Model(Profile::kEmbedded);
  const pb::StatusEvent will = gateway.Status(false, kTime).message.wirepas().status_event();
  EXPECT_EQ(will.max_scratchpad_size(), 1024U);
  EXPECT_EQ(will.configs_size(), 0);
}

TEST(EmbeddedProfile, TellsTheTimeInMilliseconds) {
  GatewayModel embedded = Model(Profile::kEmbedded);
  EXPECT_EQ(Info(&embedded).current_time_s_epoch(), 1700000000123U);
  EXPECT_EQ(Info(&embedded).implemented_api_version(), 2U);
  GatewayModel linux_one = Model(Profile::kLinux);
  EXPECT_EQ(Info(&linux_one).current_time_s_epoch(), 1700000000U);
  EXPECT_EQ(Info(&linux_one).implemented_api_version(), 2U);
}

TEST(LinuxProfile, LeavesOutAHopCountOfZero) {
  for (const bool leaves_out : {false, true}) {
    UplinkPlan plan;
    plan.leaves_out_no_hops = leaves_out;
    UplinkSource source(&plan, "gw", 1000);
    source.Follow(Sink(Profile::kLinux));
    pb::GenericMessage message;
    RawUplink uplink;
    uplink.hop_count = 0;
    source.FillRaw(uplink, 1, kTime, &message);
    EXPECT_EQ(message.wirepas().packet_received_event().has_hop_count(), !leaves_out);
    uplink.hop_count = 1;
    source.FillRaw(uplink, 1, kTime, &message);
    EXPECT_TRUE(message.wirepas().packet_received_event().has_hop_count());
  }
}

// ---- options ----

TEST(ProfileOptions, PoliteIsTheDefault) {
  const Options options = std::get<Options>(Parse({}));
  EXPECT_EQ(options.profile, Profile::kPolite);
  EXPECT_EQ(options.features.size(), 3U);
  EXPECT_FALSE(options.uplinks.leaves_out_no_hops);
}

TEST(ProfileOptions, EmbeddedHasASizeAndNoFeatures) {
  Options options = std::get<Options>(Parse({"--profile", "embedded"}));
  EXPECT_EQ(options.profile, Profile::kEmbedded);
  EXPECT_TRUE(options.features.empty());
  EXPECT_EQ(options.max_scratchpad_sizes, std::vector<uint32_t>{1024});
  options = std::get<Options>(Parse(
      {"--profile", "embedded", "--max_scratchpad_size", "99", "--features", "VIRTUAL_NODE_V1"}));
  EXPECT_EQ(options.features.size(), 1U);
  EXPECT_EQ(options.max_scratchpad_sizes, std::vector<uint32_t>{99});
}

TEST(ProfileOptions, LinuxHasFeaturesAndMayCountIds) {
  const Options options = std::get<Options>(Parse({"--profile", "linux", "--count_event_ids"}));
  EXPECT_EQ(options.profile, Profile::kLinux);
  EXPECT_TRUE(options.count_event_ids);
  EXPECT_EQ(options.features, (std::vector{pb::CONFIGURATION_DATA_V1, pb::SINK_KEY_MANAGEMENT_V1,
                                           pb::SCRATCHPAD_CHUNK_V1}));
  EXPECT_TRUE(options.max_scratchpad_sizes.empty());
  EXPECT_TRUE(options.uplinks.leaves_out_no_hops);
}

TEST(ProfileOptions, SomeAreForOneProfileOnly) {
  for (const auto& arguments :
       std::vector<std::vector<const char*>>{{"--profile", "rude"},
                                             {"--count_event_ids"},
                                             {"--profile", "embedded", "--count_event_ids"},
                                             {"--profile", "linux", "--old_gateway"},
                                             {"--profile", "embedded", "--shared_connection"}}) {
    EXPECT_TRUE(std::holds_alternative<int>(Parse(arguments))) << arguments.back();
  }
}

}  // namespace
}  // namespace wirepas_grpc::sim
