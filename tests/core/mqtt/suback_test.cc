// SPDX-License-Identifier: Apache-2.0
//
// What is made of each code of a SUBACK and an UNSUBACK. The broker is bytes: no real one sends
// them all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/mqtt/subscribe_answer.h"
#include "tests/core/mqtt/broker_fixture.h"
#include "tests/support/tcp_listener.h"

namespace wirepas_grpc::core {
namespace {

using ::testing::HasSubstr;

constexpr uint8_t kConnect = 1;
constexpr uint8_t kSubscribe = 8;
constexpr uint8_t kUnsubscribe = 10;
constexpr uint8_t kPingreq = 12;

// Takes one client, and answers its SUBSCRIBE and UNSUBSCRIBE packets, of one filter each, with
// these codes in turn.
class SubackPeer {
 public:
  SubackPeer(MqttVersion version, std::vector<int> codes)
      : is_v5_(version == MqttVersion::k5), codes_(std::move(codes)), thread_([this] { Run(); }) {}
  ~SubackPeer() { thread_.join(); }
  int port() const { return listener_.port(); }

 private:
  struct Packet {
    uint8_t type = 0;
    std::string body;
  };

  void Run() {
    const int fd = listener_.Accept();
    while (const std::optional<Packet> packet = Read(fd)) {
      const std::string answer = AnswerTo(*packet);
      (void)send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    close(fd);
  }

  std::string AnswerTo(const Packet& packet) {
    switch (packet.type) {
      case kConnect:
        return is_v5_ ? std::string("\x20\x03\x00\x00\x00", 5) : std::string("\x20\x02\x00\x00", 4);
      case kSubscribe:
        return Suback(packet.body.substr(0, 2), codes_.at(next_++));
      case kUnsubscribe:
        return Unsuback(packet.body.substr(0, 2), codes_.at(next_++));
      case kPingreq:
        return std::string("\xD0\x00", 2);
      default:
        return "";
    }
  }

  std::string Suback(const std::string& packet_id, int code) const {
    const std::string head = is_v5_ ? absl::StrCat("\x90\x04", packet_id, std::string(1, '\0'))
                                    : absl::StrCat("\x90\x03", packet_id);
    return head + static_cast<char>(code);
  }

  // That of MQTT 3.1.1 says nothing.
  std::string Unsuback(const std::string& packet_id, int code) const {
    if (!is_v5_) return absl::StrCat("\xB0\x02", packet_id);
    return absl::StrCat("\xB0\x04", packet_id, std::string(1, '\0')) + static_cast<char>(code);
  }

  // Nothing: the client has gone. Packets are short.
  static std::optional<Packet> Read(int fd) {
    const std::optional<std::string> head = ReadBytes(fd, 2);
    if (!head.has_value()) return std::nullopt;
    const size_t size = static_cast<uint8_t>((*head)[1]);
    const std::optional<std::string> body = ReadBytes(fd, size);
    if (!body.has_value()) return std::nullopt;
    return Packet{static_cast<uint8_t>(static_cast<uint8_t>((*head)[0]) >> 4), *body};
  }
  static std::optional<std::string> ReadBytes(int fd, size_t count) {
    std::string bytes(count, '\0');
    if (count == 0 || recv(fd, bytes.data(), count, MSG_WAITALL) == static_cast<ssize_t>(count)) {
      return bytes;
    }
    return std::nullopt;
  }

  const bool is_v5_;
  const std::vector<int> codes_;
  size_t next_ = 0;
  TcpListener listener_;
  std::thread thread_;
};

class SubackTest : public BrokerTest, public ::testing::WithParamInterface<MqttVersion> {
 protected:
  // What becomes of a subscription at `qos` to each of as many filters.
  std::vector<SubscribeAnswer> AnswersTo(int qos, const std::vector<int>& codes) {
    SubackPeer peer(GetParam(), codes);
    BrokerOptions options = LocalOptions(peer.port());
    options.version = GetParam();
    StartClient(options);
    std::vector<SubscribeAnswer> answers;
    EXPECT_TRUE(handler_.WaitForConnected());
    for (size_t i = 0; i < codes.size(); ++i) {
      client_->Subscribe(absl::StrCat("filter/", i), qos);
      if (!handler_.WaitForSubscribed(i + 1)) break;
      EXPECT_EQ(handler_.subscribed()[i].filter, absl::StrCat("filter/", i));
      answers.push_back(handler_.subscribed()[i].answer);
    }
    client_->Stop();
    return answers;
  }
};

INSTANTIATE_TEST_SUITE_P(Versions, SubackTest,
                         ::testing::Values(MqttVersion::k311, MqttVersion::k5),
                         [](const auto& info) {
                           return info.param == MqttVersion::k5 ? "Mqtt5" : "Mqtt311";
                         });

TEST_P(SubackTest, AGrantTellsItsQos) {
  const std::vector<SubscribeAnswer> answers = AnswersTo(1, {1, 0, 2});
  ASSERT_EQ(answers.size(), 3u);
  for (const SubscribeAnswer& answer : answers) {
    EXPECT_TRUE(answer.status.ok()) << answer.status;
    EXPECT_EQ(answer.asked_qos, 1);
  }
  EXPECT_FALSE(answers[0].lowered());
  EXPECT_EQ(answers[1].granted_qos, 0);
  EXPECT_TRUE(answers[1].lowered());
  EXPECT_FALSE(answers[2].lowered());
}

TEST_P(SubackTest, WhatIsAboveTwoIsARefusal) {
  const std::vector<int> codes = {0x80, 0x83, 0x87, 0x91, 0x97, 0x9E, 0xFF};
  const std::vector<SubscribeAnswer> answers = AnswersTo(1, codes);
  ASSERT_EQ(answers.size(), codes.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    EXPECT_FALSE(answers[i].status.ok()) << codes[i];
    EXPECT_EQ(answers[i].code, codes[i]);
    EXPECT_FALSE(answers[i].lowered());
    const bool may_pass = codes[i] == 0x83 || codes[i] == 0x91 || codes[i] == 0x97;
    EXPECT_EQ(answers[i].may_pass, may_pass) << codes[i];
  }
  EXPECT_THAT(std::string(answers[3].status.message()),
              HasSubstr("refused the subscription: packet identifier in use (0x91)"));
}

// No MQTT has it; nothing will come all the same.
TEST_P(SubackTest, ACodeOfNoMeaningIsARefusal) {
  const std::vector<SubscribeAnswer> answers = AnswersTo(1, {3, 0x7F});
  ASSERT_EQ(answers.size(), 2u);
  for (const SubscribeAnswer& answer : answers) {
    EXPECT_FALSE(answer.status.ok());
    EXPECT_FALSE(answer.may_pass);
  }
}

TEST_P(SubackTest, AfterARefusalItCanBeAskedForAgain) {
  SubackPeer peer(GetParam(), {0x91, 1});
  BrokerOptions options = LocalOptions(peer.port());
  options.version = GetParam();
  StartConnected(options);
  client_->Subscribe("filter", 1);
  ASSERT_TRUE(handler_.WaitForSubscribed(1));
  EXPECT_FALSE(handler_.subscribed()[0].answer.status.ok());
  client_->Subscribe("filter", 1);
  ASSERT_TRUE(handler_.WaitForSubscribed(2));
  EXPECT_TRUE(handler_.subscribed()[1].answer.status.ok());
  client_->Stop();
}

// Whoever gives a subscription up has done with it: what counts is the answer, not a yes.
TEST_P(SubackTest, EveryAnswerEndsAnUnsubscription) {
  const std::vector<int> codes = {0x00, 0x11, 0x80, 0x83, 0x87, 0x91};
  SubackPeer peer(GetParam(), codes);
  BrokerOptions options = LocalOptions(peer.port());
  options.version = GetParam();
  StartClient(options);
  EXPECT_TRUE(handler_.WaitForConnected());
  for (size_t i = 0; i < codes.size(); ++i) {
    client_->Unsubscribe(absl::StrCat("filter/", i));
    if (!handler_.WaitForUnsubscribed(i + 1)) break;
    EXPECT_EQ(handler_.unsubscribed()[i], absl::StrCat("filter/", i));
  }
  EXPECT_EQ(handler_.unsubscribed().size(), codes.size());
  EXPECT_EQ(handler_.states().size(), 1u) << "the connection goes on";
  client_->Stop();
}

// It is not sent: a broker would end the connection for it.
TEST_P(SubackTest, AMalformedFilterIsGivenUpAtOnce) {
  SubackPeer peer(GetParam(), {});
  BrokerOptions options = LocalOptions(peer.port());
  options.version = GetParam();
  StartClient(options);
  EXPECT_TRUE(handler_.WaitForConnected());
  client_->Unsubscribe("a/#/b");
  EXPECT_TRUE(handler_.WaitForUnsubscribed(1));
  EXPECT_EQ(handler_.states().size(), 1u);
  client_->Stop();
}

TEST(SubscribeAnswerTest, ACodeHasItsStatus) {
  const SubscribeAnswer granted = SubscribeAnswerOf(1, 1);
  EXPECT_EQ(granted, (SubscribeAnswer{.status = {}, .asked_qos = 1, .granted_qos = 1}));
  EXPECT_TRUE(absl::IsPermissionDenied(SubscribeAnswerOf(0x87, 1).status));
  EXPECT_TRUE(absl::IsInvalidArgument(SubscribeAnswerOf(0x8F, 1).status));
  EXPECT_TRUE(absl::IsResourceExhausted(SubscribeAnswerOf(0x97, 1).status));
}

}  // namespace
}  // namespace wirepas_grpc::core
