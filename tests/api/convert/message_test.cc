// SPDX-License-Identifier: Apache-2.0
#include "api/convert/message.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

mesh::Message Message() {
  mesh::Message message;
  message.set_destination_address(0xffffffff);
  message.set_source_endpoint(255);
  message.set_destination_endpoint(240);
  message.set_payload(std::string("\x19\x00", 2));
  return message;
}

void ExpectInvalid(const mesh::Message& message, const std::string& field) {
  const auto request = ToGateway("message", message);
  ASSERT_FALSE(request.ok()) << field;
  EXPECT_TRUE(absl::IsInvalidArgument(request.status()));
  EXPECT_THAT(std::string(request.status().message()), StartsWith("message." + field + ":"));
}

TEST(ToGateway, SaysOnlyWhatIsAsked) {
  const auto request = ToGateway("message", Message());
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->destination_address(), 0xffffffff);
  EXPECT_EQ(request->source_endpoint(), 255u);
  EXPECT_EQ(request->destination_endpoint(), 240u);
  EXPECT_EQ(request->payload(), std::string("\x19\x00", 2));
  EXPECT_TRUE(request->has_qos());
  EXPECT_FALSE(request->has_initial_delay_ms());
  EXPECT_FALSE(request->has_is_unack_csma_ca());
  EXPECT_FALSE(request->has_hop_limit());
}

TEST(ToGateway, HandsOptionsOn) {
  mesh::Message message = Message();
  message.set_qos(1);
  message.mutable_initial_delay()->set_nanos(1999999);
  message.set_unacknowledged_csma_ca(true);
  message.set_hop_limit(15);
  const auto request = ToGateway("message", message);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->qos(), 1u);
  EXPECT_EQ(request->initial_delay_ms(), 1u);
  EXPECT_TRUE(request->is_unack_csma_ca());
  EXPECT_EQ(request->hop_limit(), 15u);
}

TEST(ToGateway, NamesTheFieldThatIsWrong) {
  mesh::Message message = Message();
  message.set_destination_address(0);
  ExpectInvalid(message, "destination_address");
  message = Message();
  message.set_source_endpoint(256);
  ExpectInvalid(message, "source_endpoint");
  message = Message();
  message.set_destination_endpoint(256);
  ExpectInvalid(message, "destination_endpoint");
  message = Message();
  message.set_qos(2);
  ExpectInvalid(message, "qos");
  message = Message();
  message.set_hop_limit(16);
  ExpectInvalid(message, "hop_limit");
  message = Message();
  message.mutable_initial_delay()->set_seconds(4294968);
  ExpectInvalid(message, "initial_delay");
  message = Message();
  message.mutable_initial_delay()->set_seconds(-1);
  ExpectInvalid(message, "initial_delay");
}

TEST(ToGateway, PayloadIsBounded) {
  mesh::Message message = Message();
  message.set_payload(std::string(1500, 'x'));
  EXPECT_TRUE(ToGateway("message", message).ok());
  message.set_payload(std::string(1501, 'x'));
  ExpectInvalid(message, "payload");
}

TEST(ConvertDownlink, TellsMessageAndAnswer) {
  core::Downlink downlink;
  downlink.gateway_id = "gw";
  downlink.sink_id = "sink";
  downlink.request_id = 77;
  downlink.send_time = absl::FromUnixSeconds(1700000000);
  downlink.request.set_destination_address(5);
  downlink.request.set_initial_delay_ms(1500);
  downlink.answer = gw::SINK_OUT_OF_MEMORY;
  downlink.gateway_time = absl::Milliseconds(20);
  const mesh::Downlink proto = ToProto(downlink);
  EXPECT_EQ(proto.request_id(), 77u);
  EXPECT_EQ(proto.message().destination_address(), 5u);
  EXPECT_EQ(proto.message().initial_delay().nanos(), 500000000);
  EXPECT_EQ(proto.answer().result(), mesh::RESULT_CODE_SINK_OUT_OF_MEMORY);
  EXPECT_EQ(proto.answer().gateway_time().nanos(), 20000000);
  EXPECT_EQ(proto.answer().raw_result(), gw::SINK_OUT_OF_MEMORY);
  EXPECT_FALSE(proto.has_publish_time());
  EXPECT_FALSE(proto.answer().has_answer_time());
}

TEST(ConvertDownlink, TellsTheTimesOfBothHeaders) {
  core::Downlink downlink;
  downlink.request.mutable_header()->set_time_ms_epoch(1'700'000'000'001);
  downlink.answer = gw::OK;
  downlink.answer_time = absl::FromUnixMillis(1'700'000'000'002);
  const mesh::Downlink proto = ToProto(downlink);
  EXPECT_EQ(proto.publish_time().seconds(), 1'700'000'000);
  EXPECT_EQ(proto.publish_time().nanos(), 1'000'000);
  EXPECT_EQ(proto.answer().answer_time().nanos(), 2'000'000);
}

TEST(ConvertDownlink, TellsThatNoAnswerCame) {
  const mesh::Downlink proto = ToProto(core::Downlink{});
  EXPECT_EQ(proto.outcome_case(), mesh::Downlink::kNoAnswer);
  EXPECT_FALSE(proto.message().has_initial_delay());
}

}  // namespace
}  // namespace wirepas_grpc::api
