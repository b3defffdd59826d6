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

mesh::RequestOutcome ToProto(core::RequestFate fate) {
  switch (fate) {
    case core::RequestFate::kNotSent:
      return mesh::REQUEST_OUTCOME_NOT_SENT;
    case core::RequestFate::kRefused:
      return mesh::REQUEST_OUTCOME_REFUSED;
    case core::RequestFate::kUnknown:
      break;
  }
  return mesh::REQUEST_OUTCOME_UNKNOWN;
}

mesh::GatewayError MakeGatewayError(const core::RequestOutcome& outcome, const Target& target) {
  mesh::GatewayError error;
  error.set_gateway_id(target.gateway_id);
  error.set_sink_id(target.sink_id);
  if (outcome.answer.has_value()) error.set_result(ToResultCode(*outcome.answer));
  error.set_request_id(outcome.request_id);
  error.set_outcome(ToProto(outcome.fate()));
  return error;
}

core::RequestOutcome OutcomeOf(const absl::Status& status) {
  core::RequestOutcome outcome;
  outcome.status = status;
  return outcome;
}

std::string MessageOf(const absl::Status& status) { return ToValidUtf8(status.message()); }

// Core names the target in most of its messages, though not in all.
std::string MessageOf(const core::RequestOutcome& outcome, const Target& target) {
  const std::string message = MessageOf(outcome.status);
  const std::string text = core::RequestTargetText(target.gateway_id, target.sink_id);
  if (target.gateway_id.empty() || absl::StartsWith(message, text)) return message;
  return absl::StrCat(text, ": ", message);
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

// What a failure is to a client.
struct Failure {
  Failure(const core::RequestOutcome& outcome, const Target& target, std::string message_in)
      : code(static_cast<int>(outcome.status.code())),  // the same numbers
        message(std::move(message_in)),
        detail(MakeGatewayError(outcome, target)) {
    if (absl::IsUnavailable(outcome.status) && outcome.fate() != core::RequestFate::kNotSent) {
      code = static_cast<int>(absl::StatusCode::kDeadlineExceeded);
    }
  }

  grpc::Status ToGrpc() const {
    return grpc::Status(static_cast<grpc::StatusCode>(code), message,
                        RpcStatusBytes(code, message, detail));
  }

  mesh::CallError ToPart() const {
    mesh::CallError error;
    error.set_code(code);
    error.set_message(Shortened(message, detail));
    *error.mutable_gateway_error() = detail;
    return error;
  }

  int code;
  std::string message;
  mesh::GatewayError detail;
};

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
  return Failure(OutcomeOf(status), target, MessageOf(status)).ToGrpc();
}

grpc::Status ToGrpcStatus(const core::RequestOutcome& outcome, const Target& target) {
  if (outcome.status.ok()) return grpc::Status::OK;
  return Failure(outcome, target, MessageOf(outcome, target)).ToGrpc();
}

mesh::CallError ToCallError(const absl::Status& status, const Target& target) {
  return Failure(OutcomeOf(status), target, MessageOf(status)).ToPart();
}

mesh::CallError ToCallError(const core::RequestOutcome& outcome, const Target& target) {
  return Failure(outcome, target, MessageOf(outcome, target)).ToPart();
}

}  // namespace wirepas_grpc::api
