// SPDX-License-Identifier: Apache-2.0
//
// A gateway that may publish what it likes on its own topics, and some of it on others'. While
// it does, a well-behaved one is served on, memory stays bounded and nothing freezes.
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/good_traffic.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;

constexpr char kHostile[] = "hostile";
// Longer than any message to the good gateway takes on a busy machine.
constexpr absl::Duration kNoFreeze = absl::Seconds(10);
constexpr uint64_t kNoTime = 0;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsTrue = false;  // the sanitizers take many times more
#else
constexpr bool kMemoryIsTrue = true;
#endif

class HostileGatewayTest : public SharedStack<HostileGatewayTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.broker.max_queued_messages = 1'000'000;
    options.broker.max_inflight = 100;
    options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "100"};
    options.service = {"--response_linger", "10m", "--uplink_linger", "10m"};
    return options;
  }

 protected:
  void SetUp() override {
    peer_ = stack().NewPeer();
    // Whoever was the first to do something takes what stays: it is no growth.
    ASSERT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink)).status));
    before_ = Memory();
    good_ = std::make_unique<GoodTraffic>(&stack().service(), kGateway, kSink);
  }

  void TearDown() override {
    ExpectAllSeen();
    good_->Stop(kNoFreeze);
    for (const std::string& id : retained_) Publish(StatusTopic(id), "", true);
    ExpectAllSeen();
    SharedStack::TearDown();
  }

  static size_t Memory() { return ResidentBytes(stack().service().process().pid()); }
  void ExpectGrowthBelow(size_t mebibytes) {
    if (!kMemoryIsTrue) return;
    EXPECT_LT(Memory(), before_ + (mebibytes << 20));
    RecordProperty("growth_mib", absl::StrCat((static_cast<double>(Memory()) - before_) / 1048576));
  }

  void Publish(const std::string& topic, const std::string& payload, bool retained = false) {
    ASSERT_TRUE(IsOk(peer_->Publish(topic, payload, 1, retained))) << topic.substr(0, 100);
  }
  void PublishStatus(const std::string& id, const gw::WirepasMessage& status) {
    retained_.insert(id);
    Publish(StatusTopic(id), Encoded(status), true);
  }

  // The broker keeps the order of what one client sends, so all that came before was seen.
  void ExpectAllSeen() {
    const std::string marker = absl::StrCat("marker-", ++markers_);
    Publish(StatusTopic(marker), Encoded(OnlineStatus(marker, "s")));
    EXPECT_TRUE(Eventually([&] { return Knows(marker); }));
    Publish(StatusTopic(marker), "");
    EXPECT_TRUE(Eventually([&] { return !Knows(marker); }));
  }
  std::optional<mesh::Gateway> Find(const std::string& id) {
    mesh::ListGatewaysRequest request;
    request.set_include_offline(true);
    const auto listing = Call(stub(), &Stub::ListGateways, request);
    EXPECT_TRUE(IsOk(listing.status));
    for (const mesh::Gateway& gateway : listing.response.gateways()) {
      if (gateway.gateway_id() == id) return gateway;
    }
    return std::nullopt;
  }
  bool Knows(const std::string& id) { return Find(id).has_value(); }

  static double Dropped(const std::string& reason) {
    return stack().service().Metric(
        absl::StrCat("wirepas_grpc_broker_messages_dropped_total{reason=\"", reason, "\"}"));
  }

  // A status with sinks s0, s1, ...
  static gw::WirepasMessage StatusWith(const std::string& id, int sinks, uint64_t time_ms,
                                       gw::OnOffState state = gw::ON) {
    gw::WirepasMessage message = OnlineStatus(id, "s0");
    gw::StatusEvent* status = message.mutable_status_event();
    status->set_state(state);
    if (time_ms != kNoTime) status->mutable_header()->set_time_ms_epoch(time_ms);
    for (int i = 1; i < sinks; ++i) {
      gw::SinkReadConfig* config = status->add_configs();
      config->set_sink_id(absl::StrCat("s", i));
      config->set_network_address(kNetwork);
    }
    return message;
  }

  template <typename Response>
  static void SetHeader(uint64_t id, const std::string& gateway, Response* response) {
    response->mutable_header()->set_req_id(id);
    response->mutable_header()->set_gw_id(gateway);
    response->mutable_header()->set_sink_id("s0");
    response->mutable_header()->set_res(gw::OK);
  }

  std::unique_ptr<MqttPeer> peer_;
  std::unique_ptr<GoodTraffic> good_;
  std::set<std::string> retained_;
  size_t before_ = 0;
  static inline int markers_ = 0;
};

TEST_F(HostileGatewayTest, StatusesAndAnswersOfFourMebibytes) {
  const double before = Dropped("oversized");
  constexpr int kMessages = 60;
  gw::WirepasMessage answer;
  SetHeader(1, kHostile, answer.mutable_set_config_resp());
  for (int i = 0; i < kMessages; ++i) {
    const std::string id = absl::StrCat(kHostile, "-", i);
    gw::WirepasMessage status = OnlineStatus(id, "s0");
    status.mutable_status_event()->set_gw_model(std::string(3'500'000, 'x'));
    PublishStatus(id, status);
    gw::SinkReadConfig* config = answer.mutable_set_config_resp()->mutable_config();
    config->set_sink_id(absl::StrCat("s", i));
    config->mutable_app_config()->set_diag_interval_s(1);
    config->mutable_app_config()->set_seq(1);
    config->mutable_app_config()->set_app_config_data(std::string(4'000'000, 'x'));
    answer.mutable_set_config_resp()->mutable_header()->set_sink_id(config->sink_id());
    Publish(absl::StrCat("gw-response/set_config/", kHostile, "/", config->sink_id()),
            Encoded(answer));
  }
  ExpectAllSeen();
  EXPECT_EQ(Dropped("oversized"), before + 2 * kMessages);
  ExpectGrowthBelow(100);
}

// As large as they may be, of parts that take twenty times as much once they are decoded.
TEST_F(HostileGatewayTest, StatusesThatGrowWhenTheyAreDecoded) {
  gw::WirepasMessage items = StatusWith(kHostile, 2, kNoTime);
  gw::SinkReadConfig* config = items.mutable_status_event()->mutable_configs(0);
  gw::ConfigurationDataItem* item = config->add_configuration_data_content();
  item->set_endpoint(1);
  item->set_payload("");
  while (items.ByteSizeLong() < (500 << 10)) {
    for (int i = 0; i < 1000; ++i) *config->add_configuration_data_content() = *item;
  }
  gw::WirepasMessage sinks = StatusWith(kHostile, 40'000, kNoTime);
  const double refused = stack().service().Metric("wirepas_grpc_sinks_refused_total");
  for (int i = 0; i < 20; ++i) {
    PublishStatus(kHostile, items);
    PublishStatus(kHostile, sinks);
  }
  ExpectAllSeen();
  EXPECT_GT(stack().service().Metric("wirepas_grpc_sinks_refused_total"), refused);
  EXPECT_LE(Find(kHostile)->sink_ids_size(), 312);
  ExpectGrowthBelow(100);
}

// With a watcher who reads all of it and one who reads nothing.
TEST_F(HostileGatewayTest, FlapsThousandsOfTimes) {
  StreamReader<mesh::WatchNetworkResponse> watch(stub(), &Stub::WatchNetwork,
                                                 mesh::WatchNetworkRequest());
  grpc::ClientContext context;
  const auto unread = stub()->WatchNetwork(&context, mesh::WatchNetworkRequest());
  const gw::WirepasMessage on = StatusWith(kHostile, 100, kNoTime);
  const gw::WirepasMessage off = StatusWith(kHostile, 1, kNoTime, gw::OFF);
  for (int i = 0; i < 3000; ++i) {
    PublishStatus(kHostile, off);
    PublishStatus(kHostile, on);
  }
  ExpectAllSeen();
  const std::optional<mesh::Gateway> gateway = Find(kHostile);
  ASSERT_TRUE(gateway.has_value());
  EXPECT_TRUE(gateway->online());
  EXPECT_EQ(gateway->sink_ids_size(), 100);
  PublishStatus(kHostile, off);
  // The watcher comes to the end of it, whatever was merged on the way.
  bool online = true;
  while (online) {
    const std::optional<mesh::WatchNetworkResponse> response = watch.Next();
    ASSERT_TRUE(response.has_value());
    for (const mesh::NetworkEvent& event : response->events()) {
      if (event.gateway().gateway_id() != kHostile) continue;
      online = event.gateway().online() || Find(kHostile)->online();
    }
  }
  ExpectGrowthBelow(100);
  context.TryCancel();
}

TEST_F(HostileGatewayTest, ClocksFarInTheFutureAndInThePast) {
  UplinkStream uplinks(stub());
  const uint64_t now = static_cast<uint64_t>(absl::ToUnixMillis(absl::Now()));
  constexpr uint64_t kLastOfTimestamps = 253402300799000;
  uint64_t event = 0;
  for (const uint64_t time : {~uint64_t{0}, uint64_t{1} << 63, kLastOfTimestamps + 1,
                              kLastOfTimestamps, now + 3'155'760'000'000, uint64_t{1}}) {
    PublishStatus(kHostile, StatusWith(kHostile, 3, time));
    gw::WirepasMessage answer;
    SetHeader(0, kHostile, answer.mutable_get_configs_resp());
    answer.mutable_get_configs_resp()->mutable_header()->set_time_ms_epoch(time);
    *answer.mutable_get_configs_resp()->mutable_configs() =
        StatusWith(kHostile, 2, time).status_event().configs();
    Publish(absl::StrCat("gw-response/get_configs/", kHostile), Encoded(answer));
    gw::WirepasMessage packet = UplinkEvent(kHostile, "s0", ++event);
    packet.mutable_packet_received_event()->mutable_header()->set_time_ms_epoch(time);
    packet.mutable_packet_received_event()->set_rx_time_ms_epoch(time);
    Publish(UplinkTopic(kHostile, "s0"), Encoded(packet));
    // An OFFLINE status counts whatever was told before.
    PublishStatus(kHostile, StatusWith(kHostile, 1, time, gw::OFF));
    EXPECT_TRUE(Eventually([&] { return Knows(kHostile) && !Find(kHostile)->online(); })) << time;
    // And so does the next ONLINE one, with the right time.
    PublishStatus(kHostile, StatusWith(kHostile, 3, now));
    EXPECT_TRUE(Eventually([&] { return Find(kHostile)->online(); })) << time;
  }
  Publish(UplinkTopic(kHostile, "s0"), Encoded(UplinkEvent(kHostile, "s0", 1000)));
  std::optional<mesh::Uplink> last;
  do {
    last = uplinks.TakeOne();
  } while (last.has_value() && (last->gateway_id() != kHostile || last->event_id() != 1000));
  EXPECT_TRUE(last.has_value());
}

TEST_F(HostileGatewayTest, AnswersOfTheWrongKindAndOfOthersRequests) {
  PublishStatus(kHostile, StatusWith(kHostile, 1, kNoTime));
  ExpectAllSeen();
  const auto listener = stack().NewPeer({"gw-request/#"});
  const double unexpected = Dropped("unexpected_content");
  const double mismatch = Dropped("mismatch");
  AsyncCall<mesh::SendMessageResponse> call(stub(), &Stub::SendMessage,
                                            SendRequest(kHostile, "s0"));
  const std::string topic = SendDataTopic(kHostile, "s0");
  const auto request = listener->Take(OnTopic(topic));
  ASSERT_TRUE(IsOk(request.status()));
  const uint64_t id = Decoded(request->payload).send_packet_req().header().req_id();
  const std::string own = absl::StrCat("gw-response/send_data/", kHostile, "/s0");

  gw::WirepasMessage wrong;
  SetHeader(id, kHostile, wrong.mutable_get_configs_resp());
  constexpr int kTimes = 200;
  for (int i = 0; i < kTimes; ++i) Publish(own, Encoded(wrong));
  gw::WirepasMessage right;
  SetHeader(id, kHostile, right.mutable_send_packet_resp());
  for (int i = 0; i < kTimes; ++i) {
    Publish(absl::StrCat("gw-response/get_configs/", kHostile), Encoded(right));
  }
  // A good answer to another question with the same id, and one in the name of another.
  Publish(absl::StrCat("gw-response/get_configs/", kHostile), Encoded(wrong));
  gw::WirepasMessage spoofed;
  SetHeader(id, kGateway, spoofed.mutable_send_packet_resp());
  for (int i = 0; i < kTimes; ++i) Publish(own, Encoded(spoofed));
  // To whatever the good gateway is asked meanwhile.
  for (int i = 0; i < kTimes; ++i) {
    const auto others = listener->Take(OnTopic(SendDataTopic(kGateway, kSink)));
    ASSERT_TRUE(IsOk(others.status()));
    gw::WirepasMessage answer;
    SetHeader(Decoded(others->payload).send_packet_req().header().req_id(), kHostile,
              answer.mutable_send_packet_resp());
    answer.mutable_send_packet_resp()->mutable_header()->set_res(gw::INTERNAL_ERROR);
    Publish(own, Encoded(answer));
  }
  ExpectAllSeen();
  EXPECT_FALSE(call.done());
  EXPECT_EQ(Dropped("unexpected_content"), unexpected + 2 * kTimes);
  EXPECT_EQ(Dropped("mismatch"), mismatch + kTimes);
  // The right one, many times, and an unknown code afterwards.
  for (int i = 0; i < kTimes; ++i) Publish(own, Encoded(right));
  right.mutable_send_packet_resp()->mutable_header()->set_res(gw::INTERNAL_ERROR);
  Publish(own, Encoded(right));
  EXPECT_TRUE(IsOk(call.Get().status));
}

// Different packets with one event id are packets; equal ones are one.
TEST_F(HostileGatewayTest, RepeatsEventIds) {
  mesh::SubscribeUplinkRequest subscription;
  subscription.mutable_filter()->add_gateway_ids(kHostile);
  UplinkStream uplinks(stub(), subscription);
  const double duplicates = Dropped("duplicate");
  constexpr size_t kPackets = 1000;
  for (size_t i = 0; i < kPackets; ++i) {
    gw::WirepasMessage packet = UplinkEvent(kHostile, "s0", 7);
    packet.mutable_packet_received_event()->set_rx_time_ms_epoch(1'700'000'000'000);
    packet.mutable_packet_received_event()->set_payload(absl::StrCat("payload ", i));
    const std::string payload = Encoded(packet);
    for (int j = 0; j < 3; ++j) Publish(UplinkTopic(kHostile, "s0"), payload);
  }
  const std::vector<mesh::Uplink> all = uplinks.Take(kPackets);
  ASSERT_EQ(all.size(), kPackets);
  for (size_t i = 0; i < kPackets; ++i) {
    EXPECT_EQ(all[i].payload(), absl::StrCat("payload ", i));
  }
  ExpectAllSeen();
  EXPECT_FALSE(uplinks.HasUntaken());
  EXPECT_GE(Dropped("duplicate"), duplicates + 2 * kPackets);
  Publish(StatusTopic(kHostile), "");
}

TEST_F(HostileGatewayTest, TheLongestIdsLongerOnesAndGarbage) {
  const std::string longest(256, 'g');
  const std::string sink(256, 's');
  gw::WirepasMessage status = OnlineStatus(longest, sink);
  status.mutable_status_event()->add_configs()->set_sink_id(std::string(257, 's'));
  PublishStatus(longest, status);
  ExpectAllSeen();
  EXPECT_EQ(Find(longest)->sink_ids_size(), 1);
  const double malformed = Dropped("malformed_topic");
  const std::string too_long(257, 'g');
  Publish(StatusTopic(too_long), Encoded(OnlineStatus(too_long, "s")));
  ExpectAllSeen();
  EXPECT_EQ(Dropped("malformed_topic"), malformed + 1);

  UplinkStream uplinks(stub());
  std::mt19937 random(815);
  const std::vector<std::string> topics = {StatusTopic(kHostile),
                                           UplinkTopic(kHostile, "s0"),
                                           absl::StrCat("gw-response/get_configs/", kHostile),
                                           absl::StrCat("gw-response/set_config/", kHostile, "/s0"),
                                           absl::StrCat("gw-response/send_data/", kHostile, "/s0"),
                                           absl::StrCat("gw-response/get_gw_info/", kHostile)};
  const std::string seed = Encoded(StatusWith(kHostile, 20, kNoTime));
  for (int i = 0; i < 3000; ++i) {
    std::string payload = seed.substr(0, random() % seed.size());
    for (int j = 0; j < 4 && !payload.empty(); ++j) {
      payload[random() % payload.size()] = static_cast<char>(random());
    }
    Publish(topics[random() % topics.size()], payload);
  }
  // A packet with the longest ids and payload gets through behind all of it.
  gw::WirepasMessage packet = UplinkEvent(longest, sink, 1);
  packet.mutable_packet_received_event()->set_payload(std::string(1500, 'x'));
  Publish(UplinkTopic(longest, sink), Encoded(packet));
  std::optional<mesh::Uplink> last;
  do {
    last = uplinks.TakeOne();
  } while (last.has_value() && last->gateway_id() != longest);
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->sink_id(), sink);
  Publish(StatusTopic(kHostile), "");
  ExpectGrowthBelow(100);
}

}  // namespace
}  // namespace wirepas_grpc::integration
