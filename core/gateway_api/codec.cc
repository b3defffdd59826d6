// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/codec.h"

#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace wirepas_grpc::core {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool HasUnknownVarint(const Message& message, int number) {
  const auto& unknown = message.GetReflection()->GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count(); ++i) {
    if (unknown.field(i).number() == number &&
        unknown.field(i).type() == google::protobuf::UnknownField::TYPE_VARINT) {
      return true;
    }
  }
  return false;
}

// ErrorCode and the OTAP enums name a value for what their reader does not know.
const EnumValueDescriptor* UnknownValue(const FieldDescriptor& field) {
  const auto& type = *field.enum_type();
  if (const auto* value = type.FindValueByName("UNKNOWN_ERROR_CODE")) return value;
  return type.FindValueByName("UNKNOWN_ACTION");
}

// The most parts of a message that are looked at to mend it. A thousand sinks with all that
// can be told of them have fewer; a hostile message, half a million.
constexpr int kMaxMended = 20'000;

// Proto2 keeps an enum value that it does not know as an unknown field, which
// leaves a required field unset. Mends that, as Decode() describes. `left`: how many more parts
// are looked at.
void MendUnknownEnums(Message* message, int* left) {
  if (--*left < 0) return;
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
        if (*left <= 0) return;
        MendUnknownEnums(reflection.MutableRepeatedMessage(message, field, i), left);
      }
      continue;
    }
    Message* part = reflection.MutableMessage(message, field);
    MendUnknownEnums(part, left);
    if (field->is_optional() && !part->IsInitialized() && field->name() == "node_role") {
      if (HasUnknownVarint(*part, 1)) reflection.ClearField(message, field);
    }
  }
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    if (!field->is_required() || field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM ||
        reflection.HasField(*message, field)) {
      continue;
    }
    const EnumValueDescriptor* unknown = UnknownValue(*field);
    if (unknown != nullptr && HasUnknownVarint(*message, field->number())) {
      reflection.SetEnum(message, field, unknown);
    }
  }
}

// Without reflection: every uplink comes by here.
int CountFields(const gw::WirepasMessage& m) {
  return m.has_status_event() + m.has_get_configs_req() + m.has_get_configs_resp() +
         m.has_set_config_req() + m.has_set_config_resp() + m.has_send_packet_req() +
         m.has_send_packet_resp() + m.has_packet_received_event() +
         m.has_get_scratchpad_status_req() + m.has_get_scratchpad_status_resp() +
         m.has_upload_scratchpad_req() + m.has_upload_scratchpad_resp() +
         m.has_process_scratchpad_req() + m.has_process_scratchpad_resp() +
         m.has_get_gateway_info_req() + m.has_get_gateway_info_resp() +
         m.has_set_scratchpad_target_and_action_req() +
         m.has_set_scratchpad_target_and_action_resp() + m.has_set_configuration_data_item_req() +
         m.has_set_configuration_data_item_resp() + m.has_get_configuration_data_item_req() +
         m.has_get_configuration_data_item_resp();
}

}  // namespace

DropReason Decode(absl::string_view payload, gw::GenericMessage* message) {
  if (payload.size() > kMaxPayloadSize) return DropReason::kOversized;
  if (!message->ParsePartialFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return DropReason::kMalformedPayload;
  }
  if (!message->IsInitialized()) {
    int left = kMaxMended;
    MendUnknownEnums(message, &left);
    if (!message->IsInitialized()) return DropReason::kMalformedPayload;
  }
  return CountFields(message->wirepas()) == 1 ? DropReason::kNone : DropReason::kUnexpectedContent;
}

std::string Encode(const gw::WirepasMessage& message) {
  // The bytes of GenericMessage{wirepas: message}, without a copy of the message:
  // field 1, length-delimited.
  std::string bytes;
  const size_t size = message.ByteSizeLong();
  bytes.reserve(size + 6);
  bytes.push_back(0x0a);
  for (size_t rest = size;; rest >>= 7) {
    if (rest < 0x80) {
      bytes.push_back(static_cast<char>(rest));
      break;
    }
    bytes.push_back(static_cast<char>((rest & 0x7f) | 0x80));
  }
  message.AppendToString(&bytes);
  return bytes;
}

const gw::ResponseHeader* FindResponseHeader(const gw::WirepasMessage& message) {
  if (message.has_send_packet_resp()) return &message.send_packet_resp().header();
  if (message.has_get_configs_resp()) return &message.get_configs_resp().header();
  if (message.has_set_config_resp()) return &message.set_config_resp().header();
  if (message.has_get_gateway_info_resp()) return &message.get_gateway_info_resp().header();
  if (message.has_get_scratchpad_status_resp()) {
    return &message.get_scratchpad_status_resp().header();
  }
  if (message.has_upload_scratchpad_resp()) return &message.upload_scratchpad_resp().header();
  if (message.has_process_scratchpad_resp()) return &message.process_scratchpad_resp().header();
  if (message.has_set_scratchpad_target_and_action_resp()) {
    return &message.set_scratchpad_target_and_action_resp().header();
  }
  if (message.has_set_configuration_data_item_resp()) {
    return &message.set_configuration_data_item_resp().header();
  }
  if (message.has_get_configuration_data_item_resp()) {
    return &message.get_configuration_data_item_resp().header();
  }
  return nullptr;
}

gw::RequestHeader* MutableRequestHeader(gw::WirepasMessage* message) {
  if (message->has_send_packet_req()) return message->mutable_send_packet_req()->mutable_header();
  if (message->has_get_configs_req()) return message->mutable_get_configs_req()->mutable_header();
  if (message->has_set_config_req()) return message->mutable_set_config_req()->mutable_header();
  if (message->has_get_gateway_info_req()) {
    return message->mutable_get_gateway_info_req()->mutable_header();
  }
  if (message->has_get_scratchpad_status_req()) {
    return message->mutable_get_scratchpad_status_req()->mutable_header();
  }
  if (message->has_upload_scratchpad_req()) {
    return message->mutable_upload_scratchpad_req()->mutable_header();
  }
  if (message->has_process_scratchpad_req()) {
    return message->mutable_process_scratchpad_req()->mutable_header();
  }
  if (message->has_set_scratchpad_target_and_action_req()) {
    return message->mutable_set_scratchpad_target_and_action_req()->mutable_header();
  }
  if (message->has_set_configuration_data_item_req()) {
    return message->mutable_set_configuration_data_item_req()->mutable_header();
  }
  if (message->has_get_configuration_data_item_req()) {
    return message->mutable_get_configuration_data_item_req()->mutable_header();
  }
  return nullptr;
}

}  // namespace wirepas_grpc::core
