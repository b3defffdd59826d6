// SPDX-License-Identifier: Apache-2.0
#include "api/call/errors.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "api/call/utf8.h"
#include "core/gateway_api/ids.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"
#include "google/rpc/error_details.pb.h"

namespace wirepas_grpc::api {
namespace {

constexpr char kDomain[] = "wirepas.mesh.v1";

// What stands in the details of a status.
using Details = std::vector<google::protobuf::Any>;

template <typename Detail>
void Add(const Detail& detail, Details* details) {
  details->emplace_back().PackFrom(detail);
}

// The bytes of a google.rpc.Status {1 int32 code, 2 string message, 3 repeated Any
// details}. Debian's gRPC comes without the generated class, and its own copy in a
// program could meet another one: so it is written here.
std::string RpcStatusBytes(int code, const std::string& message, const Details& details) {
  using google::protobuf::internal::WireFormatLite;
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  WireFormatLite::WriteInt32(1, code, &out);
  WireFormatLite::WriteString(2, message, &out);
  for (const google::protobuf::Any& any : details) {
    WireFormatLite::WriteBytes(3, any.SerializeAsString(), &out);
  }
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
  if (outcome.answer.has_value()) {
    error.set_result(ToResultCode(*outcome.answer));
    error.set_raw_result(outcome.unknown_answer.value_or(*outcome.answer));
  }
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

// The numbers are the same.
static_assert(static_cast<int>(core::Reason::kInternal) == mesh::ERROR_REASON_INTERNAL);
static_assert(static_cast<int>(core::Reason::kStorageFailed) == mesh::ERROR_REASON_STORAGE_FAILED);
static_assert(mesh::ErrorReason_MAX == mesh::ERROR_REASON_STORAGE_FAILED);

// The reason as it stands in an ErrorInfo.
std::string ReasonName(core::Reason reason) {
  constexpr absl::string_view kPrefix = "ERROR_REASON_";
  const std::string& name = mesh::ErrorReason_Name(static_cast<mesh::ErrorReason>(reason));
  return std::string(absl::StripPrefix(name, kPrefix));
}

// As the details have it: time.h stands above this room.
void SetDuration(absl::Duration duration, google::protobuf::Duration* proto) {
  proto->set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
}

// What a failure is to a client.
struct Failure {
  Failure(const core::RequestOutcome& outcome, const Target& target, std::string message_in)
      : code(static_cast<int>(outcome.status.code())),  // the same numbers
        message(std::move(message_in)),
        status(outcome.status),
        detail(MakeGatewayError(outcome, target)) {
    if (absl::IsUnavailable(outcome.status) && outcome.fate() != core::RequestFate::kNotSent) {
      code = static_cast<int>(absl::StatusCode::kDeadlineExceeded);
    }
  }

  grpc::Status ToGrpc() const {
    return grpc::Status(static_cast<grpc::StatusCode>(code), message,
                        RpcStatusBytes(code, message, MakeDetails()));
  }

  Details MakeDetails() const {
    Details details;
    Add(detail, &details);
    google::rpc::ErrorInfo info;
    info.set_reason(ReasonName(core::ReasonOf(status)));
    info.set_domain(kDomain);
    auto& metadata = *info.mutable_metadata();
    for (const auto& [key, value] : core::FactsOf(status)) metadata[key] = ToValidUtf8(value);
    if (!detail.gateway_id().empty()) metadata["gateway_id"] = detail.gateway_id();
    if (!detail.sink_id().empty()) metadata["sink_id"] = detail.sink_id();
    Add(info, &details);
    if (const std::string field = core::FieldOf(status); !field.empty()) {
      google::rpc::BadRequest bad;
      auto& violation = *bad.add_field_violations();
      violation.set_field(field);
      violation.set_description(message);
      Add(bad, &details);
    }
    if (const auto delay = core::RetryDelayOf(status); delay.has_value()) {
      google::rpc::RetryInfo retry;
      SetDuration(*delay, retry.mutable_retry_delay());
      Add(retry, &details);
    }
    return details;
  }

  mesh::CallError ToPart() const {
    mesh::CallError error;
    error.set_code(code);
    error.set_message(Shortened(message, detail));
    *error.mutable_gateway_error() = detail;
    error.set_reason(static_cast<mesh::ErrorReason>(core::ReasonOf(status)));
    error.set_field(core::FieldOf(status));
    if (const auto delay = core::RetryDelayOf(status); delay.has_value()) {
      SetDuration(*delay, error.mutable_retry_delay());
    }
    return error;
  }

  int code;
  std::string message;
  absl::Status status;
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
