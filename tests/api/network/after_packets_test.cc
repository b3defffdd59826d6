// SPDX-License-Identifier: Apache-2.0
//
// SubscribeUplinkRequest.after_packets.
#include "absl/strings/str_cat.h"
#include "core/traffic/packet_id.h"
#include "tests/api/network/subscribe_uplink_fixture.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;

class AfterPacketsTest : public SubscribeUplinkTest {
 protected:
  void SetUp() override {
    broker_.Connect();
    keeps_ = Subscribe();
  }

  static uint64_t IdOf(const std::string& gateway, uint64_t event_id) {
    return core::PacketId(UplinkTopic(gateway, "sink"), UplinkPayload(gateway, "sink", event_id));
  }
  // Of packets by their event ids.
  static void Add(const std::string& gateway, const std::vector<uint64_t>& events,
                  mesh::SubscribeUplinkRequest* request) {
    mesh::GatewayPackets* packets = request->mutable_after_packets()->add_gateways();
    packets->set_gateway_id(gateway);
    for (uint64_t event : events) packets->add_packet_ids(IdOf(gateway, event));
  }
  void ExpectRefused(const mesh::SubscribeUplinkRequest& request, const std::string& field) {
    Subscriber subscriber(stub_.get(), request);
    ExpectStatus(subscriber.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {field});
  }

  std::unique_ptr<Subscriber> keeps_;
};

TEST_F(AfterPacketsTest, GoesOnAfterTheNewestOfEachGateway) {
  DeliverUplink("gw3", "sink", 1);
  DeliverUplink("gw1", "sink", 2);
  DeliverUplink("gw2", "sink", 3);
  DeliverUplink("gw3", "sink", 4);
  DeliverUplink("gw1", "sink", 5);
  DeliverUplink("gw2", "sink", 6);
  DeliverUplink("gw1", "sink", 7);
  keeps_->Events(7);
  EXPECT_EQ(keeps_->packet_ids()[1], IdOf("gw1", 2));
  mesh::SubscribeUplinkRequest request;
  Add("gw1", {5, 2}, &request);
  Add("gw2", {3}, &request);
  const auto subscriber = Subscribe(request);
  EXPECT_FALSE(first_gap_.has_value());
  // Of gw3 from the place of 3 on, the first of the two.
  EXPECT_THAT(subscriber->Events(3), ElementsAre(4, 6, 7));
  Deliver(8, 8);
  EXPECT_THAT(subscriber->Events(1), ElementsAre(8));
}

TEST_F(AfterPacketsTest, OneThatComesHereLaterIsNotGivenAgain) {
  Deliver(1, 2);
  keeps_->Events(2);
  mesh::SubscribeUplinkRequest request;
  Add("gw1", {1, 3, 5}, &request);
  const auto subscriber = Subscribe(request);
  Deliver(3, 6);
  EXPECT_THAT(subscriber->Events(3), ElementsAre(2, 4, 6));
}

TEST_F(AfterPacketsTest, AFilterHolds) {
  Deliver(1, 2);
  DeliverUplink("gw2", "sink", 3);
  Deliver(4, 4);
  keeps_->Events(4);
  mesh::SubscribeUplinkRequest request = Of("gw2");
  Add("gw1", {1}, &request);
  EXPECT_THAT(Subscribe(request)->Events(1), ElementsAre(3));
}

TEST_F(AfterPacketsTest, AGatewayOfWhichNoneIsKeptIsOutOfRangeOrAGap) {
  DeliverUplink("gw3", "sink", 1);
  DeliverUplink("gw2", "sink", 2);
  Deliver(3, 4);
  DeliverUplink("gw3", "sink", 5);
  DeliverUplink("gw2", "sink", 6);
  keeps_->Events(6);
  mesh::SubscribeUplinkRequest request;
  Add("gw1", {3}, &request);
  Add("gw2", {99}, &request);
  Subscriber refused(stub_.get(), request);
  ExpectStatus(refused.Finish(), grpc::StatusCode::OUT_OF_RANGE, {"after_packets", "gw2"});
  request.set_allow_gap(true);
  const auto subscriber = Subscribe(request);
  ASSERT_TRUE(first_gap_.has_value());
  EXPECT_EQ(first_gap_->reason(), mesh::GAP_REASON_CURSOR_EXPIRED);
  EXPECT_FALSE(first_gap_->has_lost_packets());
  EXPECT_THAT(subscriber->Events(4), ElementsAre(2, 4, 5, 6));
}

TEST_F(AfterPacketsTest, WhatWasNotTakenMeanwhileIsAGap) {
  Deliver(1, 1);
  keeps_->Events(1);
  keeps_ = nullptr;
  Await([&] { return service_.open_streams() == 0; });
  Advance(absl::Hours(1));
  Await([&] { return !Subscribed("gw-event/received_data/#"); });
  mesh::SubscribeUplinkRequest request;
  Add("gw1", {1}, &request);
  Subscribe(request);
  ASSERT_TRUE(first_gap_.has_value());
  EXPECT_EQ(first_gap_->reason(), mesh::GAP_REASON_NOT_SUBSCRIBED);
}

TEST_F(AfterPacketsTest, ACursorGoesOnFromThere) {
  Deliver(1, 4);
  keeps_->Events(4);
  mesh::SubscribeUplinkRequest request;
  Add("gw1", {2}, &request);
  auto subscriber = Subscribe(request);
  EXPECT_THAT(subscriber->Events(2), ElementsAre(3, 4));
  request.set_after_cursor(subscriber->cursor());
  subscriber = Subscribe(request);
  Deliver(5, 5);
  EXPECT_THAT(subscriber->Events(1), ElementsAre(5));
}

TEST_F(AfterPacketsTest, HasBounds) {
  mesh::SubscribeUplinkRequest request;
  request.mutable_after_packets();
  ExpectRefused(request, "after_packets.gateways");
  Add("gw1", {}, &request);
  ExpectRefused(request, "after_packets.gateways[0].packet_ids");
  request.Clear();
  Add("a/b", {1}, &request);
  ExpectRefused(request, "after_packets.gateways[0].gateway_id");
  request.Clear();
  Add("gw1", {1}, &request);
  Add("gw1", {2}, &request);
  ExpectRefused(request, "after_packets.gateways[1].gateway_id");
  request.Clear();
  Add("gw1", std::vector<uint64_t>(101, 1), &request);
  ExpectRefused(request, "after_packets.gateways[0].packet_ids");
  request.Clear();
  for (int i = 0; i < 101; ++i) {
    Add(absl::StrCat("gw", i), std::vector<uint64_t>(100, 1), &request);
  }
  ExpectRefused(request, "after_packets.gateways[100].packet_ids");
  request.Clear();
  for (int i = 0; i < 1001; ++i) Add(absl::StrCat("gw", i), {1}, &request);
  ExpectRefused(request, "after_packets.gateways");
}

}  // namespace
}  // namespace wirepas_grpc::api
