// SPDX-License-Identifier: Apache-2.0
//
// Messages that the network must not believe: counted by kind, and nothing else.
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/gateway_api/payload_limits.h"
#include "core/network/network.h"
#include "google/protobuf/stubs/logging.h"
#include "gtest/gtest.h"
#include "spdlog/spdlog.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

class NetworkDropsTest : public NetworkFixture {
 protected:
  // Hostile topics make log lines, which are tested elsewhere.
  NetworkDropsTest() { spdlog::set_level(spdlog::level::off); }
  ~NetworkDropsTest() override { spdlog::set_level(spdlog::level::info); }

  void StartWantingAll() {
    StartSynced();
    uplinks_ = network_.AcquireUplinks({}, [] {});
    downlinks_ = network_.AcquireDownlinks([] {});
    Settle();
    before_ = network_.directory().Snapshot();
  }

  // The one reason that a message is counted for; a failure when it left a trace.
  std::string Dropped(const std::string& topic, const std::string& payload, bool retained = false) {
    std::vector<uint64_t> counts;
    for (int i = 0; i < kReasons; ++i) counts.push_back(Count(i));
    broker_.Inject(topic, payload, retained);
    Settle();
    std::string reason = "none";
    for (int i = 0; i < kReasons; ++i) {
      if (Count(i) == counts[i]) continue;
      EXPECT_EQ(reason, "none") << "counted twice";
      reason = std::string(DropReasonName(static_cast<DropReason>(i)));
    }
    EXPECT_EQ(network_.directory().Snapshot(), before_) << topic;
    EXPECT_EQ(network_.uplinks_received(), 0u) << topic;
    EXPECT_EQ(network_.downlinks().next(), 1u) << topic;
    EXPECT_EQ(broker_.published_count(), 0u) << topic;
    return reason;
  }

  static std::string StatusPayload(const gw::StatusEvent& status) {
    gw::WirepasMessage message;
    *message.mutable_status_event() = status;
    return Encode(message);
  }

  static constexpr int kReasons = static_cast<int>(DropReason::kCount);
  uint64_t Count(int reason) { return network_.drops().count(static_cast<DropReason>(reason)); }

  google::protobuf::LogSilencer silence_;
  InterestPtr downlinks_;
  InterestPtr uplinks_;
  SnapshotPtr before_;
};

TEST_F(NetworkDropsTest, HostileTopics) {
  StartWantingAll();
  const std::string uplink = UplinkPayload(1);
  for (const std::string& topic :
       {std::string(), std::string("gw-event"), std::string("gw-event/status/g/x"),
        std::string("gw-event/received_data/g/s/7/1"),
        std::string("gw-event/received_data/g//7/1/2"),
        std::string("gw-event/received_data/g/s/-7/1/2"),
        std::string("gw-event/received_data/g/s/7/1/256"),
        std::string("gw-event/received_data/\xFF/s/7/1/2"), std::string("gw-response/send_data/g"),
        std::string("gw-response/send_data/g/+"), std::string(65535, 'a'), std::string(65535, '/'),
        "gw-event/status/" + std::string(65000, '\xFE')}) {
    EXPECT_EQ(Dropped(topic, uplink), "malformed_topic") << Printable(topic);
  }
  EXPECT_EQ(Dropped("gw-event/news/g", uplink), "unknown_topic");
  EXPECT_EQ(Dropped("gw-response/news/g/s", uplink), "unknown_topic");
}

TEST_F(NetworkDropsTest, PayloadsThatAreNoMessages) {
  StartWantingAll();
  for (const std::string& topic :
       {std::string("gw-event/status/g"), std::string("gw-event/received_data/g/s/7/1/2"),
        std::string("gw-request/send_data/g/s"), std::string("gw-response/send_data/g/s")}) {
    EXPECT_EQ(Dropped(topic, "\xFF\xFF\xFF"), "malformed_payload") << topic;
    EXPECT_EQ(Dropped(topic, UplinkPayload(1).substr(0, 20)), "malformed_payload") << topic;
    EXPECT_EQ(Dropped(topic, std::string(10 << 20, '\0')), "oversized") << topic;
    // An empty one is a message without content, but on a status topic a removal.
    if (topic == "gw-event/status/g") continue;
    EXPECT_EQ(Dropped(topic, ""), "unexpected_content") << topic;
  }
}

// Well-formed ones. They were decoded and kept once.
TEST_F(NetworkDropsTest, MessagesLargerThanTheirKindCanBe) {
  StartWantingAll();
  gw::StatusEvent status = StatusOf("g", gw::ON, {"s"});
  status.set_gw_model(std::string(3'500'000, 'x'));
  for (int i = 0; i < 60; ++i) {
    status.mutable_header()->set_gw_id(absl::StrCat("g", i));
    EXPECT_EQ(Dropped(absl::StrCat("gw-event/status/g", i), StatusPayload(status)), "oversized");
  }
  gw::GenericMessage uplink;
  ASSERT_EQ(Decode(UplinkPayload(1), &uplink), DropReason::kNone);
  uplink.mutable_wirepas()->mutable_packet_received_event()->set_payload(
      std::string(kMaxPacketPayload, 'x'));
  EXPECT_EQ(Dropped("gw-event/received_data/g/s/7/1/2", Encode(uplink.wirepas())), "oversized");
  gw::WirepasMessage request;
  *request.mutable_send_packet_req() = Packet(std::string(kMaxPacketPayload, 'x'));
  request.mutable_send_packet_req()->mutable_header()->set_req_id(1);
  EXPECT_EQ(Dropped("gw-request/send_data/g/s", Encode(request)), "oversized");
  gw::WirepasMessage answer;
  gw::SetConfigResp* config = answer.mutable_set_config_resp();
  config->mutable_header()->set_req_id(1);
  config->mutable_header()->set_gw_id("g");
  config->mutable_header()->set_res(gw::OK);
  config->mutable_config()->set_sink_id("s");
  config->mutable_config()->mutable_app_config()->set_diag_interval_s(1);
  config->mutable_config()->mutable_app_config()->set_seq(1);
  config->mutable_config()->mutable_app_config()->set_app_config_data(std::string(4'000'000, 'x'));
  EXPECT_EQ(Dropped("gw-response/set_config/g/s", Encode(answer)), "oversized");
}

TEST_F(NetworkDropsTest, MessagesOnTopicsOfOthers) {
  StartWantingAll();
  gw::WirepasMessage request;
  *request.mutable_send_packet_req() = Packet();
  request.mutable_send_packet_req()->mutable_header()->set_req_id(1);
  const std::map<std::string, std::string> right = {
      {"gw-event/status/g", StatusPayload(StatusOf("g", gw::ON))},
      {"gw-event/received_data/g/s/7/1/2", UplinkPayload(1)},
      {"gw-request/send_data/g/s", Encode(request)},
      {"gw-response/send_data/g/s", Answer(1)}};
  for (const auto& [topic, unused] : right) {
    for (const auto& [other, payload] : right) {
      if (topic == other) continue;
      EXPECT_EQ(Dropped(topic, payload), "unexpected_content") << topic;
    }
  }
  EXPECT_EQ(Dropped("gw-response/set_config/g/s", Answer(1)), "unexpected_content");
  EXPECT_EQ(Dropped("gw-request/set_config/g/s", Encode(request)), "unexpected_content");
}

TEST_F(NetworkDropsTest, PayloadsThatNameAnother) {
  StartWantingAll();
  EXPECT_EQ(Dropped("gw-event/status/g", StatusPayload(StatusOf("h", gw::OFF))), "mismatch");
  EXPECT_EQ(Dropped("gw-event/status/new", StatusPayload(StatusOf("g", gw::ON))), "mismatch");
  EXPECT_EQ(Dropped("gw-event/received_data/h/s/7/1/2", UplinkPayload(1, "g")), "mismatch");
  EXPECT_EQ(Dropped("gw-event/received_data/g/t/7/1/2", UplinkPayload(1)), "mismatch");
  EXPECT_EQ(Dropped("gw-event/received_data/g/s/8/1/2", UplinkPayload(1)), "mismatch");
  EXPECT_EQ(Dropped("gw-event/received_data/g/s/7/2/2", UplinkPayload(1)), "mismatch");
  EXPECT_EQ(Dropped("gw-event/received_data/g/s/7/1/3", UplinkPayload(1)), "mismatch");
  EXPECT_EQ(Dropped("gw-response/send_data/h/s", Answer(1)), "mismatch");
  EXPECT_EQ(Dropped("gw-response/send_data/g/t", Answer(1)), "mismatch");
}

// Else one would come as new with each subscription, and an old answer as one of now.
TEST_F(NetworkDropsTest, RetainedMessagesButStatuses) {
  StartWantingAll();
  gw::WirepasMessage request;
  *request.mutable_send_packet_req() = Packet();
  request.mutable_send_packet_req()->mutable_header()->set_req_id(1);
  EXPECT_EQ(Dropped("gw-event/received_data/g/s/7/1/2", UplinkPayload(1), true), "retained");
  EXPECT_EQ(Dropped("gw-request/send_data/g/s", Encode(request), true), "retained");
  EXPECT_EQ(Dropped("gw-response/send_data/g/s", Answer(1), true), "retained");
}

TEST_F(NetworkDropsTest, AnotherVersionOfTheContract) {
  StartWantingAll();
  gw::StatusEvent status = StatusOf("g", gw::OFF);
  for (const uint32_t version : {0u, 2u, 0xFFFFFFFFu}) {
    status.set_version(version);
    EXPECT_EQ(Dropped("gw-event/status/g", StatusPayload(status)), "unsupported_version");
  }
}

// A gateway cannot answer for another one, whatever it knows.
TEST_F(NetworkDropsTest, ASpoofedAnswerDoesNotEndARequest) {
  StartSynced();
  const RequestId id = Send("g");
  NextPublished();
  EXPECT_TRUE(broker_.Deliver("gw-response/send_data/h/s", Answer(id, gw::OK, "g")));
  EXPECT_TRUE(broker_.Deliver("gw-response/send_data/h/s", Answer(id, gw::OK, "h")));
  EXPECT_TRUE(NothingEnded());
  EXPECT_EQ(network_.drops().count(DropReason::kMismatch), 1u);
  AnswerSend(id);
  EXPECT_TRUE(Ended().status.ok());
}

// Answers that nobody asked for are normal and no reason to count.
TEST_F(NetworkDropsTest, UnaskedAnswersAreNoDrops) {
  StartWantingAll();
  EXPECT_EQ(Dropped("gw-response/send_data/g/s", Answer(12345)), "none");
  EXPECT_EQ(Dropped("gw-response/send_data/g/s", Answer(0)), "none");
}

// An uplink that was dropped as spoofed must not make the true one a duplicate.
TEST_F(NetworkDropsTest, ASpoofedUplinkDoesNotShadowTheTrueOne) {
  StartWantingAll();
  EXPECT_EQ(Dropped("gw-event/received_data/h/s/7/1/2", UplinkPayload(1, "g")), "mismatch");
  EXPECT_TRUE(DeliverUplink(1, "g"));
  EXPECT_EQ(UplinkLogTexts(), Texts{"1"});
}

TEST_F(NetworkDropsTest, NoiseStopsNothing) {
  StartWantingAll();
  std::mt19937_64 random(6);
  const std::vector<std::string> topics = {
      "gw-event/status/g",         "gw-event/received_data/g/s/7/1/2",
      "gw-request/send_data/g/s",  "gw-response/send_data/g/s",
      "gw-response/get_configs/g", "gw-response/set_config/g/s"};
  // Never from its first byte on: that would be a message now and then.
  const std::string seed = StatusPayload(StatusOf("g", gw::ON, {"s"}));
  for (int i = 0; i < 5000; ++i) {
    std::string payload = seed.substr(1 + random() % (seed.size() - 1), 1 + random() % 100);
    payload[random() % payload.size()] = static_cast<char>(random());
    broker_.Inject(topics[random() % topics.size()], payload);
  }
  Settle();
  EXPECT_EQ(network_.directory().Snapshot(), before_);
  DeliverUplink(5);
  EXPECT_EQ(UplinkLogTexts(), Texts{"5"});
  const RequestId id = Send();
  NextPublished();
  AnswerSend(id);
  EXPECT_TRUE(Ended().status.ok());
}

}  // namespace
}  // namespace wirepas_grpc::core
