// SPDX-License-Identifier: Apache-2.0
//
// What is made of the reasons that an MQTT 5 broker gives for a message of QoS 2, before it has
// taken it and after. The broker is bytes: no real one gives them all.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/core/mqtt/broker_fixture.h"
#include "tests/support/tcp_listener.h"

namespace wirepas_grpc::core {
namespace {

constexpr uint8_t kConnect = 1;
constexpr uint8_t kPublish = 3;
constexpr uint8_t kPubrel = 6;
constexpr uint8_t kPingreq = 12;

// Takes one client, and answers its messages with these reasons.
class PublishPeer {
 public:
  PublishPeer(int pubrec, int pubcomp)
      : pubrec_(pubrec), pubcomp_(pubcomp), thread_([this] { Run(); }) {}
  ~PublishPeer() { thread_.join(); }
  int port() const { return listener_.port(); }

 private:
  void Run() {
    const int fd = listener_.Accept();
    while (const std::optional<std::string> head = ReadBytes(fd, 2)) {
      const std::optional<std::string> body = ReadBytes(fd, static_cast<uint8_t>((*head)[1]));
      if (!body.has_value()) break;
      const std::string answer = AnswerTo(static_cast<uint8_t>((*head)[0]) >> 4, *body);
      (void)send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    close(fd);
  }

  std::string AnswerTo(int type, const std::string& body) const {
    switch (type) {
      case kConnect:
        return std::string("\x20\x03\x00\x00\x00", 5);
      case kPublish: {
        const size_t topic = static_cast<uint8_t>(body[0]) * 256 + static_cast<uint8_t>(body[1]);
        return absl::StrCat("\x50\x03", body.substr(2 + topic, 2)) + static_cast<char>(pubrec_);
      }
      case kPubrel:
        return absl::StrCat("\x70\x03", body.substr(0, 2)) + static_cast<char>(pubcomp_);
      case kPingreq:
        return std::string("\xD0\x00", 2);
      default:
        return "";
    }
  }

  // Nothing: the client has gone.
  static std::optional<std::string> ReadBytes(int fd, size_t count) {
    std::string bytes(count, '\0');
    if (count == 0 || recv(fd, bytes.data(), count, MSG_WAITALL) == static_cast<ssize_t>(count)) {
      return bytes;
    }
    return std::nullopt;
  }

  const int pubrec_;
  const int pubcomp_;
  TcpListener listener_;
  std::thread thread_;
};

class PublishAnswerTest : public BrokerTest {
 protected:
  absl::Status StatusOf(int pubrec, int pubcomp = 0) {
    PublishPeer peer(pubrec, pubcomp);
    BrokerOptions options = LocalOptions(peer.port());
    options.version = MqttVersion::k5;
    StartConnected(options);
    const absl::Status status = PublishAndWait("topic", "payload", 2);
    client_->Stop();
    return status;
  }
};

TEST_F(PublishAnswerTest, TakenIsOk) { EXPECT_TRUE(StatusOf(0).ok()); }

TEST_F(PublishAnswerTest, TakenWithoutSubscribersIsOk) { EXPECT_TRUE(StatusOf(0x10).ok()); }

TEST_F(PublishAnswerTest, RefusedBeforeItIsTakenIsNotPassedOn) {
  const absl::Status status = StatusOf(0x87);
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
}

// It has said before that it took the message.
TEST_F(PublishAnswerTest, LostTrackOfMayHaveBeenPassedOn) {
  const absl::Status status = StatusOf(0, 0x92);
  EXPECT_TRUE(absl::IsAborted(status)) << status;
}

}  // namespace
}  // namespace wirepas_grpc::core
