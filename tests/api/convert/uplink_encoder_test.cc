// SPDX-License-Identifier: Apache-2.0
#include "api/convert/uplink_encoder.h"

#include <limits>

#include "api/call/namespaces.h"
#include "api/convert/time.h"
#include "gtest/gtest.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {
namespace {

constexpr absl::Time kArrival = absl::FromUnixMicros(1'700'000'001'234'567);

// With the wall clock so far ahead of the log's.
core::ArrivalTimes Ahead(absl::Duration ahead, uint64_t version = 1) {
  return core::ArrivalTimes(version, {{absl::UnixEpoch(), ahead, ahead}});
}

// The same by the generated classes.
mesh::SubscribeUplinkResponse ByGeneratedClasses(const core::Uplink& uplink) {
  mesh::SubscribeUplinkResponse response;
  mesh::Uplink* proto = response.add_uplinks();
  proto->set_gateway_id(uplink.gateway_id);
  proto->set_sink_id(uplink.sink_id);
  if (uplink.network_address) proto->set_network_address(*uplink.network_address);
  proto->set_source_address(uplink.source_address);
  proto->set_destination_address(uplink.destination_address);
  proto->set_source_endpoint(uplink.source_endpoint);
  proto->set_destination_endpoint(uplink.destination_endpoint);
  proto->set_qos(uplink.qos);
  if (!uplink.payload_hidden) proto->set_payload(uplink.payload);
  proto->set_payload_size(uplink.payload_size);
  if (uplink.hop_count) proto->set_hop_count(*uplink.hop_count);
  *proto->mutable_travel_time() = ToDuration(uplink.travel_time);
  *proto->mutable_receive_time() = ToTimestamp(uplink.receive_time);
  proto->set_event_id(uplink.event_id);
  proto->set_packet_id(uplink.packet_id);
  if (uplink.publish_time != absl::InfinitePast()) {
    *proto->mutable_publish_time() = ToTimestamp(uplink.publish_time);
  }
  *proto->mutable_arrival_time() = ToTimestamp(kArrival);
  return response;
}

// A packet in which each field is large, or has its default, by the bits of `full`.
void Fill(unsigned full, core::Uplink* uplink) {
  const auto on = [&](int bit) { return (full >> bit & 1) != 0; };
  const auto most = std::numeric_limits<uint32_t>::max();
  uplink->gateway_id = on(0) ? std::string(256, 'g') : "g";
  uplink->sink_id = on(1) ? std::string(200, 's') : "s";
  if (on(16)) uplink->network_address = on(2) ? 0xffffff : 0;
  uplink->source_address = on(3) ? most : 0;
  uplink->destination_address = on(4) ? most : 0;
  uplink->source_endpoint = on(5) ? 255 : 0;
  uplink->destination_endpoint = on(6) ? 128 : 0;
  uplink->qos = on(7) ? 1 : 0;
  uplink->payload_hidden = on(8);
  uplink->payload = on(9) ? std::string(1500, 'p') : "";
  uplink->payload_size = on(10) ? 1500 : 0;
  if (on(11)) uplink->hop_count = on(12) ? 15 : 0;
  if (on(15)) uplink->publish_time = absl::FromUnixMillis(on(3) ? 1700000000124 : 1000);
  uplink->travel_time = on(13) ? absl::Milliseconds(most) : absl::ZeroDuration();
  uplink->receive_time = on(14) ? absl::FromUnixMillis(1700000000123) : absl::UnixEpoch();
  uplink->event_id = on(15) ? std::numeric_limits<uint64_t>::max() : 0;
  uplink->packet_id = on(16) ? 0x8899aabbccddeeff : 0;
}

TEST(EncodeUplink, IsByteForByteWhatGeneratedClassesMake) {
  for (unsigned full = 0; full < 1u << 17; ++full) {
    core::Uplink uplink;
    Fill(full, &uplink);
    const std::string bytes = EncodeUplink(uplink, kArrival);
    mesh::SubscribeUplinkResponse read;
    ASSERT_TRUE(read.ParseFromString(bytes)) << full;
    ASSERT_EQ(bytes, ByGeneratedClasses(uplink).SerializeAsString()) << full;
  }
}

TEST(EncodeUplink, TimesAtTheirBounds) {
  core::Uplink uplink;
  uplink.gateway_id = "g";
  uplink.sink_id = "s";
  for (int64_t travel : {1, 999, 1000, 1001}) {
    for (int64_t receive : {int64_t{1}, int64_t{1000}, int64_t{253402300799000}}) {
      uplink.travel_time = absl::Milliseconds(travel);
      uplink.receive_time = absl::FromUnixMillis(receive);
      uplink.publish_time = absl::FromUnixMillis(receive);
      EXPECT_EQ(EncodeUplink(uplink, kArrival), ByGeneratedClasses(uplink).SerializeAsString());
    }
  }
}

TEST(EncodeUplink, TellsTheArrivalToTheMicrosecond) {
  core::Uplink uplink;
  for (const int64_t us : {int64_t{0}, int64_t{1}, int64_t{999999}, int64_t{1000000},
                           int64_t{1'700'000'000'000'000}}) {
    mesh::SubscribeUplinkResponse response;
    ASSERT_TRUE(response.ParseFromString(EncodeUplink(uplink, absl::FromUnixMicros(us))));
    ASSERT_TRUE(response.uplinks(0).has_arrival_time());
    EXPECT_EQ(response.uplinks(0).arrival_time().seconds(), us / 1000000);
    EXPECT_EQ(response.uplinks(0).arrival_time().nanos(), us % 1000000 * 1000);
    EXPECT_FALSE(response.uplinks(0).has_publish_time());
  }
}

TEST(EncodeUplink, PiecesMakeAResponse) {
  core::Uplink first;
  core::Uplink second;
  std::string scratch;
  Fill(0, &first);
  Fill(0xffff, &second);
  const std::string bytes =
      EncodedUplink(first, Ahead({}), &scratch) + EncodedUplink(second, Ahead({}), &scratch) +
      EncodeCursorAndGap("cursor", core::Gap{core::GapReason::kSlowReader, 4});
  mesh::SubscribeUplinkResponse response;
  ASSERT_TRUE(response.ParseFromString(bytes));
  ASSERT_EQ(response.uplinks_size(), 2);
  EXPECT_EQ(response.uplinks(1).gateway_id(), second.gateway_id);
  EXPECT_EQ(response.cursor(), "cursor");
  EXPECT_EQ(response.gap().lost_packets(), 4u);
  EXPECT_EQ(response.gap().reason(), mesh::GAP_REASON_SLOW_SUBSCRIBER);
}

TEST(EncodedUplink, IsMadeOnce) {
  core::Uplink uplink;
  Fill(0, &uplink);
  std::string scratch;
  EXPECT_EQ(EncodedUplink(uplink, Ahead({}), &scratch).data(),
            EncodedUplink(uplink, Ahead({}), &scratch).data());
  EXPECT_EQ(scratch, "");
}

TEST(EncodedUplink, IsMadeAnewWhenTheWallClockWasSet) {
  core::Uplink uplink;
  Fill(0, &uplink);
  uplink.moment = kArrival - absl::Hours(1);
  std::string scratch;
  const std::string& before = EncodedUplink(uplink, Ahead(absl::Hours(1), 1), &scratch);
  EXPECT_EQ(before, EncodeUplink(uplink, kArrival));
  const std::string& after = EncodedUplink(uplink, Ahead(absl::Hours(2), 2), &scratch);
  EXPECT_EQ(&after, &scratch);
  EXPECT_EQ(after, EncodeUplink(uplink, kArrival + absl::Hours(1)));
}

TEST(EncodeCursorAndGap, AnUnknownLossIsUnset) {
  mesh::SubscribeUplinkResponse response;
  ASSERT_TRUE(response.ParseFromString(
      EncodeCursorAndGap("c", core::Gap{core::GapReason::kBrokerDisconnected, std::nullopt})));
  EXPECT_FALSE(response.gap().has_lost_packets());
  ASSERT_TRUE(response.ParseFromString(EncodeCursorAndGap("c", std::nullopt)));
  EXPECT_FALSE(response.has_gap());
}

}  // namespace
}  // namespace wirepas_grpc::api
