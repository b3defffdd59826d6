// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/codec.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "tests/core/gateway_api/fields.h"
#include "tests/core/gateway_api/samples.h"

namespace wirepas_grpc::core {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// "SendPacketReq.header", ...: every field of the contract that can be reached.
void CollectFields(const Descriptor* type, std::set<std::string>* names) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!names->insert(field->full_name()).second) continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      CollectFields(field->message_type(), names);
    }
  }
}

std::set<std::string> FieldsSetInSamples() {
  std::set<std::string> names;
  for (Sample& sample : Samples()) {
    VisitMessages(&sample.message, [&](Message* message, const std::string&) {
      std::vector<const FieldDescriptor*> set;
      message->GetReflection()->ListFields(*message, &set);
      for (const FieldDescriptor* field : set) names.insert(field->full_name());
    });
  }
  return names;
}

TEST(CodecTest, TheSamplesSetEveryFieldOfTheContract) {
  std::set<std::string> all;
  CollectFields(gw::WirepasMessage::descriptor(), &all);
  EXPECT_EQ(gw::WirepasMessage::descriptor()->field_count(), 22);
  EXPECT_EQ(FieldsSetInSamples(), all);
}

TEST(CodecTest, EveryMessageSurvivesTheWayThereAndBack) {
  for (const Sample& sample : Samples()) {
    gw::GenericMessage decoded;
    ASSERT_EQ(Decode(Encode(sample.message), &decoded), DropReason::kNone) << sample.name;
    EXPECT_EQ(FieldsOf(decoded.wirepas()), FieldsOf(sample.message)) << sample.name;
    EXPECT_FALSE(decoded.has_customer());
  }
}

std::string Reference(const gw::WirepasMessage& message) {
  gw::GenericMessage generic;
  *generic.mutable_wirepas() = message;
  return generic.SerializeAsString();
}

TEST(CodecTest, EncodesWhatGenericMessageSerializesTo) {
  for (const Sample& sample : Samples()) {
    EXPECT_EQ(Encode(sample.message), Reference(sample.message)) << sample.name;
  }
}

// The length before the message takes one byte more at each of these sizes.
TEST(CodecTest, EncodesEveryLengthOfALength) {
  gw::WirepasMessage message;
  gw::UploadScratchpadReq* request = message.mutable_upload_scratchpad_req();
  request->mutable_header()->set_req_id(1);
  request->set_seq(1);
  for (const size_t around : {size_t{1} << 7, size_t{1} << 14, size_t{1} << 21}) {
    for (size_t size = around - 40; size < around + 4; ++size) {
      request->set_scratchpad(std::string(size, 'x'));
      ASSERT_EQ(Encode(message), Reference(message)) << size;
    }
  }
}

TEST(CodecTest, CarriesEmptyAndLargePayloads) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{1500}, size_t{2} << 20}) {
    const std::string payload(size, '\xA5');
    gw::WirepasMessage upload;
    upload.mutable_upload_scratchpad_req()->mutable_header()->set_req_id(1);
    upload.mutable_upload_scratchpad_req()->set_seq(1);
    upload.mutable_upload_scratchpad_req()->set_scratchpad(payload);
    gw::GenericMessage decoded;
    ASSERT_EQ(Decode(Encode(upload), &decoded), DropReason::kNone) << size;
    EXPECT_TRUE(decoded.wirepas().upload_scratchpad_req().has_scratchpad());
    EXPECT_EQ(decoded.wirepas().upload_scratchpad_req().scratchpad(), payload);

    gw::WirepasMessage uplink;
    for (const Sample& sample : Samples()) {
      if (sample.name == "uplink") uplink = sample.message;
    }
    uplink.mutable_packet_received_event()->set_payload(payload);
    ASSERT_EQ(Decode(Encode(uplink), &decoded), DropReason::kNone) << size;
    EXPECT_TRUE(decoded.wirepas().packet_received_event().has_payload());
    EXPECT_EQ(decoded.wirepas().packet_received_event().payload(), payload);
  }
}

// Each required field of each message in turn.
TEST(CodecTest, AMessageWithoutARequiredFieldIsMalformed) {
  int cleared = 0;
  for (const Sample& sample : Samples()) {
    // Where the required fields are, then each on a copy of its own.
    std::vector<std::pair<std::string, const FieldDescriptor*>> required;
    gw::WirepasMessage original = sample.message;
    VisitMessages(&original, [&](Message* message, const std::string& path) {
      for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
        const FieldDescriptor* field = message->GetDescriptor()->field(i);
        if (field->is_required()) required.emplace_back(path, field);
      }
    });
    for (const auto& [wanted, field] : required) {
      gw::GenericMessage generic;
      *generic.mutable_wirepas() = sample.message;
      VisitMessages(generic.mutable_wirepas(), [&](Message* message, const std::string& path) {
        if (path == wanted) message->GetReflection()->ClearField(message, field);
      });
      gw::GenericMessage decoded;
      EXPECT_EQ(Decode(generic.SerializePartialAsString(), &decoded), DropReason::kMalformedPayload)
          << sample.name << " without " << wanted << "." << field->name();
      ++cleared;
    }
  }
  EXPECT_GT(cleared, 200);
}

TEST(CodecTest, WhatHoldsNotExactlyOneMessageIsUnexpected) {
  gw::GenericMessage decoded;
  EXPECT_EQ(Decode("", &decoded), DropReason::kUnexpectedContent);

  gw::GenericMessage generic;
  generic.mutable_wirepas();
  EXPECT_EQ(Decode(generic.SerializeAsString(), &decoded), DropReason::kUnexpectedContent);

  generic.Clear();
  generic.mutable_customer()->set_customer_name("somebody");
  EXPECT_EQ(Decode(generic.SerializeAsString(), &decoded), DropReason::kUnexpectedContent);

  // Every pair of two different messages, uplinks included.
  const std::vector<Sample> samples = Samples();
  for (const Sample& a : samples) {
    for (const Sample& b : samples) {
      gw::WirepasMessage both = a.message;
      both.MergeFrom(b.message);
      const bool same = FieldsOf(both).size() == FieldsOf(a.message).size() ||
                        a.name.substr(0, 6) == b.name.substr(0, 6);
      if (same) continue;
      EXPECT_EQ(Decode(Encode(both), &decoded), DropReason::kUnexpectedContent)
          << a.name << " and " << b.name;
    }
  }
}

TEST(CodecTest, ACustomersPartIsNoHindrance) {
  gw::GenericMessage generic;
  *generic.mutable_wirepas() = Samples()[0].message;
  generic.mutable_customer()->set_customer_name("somebody");
  gw::GenericMessage decoded;
  EXPECT_EQ(Decode(generic.SerializeAsString(), &decoded), DropReason::kNone);
}

// A message type of a later contract.
TEST(CodecTest, AnUnknownMessageIsUnexpected) {
  gw::GenericMessage generic;
  auto* unknown =
      generic.mutable_wirepas()->GetReflection()->MutableUnknownFields(generic.mutable_wirepas());
  unknown->AddLengthDelimited(23, "something");
  gw::GenericMessage decoded;
  EXPECT_EQ(Decode(generic.SerializeAsString(), &decoded), DropReason::kUnexpectedContent);
}

TEST(CodecTest, UnknownFieldsOfAKnownMessageAreIgnored) {
  for (const Sample& sample : Samples()) {
    gw::GenericMessage generic;
    *generic.mutable_wirepas() = sample.message;
    VisitMessages(generic.mutable_wirepas(), [&](Message* message, const std::string&) {
      auto* unknown = message->GetReflection()->MutableUnknownFields(message);
      unknown->AddVarint(900, 7);
      unknown->AddLengthDelimited(901, "new");
    });
    gw::GenericMessage decoded;
    ASSERT_EQ(Decode(generic.SerializeAsString(), &decoded), DropReason::kNone) << sample.name;
    EXPECT_EQ(FieldsOf(decoded.wirepas()), FieldsOf(sample.message)) << sample.name;
  }
}

TEST(CodecTest, FindsTheHeaderOfEveryResponseAndOfNothingElse) {
  std::set<std::string> responses;
  for (const Sample& sample : Samples()) {
    const bool is_response = sample.name.find("_resp") != std::string::npos;
    const gw::ResponseHeader* header = FindResponseHeader(sample.message);
    ASSERT_EQ(header != nullptr, is_response) << sample.name;
    if (header == nullptr) continue;
    EXPECT_EQ(header->req_id(), 0xFEDCBA9876543210u) << sample.name;
    EXPECT_EQ(header->gw_id(), "gateway 1") << sample.name;
    responses.insert(sample.name.substr(0, sample.name.find("_resp")));
  }
  EXPECT_EQ(responses.size(), 10u);
}

TEST(CodecTest, FindsTheHeaderOfEveryRequestAndOfNothingElse) {
  std::set<std::string> requests;
  for (Sample& sample : Samples()) {
    const bool is_request = sample.name.find("_req") != std::string::npos;
    const auto before = FieldsOf(sample.message);
    gw::RequestHeader* header = MutableRequestHeader(&sample.message);
    EXPECT_EQ(FieldsOf(sample.message), before) << sample.name;
    ASSERT_EQ(header != nullptr, is_request) << sample.name;
    if (header == nullptr) continue;
    EXPECT_EQ(header->req_id(), 0xFEDCBA9876543210u) << sample.name;
    requests.insert(sample.name.substr(0, sample.name.find("_req")));
  }
  EXPECT_EQ(requests.size(), 10u);
}

}  // namespace
}  // namespace wirepas_grpc::core
