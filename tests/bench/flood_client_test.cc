// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/flood_client.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::bench {
namespace {

using sim::Packet;
using sim::PacketType;

constexpr uint32_t kWindow = 10;
constexpr absl::Duration kPatience = absl::Seconds(10);

// A client of the flood broker by hand: what it sends and gets is bytes.
class FloodClientTest : public testing::Test {
 protected:
  FloodClientTest() : load_(MakePlan()) {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    own_ = ends[0];
    client_ = std::make_unique<FloodClient>(
        &loop_, &load_, ends[1], kWindow,
        FloodClient::Callbacks{[this] { ++subscribed_; }, [this] { ++rounds_; },
                               [this] { closed_ = true; }});
  }
  ~FloodClientTest() override {
    client_.reset();
    close(own_);
  }

  static FloodPlan MakePlan() {
    FloodPlan plan;
    plan.gateways = 2;
    plan.sinks = 1;
    return plan;
  }

  void Send(const std::string& bytes) {
    ASSERT_EQ(send(own_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  // Runs the broker until `condition` holds.
  template <typename Condition>
  bool RunUntil(Condition condition) {
    const absl::Time end = sim::EventLoop::Now() + kPatience;
    while (!condition()) {
      if (sim::EventLoop::Now() > end) return false;
      loop_.RunAfter(absl::Milliseconds(1), [this] { loop_.Stop(); });
      loop_.Run();
      Receive();
    }
    return true;
  }

  void Receive() {
    std::array<char, 65536> buffer;
    const ssize_t count = recv(own_, buffer.data(), buffer.size(), 0);
    if (count > 0) received_.append(buffer.data(), static_cast<size_t>(count));
    Packet packet;
    while (sim::ParsePacket(received_, received_.size(), &packet) == sim::ParseResult::kPacket) {
      if (packet.type == PacketType::kPublish) {
        const auto publish = sim::ParsePublish(packet).value();
        topics_.insert(std::string(publish.topic));
        if (publish.qos == 1) packet_ids_.push_back(publish.packet_id);
        if (publish.retain) ++retained_;
      } else {
        answers_.insert(packet.type);
      }
      received_.erase(0, packet.size);
    }
  }

  void ConnectAndSubscribe(const std::string& filter) {
    std::string out;
    sim::ConnectPacket connect;
    connect.client_id = "by-hand";
    sim::AppendConnect(connect, &out);
    sim::AppendSubscribe(1, {filter}, 1, &out);
    Send(out);
    ASSERT_TRUE(RunUntil([this] { return answers_.contains(PacketType::kSuback); }));
  }

  void Acknowledge(size_t from, size_t until) {
    std::string out;
    for (size_t i = from; i < until; ++i) {
      sim::AppendAcknowledgement(PacketType::kPuback, packet_ids_[i], &out);
    }
    Send(out);
  }

  sim::EventLoop loop_;
  const FloodLoad load_;
  int own_ = -1;
  std::unique_ptr<FloodClient> client_;
  int subscribed_ = 0;
  int rounds_ = 0;
  bool closed_ = false;
  std::string received_;
  std::set<PacketType> answers_;
  std::set<std::string> topics_;
  std::vector<uint16_t> packet_ids_;
  int retained_ = 0;
};

TEST_F(FloodClientTest, KeepsToTheWindowAndEndsTheRoundWithTheLastAcknowledgement) {
  ConnectAndSubscribe("gw-event/received_data/#");
  EXPECT_EQ(client_->client_id(), "by-hand");
  EXPECT_EQ(subscribed_, 1);
  client_->StartRound(25);
  ASSERT_TRUE(RunUntil([this] { return packet_ids_.size() >= kWindow; }));
  EXPECT_EQ(packet_ids_.size(), kWindow);
  Acknowledge(0, 4);
  ASSERT_TRUE(RunUntil([this] { return packet_ids_.size() >= kWindow + 4; }));
  EXPECT_EQ(packet_ids_.size(), kWindow + 4);
  Acknowledge(4, 14);
  ASSERT_TRUE(RunUntil([this] { return packet_ids_.size() >= 24; }));
  Acknowledge(14, 24);
  ASSERT_TRUE(RunUntil([this] { return packet_ids_.size() >= 25; }));
  EXPECT_EQ(rounds_, 0);
  Acknowledge(24, 25);
  ASSERT_TRUE(RunUntil([this] { return rounds_ > 0; }));
  EXPECT_EQ(packet_ids_.size(), 25U);
  EXPECT_EQ(client_->acknowledged(), 25U);
}

TEST_F(FloodClientTest, SendsOnlyWhatIsSubscribedTo) {
  ConnectAndSubscribe("gw-event/received_data/sim-gw-1/#");
  client_->StartRound(kWindow);
  ASSERT_TRUE(RunUntil([this] { return packet_ids_.size() >= kWindow; }));
  ASSERT_EQ(topics_.size(), 1U);
  EXPECT_TRUE(topics_.begin()->starts_with("gw-event/received_data/sim-gw-1/"));
}

TEST_F(FloodClientTest, GivesTheStatusesOfTheGateways) {
  ConnectAndSubscribe("gw-event/status/+");
  ASSERT_TRUE(RunUntil([this] { return retained_ >= 2; }));
  EXPECT_EQ(retained_, 2);
  EXPECT_EQ(subscribed_, 0);
  client_->StartRound(5);  // of nothing
  std::string out;
  sim::AppendBare(PacketType::kPingreq, &out);
  Send(out);
  ASSERT_TRUE(RunUntil([this] { return answers_.contains(PacketType::kPingresp); }));
  EXPECT_TRUE(packet_ids_.empty());
}

TEST_F(FloodClientTest, ClosesOnWhatIsNotMqtt) {
  Send(std::string(8, '\xFF'));
  EXPECT_TRUE(RunUntil([this] { return closed_; }));
}

}  // namespace
}  // namespace wirepas_grpc::bench
