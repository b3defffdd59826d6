// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "core/gateway_api/codec.h"
#include "core/gateway_api/topics.h"
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

class SubscribeDownlinkTest : public ServiceTest {
 protected:
  explicit SubscribeDownlinkTest(core::Network::Options options = {}) : ServiceTest({}, options) {}

  void Subscribe(const mesh::SubscribeDownlinkRequest& request) {
    reader_ = stub_->SubscribeDownlink(&context_, request);
  }
  void TearDown() override {
    context_.TryCancel();
    if (reader_ != nullptr && !finished_) reader_->Finish();
  }
  grpc::Status Finish() {
    finished_ = true;
    return reader_->Finish();
  }

  // What another backend sends, and a gateway answers.
  Incoming Send(const std::string& sink, uint64_t id) {
    Incoming sent{absl::StrCat("gw-request/send_data/gw1/", sink), {}, id};
    gw::SendPacketReq* request = sent.message.mutable_send_packet_req();
    request->mutable_header()->set_req_id(id);
    request->set_destination_address(5);
    request->set_source_endpoint(1);
    request->set_destination_endpoint(2);
    request->set_qos(0);
    request->set_payload("hello");
    broker_.Deliver(sent.topic, core::Encode(sent.message));
    return sent;
  }
  void AnswerSend(const Incoming& sent, gw::ErrorCode result) {
    gw::WirepasMessage answer;
    answer.mutable_send_packet_resp();
    Answer(sent, answer, result);
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<mesh::SubscribeDownlinkResponse>> reader_;
  bool finished_ = false;
};

TEST_F(SubscribeDownlinkTest, TellsMessagesWithTheirAnswers) {
  Subscribe({});
  reader_->WaitForInitialMetadata();
  broker_.Connect();
  mesh::SubscribeDownlinkResponse response;
  ASSERT_TRUE(reader_->Read(&response));
  EXPECT_EQ(response.downlinks_size(), 0);
  EXPECT_FALSE(response.has_gap());
  EXPECT_TRUE(response.confirmed());
  AnswerSend(Send("a", 42), gw::INVALID_QOS);
  ASSERT_TRUE(reader_->Read(&response));
  ASSERT_EQ(response.downlinks_size(), 1);
  EXPECT_EQ(response.downlinks(0).request_id(), 42u);
  EXPECT_EQ(response.downlinks(0).sink_id(), "a");
  EXPECT_EQ(response.downlinks(0).message().payload(), "hello");
  EXPECT_EQ(response.downlinks(0).answer().result(), mesh::RESULT_CODE_INVALID_QOS);
}

TEST_F(SubscribeDownlinkTest, TellsOfMessagesThatStayWithoutAnswer) {
  broker_.Connect();
  mesh::SubscribeDownlinkRequest request;
  request.mutable_filter()->add_sink_ids("b");
  Subscribe(request);
  mesh::SubscribeDownlinkResponse response;
  ASSERT_TRUE(reader_->Read(&response));
  Send("a", 1);
  Send("b", 2);
  broker_.Flush();
  Advance(absl::Seconds(10));
  ASSERT_TRUE(reader_->Read(&response));
  ASSERT_EQ(response.downlinks_size(), 1);
  EXPECT_EQ(response.downlinks(0).request_id(), 2u);
  EXPECT_TRUE(response.downlinks(0).has_no_answer());
}

TEST_F(SubscribeDownlinkTest, TheLossOfTheBrokerIsAGap) {
  broker_.Connect();
  Subscribe({});
  mesh::SubscribeDownlinkResponse response;
  ASSERT_TRUE(reader_->Read(&response));
  Send("a", 1);
  broker_.Disconnect();
  broker_.Connect();
  bool gap = false;
  bool unanswered = false;
  while (!gap || !unanswered) {
    ASSERT_TRUE(reader_->Read(&response));
    if (response.has_gap()) {
      gap = true;
      EXPECT_EQ(response.gap().reason(), mesh::GAP_REASON_BROKER_DISCONNECTED);
    }
    for (const auto& downlink : response.downlinks()) unanswered = downlink.has_no_answer();
  }
}

class SmallDownlinkLogTest : public SubscribeDownlinkTest {
 protected:
  static core::Network::Options SmallLog() {
    core::Network::Options options;
    options.downlinks.log.segment_entries = 4;
    options.downlinks.log.max_bytes = 20000;
    return options;
  }
  SmallDownlinkLogTest() : SubscribeDownlinkTest(SmallLog()) {}
};

TEST_F(SmallDownlinkLogTest, ASlowSubscriberIsToldOfItsGap) {
  broker_.Connect();
  Subscribe({});
  mesh::SubscribeDownlinkResponse response;
  ASSERT_TRUE(reader_->Read(&response));
  constexpr uint64_t kMessages = 20000;
  for (uint64_t id = 1; id <= kMessages; ++id) {
    AnswerSend(Send("a", id), gw::OK);
    if (id % 500 == 0) broker_.Flush();
  }
  broker_.Flush();
  uint64_t lost = 0;
  for (uint64_t last = 0; last < kMessages;) {
    ASSERT_TRUE(reader_->Read(&response));
    if (response.has_gap()) {
      EXPECT_EQ(response.gap().reason(), mesh::GAP_REASON_SLOW_SUBSCRIBER);
      lost += response.gap().lost_packets();
      last += response.gap().lost_packets();
    }
    for (const mesh::Downlink& downlink : response.downlinks()) {
      ASSERT_EQ(downlink.request_id(), last + 1);
      last = downlink.request_id();
    }
  }
  EXPECT_GT(lost, 0u);
}

TEST_F(SubscribeDownlinkTest, ASubscriptionThatTheBrokerRefusesIsDenied) {
  broker_.RefuseSubscription(core::kSendDataRequestFilter, absl::PermissionDeniedError("no"));
  broker_.Connect();
  Subscribe({});
  mesh::SubscribeDownlinkResponse response;
  EXPECT_FALSE(reader_->Read(&response));
  ExpectStatus(Finish(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(SubscribeDownlinkTest, ARefusalAfterAReconnectEndsTheStream) {
  broker_.Connect();
  Subscribe({});
  mesh::SubscribeDownlinkResponse response;
  ASSERT_TRUE(reader_->Read(&response));
  broker_.Disconnect();
  broker_.RefuseSubscription(core::kResponseFilter, absl::PermissionDeniedError("no longer"));
  broker_.Connect();
  while (reader_->Read(&response)) {  // perhaps the gap
  }
  ExpectStatus(Finish(), grpc::StatusCode::PERMISSION_DENIED, {"no longer"});
}

TEST_F(SubscribeDownlinkTest, CancelledItLeavesNothing) {
  broker_.Connect();
  Subscribe({});
  mesh::SubscribeDownlinkResponse response;
  ASSERT_TRUE(reader_->Read(&response));
  EXPECT_TRUE(Subscribed(core::kResponseFilter));
  context_.TryCancel();
  Await([&] { return service_.open_streams() == 0; });
  Advance(absl::Minutes(1));
  Await([&] { return !Subscribed(core::kSendDataRequestFilter); });
  Await([&] { return !Subscribed(core::kResponseFilter); });
}

TEST_F(SubscribeDownlinkTest, NamesTheFieldThatIsWrong) {
  mesh::SubscribeDownlinkRequest request;
  request.mutable_filter()->add_gateway_ids("a/b");
  Subscribe(request);
  ExpectStatus(Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"filter.gateway_ids[0]"});
}

}  // namespace
}  // namespace wirepas_grpc::api
