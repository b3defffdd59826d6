// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/topics.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

struct Kind {
  RequestKind kind;
  std::string name;
  bool to_sink;
};

const std::vector<Kind>& Kinds() {
  static const std::vector<Kind> kinds = {
      {RequestKind::kGetConfigs, "get_configs", false},
      {RequestKind::kGetGatewayInfo, "get_gw_info", false},
      {RequestKind::kSetConfig, "set_config", true},
      {RequestKind::kSendData, "send_data", true},
      {RequestKind::kOtapStatus, "otap_status", true},
      {RequestKind::kOtapLoadScratchpad, "otap_load_scratchpad", true},
      {RequestKind::kOtapProcessScratchpad, "otap_process_scratchpad", true},
      {RequestKind::kOtapSetTarget, "otap_set_target_scratchpad", true},
      {RequestKind::kSetConfigurationDataItem, "set_configuration_data_item", true},
      {RequestKind::kGetConfigurationDataItem, "get_configuration_data_item", true},
  };
  return kinds;
}

bool IsMalformed(const std::string& topic) {
  return absl::IsInvalidArgument(ParseTopic(topic).status());
}

TEST(TopicsTest, RequestTopicsAreThoseOfTheContractAndReadBack) {
  const GatewayId gateway = *GatewayId::Parse("gw 1");
  const SinkId sink = *SinkId::Parse("sink0");
  for (const Kind& kind : Kinds()) {
    EXPECT_EQ(RequestKindName(kind.kind), kind.name);
    const std::string topic = RequestTopic(kind.kind, gateway, kind.to_sink ? &sink : nullptr);
    EXPECT_EQ(topic, absl::StrCat("gw-request/", kind.name, "/gw 1", kind.to_sink ? "/sink0" : ""));
    const absl::StatusOr<Topic> parsed = ParseTopic(topic);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->type, Topic::Type::kRequest);
    EXPECT_EQ(parsed->request_kind, kind.kind);
    EXPECT_EQ(parsed->gateway_id, "gw 1");
    EXPECT_EQ(parsed->sink_id, kind.to_sink ? "sink0" : "");
  }
}

TEST(TopicsTest, ReadsResponsesOfEveryKind) {
  for (const Kind& kind : Kinds()) {
    const std::string topic = absl::StrCat("gw-response/", kind.name, "/g/s");
    const absl::StatusOr<Topic> parsed = ParseTopic(topic);
    ASSERT_TRUE(parsed.ok()) << topic << ": " << parsed.status();
    EXPECT_EQ(parsed->type, Topic::Type::kResponse);
    EXPECT_EQ(parsed->request_kind, kind.kind);
    EXPECT_EQ(parsed->sink_id, "s");
    const absl::StatusOr<Topic> without_sink =
        ParseTopic(absl::StrCat("gw-response/", kind.name, "/g"));
    EXPECT_EQ(without_sink.ok(), !kind.to_sink) << topic;
    EXPECT_TRUE(IsMalformed(absl::StrCat("gw-response/", kind.name, "/g/s/x")));
    EXPECT_TRUE(IsMalformed(absl::StrCat("gw-response/", kind.name, "/g/")));
    EXPECT_TRUE(IsMalformed(absl::StrCat("gw-response/", kind.name, "//s")));
  }
}

TEST(TopicsTest, ReadsStatusTopics) {
  const std::string topic = StatusTopic(*GatewayId::Parse("g"));
  EXPECT_EQ(topic, "gw-event/status/g");
  const absl::StatusOr<Topic> parsed = ParseTopic(topic);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->type, Topic::Type::kStatus);
  EXPECT_EQ(parsed->gateway_id, "g");
  EXPECT_EQ(parsed->sink_id, "");
}

TEST(TopicsTest, ReadsUplinkTopics) {
  const absl::StatusOr<Topic> parsed = ParseTopic("gw-event/received_data/g/s/16777215/255/0");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->type, Topic::Type::kUplink);
  EXPECT_EQ(parsed->gateway_id, "g");
  EXPECT_EQ(parsed->sink_id, "s");
  EXPECT_EQ(parsed->network_address, 16777215u);
  EXPECT_EQ(parsed->source_endpoint, 255u);
  EXPECT_EQ(parsed->destination_endpoint, 0u);
}

TEST(TopicsTest, TheNetworkMayBeNone) {
  const absl::StatusOr<Topic> parsed = ParseTopic("gw-event/received_data/g/s/None/255/0");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->type, Topic::Type::kUplink);
  EXPECT_EQ(parsed->network_address, std::nullopt);
  EXPECT_EQ(parsed->source_endpoint, 255u);
  for (const char* topic :
       {"gw-event/received_data/g/s/none/1/1", "gw-event/received_data/g/s/None0/1/1",
        "gw-event/received_data/g/s/1/None/1", "gw-event/received_data/g/s/1/1/None"}) {
    EXPECT_TRUE(IsMalformed(topic)) << topic;
  }
}

TEST(TopicsTest, NumbersAreWhatTheyClaimToBe) {
  const std::vector<std::string> bad = {"",        "-1",
                                        "+1",      " 1",
                                        "1 ",      "\t1",
                                        "1\n",     "01",
                                        "00",      "0x1",
                                        "1.0",     "1e1",
                                        "one",     std::string("1\0", 2),
                                        "--1",     "256",
                                        "1000",    "99999999999999999999999999",
                                        "\xD9\xA1"};
  for (const std::string& number : bad) {
    EXPECT_TRUE(IsMalformed(absl::StrCat("gw-event/received_data/g/s/1/", number, "/1"))) << number;
    EXPECT_TRUE(IsMalformed(absl::StrCat("gw-event/received_data/g/s/1/1/", number))) << number;
    if (number == "256" || number == "1000") continue;
    EXPECT_TRUE(IsMalformed(absl::StrCat("gw-event/received_data/g/s/", number, "/1/1"))) << number;
  }
  EXPECT_TRUE(IsMalformed("gw-event/received_data/g/s/16777216/1/1")) << "networks are 24 bits";
  EXPECT_TRUE(ParseTopic("gw-event/received_data/g/s/0/0/0").ok());
}

TEST(TopicsTest, AWrongNumberOfLevelsIsMalformed) {
  for (const char* topic :
       {"", "/", "//", "///////", "gw-event", "gw-event/status", "gw-event/status/g/s",
        "gw-event/status/g/", "gw-event/received_data/g", "gw-event/received_data/g/s",
        "gw-event/received_data/g/s/1", "gw-event/received_data/g/s/1/1",
        "gw-event/received_data/g/s/1/1/1/1", "gw-event/received_data/g/s/1/1/1/",
        "gw-request/send_data/g", "gw-request/send_data/g/s/x", "gw-response"}) {
    EXPECT_TRUE(IsMalformed(topic)) << topic;
  }
}

TEST(TopicsTest, EmptyLevelsAreMalformed) {
  for (const char* topic : {"gw-event/status/", "gw-event/received_data//s/1/1/1",
                            "gw-event/received_data/g//1/1/1", "gw-event/received_data/g/s//1/1",
                            "gw-event/received_data/g/s/1//1", "gw-event/received_data/g/s/1/1/",
                            "gw-response/send_data//s", "gw-response/send_data/g/"}) {
    EXPECT_TRUE(IsMalformed(topic)) << topic;
  }
}

TEST(TopicsTest, IdsThatAreNoneAreMalformed) {
  const std::vector<std::string> bad = {"+",
                                        "#",
                                        "a+b",
                                        "a#",
                                        "\x7F",
                                        "\xC3\xA9",
                                        "\xFF",
                                        "\n",
                                        std::string(1, '\0'),
                                        std::string(kMaxIdLength + 1, 'a')};
  for (const std::string& id : bad) {
    EXPECT_TRUE(IsMalformed(absl::StrCat("gw-event/status/", id)));
    EXPECT_TRUE(IsMalformed(absl::StrCat("gw-event/received_data/g/", id, "/1/1/1")));
    EXPECT_TRUE(IsMalformed(absl::StrCat("gw-event/received_data/", id, "/s/1/1/1")));
    EXPECT_TRUE(IsMalformed(absl::StrCat("gw-response/send_data/g/", id)));
    EXPECT_TRUE(IsMalformed(absl::StrCat("gw-response/get_configs/", id)));
  }
  EXPECT_TRUE(ParseTopic(absl::StrCat("gw-event/status/", std::string(kMaxIdLength, 'a'))).ok());
}

TEST(TopicsTest, WellFormedTopicsOfOtherKindsAreUnknown) {
  for (const char* topic :
       {"gw-event/something/g", "gw-event/something/g/s", "other/status/g", "GW-EVENT/status/g",
        "gw-event/STATUS/g", "gw-request/something/g/s", "gw-response/something/g",
        "gw-response/send_data2/g/s", "/gw-event/status/g", "$SYS/broker/uptime"}) {
    EXPECT_TRUE(absl::IsNotFound(ParseTopic(topic).status())) << topic;
  }
}

TEST(TopicsTest, TopicsOf64KiBAreJudgedLikeOthers) {
  const std::string longest(65535, 'a');
  EXPECT_TRUE(IsMalformed(longest));
  EXPECT_TRUE(IsMalformed(std::string(65535, '/')));
  EXPECT_TRUE(IsMalformed(std::string(65535, '\xFF')));
  EXPECT_TRUE(IsMalformed(absl::StrCat("gw-event/status/", longest)));
  EXPECT_TRUE(IsMalformed(absl::StrCat("gw-event/received_data/g/s/", longest, "/1/1")));
  const absl::Status unknown = ParseTopic(absl::StrCat("gw-request/", longest, "/g/s")).status();
  EXPECT_TRUE(absl::IsNotFound(unknown));
  EXPECT_LT(unknown.message().size(), 400u) << "an error must not repeat all that was sent";
}

TEST(TopicsTest, FiltersMatchTheTopicsTheyAreFor) {
  EXPECT_STREQ(kStatusFilter, "gw-event/status/+");
  EXPECT_STREQ(kUplinkFilter, "gw-event/received_data/#");
  EXPECT_STREQ(kResponseFilter, "gw-response/#");
  EXPECT_STREQ(kSendDataRequestFilter, "gw-request/send_data/#");
}

// Whatever comes: a topic that is accepted has ids that are ids.
TEST(TopicsTest, ScrambledTopicsAreRefusedOrSound) {
  std::mt19937_64 random(3);
  const std::vector<std::string> topics = {"gw-event/status/g", "gw-event/received_data/g/s/1/2/3",
                                           "gw-response/send_data/g/s", "gw-request/get_configs/g"};
  for (int i = 0; i < 50000; ++i) {
    std::string topic = topics[i % topics.size()];
    for (uint64_t j = random() % 4; j > 0; --j) {
      switch (random() % 3) {
        case 0:
          topic[random() % topic.size()] = static_cast<char>(random());
          break;
        case 1:
          topic.insert(random() % topic.size(), 1, "/+#0\xFF"[random() % 5]);
          break;
        default:
          if (topic.size() > 1) topic.erase(random() % topic.size(), 1);
      }
    }
    const absl::StatusOr<Topic> parsed = ParseTopic(topic);
    if (!parsed.ok()) continue;
    EXPECT_TRUE(IsValidId(parsed->gateway_id)) << topic;
    EXPECT_TRUE(parsed->sink_id.empty() || IsValidId(parsed->sink_id)) << topic;
    if (parsed->type == Topic::Type::kUplink) {
      EXPECT_LE(parsed->network_address.value_or(0), kMaxNetworkAddress);
      EXPECT_LE(parsed->source_endpoint.value_or(256), 255u);
      EXPECT_LE(parsed->destination_endpoint.value_or(256), 255u);
    }
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
