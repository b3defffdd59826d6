// SPDX-License-Identifier: Apache-2.0
//
// Uplinks from the broker to the log, and what the log says when some are missing.
#include <string>
#include <vector>

#include "core/network/network.h"
#include "gtest/gtest.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

class NetworkUplinksTest : public NetworkFixture {
 protected:
  NetworkUplinksTest() = default;
  explicit NetworkUplinksTest(const Network::Options& options) : NetworkFixture(options) {}

  void StartSubscribed() {
    StartSynced();
    Want();
    Settle();
    ASSERT_EQ(interest_->result(), absl::OkStatus());
  }

  void Want() {
    interest_ = network_.AcquireUplinks({}, [] {});
  }

  void Reconnect(bool session_present = false) {
    broker_.Disconnect();
    Settle();
    broker_.Connect(session_present);
    Settle();
  }

  InterestPtr interest_;
};

class PersistentSessionTest : public NetworkUplinksTest {
 protected:
  PersistentSessionTest()
      : NetworkUplinksTest([] {
          Network::Options options;
          options.persistent_session = true;
          return options;
        }()) {}
};

TEST_F(NetworkUplinksTest, WithoutAnyoneWantingThemTheyAreNotSubscribedTo) {
  StartSynced();
  EXPECT_FALSE(broker_.wanted().contains(kUplinkFilter));
  EXPECT_FALSE(DeliverUplink(1));
  EXPECT_EQ(UplinkLogTexts(), Texts{});
}

TEST_F(NetworkUplinksTest, PacketsArriveInTheLogInOrder) {
  StartSubscribed();
  for (uint64_t id = 1; id <= 100; ++id) ASSERT_TRUE(DeliverUplink(id));
  const Texts texts = UplinkLogTexts();
  ASSERT_EQ(texts.size(), 100u);
  for (int id = 1; id <= 100; ++id) EXPECT_EQ(texts[id - 1], std::to_string(id));
  EXPECT_EQ(network_.uplinks_received(), 100u);
  network_.uplinks().Read(1, 2, [&](const Uplink& uplink) {
    EXPECT_EQ(uplink.gateway_id, "g");
    EXPECT_EQ(uplink.sink_id, "s");
    EXPECT_EQ(uplink.network_address, 7u);
    EXPECT_EQ(uplink.payload, "up");
    return true;
  });
}

TEST_F(NetworkUplinksTest, DuplicatesAreDroppedAndCounted) {
  StartSubscribed();
  DeliverUplink(1);
  DeliverUplink(2);
  DeliverUplink(1);
  DeliverUplink(1, "h");  // another gateway's event of that number
  EXPECT_EQ(UplinkLogTexts(), (Texts{"1", "2", "1"}));
  EXPECT_EQ(network_.drops().count(DropReason::kDuplicate), 1u);
  EXPECT_EQ(network_.uplinks_received(), 3u);
}

// Gateways count their events anew when they restart, or draw them from a generator that
// begins with the same seed each time.
TEST_F(NetworkUplinksTest, AnotherPacketWithTheSameEventIdIsNoDuplicate) {
  StartSubscribed();
  DeliverUplink(1);
  gw::GenericMessage packet;
  ASSERT_TRUE(packet.ParseFromString(UplinkPayload(1)));
  gw::PacketReceivedEvent* event = packet.mutable_wirepas()->mutable_packet_received_event();
  event->set_rx_time_ms_epoch(event->rx_time_ms_epoch() + 1);
  ASSERT_TRUE(broker_.Deliver("gw-event/received_data/g/s/7/1/2", Encode(packet.wirepas())));
  // The same bytes on another topic.
  event->clear_network_address();
  const std::string payload = Encode(packet.wirepas());
  ASSERT_TRUE(broker_.Deliver("gw-event/received_data/g/s/7/1/2", payload));
  ASSERT_TRUE(broker_.Deliver("gw-event/received_data/g/s/8/1/2", payload));
  EXPECT_EQ(UplinkLogTexts(), (Texts{"1", "1", "1", "1"}));
  EXPECT_EQ(network_.drops().count(DropReason::kDuplicate), 0u);
}

TEST_F(NetworkUplinksTest, DuplicatesAfterAReconnectAreDroppedToo) {
  StartSubscribed();
  DeliverUplink(1);
  Reconnect();
  DeliverUplink(1);
  DeliverUplink(2);
  EXPECT_EQ(UplinkLogTexts(), (Texts{"1", "broker", "2"}));
}

TEST_F(NetworkUplinksTest, ABrokerThatWasAwayLeavesAGap) {
  StartSubscribed();
  DeliverUplink(1);
  Settle();
  Reconnect();
  DeliverUplink(2);
  EXPECT_EQ(UplinkLogTexts(), (Texts{"1", "broker", "2"}));
  Reconnect();
  Reconnect();
  DeliverUplink(3);
  EXPECT_EQ(UplinkLogTexts(), (Texts{"1", "broker", "2", "broker", "broker", "3"}));
}

TEST_F(NetworkUplinksTest, ABrokerThatKeptTheSessionLeavesNone) {
  StartSubscribed();
  DeliverUplink(1);
  Settle();
  Reconnect(/*session_present=*/true);
  DeliverUplink(2);
  EXPECT_EQ(UplinkLogTexts(), (Texts{"1", "2"}));
}

TEST_F(NetworkUplinksTest, FailedAttemptsOnTheWayMakeOneGap) {
  StartSubscribed();
  DeliverUplink(1);
  Settle();
  broker_.Disconnect();
  for (int i = 0; i < 5; ++i) broker_.FailAttempt(DisconnectReason::kRefused);
  broker_.Connect();
  Settle();
  DeliverUplink(2);
  EXPECT_EQ(UplinkLogTexts(), (Texts{"1", "broker", "2"}));
}

// The connection comes and goes before the subscription is granted anew.
TEST_F(NetworkUplinksTest, AConnectionTooShortForTheSubscriptionLosesNoMark) {
  StartSubscribed();
  DeliverUplink(1);
  Settle();
  broker_.Disconnect();
  broker_.HoldGrants(true);
  broker_.Connect();
  Settle();
  broker_.Disconnect();
  Settle();
  broker_.HoldGrants(false);
  broker_.Connect();
  Settle();
  DeliverUplink(2);
  EXPECT_EQ(UplinkLogTexts(), (Texts{"1", "broker", "2"}));
}

TEST_F(NetworkUplinksTest, ARefusalAfterAReconnectLosesNoMark) {
  StartSubscribed();
  DeliverUplink(1);
  Settle();
  broker_.RefuseSubscription(kUplinkFilter, absl::PermissionDeniedError("by the rules"));
  Reconnect();
  EXPECT_FALSE(DeliverUplink(2));
  broker_.RefuseSubscription(kUplinkFilter, absl::OkStatus());
  Reconnect();
  DeliverUplink(3);
  EXPECT_EQ(UplinkLogTexts(), (Texts{"1", "broker", "3"}));
}

TEST_F(NetworkUplinksTest, TheTimeWithoutSubscribersIsAGapForThoseWhoResume) {
  StartSubscribed();
  DeliverUplink(1);
  Settle();
  interest_.reset();
  scheduler_.Advance(absl::Seconds(9));
  EXPECT_TRUE(DeliverUplink(2)) << "within the linger";
  Settle();
  const uint64_t after_two = network_.uplinks().next();
  scheduler_.Advance(absl::Seconds(1));
  Settle();
  EXPECT_FALSE(DeliverUplink(3));
  Want();
  Settle();
  DeliverUplink(4);
  EXPECT_EQ(UplinkLogTexts(), (Texts{"1", "2", "4"}));
  EXPECT_GT(interest_->coverage().since, after_two);
}

TEST_F(NetworkUplinksTest, TheFirstSubscriptionIsNoGap) {
  StartSubscribed();
  DeliverUplink(1);
  EXPECT_EQ(UplinkLogTexts(), Texts{"1"});
}

TEST_F(NetworkUplinksTest, LeavingWhileTheBrokerIsAwayIsAGapToo) {
  StartSubscribed();
  DeliverUplink(1);
  Settle();
  const uint64_t after_one = network_.uplinks().next();
  broker_.Disconnect();
  Settle();
  interest_.reset();
  scheduler_.Advance(absl::Seconds(10));
  broker_.Connect();
  Settle();
  EXPECT_FALSE(DeliverUplink(2));
  Want();
  Settle();
  DeliverUplink(3);
  EXPECT_EQ(UplinkLogTexts(), (Texts{"1", "3"}));
  EXPECT_GT(interest_->coverage().since, after_one);
}

TEST_F(PersistentSessionTest, TheSubscriptionOfAnEarlierRunIsTakenOver) {
  ASSERT_TRUE(network_.Restore().ok());
  network_.Start();
  broker_.HoldGrants(true);
  broker_.Connect(/*session_present=*/true);
  Settle();
  EXPECT_TRUE(broker_.wanted().contains(kUplinkFilter));
  // What the broker kept comes before anything is granted.
  broker_.Inject("gw-event/received_data/g/s/7/1/2", UplinkPayload(1));
  broker_.HoldGrants(false);
  EXPECT_EQ(UplinkLogTexts(), Texts{"1"});
  EXPECT_TRUE(broker_.wanted().contains(kUplinkFilter));
  scheduler_.Advance(absl::Seconds(10));
  Settle();
  EXPECT_FALSE(broker_.wanted().contains(kUplinkFilter)) << "nobody came for it";
}

TEST_F(PersistentSessionTest, WhoComesInTimeKeepsIt) {
  ASSERT_TRUE(network_.Restore().ok());
  network_.Start();
  broker_.Connect(/*session_present=*/true);
  Settle();
  Want();
  scheduler_.Advance(absl::Hours(1));
  EXPECT_TRUE(broker_.wanted().contains(kUplinkFilter));
  EXPECT_EQ(broker_.subscribe_calls(kUplinkFilter), 1);
  DeliverUplink(1);
  EXPECT_EQ(UplinkLogTexts(), Texts{"1"});
}

TEST_F(PersistentSessionTest, ASessionThatTheBrokerLostIsAGap) {
  StartSubscribed();
  DeliverUplink(1);
  Settle();
  Reconnect(/*session_present=*/false);
  DeliverUplink(2);
  EXPECT_EQ(UplinkLogTexts(), (Texts{"1", "broker", "2"}));
}

TEST_F(NetworkUplinksTest, LogsHaveDifferentIds) {
  Network other({}, &broker_, &executor_, &scheduler_);
  EXPECT_NE(other.uplinks().run_id(), network_.uplinks().run_id());
}

// The monitor of downlinks sees what any backend sends, and the answer.
TEST_F(NetworkUplinksTest, DownlinksOfAllBackendsArePairedWithTheirAnswers) {
  StartSynced();
  EXPECT_FALSE(broker_.wanted().contains(kSendDataRequestFilter));
  const InterestPtr downlinks = network_.AcquireDownlinks([] {});
  Settle();
  gw::WirepasMessage message;
  *message.mutable_send_packet_req() = Packet("foreign");
  message.mutable_send_packet_req()->mutable_header()->set_req_id(77);
  EXPECT_TRUE(broker_.Deliver("gw-request/send_data/g/s", Encode(message)));
  EXPECT_TRUE(AnswerSend(77, gw::INVALID_QOS));
  Settle();
  int seen = 0;
  network_.downlinks().Read(1, 10, [&](const Downlink& downlink) {
    ++seen;
    EXPECT_EQ(downlink.gateway_id, "g");
    EXPECT_EQ(downlink.request.payload(), "foreign");
    EXPECT_EQ(downlink.answer, gw::INVALID_QOS);
    return true;
  });
  EXPECT_EQ(seen, 1);
  broker_.Disconnect();
  Settle();
  const auto result = network_.downlinks().Read(2, 10, [](const Downlink&) { return true; });
  ASSERT_TRUE(result.gap.has_value());
  EXPECT_EQ(result.gap->reason, GapReason::kBrokerDisconnected);
}

}  // namespace
}  // namespace wirepas_grpc::core
