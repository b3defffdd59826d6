// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/random/random.h"
#include "tests/simulator/faults.h"
#include "tests/simulator/options.h"

namespace wirepas_grpc::sim {
namespace {

using testing::HasSubstr;

nlohmann::json Json(const char* text) { return nlohmann::json::parse(text); }

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(Faults, UpdateChangesWhatIsNamed) {
  Faults faults;
  ASSERT_TRUE(faults
                  .Update(Json(R"({"duplicate_every": 3, "answer_delay_ms": 250,
      "no_answer": ["send_data"], "error_codes": {"set_config": "SINK_TIMEOUT"}})"))
                  .ok());
  ASSERT_TRUE(faults.Update(Json(R"({"malformed_answer": "all"})")).ok());
  EXPECT_EQ(faults.duplicate_every, 3U);
  EXPECT_EQ(faults.answer_delay, absl::Milliseconds(250));
  EXPECT_TRUE(faults.no_answer[static_cast<size_t>(RequestType::kSendData)]);
  EXPECT_EQ(faults.no_answer.count(), 1U);
  EXPECT_TRUE(faults.malformed_answer.all());
  EXPECT_EQ(faults.error_codes[static_cast<size_t>(RequestType::kSetConfig)], pb::SINK_TIMEOUT);
  ASSERT_TRUE(faults.Update(Json(R"({"error_codes": {"send_data": 1000}})")).ok());
  EXPECT_EQ(faults.error_codes[static_cast<size_t>(RequestType::kSendData)], 1000);
  ASSERT_TRUE(faults.Update(Json(R"({"error_codes": {"all": null}})")).ok());
  EXPECT_FALSE(faults.error_codes[static_cast<size_t>(RequestType::kSetConfig)].has_value());
}

TEST(Faults, WrongUpdateChangesNothing) {
  Faults faults;
  for (const char* text :
       {R"({"duplicate_every": 3, "unknown": 1})", R"({"duplicate_every": -1})",
        R"({"duplicate_every": 1.5})", R"({"duplicate_probability": 2})",
        R"({"no_answer": ["nothing"]})", R"({"no_answer": true})",
        R"({"error_codes": {"send_data": "NO_SUCH_CODE"}})", R"({"error_codes": {"x": "OK"}})",
        R"({"error_codes": {"send_data": 1.5}})", R"({"error_codes": []})", "[]",
        R"({"foreign_gateway_id": 1})", R"({"answer_delay_ms": 99999999999})"}) {
    EXPECT_FALSE(faults.Update(Json(text)).ok()) << text;
  }
  EXPECT_EQ(faults.duplicate_every, 0U);
}

TEST(FaultDice, EveryNthUplink) {
  Faults faults;
  faults.duplicate_every = 2;
  faults.malformed_every = 3;
  absl::BitGen random;
  FaultDice dice;
  int duplicates = 0;
  int malformed = 0;
  for (int i = 0; i < 60; ++i) {
    const UplinkFate fate = dice.Roll(faults, random);
    duplicates += fate.duplicate;
    malformed += fate.malformed;
    EXPECT_FALSE(fate.foreign);
  }
  EXPECT_EQ(duplicates, 30);
  EXPECT_EQ(malformed, 20);
}

TEST(FaultDice, ProbabilityOneIsAlways) {
  Faults faults;
  faults.duplicate_probability = 1;
  absl::BitGen random;
  EXPECT_TRUE(FaultDice().Roll(faults, random).duplicate);
}

TEST(Faults, NamesAnotherGateway) {
  pb::GenericMessage event;
  event.mutable_wirepas()->mutable_packet_received_event()->mutable_header()->set_gw_id("gw");
  Faults faults;
  NameOtherGateway(faults, &event);
  EXPECT_EQ(event.wirepas().packet_received_event().header().gw_id(), "gw-other");
  pb::GenericMessage response;
  response.mutable_wirepas()->mutable_send_packet_resp()->mutable_header()->set_gw_id("gw");
  faults.foreign_gateway_id = "gw2";
  NameOtherGateway(faults, &response);
  EXPECT_EQ(response.wirepas().send_packet_resp().header().gw_id(), "gw2");
}

TEST(Faults, LeavesOutTimes) {
  pb::GenericMessage event;
  auto* header = event.mutable_wirepas()->mutable_packet_received_event()->mutable_header();
  header->set_time_ms_epoch(5);
  LeaveOutTime(&event);
  EXPECT_FALSE(event.wirepas().packet_received_event().header().has_time_ms_epoch());
  pb::GenericMessage response;
  response.mutable_wirepas()->mutable_send_packet_resp()->mutable_header()->set_time_ms_epoch(5);
  LeaveOutTime(&response);
  EXPECT_FALSE(response.wirepas().send_packet_resp().header().has_time_ms_epoch());
}

TEST(Faults, TellsOfAnotherScratchpad) {
  Faults faults;
  ASSERT_TRUE(faults.Update(nlohmann::json::parse(R"({"wrong_scratchpad": true})")).ok());
  EXPECT_TRUE(faults.wrong_scratchpad);
  EXPECT_FALSE(faults.Update(nlohmann::json::parse(R"({"wrong_scratchpad": 1})")).ok());

  pb::GenericMessage message;
  pb::ScratchpadInfo* stored =
      message.mutable_wirepas()->mutable_get_scratchpad_status_resp()->mutable_stored_scratchpad();
  stored->set_len(100);
  stored->set_crc(6);
  stored->set_seq(5);
  TellOfOtherScratchpad(&message);
  EXPECT_EQ(stored->len(), 101U);
  EXPECT_EQ(stored->crc(), 7U);
  EXPECT_EQ(stored->seq(), 5U);
  message.mutable_wirepas()->mutable_send_packet_resp();
  message.mutable_wirepas()->clear_get_scratchpad_status_resp();
  TellOfOtherScratchpad(&message);
  EXPECT_FALSE(message.wirepas().has_get_scratchpad_status_resp());
}

TEST(Control, ParsesCommands) {
  ControlCommand command;
  ASSERT_TRUE(
      ParseControl(R"({"command": "burst", "count": 10, "sink": "sink1", "id": 7})", &command)
          .ok());
  EXPECT_EQ(command.kind, ControlKind::kBurst);
  EXPECT_EQ(command.count, 10U);
  EXPECT_EQ(command.sink_id, "sink1");
  EXPECT_EQ(command.id, 7);

  command = {};
  ASSERT_TRUE(ParseControl(R"({"command": "disconnect", "seconds": 0.5})", &command).ok());
  EXPECT_EQ(command.pause, absl::Milliseconds(500));
  command = {};
  ASSERT_TRUE(ParseControl(R"({"command": "disconnect"})", &command).ok());
  EXPECT_FALSE(command.pause.has_value());

  command = {};
  ASSERT_TRUE(ParseControl(R"({"command": "uplink", "payload": "00fF", "hidden": true,
      "source_address": 4294967295, "event_id": 18446744073709551615, "source_endpoint": 5})",
                           &command)
                  .ok());
  EXPECT_EQ(command.uplink.payload, std::string("\x00\xFF", 2));
  EXPECT_TRUE(command.uplink.hidden);
  EXPECT_EQ(command.uplink.source_address, 4294967295U);
  EXPECT_EQ(command.uplink.event_id, 18446744073709551615U);
  EXPECT_EQ(command.uplink.source_endpoint, 5U);
}

TEST(Control, SaysWhatIsWrong) {
  ControlCommand command;
  EXPECT_THAT(Message(ParseControl("\xFF", &command)), HasSubstr("not a JSON object"));
  EXPECT_THAT(Message(ParseControl("[]", &command)), HasSubstr("not a JSON object"));
  EXPECT_THAT(Message(ParseControl(R"({"command": "jump", "id": "x"})", &command)),
              HasSubstr("jump"));
  EXPECT_EQ(command.id, "x");
  for (const char* text :
       {R"({"command": "burst"})", R"({"command": "burst", "count": "1"})",
        R"({"command": "status", "extra": 1})", R"({"command": "uplink", "payload": "0"})",
        R"({"command": "uplink", "payload": "zz"})", R"({"command": "uplink", "hidden": 1})",
        R"({"command": "uplink", "source_address": 4294967296})", R"({"command": "rate"})",
        R"({"command": "disconnect", "seconds": -1})", R"({"command": "faults"})"}) {
    ControlCommand other;
    EXPECT_FALSE(ParseControl(text, &other).ok()) << text;
  }
}

std::variant<Options, int> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "wirepas-gateway-sim");
  testing::internal::CaptureStderr();
  auto result = ParseOptions(static_cast<int>(arguments.size()), arguments.data());
  testing::internal::GetCapturedStderr();
  return result;
}

TEST(Options, Defaults) {
  const auto parsed = Parse({});
  ASSERT_TRUE(std::holds_alternative<Options>(parsed));
  const Options& options = std::get<Options>(parsed);
  EXPECT_EQ(options.gateways, 1U);
  EXPECT_EQ(options.features.size(), 3U);
  EXPECT_TRUE(options.max_scratchpad_sizes.empty());
  EXPECT_TRUE(options.uplinks.names_network);
}

TEST(Options, Everything) {
  const auto parsed = Parse({"--mqtt_hostname",
                             "::1",
                             "--mqtt_port",
                             "1",
                             "--mqtt_username",
                             "u",
                             "--mqtt_password",
                             "p",
                             "--mqtt_force_unsecure",
                             "--shared_connection",
                             "--gateways",
                             "5000",
                             "--sinks",
                             "2",
                             "--nodes",
                             "3",
                             "--rate",
                             "0.5",
                             "--count",
                             "7",
                             "--gateway_id_prefix",
                             "g",
                             "--sink_id_prefix",
                             "s",
                             "--network_address",
                             "1",
                             "2",
                             "--max_scratchpad_size",
                             "1024,65536",
                             "--model",
                             "m",
                             "--version",
                             "v",
                             "--old_gateway",
                             "--features",
                             "SCRATCHPAD_CHUNK_V1,77,5",
                             "--payload_size",
                             "16",
                             "--endpoints",
                             "1:2,3:4",
                             "--hidden_endpoints",
                             "3",
                             "--app_config_max_size",
                             "40",
                             "60",
                             "--pad_app_config",
                             "--no_app_config",
                             "--seed",
                             "9",
                             "--faults",
                             R"({"duplicate_every": 2})",
                             "--log_level",
                             "warn"});
  ASSERT_TRUE(std::holds_alternative<Options>(parsed));
  const Options& options = std::get<Options>(parsed);
  EXPECT_EQ(options.broker.hostname, "::1");
  EXPECT_EQ(options.network_addresses, (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(options.max_scratchpad_sizes, (std::vector<uint32_t>{1024, 65536}));
  EXPECT_EQ(options.app_config_max_sizes, (std::vector<uint32_t>{40, 60}));
  EXPECT_TRUE(options.pad_app_config);
  EXPECT_TRUE(options.no_app_config);
  EXPECT_EQ(options.unknown_features, (std::vector<int>{77, 5}));
  EXPECT_EQ(options.features, std::vector<pb::GatewayFeature>{pb::SCRATCHPAD_CHUNK_V1});
  ASSERT_EQ(options.uplinks.endpoints.size(), 2U);
  EXPECT_EQ(options.uplinks.endpoints[1].source, 3U);
  EXPECT_EQ(options.uplinks.endpoints[1].destination, 4U);
  EXPECT_FALSE(options.uplinks.names_network);
  EXPECT_EQ(options.count, 7U);
  EXPECT_EQ(options.seed, 9U);
  EXPECT_EQ(options.faults.duplicate_every, 2U);
}

TEST(Options, WrongOnesEndTheRun) {
  for (const std::vector<const char*>& arguments :
       std::vector<std::vector<const char*>>{{"--unknown"},
                                             {"--gateways", "0"},
                                             {"--endpoints", "1"},
                                             {"--endpoints", "1:256"},
                                             {"--features", "FLYING_V1"},
                                             {"--gateway_id_prefix", "a/b"},
                                             {"--payload_size", "15"},
                                             {"--payload_size", "1501"},
                                             {"--network_address", "0x1000000"},
                                             {"--faults", "{"},
                                             {"--faults", R"({"unknown": 1})"},
                                             {"--gateways", "100000", "--nodes", "1000000"}}) {
    const auto parsed = Parse(arguments);
    ASSERT_TRUE(std::holds_alternative<int>(parsed)) << arguments[0] << arguments.back();
    EXPECT_NE(std::get<int>(parsed), 0);
  }
}

}  // namespace
}  // namespace wirepas_grpc::sim
