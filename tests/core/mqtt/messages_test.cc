// SPDX-License-Identifier: Apache-2.0
//
// Publishing and subscribing through a real broker, in both MQTT versions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <future>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/core/mqtt/broker_fixture.h"

namespace wirepas_grpc::core {
namespace {

using ::testing::HasSubstr;

class MessagesTest : public BrokerTest, public ::testing::WithParamInterface<MqttVersion> {
 protected:
  BrokerOptions Options() const {
    BrokerOptions options = LocalOptions(broker_->port());
    options.version = GetParam();
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(Versions, MessagesTest,
                         ::testing::Values(MqttVersion::k311, MqttVersion::k5),
                         [](const auto& info) {
                           return info.param == MqttVersion::k5 ? "Mqtt5" : "Mqtt311";
                         });

TEST_P(MessagesTest, ReportsTheConnection) {
  StartBroker();
  StartConnected(Options());
  const BrokerState state = handler_.states().at(0);
  EXPECT_TRUE(state.connected);
  EXPECT_EQ(state.reason, DisconnectReason::kNone);
  EXPECT_EQ(state.endpoint, absl::StrCat("127.0.0.1:", broker_->port()));
  EXPECT_EQ(state.attempts, 0u);
  EXPECT_FALSE(state.session_present);
  EXPECT_LT(absl::Now() - state.since, absl::Minutes(1));
}

TEST_P(MessagesTest, DeliversAtEachQos) {
  StartBroker();
  StartConnected(Options());
  SubscribeAndWait("a/#", 2);
  for (int qos = 0; qos <= 2; ++qos) {
    const absl::Status status =
        PublishAndWait(absl::StrCat("a/", qos), absl::StrCat("payload ", qos), qos);
    EXPECT_TRUE(status.ok()) << status;
  }
  ASSERT_TRUE(handler_.WaitForMessages(3));
  for (int qos = 0; qos <= 2; ++qos) {
    EXPECT_EQ(handler_.messages()[qos].topic, absl::StrCat("a/", qos));
    EXPECT_EQ(handler_.messages()[qos].payload, absl::StrCat("payload ", qos));
    EXPECT_FALSE(handler_.messages()[qos].retained);
  }
}

TEST_P(MessagesTest, DeliversEmptyBinaryAndLargePayloads) {
  StartBroker();
  StartConnected(Options());
  SubscribeAndWait("p", 1);
  std::string binary(256, '\0');
  for (int i = 0; i < 256; ++i) binary[i] = static_cast<char>(i);
  const std::string large(2 << 20, 'x');
  for (const std::string& payload : {std::string(), binary, large}) {
    ASSERT_TRUE(PublishAndWait("p", payload, 1).ok());
  }
  ASSERT_TRUE(handler_.WaitForMessages(3));
  EXPECT_EQ(handler_.messages()[0].payload, "");
  EXPECT_EQ(handler_.messages()[1].payload, binary);
  EXPECT_EQ(handler_.messages()[2].payload, large);
}

// Over MQTT 5 the broker keeps what nobody can have meant; the next message comes all the same.
TEST_P(MessagesTest, ABrokerIsToldTheLargestPacketThatIsTaken) {
  StartBroker();
  StartConnected(Options());
  SubscribeAndWait("p", 1);
  const bool told = GetParam() == MqttVersion::k5;
  const std::string largest((16 << 20) - 64, 'x');
  const std::string too_large((16 << 20) + 1, 'y');
  for (const std::string& payload : {largest, too_large, std::string("next")}) {
    ASSERT_TRUE(PublishAndWait("p", payload, 1).ok());
  }
  const size_t count = told ? 2 : 3;
  ASSERT_TRUE(handler_.WaitForMessages(count));
  EXPECT_TRUE(handler_.messages()[0].payload == largest);
  EXPECT_EQ(handler_.messages()[count - 1].payload, "next");
  EXPECT_EQ(handler_.states().size(), 1u) << "the connection stays";
}

TEST_P(MessagesTest, MarksRetainedMessages) {
  StartBroker();
  StartConnected(Options());
  ASSERT_TRUE(PublishAndWait("r", "kept", 1, /*retain=*/true).ok());
  SubscribeAndWait("r", 1);
  ASSERT_TRUE(handler_.WaitForMessages(1));
  EXPECT_TRUE(handler_.messages()[0].retained);
  // Asking again brings it again; a message that comes live is not a retained one.
  SubscribeAndWait("r", 1);
  ASSERT_TRUE(handler_.WaitForMessages(2));
  EXPECT_TRUE(handler_.messages()[1].retained);
  ASSERT_TRUE(PublishAndWait("r", "live", 1, /*retain=*/true).ok());
  ASSERT_TRUE(handler_.WaitForMessages(3));
  EXPECT_FALSE(handler_.messages()[2].retained);
}

TEST_P(MessagesTest, SubscribesToMuchAtOnce) {
  StartBroker();
  client_ = std::make_unique<PahoBrokerClient>(Options());
  client_->Subscribe("not/connected", 1);
  handler_.on_connected = [this] {
    for (int i = 0; i < 30; ++i) client_->Subscribe(absl::StrCat("w/", i), 1);
  };
  client_->Start(&handler_);
  ASSERT_TRUE(handler_.WaitForSubscribed(30));
  std::set<std::string> filters;
  for (const auto& s : handler_.subscribed()) {
    EXPECT_TRUE(s.answer.status.ok());
    filters.insert(s.filter);
  }
  EXPECT_EQ(filters.size(), 30u);
  EXPECT_FALSE(filters.contains("not/connected"));
  ASSERT_TRUE(PublishAndWait("w/7", "x", 1).ok());
  EXPECT_TRUE(handler_.WaitForMessages(1));
}

TEST_P(MessagesTest, StopsDeliveringAfterUnsubscribe) {
  StartBroker();
  StartConnected(Options());
  SubscribeAndWait("u", 1);
  client_->Unsubscribe("u");
  ASSERT_TRUE(handler_.WaitForUnsubscribed(1));
  EXPECT_EQ(handler_.unsubscribed()[0], "u");
  // In order: the message follows the unsubscription, the mark follows the message.
  SubscribeAndWait("mark", 1);
  ASSERT_TRUE(PublishAndWait("u", "x", 1).ok());
  ASSERT_TRUE(PublishAndWait("mark", "x", 1).ok());
  ASSERT_TRUE(handler_.WaitForMessages(1));
  EXPECT_EQ(handler_.messages()[0].topic, "mark");
}

TEST_P(MessagesTest, QuickUnsubscribeAndSubscribeEndsSubscribed) {
  StartBroker();
  StartConnected(Options());
  for (int i = 0; i < 200; ++i) {
    client_->Subscribe("q", 1);
    client_->Unsubscribe("q");
  }
  client_->Subscribe("q", 1);
  ASSERT_TRUE(PublishAndWait("q", "x", 1).ok());
  ASSERT_TRUE(handler_.WaitForMessages(1));
  EXPECT_EQ(handler_.messages()[0].topic, "q");
}

TEST_P(MessagesTest, PublishedAfterSubscribeIsReceived) {
  StartBroker();
  StartConnected(Options());
  for (int i = 0; i < 50; ++i) {
    const std::string topic = absl::StrCat("order/", i);
    client_->Subscribe(topic, 1);
    ASSERT_TRUE(client_->Publish(topic, "x", 1, false, nullptr).ok());
  }
  EXPECT_TRUE(handler_.WaitForMessages(50));
}

TEST_P(MessagesTest, FinishesAThousandPublishesInFlight) {
  StartBroker();
  StartConnected(Options());
  SubscribeAndWait("many", 0);
  PublishResults results;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(client_->Publish("many", absl::StrCat(i), 2, false, results.Done()).ok());
  }
  const absl::Time start = absl::Now();
  ASSERT_TRUE(results.WaitFor(1000));
  // Paho would wait a second whenever the broker's bound of 20 was reached.
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  for (const absl::Status& status : results.statuses()) EXPECT_TRUE(status.ok()) << status;
  ASSERT_TRUE(handler_.WaitForMessages(1000));
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(handler_.messages()[i].payload, absl::StrCat(i));
}

TEST_P(MessagesTest, BoundsOutstandingPublishes) {
  StartBroker();
  BrokerOptions options = Options();
  options.max_outstanding_publishes = 10;
  // The handler holds Paho's thread, so that nothing finishes meanwhile.
  std::promise<void> entered;
  std::promise<void> released;
  std::atomic<bool> first = true;
  handler_.on_message = [&](const BrokerMessage&) {
    if (!first.exchange(false)) return;
    entered.set_value();
    released.get_future().wait();
  };
  StartConnected(options);
  SubscribeAndWait("hold", 0);
  PublishResults results;
  ASSERT_TRUE(client_->Publish("hold", "x", 0, false, nullptr).ok());
  ASSERT_EQ(entered.get_future().wait_for(absl::ToChronoSeconds(kTestWait)),
            std::future_status::ready);
  int taken = 0;
  absl::Status status;
  while ((status = client_->Publish("t", "x", 1, false, results.Done())).ok()) ++taken;
  released.set_value();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_LE(taken, 10);
  EXPECT_GE(taken, 9);
  ASSERT_TRUE(results.WaitFor(taken));
  EXPECT_TRUE(PublishAndWait("t", "x", 1).ok());
}

TEST_P(MessagesTest, HandlerMayCallBack) {
  StartBroker();
  handler_.on_message = [this](const BrokerMessage& message) {
    if (message.topic != "ping") return;
    client_->Subscribe("pong", 1);
    EXPECT_TRUE(client_->Publish("pong", message.payload.data(), 2, false, nullptr).ok());
  };
  StartConnected(Options());
  SubscribeAndWait("ping", 1);
  ASSERT_TRUE(PublishAndWait("ping", "x", 1).ok());
  ASSERT_TRUE(handler_.WaitForMessages(2));
  EXPECT_EQ(handler_.messages()[1].topic, "pong");
}

TEST_P(MessagesTest, RefusesWhatMqttForbids) {
  StartBroker();
  StartConnected(Options());
  PublishResults results;
  for (const std::string& topic :
       {std::string(), std::string("a/+/b"), std::string("a/#"), std::string("a\0b", 3),
        std::string("\xff"), std::string(65536, 'x')}) {
    EXPECT_EQ(client_->Publish(topic, "x", 1, false, results.Done()).code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(client_->Publish("a", "x", 3, false, results.Done()).code(),
            absl::StatusCode::kInvalidArgument);
  client_->Subscribe("a/#/b", 1);
  ASSERT_TRUE(handler_.WaitForSubscribed(1));
  EXPECT_EQ(handler_.subscribed()[0].answer.status.code(), absl::StatusCode::kInvalidArgument);
  // The connection did not suffer.
  EXPECT_TRUE(PublishAndWait("a", "x", 1).ok());
  EXPECT_EQ(handler_.states().size(), 1u);
  EXPECT_TRUE(results.statuses().empty());
}

TEST_P(MessagesTest, LongestTopicAndManyLevels) {
  StartBroker();
  StartConnected(Options());
  SubscribeAndWait("#", 0);
  const std::string topic(65535, 'x');
  ASSERT_TRUE(PublishAndWait(topic, "x", 1).ok());
  ASSERT_TRUE(handler_.WaitForMessages(1));
  EXPECT_EQ(handler_.messages()[0].topic, topic);
}

constexpr char kAcl[] =
    "user reader\n"
    "topic read open/#\n"
    "topic write open/#\n"
    "topic deny secret/#\n";

TEST_F(BrokerTest, Mqtt5TellsOfRefusals) {
  Mosquitto::Options broker;
  broker.users = {{"reader", "word"}};
  broker.acl = kAcl;
  StartBroker(broker);
  BrokerOptions options = LocalOptions(broker_->port());
  options.username = "reader";
  options.password = "word";
  options.version = MqttVersion::k5;
  StartConnected(options);
  for (int qos = 1; qos <= 2; ++qos) {
    EXPECT_EQ(PublishAndWait("secret/a", "x", qos).code(), absl::StatusCode::kPermissionDenied);
    EXPECT_TRUE(PublishAndWait("open/a", "x", qos).ok());
  }
}

// mosquitto's ACL file lets everybody subscribe; its dynamic security does not.
class RefusedSubscriptionTest : public BrokerTest {
 protected:
  void SubscribeInVain(MqttVersion version) {
    const std::string config = directory_.File("dynamic-security.json");
    std::ofstream(config) << R"({"defaultACLAccess": {
        "publishClientSend": true, "publishClientReceive": true,
        "subscribe": false, "unsubscribe": true}})";
    Mosquitto::Options broker;
    broker.extra = {"plugin mosquitto_dynamic_security.so",
                    absl::StrCat("plugin_opt_config_file ", config)};
    StartBroker(broker);
    BrokerOptions options = LocalOptions(broker_->port());
    options.version = version;
    StartConnected(options);
    client_->Subscribe("a/#", 1);
    client_->Subscribe("b/#", 1);
    ASSERT_TRUE(handler_.WaitForSubscribed(2));
  }

  TemporaryDirectory directory_;
};

TEST_F(RefusedSubscriptionTest, Mqtt311) {
  SubscribeInVain(MqttVersion::k311);
  for (const auto& subscribed : handler_.subscribed()) {
    EXPECT_EQ(subscribed.answer.status.code(), absl::StatusCode::kFailedPrecondition);
  }
}

TEST_F(RefusedSubscriptionTest, Mqtt5) {
  SubscribeInVain(MqttVersion::k5);
  for (const auto& subscribed : handler_.subscribed()) {
    EXPECT_EQ(subscribed.answer.status.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_THAT(std::string(subscribed.answer.status.message()),
                HasSubstr("not authorized (0x87)"));
  }
}

// MQTT 3.1.1 has no way to refuse a publish, so the broker takes and drops it.
TEST_F(BrokerTest, Mqtt311DeliversNothingThatIsNotAllowed) {
  Mosquitto::Options broker;
  broker.users = {{"reader", "word"}};
  broker.acl = kAcl;
  StartBroker(broker);
  BrokerOptions options = LocalOptions(broker_->port());
  options.username = "reader";
  options.password = "word";
  StartConnected(options);
  SubscribeAndWait("secret/#", 1);
  SubscribeAndWait("open/#", 1);
  EXPECT_TRUE(PublishAndWait("secret/a", "x", 1).ok());
  EXPECT_TRUE(PublishAndWait("open/a", "x", 1).ok());
  ASSERT_TRUE(handler_.WaitForMessages(1));
  EXPECT_EQ(handler_.messages()[0].topic, "open/a");
}

TEST_F(BrokerTest, Mqtt5KeepsToTheBrokersLimits) {
  Mosquitto::Options broker;
  broker.extra = {"max_packet_size 10000", "max_qos 1", "retain_available false"};
  StartBroker(broker);
  BrokerOptions options = LocalOptions(broker_->port());
  options.version = MqttVersion::k5;
  StartConnected(options);
  EXPECT_EQ(PublishAndWait("t", std::string(10000, 'x'), 1).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PublishAndWait("t", "x", 1, /*retain=*/true).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(PublishAndWait("t", "x", 2).ok());
  EXPECT_EQ(handler_.states().size(), 1u);
}

TEST_P(MessagesTest, WhatIsNotWantedAtItsTurnIsNotSent) {
  StartBroker();
  StartConnected(Options());
  SubscribeAndWait("t", 1);
  const auto owned = std::make_shared<int>();
  for (const bool wanted : {false, true}) {
    PublishResults results;
    BrokerClient::Outgoing publish{"t", wanted ? "wanted" : "unwanted", 1, false, results.Done()};
    publish.begin = [wanted, owned] { return wanted; };
    ASSERT_TRUE(client_->Enqueue(std::move(publish)).ok());
    ASSERT_TRUE(results.WaitFor(1));
    EXPECT_EQ(results.statuses()[0].code(),
              wanted ? absl::StatusCode::kOk : absl::StatusCode::kCancelled);
    EXPECT_EQ(owned.use_count(), 1) << "it is let go of at its turn";
  }
  ASSERT_TRUE(handler_.WaitForMessages(1));
  EXPECT_EQ(handler_.messages()[0].payload, "wanted");
}

// What waits for its turn is let go of with the connection.
TEST_P(MessagesTest, WhatHadNoTurnWhenTheConnectionEndsIsNotSent) {
  StartBroker();
  StartConnected(Options());
  SubscribeAndWait("hold", 0);
  // The handler holds Paho's thread, so that no message is answered and the rest has to wait.
  std::promise<void> entered;
  std::promise<void> released;
  std::atomic<bool> first = true;
  handler_.on_message = [&](const BrokerMessage&) {
    if (!first.exchange(false)) return;
    entered.set_value();
    released.get_future().wait();
  };
  ASSERT_TRUE(client_->Publish("hold", "x", 0, false, nullptr).ok());
  ASSERT_EQ(entered.get_future().wait_for(absl::ToChronoSeconds(kTestWait)),
            std::future_status::ready);
  constexpr size_t kCount = 1000;  // more than are sent at a time
  PublishResults results;
  std::atomic<size_t> begun = 0;
  for (size_t i = 0; i < kCount; ++i) {
    BrokerClient::Outgoing publish{"t", "x", 1, false, results.Done()};
    publish.begin = [&begun] { return ++begun > 0; };
    ASSERT_TRUE(client_->Enqueue(std::move(publish)).ok());
  }
  broker_.reset();
  released.set_value();
  ASSERT_TRUE(results.WaitFor(kCount));
  size_t unsent = 0;
  for (const absl::Status& status : results.statuses()) unsent += absl::IsUnavailable(status);
  EXPECT_GE(unsent, kCount - begun) << "and what Paho did not take any more";
  EXPECT_GT(unsent, kCount / 2);
}

}  // namespace
}  // namespace wirepas_grpc::core
