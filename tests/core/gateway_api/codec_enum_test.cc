// SPDX-License-Identifier: Apache-2.0
//
// Enum values of a newer contract.
#include <functional>
#include <set>
#include <string>

#include "core/gateway_api/codec.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "tests/core/gateway_api/fields.h"
#include "tests/core/gateway_api/samples.h"

namespace wirepas_grpc::core {
namespace {

using google::protobuf::Message;

gw::GenericMessage SampleNamed(const std::string& name) {
  gw::GenericMessage generic;
  for (const Sample& sample : Samples()) {
    if (sample.name == name) *generic.mutable_wirepas() = sample.message;
  }
  EXPECT_TRUE(generic.has_wirepas()) << name;
  return generic;
}

// Puts a number that is no value of the enum in place of a field.
void SetUnknown(Message* message, const std::string& field_name, uint64_t value) {
  const auto* field = message->GetDescriptor()->FindFieldByName(field_name);
  ASSERT_NE(field, nullptr) << field_name;
  message->GetReflection()->ClearField(message, field);
  message->GetReflection()->MutableUnknownFields(message)->AddVarint(field->number(), value);
}

DropReason DecodePartial(const gw::GenericMessage& message, gw::GenericMessage* decoded) {
  return Decode(message.SerializePartialAsString(), decoded);
}

TEST(CodecEnumTest, AnUnknownResultCodeOfAnyResponseReadsAsUnknown) {
  // 7 bits, 14 bits, and a negative number, which takes ten bytes.
  for (const uint64_t code : {uint64_t{99}, uint64_t{12345}, static_cast<uint64_t>(-7)}) {
    int responses = 0;
    for (const Sample& sample : Samples()) {
      if (FindResponseHeader(sample.message) == nullptr) continue;
      gw::GenericMessage generic;
      *generic.mutable_wirepas() = sample.message;
      VisitMessages(generic.mutable_wirepas(), [&](Message* message, const std::string&) {
        if (message->GetDescriptor() == gw::ResponseHeader::descriptor()) {
          SetUnknown(message, "res", code);
        }
      });
      gw::GenericMessage decoded;
      ASSERT_EQ(DecodePartial(generic, &decoded), DropReason::kNone) << sample.name;
      EXPECT_EQ(FindResponseHeader(decoded.wirepas())->res(), gw::UNKNOWN_ERROR_CODE);
      // The rest is what it was.
      auto expected = FieldsOf(sample.message);
      for (auto& [path, text] : expected) {
        if (path.ends_with(".header.res")) text = "-1";
      }
      EXPECT_EQ(FieldsOf(decoded.wirepas()), expected) << sample.name;
      ++responses;
    }
    EXPECT_GE(responses, 10);
  }
}

TEST(CodecEnumTest, AResultCodeOfAWrongTypeIsMalformed) {
  gw::GenericMessage generic = SampleNamed("send_packet_resp");
  gw::ResponseHeader* header =
      generic.mutable_wirepas()->mutable_send_packet_resp()->mutable_header();
  header->clear_res();
  header->GetReflection()->MutableUnknownFields(header)->AddLengthDelimited(4, "99");
  gw::GenericMessage decoded;
  EXPECT_EQ(DecodePartial(generic, &decoded), DropReason::kMalformedPayload);
}

TEST(CodecEnumTest, AnUnknownTargetActionReadsAsUnknown) {
  gw::GenericMessage generic = SampleNamed("get_scratchpad_status_resp");
  SetUnknown(
      generic.mutable_wirepas()->mutable_get_scratchpad_status_resp()->mutable_target_and_action(),
      "action", 9);
  gw::GenericMessage decoded;
  ASSERT_EQ(DecodePartial(generic, &decoded), DropReason::kNone);
  const auto& target = decoded.wirepas().get_scratchpad_status_resp().target_and_action();
  EXPECT_EQ(target.action(), gw::UNKNOWN_ACTION);
  EXPECT_EQ(target.target_sequence(), 1u);
  EXPECT_EQ(decoded.wirepas().get_scratchpad_status_resp().firmware_area_id(), 0x01020304u);

  generic = SampleNamed("set_scratchpad_target_and_action_req");
  SetUnknown(generic.mutable_wirepas()
                 ->mutable_set_scratchpad_target_and_action_req()
                 ->mutable_target_and_action(),
             "action", 200);
  ASSERT_EQ(DecodePartial(generic, &decoded), DropReason::kNone);
  EXPECT_EQ(decoded.wirepas().set_scratchpad_target_and_action_req().target_and_action().action(),
            gw::UNKNOWN_ACTION);

  generic = SampleNamed("status_online");
  SetUnknown(generic.mutable_wirepas()
                 ->mutable_status_event()
                 ->mutable_configs(0)
                 ->mutable_target_and_action(),
             "action", 6);
  ASSERT_EQ(DecodePartial(generic, &decoded), DropReason::kNone);
  EXPECT_EQ(decoded.wirepas().status_event().configs(0).target_and_action().action(),
            gw::UNKNOWN_ACTION);
}

TEST(CodecEnumTest, AnUnknownNodeRoleIsLeftOutAndTheRestOfTheSinkStays) {
  gw::GenericMessage generic = SampleNamed("status_online");
  SetUnknown(
      generic.mutable_wirepas()->mutable_status_event()->mutable_configs(0)->mutable_node_role(),
      "role", 9);
  gw::GenericMessage decoded;
  ASSERT_EQ(DecodePartial(generic, &decoded), DropReason::kNone);
  const gw::StatusEvent& status = decoded.wirepas().status_event();
  ASSERT_EQ(status.configs_size(), 2);
  EXPECT_FALSE(status.configs(0).has_node_role());
  EXPECT_EQ(status.configs(0).sink_id(), "sink0");
  EXPECT_EQ(status.configs(0).network_address(), 0x00FFFFFEu);
  EXPECT_EQ(status.configs(1).node_role().role(), gw::NodeRole::ROUTER);
}

TEST(CodecEnumTest, ANodeRoleWithoutRoleIsMalformed) {
  gw::GenericMessage generic = SampleNamed("status_online");
  generic.mutable_wirepas()
      ->mutable_status_event()
      ->mutable_configs(0)
      ->mutable_node_role()
      ->clear_role();
  gw::GenericMessage decoded;
  EXPECT_EQ(DecodePartial(generic, &decoded), DropReason::kMalformedPayload);
}

// There is no value to read it as, and online or offline is all that a status says.
TEST(CodecEnumTest, AnUnknownStateOfAStatusIsMalformed) {
  gw::GenericMessage generic = SampleNamed("status_online");
  SetUnknown(generic.mutable_wirepas()->mutable_status_event(), "state", 3);
  gw::GenericMessage decoded;
  EXPECT_EQ(DecodePartial(generic, &decoded), DropReason::kMalformedPayload);
}

// One unknown value mended does not make up for another field that is missing.
TEST(CodecEnumTest, AnUnknownResultCodeDoesNotExcuseAMissingField) {
  gw::GenericMessage generic = SampleNamed("set_config_resp");
  gw::SetConfigResp* response = generic.mutable_wirepas()->mutable_set_config_resp();
  SetUnknown(response->mutable_header(), "res", 99);
  response->clear_config();
  gw::GenericMessage decoded;
  EXPECT_EQ(DecodePartial(generic, &decoded), DropReason::kMalformedPayload);
}

TEST(CodecEnumTest, AnUnknownValueOfAnOptionalFieldReadsAsUnset) {
  gw::GenericMessage generic = SampleNamed("get_scratchpad_status_resp");
  gw::GetScratchpadStatusResp* response =
      generic.mutable_wirepas()->mutable_get_scratchpad_status_resp();
  SetUnknown(response, "stored_status", 9);
  SetUnknown(response, "stored_type", 9);
  SetUnknown(response->mutable_target_and_action(), "delay", 77);
  gw::GenericMessage decoded;
  ASSERT_EQ(DecodePartial(generic, &decoded), DropReason::kNone);
  const auto& read = decoded.wirepas().get_scratchpad_status_resp();
  EXPECT_FALSE(read.has_stored_status());
  EXPECT_FALSE(read.has_stored_type());
  EXPECT_EQ(read.target_and_action().param_case(), gw::TargetScratchpadAndAction::PARAM_NOT_SET);
  EXPECT_EQ(read.stored_scratchpad().seq(), 10u);
}

TEST(CodecEnumTest, UnknownElementsOfListsAreLeftOut) {
  gw::GenericMessage generic = SampleNamed("status_online");
  gw::StatusEvent* status = generic.mutable_wirepas()->mutable_status_event();
  status->GetReflection()->MutableUnknownFields(status)->AddVarint(8, 50);
  gw::NodeRole* role = status->mutable_configs(0)->mutable_node_role();
  role->GetReflection()->MutableUnknownFields(role)->AddVarint(2, 50);
  const gw::GenericMessage known = SampleNamed("status_online");
  gw::GenericMessage decoded;
  ASSERT_EQ(DecodePartial(generic, &decoded), DropReason::kNone);
  EXPECT_EQ(FieldsOf(decoded), FieldsOf(known));
}

// The sink state of a config is optional, unlike that of a status.
TEST(CodecEnumTest, AnUnknownSinkStateReadsAsUnset) {
  gw::GenericMessage generic = SampleNamed("get_configs_resp");
  SetUnknown(generic.mutable_wirepas()->mutable_get_configs_resp()->mutable_configs(1),
             "sink_state", 3);
  gw::GenericMessage decoded;
  ASSERT_EQ(DecodePartial(generic, &decoded), DropReason::kNone);
  EXPECT_FALSE(decoded.wirepas().get_configs_resp().configs(1).has_sink_state());
}

}  // namespace
}  // namespace wirepas_grpc::core
