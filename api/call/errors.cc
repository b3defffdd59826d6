// SPDX-License-Identifier: Apache-2.0
#include "api/call/errors.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "api/call/utf8.h"
#include "core/gateway_api/ids.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"

namespace wirepas_grpc::api {
namespace {

// The bytes of a google.rpc.Status {1 int32 code, 2 string message, 3 repeated Any
// details}. Debian's gRPC comes without the generated class, and its own copy in a
// program could meet another one: so it is written here.
std::string RpcStatusBytes(int code, const std::string& message, const mesh::GatewayError& detail) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::Any any;
  any.PackFrom(detail);
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  WireFormatLite::WriteInt32(1, code, &out);
  WireFormatLite::WriteString(2, message, &out);
  // WriteMessage() writes the size that the message has cached.
  any.ByteSizeLong();
  WireFormatLite::WriteBytes(3, any.SerializeAsString(), &out);
  out.Trim();
  return bytes;
}

mesh::GatewayError MakeGatewayError(const core::RequestOutcome& outcome, const Target& target) {
  mesh::GatewayError error;
  error.set_gateway_id(target.gateway_id);
  error.set_sink_id(target.sink_id);
  if (outcome.answer.has_value()) error.set_result(ToResultCode(*outcome.answer));
  error.set_request_id(outcome.request_id);
  return error;
}

std::string MessageOf(const absl::Status& status) { return ToValidUtf8(status.message()); }

// Core names the target in most of its messages, though not in all.
std::string MessageOf(const core::RequestOutcome& outcome, const Target& target) {
  const std::string message = MessageOf(outcome.status);
  const std::string text = core::RequestTargetText(target.gateway_id, target.sink_id);
  if (target.gateway_id.empty() || absl::StartsWith(message, text)) return message;
  return absl::StrCat(text, ": ", message);
}

grpc::Status MakeGrpcStatus(absl::StatusCode absl_code, const std::string& message,
                            const mesh::GatewayError& detail) {
  const auto code = static_cast<grpc::StatusCode>(absl_code);  // the same numbers
  if (detail.gateway_id().empty()) return grpc::Status(code, message);
  return grpc::Status(code, message, RpcStatusBytes(code, message, detail));
}

// The error of one sink of many is bounded, since all are told in one response: see
// core::ResultBytesOf().
std::string Shortened(std::string message, const mesh::GatewayError& detail) {
  constexpr size_t kMaxText = 180;
  size_t size = kMaxText + detail.gateway_id().size() + detail.sink_id().size();
  if (message.size() <= size) return message;
  while (size > 0 && (message[size] & 0xC0) == 0x80) --size;  // not within a character
  message.resize(size);
  return message + "...";
}

mesh::CallError MakeCallError(absl::StatusCode code, std::string message,
                              mesh::GatewayError detail) {
  message = Shortened(std::move(message), detail);
  mesh::CallError error;
  error.set_code(static_cast<int>(code));
  error.set_message(std::move(message));
  if (!detail.gateway_id().empty()) error.mutable_gateway_error()->Swap(&detail);
  return error;
}

}  // namespace

Target TargetOf(absl::string_view gateway_id, absl::string_view sink_id) {
  Target target;
  if (!core::IsValidId(gateway_id)) return target;
  target.gateway_id = std::string(gateway_id);
  if (core::IsValidId(sink_id)) target.sink_id = std::string(sink_id);
  return target;
}

mesh::ResultCode ToResultCode(gw::ErrorCode code) {
  // The public numbers are those of the wire moved by one, for proto3 wants its 0
  // for "unspecified".
  static_assert(mesh::RESULT_CODE_OK == gw::OK + 1);
  static_assert(mesh::RESULT_CODE_INVALID_SCRATCHPAD_CHUNK_SIZE ==
                gw::INVALID_SCRATCHPAD_CHUNK_SIZE + 1);
  if (code < gw::OK || code > gw::INVALID_SCRATCHPAD_CHUNK_SIZE) return mesh::RESULT_CODE_UNKNOWN;
  return static_cast<mesh::ResultCode>(code + 1);
}

absl::Status InvalidField(absl::string_view field, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", problem));
}

grpc::Status ToGrpcStatus(const absl::Status& status, const Target& target) {
  if (status.ok()) return grpc::Status::OK;
  return MakeGrpcStatus(status.code(), MessageOf(status), MakeGatewayError({}, target));
}

grpc::Status ToGrpcStatus(const core::RequestOutcome& outcome, const Target& target) {
  if (outcome.status.ok()) return grpc::Status::OK;
  return MakeGrpcStatus(outcome.status.code(), MessageOf(outcome, target),
                        MakeGatewayError(outcome, target));
}

mesh::CallError ToCallError(const absl::Status& status, const Target& target) {
  return MakeCallError(status.code(), MessageOf(status), MakeGatewayError({}, target));
}

mesh::CallError ToCallError(const core::RequestOutcome& outcome, const Target& target) {
  return MakeCallError(outcome.status.code(), MessageOf(outcome, target),
                       MakeGatewayError(outcome, target));
}

}  // namespace wirepas_grpc::api
