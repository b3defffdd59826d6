// SPDX-License-Identifier: Apache-2.0
//
// SubscribeUplink as packets come: what they say, filters, duplicates and bad ones.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

using nlohmann::json;
using testing::ElementsAreArray;

constexpr char kDuplicates[] = "wirepas_grpc_broker_messages_dropped_total{reason=\"duplicate\"}";
constexpr char kMalformed[] =
    "wirepas_grpc_broker_messages_dropped_total{reason=\"malformed_payload\"}";
constexpr char kMismatch[] = "wirepas_grpc_broker_messages_dropped_total{reason=\"mismatch\"}";

int64_t MicrosOf(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1000;
}

class UplinkTest : public SharedStack<UplinkTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.broker.max_queued_messages = 100000;
    options.broker.max_inflight = 10000;
    options.simulator = {"--gateways",        "2",    "--sinks", "2", "--rate", "0",
                         "--network_address", "1001", "1002"};
    return options;
  }

 protected:
  static void Burst(int count, const std::string& gateway_id = "all") {
    ASSERT_TRUE(IsOk(stack().Control(gateway_id, {{"command", "burst"}, {"count", count}})));
  }

  static void SendUplink(const std::string& gateway_id, json fields) {
    fields["command"] = "uplink";
    ASSERT_TRUE(IsOk(stack().Control(gateway_id, fields)));
  }

  static double Metric(const std::string& name) { return stack().service().Metric(name); }
};

TEST_F(UplinkTest, EveryPacketComesOnceInTheOrderOfItsGateway) {
  UplinkStream stream(stub());
  SequenceCheck check;
  constexpr int kPackets = 3000;
  Burst(kPackets);
  check.Add(stream.Take(2 * kPackets));
  Burst(1);
  check.Add(stream.Take(2));
  EXPECT_TRUE(stream.gaps().empty());
  EXPECT_FALSE(stream.HasUntaken());
}

TEST_F(UplinkTest, PacketSaysAllThatTheGatewayTold) {
  UplinkStream stream(stub());
  SendUplink(kOtherGateway, {{"sink", kOtherSink},
                             {"source_address", 4000000000},
                             {"destination_address", 4294967295},
                             {"source_endpoint", 255},
                             {"destination_endpoint", 0},
                             {"qos", 1},
                             {"payload", "00ff10"},
                             {"hop_count", 12},
                             {"travel_time_ms", 61234},
                             {"event_id", 18446744073709551615u}});
  const auto uplink = stream.TakeOne();
  ASSERT_TRUE(uplink.has_value());
  EXPECT_EQ(uplink->gateway_id(), kOtherGateway);
  EXPECT_EQ(uplink->sink_id(), kOtherSink);
  EXPECT_EQ(uplink->network_address(), 1002u);
  EXPECT_EQ(uplink->source_address(), 4000000000u);
  EXPECT_EQ(uplink->destination_address(), 4294967295u);
  EXPECT_EQ(uplink->source_endpoint(), 255u);
  EXPECT_EQ(uplink->destination_endpoint(), 0u);
  EXPECT_EQ(uplink->qos(), 1u);
  EXPECT_EQ(uplink->payload(), std::string("\x00\xFF\x10", 3));
  EXPECT_EQ(uplink->payload_size(), 3u);
  EXPECT_EQ(uplink->hop_count(), 12u);
  EXPECT_EQ(uplink->travel_time().seconds(), 61);
  EXPECT_EQ(uplink->travel_time().nanos(), 234'000'000);
  EXPECT_EQ(uplink->event_id(), 18446744073709551615u);
  EXPECT_NEAR(static_cast<double>(uplink->receive_time().seconds()),
              static_cast<double>(absl::ToUnixSeconds(absl::Now())), 60.0);
  EXPECT_EQ(uplink->receive_time().nanos() % 1'000'000, 0);
  EXPECT_EQ(MicrosOf(uplink->publish_time()), MicrosOf(uplink->receive_time()))
      << "the simulator makes it at once";
  EXPECT_GE(MicrosOf(uplink->arrival_time()), MicrosOf(uplink->publish_time()) - 10'000);
  EXPECT_LE(MicrosOf(uplink->arrival_time()), absl::ToUnixMicros(absl::Now()) + 10'000);
}

TEST_F(UplinkTest, ATimeThatTheGatewayDoesNotTellIsUnset) {
  UplinkStream stream(stub());
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_times", true}})));
  SendUplink(kGateway, {{"payload", "aa"}});
  const auto uplink = stream.TakeOne();
  ASSERT_TRUE(uplink.has_value());
  EXPECT_FALSE(uplink->has_publish_time());
  EXPECT_TRUE(uplink->has_arrival_time());
}

// from_time means the same clock.
TEST_F(UplinkTest, TheTimeOfArrivalLeadsToThePacket) {
  UplinkStream stream(stub());
  for (uint64_t event_id = 1; event_id <= 3; ++event_id) {
    SendUplink(kGateway, {{"event_id", event_id}});
    const auto uplink = stream.TakeOne();
    ASSERT_TRUE(uplink.has_value());
    mesh::SubscribeUplinkRequest request;
    *request.mutable_from_time() = uplink->arrival_time();
    UplinkStream again(stub(), request);
    // Or up to 10 ms before.
    while (true) {
      const auto found = again.TakeOne();
      ASSERT_TRUE(found.has_value());
      EXPECT_GE(MicrosOf(found->arrival_time()), MicrosOf(uplink->arrival_time()) - 10'000);
      if (found->event_id() != event_id) continue;
      EXPECT_EQ(found->SerializeAsString(), uplink->SerializeAsString());
      break;
    }
  }
}

TEST_F(UplinkTest, PacketsThatMayWaitComeTogether) {
  mesh::SubscribeUplinkRequest request;
  request.mutable_max_delay()->set_seconds(1);
  StreamReader<mesh::SubscribeUplinkResponse> gathered(
      stub(), &mesh::NetworkService::Stub::SubscribeUplink, request);
  ASSERT_TRUE(gathered.Next().has_value());
  UplinkStream at_once(stub());
  for (int i = 0; i < 3; ++i) {
    SendUplink(kGateway, {{"payload", "aa"}});
    ASSERT_TRUE(at_once.TakeOne().has_value());
  }
  const auto response = gathered.Next();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->uplinks_size(), 3);
  // A full response does not wait.
  Burst(2000, kGateway);
  const absl::Time begin = absl::Now();
  const auto full = gathered.Next();
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->uplinks_size(), 512);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(1));
  at_once.Take(2000);  // so that the next test has none of them
}

TEST_F(UplinkTest, HiddenPayloadIsUnsetAndAnEmptyOneIsNot) {
  UplinkStream stream(stub());
  SendUplink(kGateway, {{"payload", "aabbccdd"}, {"hidden", true}});
  const auto hidden = stream.TakeOne();
  ASSERT_TRUE(hidden.has_value());
  EXPECT_FALSE(hidden->has_payload());
  EXPECT_EQ(hidden->payload_size(), 4u);
  SendUplink(kGateway, {{"payload", ""}});
  const auto empty = stream.TakeOne();
  ASSERT_TRUE(empty.has_value());
  EXPECT_TRUE(empty->has_payload());
  EXPECT_EQ(empty->payload_size(), 0u);
}

// Every combination of what filters look at, twice; the event id says which.
struct Packet {
  std::string gateway_id;
  std::string sink_id;
  uint32_t network;
  uint32_t source_address;
  uint32_t source_endpoint;
  uint32_t destination_endpoint;
  uint64_t event_id;
};

std::vector<Packet> AllPackets() {
  static uint64_t event_id = 1'000'000;
  std::vector<Packet> packets;
  for (int round = 0; round < 2; ++round) {
    for (const char* gateway : {kGateway, kOtherGateway}) {
      for (const char* sink : {kSink, kOtherSink}) {
        for (const uint32_t source : {11u, 12u}) {
          for (const uint32_t endpoint : {5u, 6u}) {
            const uint32_t network = sink == std::string(kSink) ? 1001 : 1002;
            packets.push_back(
                {gateway, sink, network, source, endpoint, endpoint + source, ++event_id});
          }
        }
      }
    }
  }
  return packets;
}

template <typename Values, typename Value>
bool In(const Values& values, const Value& value) {
  return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

bool Matches(const mesh::UplinkFilter& filter, const Packet& packet) {
  return In(filter.gateway_ids(), packet.gateway_id) && In(filter.sink_ids(), packet.sink_id) &&
         In(filter.network_addresses(), packet.network) &&
         In(filter.source_addresses(), packet.source_address) &&
         In(filter.source_endpoints(), packet.source_endpoint) &&
         In(filter.destination_endpoints(), packet.destination_endpoint);
}

std::vector<mesh::UplinkFilter> Filters() {
  std::vector<mesh::UplinkFilter> filters(9);
  filters[1].add_gateway_ids(kOtherGateway);
  filters[1].add_gateway_ids("not-known-yet");
  filters[2].add_sink_ids(kSink);
  filters[3].add_network_addresses(1002);
  filters[4].add_source_addresses(12);
  filters[5].add_source_endpoints(6);
  filters[6].add_destination_endpoints(16);
  filters[6].add_destination_endpoints(18);
  filters[7].add_gateway_ids(kGateway);
  filters[7].add_sink_ids(kOtherSink);
  filters[7].add_source_endpoints(5);
  filters[8].add_gateway_ids(kGateway);
  filters[8].add_gateway_ids(kOtherGateway);
  filters[8].add_network_addresses(1001);
  filters[8].add_network_addresses(1002);
  filters[8].add_source_addresses(11);
  filters[8].add_source_endpoints(5);
  filters[8].add_source_endpoints(6);
  filters[8].add_destination_endpoints(17);
  return filters;
}

TEST_F(UplinkTest, EachFilterLetsThroughWhatMatchesAndNothingElse) {
  const std::vector<mesh::UplinkFilter> filters = Filters();
  std::vector<std::unique_ptr<UplinkStream>> streams;
  for (const mesh::UplinkFilter& filter : filters) {
    mesh::SubscribeUplinkRequest request;
    *request.mutable_filter() = filter;
    streams.push_back(std::make_unique<UplinkStream>(stub(), request));
  }
  const std::vector<Packet> packets = AllPackets();
  for (const Packet& packet : packets) {
    SendUplink(packet.gateway_id, {{"sink", packet.sink_id},
                                   {"source_address", packet.source_address},
                                   {"source_endpoint", packet.source_endpoint},
                                   {"destination_endpoint", packet.destination_endpoint},
                                   {"event_id", packet.event_id}});
  }
  for (size_t i = 0; i < filters.size(); ++i) {
    SCOPED_TRACE(filters[i].ShortDebugString());
    std::vector<uint64_t> expected;
    for (const Packet& packet : packets) {
      if (Matches(filters[i], packet)) expected.push_back(packet.event_id);
    }
    ASSERT_FALSE(expected.empty());
    std::vector<uint64_t> seen;
    for (const mesh::Uplink& uplink : streams[i]->Take(expected.size())) {
      seen.push_back(uplink.event_id());
    }
    EXPECT_THAT(seen, ElementsAreArray(expected));
    EXPECT_FALSE(streams[i]->HasUntaken());
  }
}

TEST_F(UplinkTest, DuplicatesComeOnce) {
  UplinkStream stream(stub());
  SequenceCheck check;
  const double before = Metric(kDuplicates);
  ASSERT_TRUE(IsOk(stack().SetFaults("all", {{"duplicate_every", 2}})));
  Burst(1000);
  check.Add(stream.Take(2000));
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  Burst(1);
  check.Add(stream.Take(2));
  EXPECT_EQ(Metric(kDuplicates), before + 1000);
}

TEST_F(UplinkTest, PacketsWithTheSameEventIdAreNotTheSame) {
  UplinkStream stream(stub());
  SendUplink(kGateway, {{"event_id", 77}});
  SendUplink(kOtherGateway, {{"event_id", 77}});
  SendUplink(kGateway, {{"event_id", 77}, {"payload", "01"}});
  const auto uplinks = stream.Take(3);
  ASSERT_EQ(uplinks.size(), 3u);
  EXPECT_EQ(uplinks[0].gateway_id(), kGateway);
  EXPECT_EQ(uplinks[1].gateway_id(), kOtherGateway);
  EXPECT_EQ(uplinks[2].payload(), "\x01");
}

TEST_F(UplinkTest, MalformedAndSpoofedPacketsAreCountedAndDropped) {
  UplinkStream stream(stub());
  const double malformed = Metric(kMalformed);
  const double mismatch = Metric(kMismatch);
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"malformed_every", 4}})));
  ASSERT_TRUE(IsOk(
      stack().SetFaults(kOtherGateway, {{"foreign_every", 5}, {"foreign_gateway_id", kGateway}})));
  Burst(100);
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  int good[2] = {0, 0};
  for (const mesh::Uplink& uplink : stream.Take(155)) {
    ++good[uplink.gateway_id() == kGateway ? 0 : 1];
  }
  EXPECT_EQ(good[0], 75);
  EXPECT_EQ(good[1], 80);
  Burst(1);
  EXPECT_EQ(stream.Take(2).size(), 2u);
  EXPECT_EQ(Metric(kMalformed), malformed + 25);
  EXPECT_EQ(Metric(kMismatch), mismatch + 20);
}

TEST_F(UplinkTest, SubscribersDoNotAffectEachOther) {
  std::vector<std::unique_ptr<UplinkStream>> streams;
  for (int i = 0; i < 20; ++i) streams.push_back(std::make_unique<UplinkStream>(stub()));
  Burst(200);
  for (size_t i = 0; i < streams.size(); i += 2) streams[i].reset();
  Burst(200);
  for (size_t i = 1; i < streams.size(); i += 2) {
    SequenceCheck check;
    check.Add(streams[i]->Take(800));
    EXPECT_TRUE(streams[i]->gaps().empty());
  }
}

}  // namespace
}  // namespace wirepas_grpc::integration
