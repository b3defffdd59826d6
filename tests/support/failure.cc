// SPDX-License-Identifier: Apache-2.0
#include "tests/support/failure.h"

#include <set>
#include <utility>
#include <vector>

#include "google/protobuf/any.pb.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"

namespace wirepas_grpc {
namespace {

namespace mesh = ::wirepas::mesh::v1;

constexpr char kDomain[] = "wirepas.mesh.v1";
constexpr char kPrefix[] = "ERROR_REASON_";

template <typename Detail>
bool Take(const google::protobuf::Any& any, std::optional<Detail>* detail) {
  Detail read;
  if (!any.UnpackTo(&read)) return false;
  EXPECT_FALSE(detail->has_value()) << "twice: " << any.type_url();
  *detail = read;
  return true;
}

void TakeDetail(const std::string& bytes, FailureDetails* details) {
  google::protobuf::Any any;
  EXPECT_TRUE(any.ParseFromString(bytes));
  if (!Take(any, &details->gateway_error) && !Take(any, &details->info) &&
      !Take(any, &details->bad_request) && !Take(any, &details->retry)) {
    ++details->others;
  }
}

void ExpectGoodOutcome(int code, const mesh::GatewayError& error) {
  EXPECT_NE(error.outcome(), mesh::REQUEST_OUTCOME_UNSPECIFIED);
  EXPECT_TRUE(mesh::RequestOutcome_IsValid(error.outcome()));
  if (code == grpc::StatusCode::UNAVAILABLE) {
    EXPECT_EQ(error.outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  }
  EXPECT_EQ(error.has_raw_result(), error.result() != mesh::RESULT_CODE_UNSPECIFIED);
}

void ExpectGoodReason(int code, mesh::ErrorReason reason, const std::string& field) {
  EXPECT_NE(reason, mesh::ERROR_REASON_UNSPECIFIED);
  EXPECT_TRUE(mesh::ErrorReason_IsValid(reason)) << reason;
  EXPECT_EQ(!field.empty(), reason == mesh::ERROR_REASON_INVALID_FIELD) << "field: " << field;
  if (reason == mesh::ERROR_REASON_INVALID_FIELD) {
    EXPECT_EQ(code, static_cast<int>(grpc::StatusCode::INVALID_ARGUMENT));
  }
}

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool CanHaveError(const Descriptor* type, std::set<const Descriptor*>* seen) {
  if (type == mesh::CallError::descriptor()) return true;
  if (!seen->insert(type).second) return false;
  for (int i = 0; i < type->field_count(); ++i) {
    const Descriptor* const part = type->field(i)->message_type();
    if (part != nullptr && CanHaveError(part, seen)) return true;
  }
  return false;
}

void VisitParts(const Message& message) {
  if (message.GetDescriptor() == mesh::CallError::descriptor()) {
    return ExpectGoodFailure(static_cast<const mesh::CallError&>(message));
  }
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    std::set<const Descriptor*> seen;
    if (field->message_type() == nullptr || !CanHaveError(field->message_type(), &seen)) continue;
    if (!field->is_repeated()) {
      VisitParts(reflection.GetMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      VisitParts(reflection.GetRepeatedMessage(message, field, i));
    }
  }
}

}  // namespace

mesh::ErrorReason FailureDetails::reason() const {
  mesh::ErrorReason value = mesh::ERROR_REASON_UNSPECIFIED;
  if (info.has_value()) mesh::ErrorReason_Parse(kPrefix + info->reason(), &value);
  return value;
}

std::string FailureDetails::field() const {
  if (!bad_request.has_value() || bad_request->field_violations_size() != 1) return "";
  return bad_request->field_violations(0).field();
}

FailureDetails DetailsOf(const grpc::Status& status) {
  // google.rpc.Status: 1 code, 2 message, 3 details. Read as unknown fields: gRPC's libraries
  // have a class for it, and do not show it.
  FailureDetails details;
  google::protobuf::Empty fields;
  if (status.error_details().empty() || !fields.ParseFromString(status.error_details())) {
    return details;
  }
  details.is_rpc_status = true;
  const auto& unknown = google::protobuf::Empty::GetReflection()->GetUnknownFields(fields);
  for (int i = 0; i < unknown.field_count(); ++i) {
    const google::protobuf::UnknownField& field = unknown.field(i);
    if (field.number() == 1) details.code = static_cast<int>(field.varint());
    if (field.number() == 2) details.message = field.length_delimited();
    if (field.number() == 3) TakeDetail(field.length_delimited(), &details);
  }
  return details;
}

void ExpectGoodFailure(const grpc::Status& status) {
  if (status.ok()) return;
  SCOPED_TRACE(status.error_message());
  const FailureDetails details = DetailsOf(status);
  ASSERT_TRUE(details.is_rpc_status) << "code " << status.error_code() << " without details";
  EXPECT_EQ(details.code, static_cast<int>(status.error_code()));
  EXPECT_EQ(details.message, status.error_message());
  EXPECT_EQ(details.others, 0);
  ASSERT_TRUE(details.gateway_error.has_value());
  ExpectGoodOutcome(status.error_code(), *details.gateway_error);
  ASSERT_TRUE(details.info.has_value());
  EXPECT_EQ(details.info->domain(), kDomain);
  ExpectGoodReason(status.error_code(), details.reason(), details.field());
  EXPECT_EQ(details.bad_request.has_value(), !details.field().empty());
  const auto& metadata = details.info->metadata();
  for (const auto& [key, id] : {std::pair("gateway_id", details.gateway_error->gateway_id()),
                                std::pair("sink_id", details.gateway_error->sink_id())}) {
    // One that no request went to may be concerned all the same.
    const auto found = metadata.find(key);
    if (!id.empty()) EXPECT_EQ(found == metadata.end() ? "" : found->second, id) << key;
  }
}

void ExpectGoodFailure(const mesh::CallError& error) {
  SCOPED_TRACE(error.ShortDebugString());
  EXPECT_GE(error.code(), 1);
  EXPECT_LE(error.code(), 16);
  EXPECT_FALSE(error.message().empty());
  ASSERT_TRUE(error.has_gateway_error());
  ExpectGoodOutcome(error.code(), error.gateway_error());
  ExpectGoodReason(error.code(), error.reason(), error.field());
}

void ExpectGoodEnd(const grpc::Status& status) {
  if (!status.error_details().empty()) return ExpectGoodFailure(status);
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::UNIMPLEMENTED:
      return;
    default:
      ADD_FAILURE() << "code " << status.error_code()
                    << " without details: " << status.error_message();
  }
}

void ExpectGoodParts(const Message& response) { VisitParts(response); }

void ExpectReason(const grpc::Status& status, mesh::ErrorReason reason) {
  EXPECT_FALSE(status.ok());
  ExpectGoodFailure(status);
  EXPECT_EQ(mesh::ErrorReason_Name(DetailsOf(status).reason()), mesh::ErrorReason_Name(reason))
      << status.error_message();
}

void ExpectReason(const mesh::CallError& error, mesh::ErrorReason reason) {
  ExpectGoodFailure(error);
  EXPECT_EQ(mesh::ErrorReason_Name(error.reason()), mesh::ErrorReason_Name(reason))
      << error.message();
}

void ExpectInvalidField(const grpc::Status& status, const std::string& field) {
  ExpectReason(status, mesh::ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(DetailsOf(status).field(), field);
}

}  // namespace wirepas_grpc
