// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/unknown_values.h"

#include <string>

#include "core/gateway_api/codec.h"
#include "gmock/gmock.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void AddNumber(int field, int64_t number, google::protobuf::Message* message) {
  message->GetReflection()->MutableUnknownFields(message)->AddVarint(field,
                                                                     static_cast<uint64_t>(number));
}

// As it comes from a broker.
gw::WirepasMessage Received(const gw::WirepasMessage& message) {
  gw::GenericMessage envelope;
  *envelope.mutable_wirepas() = message;
  gw::GenericMessage received;
  EXPECT_EQ(Decode(envelope.SerializePartialAsString(), &received), DropReason::kNone);
  return received.wirepas();
}

// An answer to a message, with this code.
gw::ResponseHeader Answered(int64_t code) {
  gw::WirepasMessage message;
  gw::ResponseHeader* header = message.mutable_send_packet_resp()->mutable_header();
  header->set_req_id(1);
  header->set_gw_id("gw");
  AddNumber(gw::ResponseHeader::kResFieldNumber, code, header);
  return Received(message).send_packet_resp().header();
}

TEST(UnknownValues, ACodeThatIsNotKnownKeepsItsNumber) {
  EXPECT_EQ(Answered(77).res(), gw::UNKNOWN_ERROR_CODE);
  EXPECT_EQ(UnknownCode(Answered(77)), 77);
  EXPECT_EQ(UnknownCode(Answered(-9)), -9);
  EXPECT_EQ(UnknownCode(Answered(2147483647)), 2147483647);
}

TEST(UnknownValues, KnownCodesAreNotUnknown) {
  for (const gw::ErrorCode code : {gw::OK, gw::SINK_TIMEOUT, gw::UNKNOWN_ERROR_CODE}) {
    EXPECT_EQ(Answered(code).res(), code);
    EXPECT_EQ(UnknownCode(Answered(code)), std::nullopt);
  }
}

gw::StatusEvent StatusWith(const std::vector<int>& features) {
  gw::WirepasMessage message;
  gw::StatusEvent* status = message.mutable_status_event();
  status->mutable_header()->set_gw_id("gw");
  status->mutable_header()->set_event_id(1);
  status->set_version(1);
  status->set_state(gw::ON);
  for (const int feature : features) {
    AddNumber(gw::StatusEvent::kGwFeaturesFieldNumber, feature, status);
  }
  return Received(message).status_event();
}

TEST(UnknownValues, FeaturesAscendEachOnceAndWithoutTheKnownOnes) {
  const gw::StatusEvent status = StatusWith({99, gw::CONFIGURATION_DATA_V1, 5, 99, -1, 5});
  EXPECT_THAT(UnknownFeatures(status), ElementsAre(-1, 5, 99));
  EXPECT_THAT(status.gw_features(), ElementsAre(gw::CONFIGURATION_DATA_V1));
  EXPECT_THAT(UnknownFeatures(StatusWith({gw::VIRTUAL_NODE_V1})), IsEmpty());
}

TEST(UnknownValues, OfManyFeaturesTheFirstHundredAreKept) {
  std::vector<int> features;
  for (int i = 10000; i > 100; --i) features.push_back(i);
  const std::vector<int32_t> kept = UnknownFeatures(StatusWith(features));
  ASSERT_EQ(kept.size(), 100u);
  EXPECT_EQ(kept.front(), 101);
  EXPECT_EQ(kept.back(), 200);
}

TEST(UnknownValues, FieldsOfOtherKindsAreNoNumbers) {
  gw::GatewayInfo info;
  auto* unknown = info.GetReflection()->MutableUnknownFields(&info);
  unknown->AddLengthDelimited(gw::GatewayInfo::kGwFeaturesFieldNumber, "\x07");
  unknown->AddVarint(500, 9);
  EXPECT_THAT(UnknownFeatures(info), IsEmpty());
  unknown->AddVarint(gw::GatewayInfo::kGwFeaturesFieldNumber, 9);
  EXPECT_THAT(UnknownFeatures(info), ElementsAre(9));
}

}  // namespace
}  // namespace wirepas_grpc::core
