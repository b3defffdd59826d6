// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/uplink.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/gateway_api/codec.h"
#include "core/traffic/packet_id.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

class MakeUplinkTest : public testing::Test {
 protected:
  MakeUplinkTest() {
    event_.mutable_header()->set_gw_id("g");
    event_.mutable_header()->set_sink_id("s");
    event_.mutable_header()->set_event_id(0xFFFFFFFFFFFFFFFF);
    event_.set_source_address(0x80000001);
    event_.set_destination_address(0xFFFFFFFE);
    event_.set_source_endpoint(1);
    event_.set_destination_endpoint(255);
    event_.set_travel_time_ms(1500);
    event_.set_rx_time_ms_epoch(1'700'000'000'123);
    event_.set_qos(1);
    event_.set_payload("payload");
    event_.set_hop_count(3);
    event_.set_network_address(4000);
  }

  std::unique_ptr<Uplink> Make(const std::string& topic = "gw-event/received_data/g/s/4000/1/255") {
    gw::PacketReceivedEvent event = event_;
    return MakeUplink(*ParseTopic(topic), &event, &reason_);
  }

  gw::PacketReceivedEvent event_;
  DropReason reason_ = DropReason::kCount;
};

TEST_F(MakeUplinkTest, TakesOverEverything) {
  const std::unique_ptr<Uplink> uplink = Make();
  ASSERT_NE(uplink, nullptr);
  EXPECT_EQ(reason_, DropReason::kNone);
  EXPECT_EQ(uplink->gateway_id, "g");
  EXPECT_EQ(uplink->sink_id, "s");
  EXPECT_EQ(uplink->network_address, 4000u);
  EXPECT_EQ(uplink->source_address, 0x80000001u);
  EXPECT_EQ(uplink->destination_address, 0xFFFFFFFEu);
  EXPECT_EQ(uplink->source_endpoint, 1);
  EXPECT_EQ(uplink->destination_endpoint, 255);
  EXPECT_EQ(uplink->qos, 1u);
  EXPECT_FALSE(uplink->payload_hidden);
  EXPECT_EQ(uplink->payload, "payload");
  EXPECT_EQ(uplink->payload_size, 7u);
  EXPECT_EQ(uplink->hop_count, 3u);
  EXPECT_EQ(uplink->travel_time, absl::Milliseconds(1500));
  EXPECT_EQ(uplink->receive_time, absl::FromUnixMillis(1'700'000'000'123));
  EXPECT_EQ(uplink->event_id, 0xFFFFFFFFFFFFFFFFu);
  EXPECT_GE(uplink->MemorySize(), sizeof(Uplink) + 2 * 7u);
}

TEST_F(MakeUplinkTest, TakesFromTheTopicWhatTheEventLeavesOut) {
  event_.clear_network_address();
  event_.mutable_header()->clear_sink_id();
  event_.clear_hop_count();
  const std::unique_ptr<Uplink> uplink = Make();
  ASSERT_NE(uplink, nullptr);
  EXPECT_EQ(uplink->network_address, 4000u);
  EXPECT_EQ(uplink->sink_id, "s");
  EXPECT_FALSE(uplink->hop_count.has_value());
}

TEST_F(MakeUplinkTest, AGatewayThatDoesNotKnowTheNetworkLeavesItUnset) {
  const std::string topic = "gw-event/received_data/g/s/None/1/255";
  event_.clear_network_address();
  std::unique_ptr<Uplink> uplink = Make(topic);
  ASSERT_NE(uplink, nullptr);
  EXPECT_EQ(uplink->network_address, std::nullopt);
  EXPECT_EQ(uplink->payload, "payload");
  // The payload alone is not believed: brokers guard topics.
  event_.set_network_address(4000);
  uplink = Make(topic);
  ASSERT_NE(uplink, nullptr);
  EXPECT_EQ(uplink->network_address, std::nullopt);
}

TEST_F(MakeUplinkTest, ADecodedOneHasTheIdOfItsTopicAndPayload) {
  gw::WirepasMessage message;
  *message.mutable_packet_received_event() = event_;
  const std::string payload = Encode(message);
  const std::string topic = "gw-event/received_data/g/s/4000/1/255";
  gw::GenericMessage scratch;
  const std::unique_ptr<Uplink> live =
      DecodeUplink(*ParseTopic(topic), topic, payload, &scratch, &reason_);
  const std::unique_ptr<Uplink> stored = DecodeUplink(topic, payload, &scratch, &reason_);
  ASSERT_NE(live, nullptr);
  ASSERT_NE(stored, nullptr);
  EXPECT_EQ(live->packet_id, PacketId(topic, payload));
  EXPECT_EQ(stored->packet_id, PacketId(topic, payload));
}

TEST_F(MakeUplinkTest, TheTimeOfTheMessageIsThatOfItsHeader) {
  EXPECT_EQ(Make()->publish_time, absl::InfinitePast()) << "the header has none";
  event_.mutable_header()->set_time_ms_epoch(0);
  EXPECT_EQ(Make()->publish_time, absl::InfinitePast());
  event_.mutable_header()->set_time_ms_epoch(1'700'000'000'456);
  EXPECT_EQ(Make()->publish_time, absl::FromUnixMillis(1'700'000'000'456));
  event_.mutable_header()->set_time_ms_epoch(253402300800000);  // the year 10000
  ASSERT_NE(Make(), nullptr) << "it is a good packet all the same";
  EXPECT_EQ(Make()->publish_time, absl::InfinitePast());
}

TEST_F(MakeUplinkTest, AHiddenPayloadHasItsSizeOnly) {
  event_.clear_payload();
  event_.set_payload_size(1500);
  const std::unique_ptr<Uplink> uplink = Make();
  ASSERT_NE(uplink, nullptr);
  EXPECT_TRUE(uplink->payload_hidden);
  EXPECT_EQ(uplink->payload, "");
  EXPECT_EQ(uplink->payload_size, 1500u);
}

TEST_F(MakeUplinkTest, AnEmptyPayloadIsNotHidden) {
  event_.set_payload("");
  const std::unique_ptr<Uplink> uplink = Make();
  ASSERT_NE(uplink, nullptr);
  EXPECT_FALSE(uplink->payload_hidden);
  EXPECT_EQ(uplink->payload_size, 0u);
}

TEST_F(MakeUplinkTest, ContradictionsOfTopicAndEventAreMismatches) {
  for (const char* topic :
       {"gw-event/received_data/h/s/4000/1/255", "gw-event/received_data/g/t/4000/1/255",
        "gw-event/received_data/g/s/4001/1/255", "gw-event/received_data/g/s/4000/2/255",
        "gw-event/received_data/g/s/4000/1/254"}) {
    EXPECT_EQ(Make(topic), nullptr) << topic;
    EXPECT_EQ(reason_, DropReason::kMismatch) << topic;
  }
}

TEST_F(MakeUplinkTest, ValuesOutOfRangeAreMalformed) {
  const gw::PacketReceivedEvent good = event_;
  const auto expect_malformed = [&](const char* what) {
    EXPECT_EQ(Make(), nullptr) << what;
    EXPECT_EQ(reason_, DropReason::kMalformedPayload) << what;
    event_ = good;
  };
  event_.set_source_endpoint(256);
  expect_malformed("source endpoint");
  event_.set_source_endpoint(257);  // 1 in eight bits, as the topic says
  expect_malformed("source endpoint in eight bits");
  event_.set_destination_endpoint(0xFFFFFFFF);
  expect_malformed("destination endpoint");
  event_.set_network_address((uint64_t{1} << 32) + 4000);
  expect_malformed("network address in 32 bits");
  event_.set_network_address((uint64_t{1} << 24) + 4000);
  expect_malformed("network address in 24 bits");
  event_.set_rx_time_ms_epoch(0xFFFFFFFFFFFFFFFF);
  expect_malformed("time");
  event_.set_rx_time_ms_epoch(253402300800000);  // the year 10000
  expect_malformed("time that a Timestamp cannot tell");
  event_.set_rx_time_ms_epoch(253402300799000);
  EXPECT_NE(Make(), nullptr);
}

TEST(EncodedOnceTest, IsMadeByOneThreadAndSeenByAll) {
  constexpr int kThreads = 4;
  constexpr int kObjects = 500;
  std::vector<EncodedOnce> objects(kObjects);
  std::vector<std::atomic<int>> made(kObjects);
  std::vector<std::thread> threads;
  std::atomic<int> ready = 0;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      ++ready;
      while (ready < kThreads) {
      }
      for (int j = 0; j < kObjects; ++j) {
        const EncodedOnce::Form& form = objects[j].Get([&] {
          ++made[j];
          return EncodedOnce::Form{absl::StrCat("a text too long to be kept in place, number ", j),
                                   static_cast<uint64_t>(j)};
        });
        EXPECT_EQ(form.bytes, absl::StrCat("a text too long to be kept in place, number ", j));
        EXPECT_EQ(form.version, static_cast<uint64_t>(j));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::atomic<int>& count : made) EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace wirepas_grpc::core
