// SPDX-License-Identifier: Apache-2.0
#include "api/convert/gateway.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;

core::GatewayRecord Record() {
  core::GatewayRecord record;
  record.id = "gw";
  record.state = core::GatewayState::kOnline;
  record.status_time = absl::FromUnixMillis(1700000000123);
  return record;
}

TEST(ConvertGateway, TellsAll) {
  core::GatewayRecord record = Record();
  record.model = "box";
  record.version = "1.4";
  record.max_scratchpad_size = 1024;
  record.sinks["sink1"] = record.sinks["sink0"] = std::make_shared<core::SinkConfig>();
  const mesh::Gateway gateway = ToProto(record);
  EXPECT_EQ(gateway.gateway_id(), "gw");
  EXPECT_TRUE(gateway.online());
  EXPECT_EQ(gateway.model(), "box");
  EXPECT_EQ(gateway.version(), "1.4");
  EXPECT_EQ(gateway.max_scratchpad_size(), 1024u);
  EXPECT_THAT(gateway.sink_ids(), ElementsAre("sink0", "sink1"));
  EXPECT_EQ(gateway.status_time().seconds(), 1700000000);
  EXPECT_EQ(gateway.status_time().nanos(), 123000000);
}

TEST(ConvertGateway, LeavesOutWhatIsNotKnown) {
  core::GatewayRecord record = Record();
  record.status_time = absl::InfinitePast();
  const mesh::Gateway gateway = ToProto(record);
  EXPECT_FALSE(gateway.has_max_scratchpad_size());
  EXPECT_FALSE(gateway.has_status_time());
}

TEST(ConvertGateway, OnlineIsUnsetWithoutAStatus) {
  core::GatewayRecord record = Record();
  EXPECT_TRUE(ToProto(record).has_online());
  record.state = core::GatewayState::kOffline;
  EXPECT_TRUE(ToProto(record).has_online());
  EXPECT_FALSE(ToProto(record).online());
  record.state = core::GatewayState::kUnknown;
  EXPECT_FALSE(ToProto(record).has_online());
}

TEST(ConvertGateway, FeaturesComeOnceInOrderAndKnownOnly) {
  core::GatewayRecord record = Record();
  record.features = {gw::VIRTUAL_NODE_V1, 77, gw::SCRATCHPAD_CHUNK_V1, gw::UNKNOWN,
                     gw::VIRTUAL_NODE_V1};
  EXPECT_THAT(ToProto(record).features(), ElementsAre(mesh::GATEWAY_FEATURE_SCRATCHPAD_CHUNK_V1,
                                                      mesh::GATEWAY_FEATURE_VIRTUAL_NODE_V1));
}

TEST(ConvertGateway, FeaturesThatAreNotKnownKeepTheirNumbers) {
  core::GatewayRecord record = Record();
  record.unknown_features = {-1, 5, 77};
  EXPECT_THAT(ToProto(record).unknown_features(), ElementsAre(-1, 5, 77));
}

TEST(ConvertGateway, TextThatIsNotUtf8StillMakesAMessage) {
  core::GatewayRecord record = Record();
  record.model = "\xFF\xFE";
  record.version = "1\xC3";
  std::string bytes;
  ASSERT_TRUE(ToProto(record).SerializeToString(&bytes));
  mesh::Gateway read;
  ASSERT_TRUE(read.ParseFromString(bytes));
  EXPECT_EQ(read.version(), "1\uFFFD");
}

TEST(ConvertGatewayInfo, TellsAll) {
  gw::GatewayInfo info;
  info.set_current_time_s_epoch(1700000000);
  info.set_implemented_api_version(1);
  info.add_gw_features(gw::CONFIGURATION_DATA_V1);
  info.GetReflection()->MutableUnknownFields(&info)->AddVarint(
      gw::GatewayInfo::kGwFeaturesFieldNumber, 77);
  const mesh::GatewayInfo proto = ToProto("gw", info);
  EXPECT_EQ(proto.gateway_id(), "gw");
  EXPECT_EQ(proto.current_time().seconds(), 1700000000);
  EXPECT_EQ(proto.implemented_api_version(), 1u);
  EXPECT_FALSE(proto.has_max_scratchpad_size());
  EXPECT_THAT(proto.features(), ElementsAre(mesh::GATEWAY_FEATURE_CONFIGURATION_DATA_V1));
  EXPECT_THAT(proto.unknown_features(), ElementsAre(77));
}

TEST(ConvertGatewayInfo, AClockBeyondTheCalendarIsLeftOut) {
  gw::GatewayInfo info;
  info.set_current_time_s_epoch(std::numeric_limits<uint64_t>::max());
  EXPECT_FALSE(ToProto("gw", info).has_current_time());
}

}  // namespace
}  // namespace wirepas_grpc::api
