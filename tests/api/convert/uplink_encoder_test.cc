// SPDX-License-Identifier: Apache-2.0
#include "api/convert/uplink_encoder.h"

#include <limits>

#include "api/call/namespaces.h"
#include "api/convert/time.h"
#include "gtest/gtest.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {
namespace {

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
  uplink->travel_time = on(13) ? absl::Milliseconds(most) : absl::ZeroDuration();
  uplink->receive_time = on(14) ? absl::FromUnixMillis(1700000000123) : absl::UnixEpoch();
  uplink->event_id = on(15) ? std::numeric_limits<uint64_t>::max() : 0;
  uplink->packet_id = on(16) ? 0x8899aabbccddeeff : 0;
}

TEST(EncodeUplink, IsByteForByteWhatGeneratedClassesMake) {
  for (unsigned full = 0; full < 1u << 17; ++full) {
    core::Uplink uplink;
    Fill(full, &uplink);
    const std::string bytes = EncodeUplink(uplink);
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
      EXPECT_EQ(EncodeUplink(uplink), ByGeneratedClasses(uplink).SerializeAsString());
    }
  }
}

TEST(EncodeUplink, PiecesMakeAResponse) {
  core::Uplink first;
  core::Uplink second;
  Fill(0, &first);
  Fill(0xffff, &second);
  const std::string bytes =
      EncodedUplink(first) + EncodedUplink(second) +
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
  EXPECT_EQ(EncodedUplink(uplink).data(), EncodedUplink(uplink).data());
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
