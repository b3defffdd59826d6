// SPDX-License-Identifier: Apache-2.0
#include "api/network/stream_requests.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "api/call/request_size.h"
#include "core/base/reason.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/proto_buffer_reader.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::SendMessagesRequest;
using Response = mesh::SendMessagesResponse;

// The bytes of one request, several times what the largest message takes.
constexpr size_t kMaxRequestSize = 16 << 10;

// Smaller ones have no room for more fields than may be.
constexpr size_t kWorthMeasuring = 2 * kMaxStreamedFields;

absl::Status CheckFields(grpc::ByteBuffer* bytes) {
  if (bytes->Length() < kWorthMeasuring) return absl::OkStatus();
  grpc::ProtoBufferReader reader(bytes);
  return MeasureRequest(*Request::descriptor(), bytes->Length(), &reader, kMaxStreamedFields)
      .status();
}

}  // namespace

absl::Status DecodeRequest(grpc::ByteBuffer* bytes, Request* request) {
  if (bytes->Length() > kMaxRequestSize) {
    return core::WithReason(
        absl::ResourceExhaustedError(
            absl::StrCat("a request of the stream is larger than ", kMaxRequestSize >> 10, " KiB")),
        core::Reason::kTooLarge);
  }
  if (absl::Status status = CheckFields(bytes); !status.ok()) return status;
  if (grpc::SerializationTraits<Request>::Deserialize(bytes, request).ok()) {
    return absl::OkStatus();
  }
  return core::WithReason(
      absl::InvalidArgumentError("a request of the stream is not a SendMessagesRequest"),
      core::Reason::kMalformedRequest);
}

grpc::ByteBuffer EncodeResponse(const Response& response) {
  grpc::ByteBuffer bytes;
  bool owned = false;
  (void)grpc::SerializationTraits<Response>::Serialize(response, &bytes, &owned);
  return bytes;
}

}  // namespace wirepas_grpc::api
