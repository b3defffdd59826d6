// SPDX-License-Identifier: Apache-2.0
#include "api/call/request_size.h"

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace wirepas_grpc::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

// An unknown field of no bytes has been seen to take 130, a message in a list about the same.
constexpr size_t kFieldMemory = 160;
// The decoder's own bound is 100.
constexpr int kMaxDepth = 100;

// Goes over the wire format and counts.
class Walk {
 public:
  Walk(google::protobuf::io::ZeroCopyInputStream* bytes, size_t max_fields)
      : in_(bytes), max_fields_(max_fields) {}

  // The fields of a message, up to its end. `type` is null where it is not known. False: it
  // stops here, for it has too many fields or is malformed.
  bool Message(const Descriptor* type, int depth) {
    while (const uint32_t tag = in_.ReadTag()) {
      if (WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_END_GROUP) return true;
      if (++fields_ > max_fields_ || depth > kMaxDepth) return false;
      const FieldDescriptor* const field =
          type == nullptr ? nullptr
                          : type->FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      if (!Field(tag, field, depth)) return false;
    }
    return true;
  }

  size_t fields() const { return fields_; }
  size_t payload() const { return payload_; }
  size_t memory() const { return fields_ * kFieldMemory + packed_ * sizeof(uint64_t); }

 private:
  bool Field(uint32_t tag, const FieldDescriptor* field, int depth) {
    switch (WireFormatLite::GetTagWireType(tag)) {
      case WireFormatLite::WIRETYPE_START_GROUP:
        return Message(nullptr, depth + 1);
      case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
        return Delimited(field, depth);
      default:
        return WireFormatLite::SkipField(&in_, tag);
    }
  }

  bool Delimited(const FieldDescriptor* field, int depth) {
    uint32_t length = 0;
    if (!in_.ReadVarint32(&length)) return false;
    if (field != nullptr && field->type() == FieldDescriptor::TYPE_MESSAGE) {
      const auto limit = in_.PushLimit(static_cast<int>(std::min<uint32_t>(length, INT32_MAX)));
      const bool whole = Message(field->message_type(), depth + 1);
      in_.PopLimit(limit);
      return whole;
    }
    if (field != nullptr && field->is_packable()) packed_ += length;
    // One that comes again takes the place of the one before.
    const bool is_payload = depth == 0 && field != nullptr && !field->is_repeated() &&
                            field->type() == FieldDescriptor::TYPE_BYTES;
    if (is_payload) payload_ = length;
    return in_.Skip(static_cast<int>(std::min<uint32_t>(length, INT32_MAX)));
  }

  google::protobuf::io::CodedInputStream in_;
  const size_t max_fields_;
  size_t fields_ = 0;
  size_t payload_ = 0;
  size_t packed_ = 0;
};

absl::Status TooLarge(absl::string_view problem) {
  return core::WithReason(absl::ResourceExhaustedError(problem), core::Reason::kTooLarge);
}

}  // namespace

absl::StatusOr<size_t> MeasureRequest(const Descriptor& type, size_t size,
                                      google::protobuf::io::ZeroCopyInputStream* bytes,
                                      size_t max_fields) {
  Walk walk(bytes, max_fields);
  walk.Message(&type, 0);
  if (walk.fields() > max_fields) {
    return TooLarge(absl::StrCat("the request has more than ", max_fields, " fields"));
  }
  if (size - std::min(size, walk.payload()) > kMaxRequestBytes) {
    return TooLarge(absl::StrCat("the request is larger than ", kMaxRequestBytes >> 10, " KiB"));
  }
  return size + walk.memory();
}

}  // namespace wirepas_grpc::api
