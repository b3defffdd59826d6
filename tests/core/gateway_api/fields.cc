// SPDX-License-Identifier: Apache-2.0
#include "tests/core/gateway_api/fields.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"

namespace wirepas_grpc::core {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// One value; `index` is -1 for a field that is not repeated.
std::string Text(const Message& message, const FieldDescriptor* field, int index) {
  const auto& reflection = *message.GetReflection();
  const bool one = index < 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(one ? reflection.GetUInt32(message, field)
                              : reflection.GetRepeatedUInt32(message, field, index));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(one ? reflection.GetUInt64(message, field)
                              : reflection.GetRepeatedUInt64(message, field, index));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat(one ? reflection.GetEnumValue(message, field)
                              : reflection.GetRepeatedEnumValue(message, field, index));
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string value = one ? reflection.GetString(message, field)
                                    : reflection.GetRepeatedString(message, field, index);
      return field->type() == FieldDescriptor::TYPE_BYTES ? absl::BytesToHexString(value) : value;
    }
    default:
      return absl::StrCat("a type that the contract does not use: ", field->cpp_type_name());
  }
}

void Collect(const Message& message, const std::string& prefix,
             std::map<std::string, std::string>* fields) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    const bool nested = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    const std::string path = absl::StrCat(prefix, field->name());
    if (!field->is_repeated()) {
      if (nested) {
        // A part without fields is not a part that is missing.
        (*fields)[path] = "message";
        Collect(reflection.GetMessage(message, field), path + ".", fields);
      } else {
        (*fields)[path] = Text(message, field, -1);
      }
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      const std::string element = absl::StrCat(path, "[", i, "]");
      if (nested) {
        (*fields)[element] = "message";
        Collect(reflection.GetRepeatedMessage(message, field, i), element + ".", fields);
      } else {
        (*fields)[element] = Text(message, field, i);
      }
    }
  }
}

void Visit(Message* message, const std::string& path,
           const std::function<void(Message*, const std::string&)>& visit) {
  visit(message, path);
  const auto& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(*message, &set);
  for (const FieldDescriptor* field : set) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const std::string inner = absl::StrCat(path, path.empty() ? "" : ".", field->name());
    if (!field->is_repeated()) {
      Visit(reflection.MutableMessage(message, field), inner, visit);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      Visit(reflection.MutableRepeatedMessage(message, field, i), absl::StrCat(inner, "[", i, "]"),
            visit);
    }
  }
}

}  // namespace

std::map<std::string, std::string> FieldsOf(const Message& message) {
  std::map<std::string, std::string> fields;
  Collect(message, "", &fields);
  return fields;
}

void VisitMessages(Message* message,
                   const std::function<void(Message*, const std::string& path)>& visit) {
  Visit(message, "", visit);
}

}  // namespace wirepas_grpc::core
