// SPDX-License-Identifier: Apache-2.0
#include "api/call/errors.h"

#include "core/gateway_api/error_status.h"
#include "gmock/gmock.h"
#include "google/protobuf/any.pb.h"
#include "gtest/gtest.h"
#include "tests/support/failure.h"

namespace wirepas_grpc::api {
namespace {

using testing::HasSubstr;

core::RequestOutcome Outcome(gw::ErrorCode code) {
  core::RequestOutcome outcome;
  outcome.status = core::StatusOfErrorCode(code);
  outcome.answer = code;
  outcome.request_id = 99;
  return outcome;
}

TEST(ToResultCode, EveryCodeOfTheWireHasTheSameName) {
  for (int code = gw::OK; code <= gw::INVALID_SCRATCHPAD_CHUNK_SIZE; ++code) {
    const auto wire = static_cast<gw::ErrorCode>(code);
    EXPECT_EQ(mesh::ResultCode_Name(ToResultCode(wire)), "RESULT_CODE_" + gw::ErrorCode_Name(wire));
  }
  EXPECT_EQ(ToResultCode(gw::UNKNOWN_ERROR_CODE), mesh::RESULT_CODE_UNKNOWN);
  EXPECT_EQ(ToResultCode(static_cast<gw::ErrorCode>(30)), mesh::RESULT_CODE_UNKNOWN);
}

TEST(ToGrpcStatus, OkIsOk) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_TRUE(ToGrpcStatus(Outcome(gw::OK), {"gw", "sink"}).ok());
}

TEST(ToGrpcStatus, DetailsAreAGoogleRpcStatus) {
  const grpc::Status status = ToGrpcStatus(Outcome(gw::INVALID_ROLE), {"gw", "sink"});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("gateway 'gw', sink 'sink': "));
  EXPECT_THAT(status.error_message(), HasSubstr("INVALID_ROLE"));

  mesh::GatewayError detail;
  detail.set_gateway_id("gw");
  detail.set_sink_id("sink");
  detail.set_result(mesh::RESULT_CODE_INVALID_ROLE);
  detail.set_raw_result(gw::INVALID_ROLE);
  detail.set_request_id(99);
  detail.set_outcome(mesh::REQUEST_OUTCOME_REFUSED);
  google::protobuf::Any any;
  any.PackFrom(detail);
  EXPECT_EQ(any.type_url(), "type.googleapis.com/wirepas.mesh.v1.GatewayError");
  const std::string message = status.error_message();
  ASSERT_LT(message.size(), 128u);
  ASSERT_LT(any.ByteSizeLong(), 128u);
  const std::string begin = std::string("\x08\x09\x12") + static_cast<char>(message.size()) +
                            message + "\x1a" + static_cast<char>(any.ByteSizeLong()) +
                            any.SerializeAsString();
  EXPECT_THAT(status.error_details(), testing::StartsWith(begin));
  ExpectReason(status, mesh::ERROR_REASON_GATEWAY_REFUSED);
}

TEST(ToGrpcStatus, DetailsAreThoseThatAllGrpcUsersKnow) {
  absl::Status status = core::InvalidField("message.qos", "2 is not between 0 and 1");
  status = core::WithRetryDelay(core::WithNetwork(status, 12), absl::Milliseconds(1500));
  const FailureDetails details = DetailsOf(ToGrpcStatus(status, {"gw", "sink"}));
  ASSERT_TRUE(details.info.has_value());
  EXPECT_EQ(details.info->reason(), "INVALID_FIELD");
  EXPECT_EQ(details.info->domain(), "wirepas.mesh.v1");
  EXPECT_EQ(details.info->metadata().at("network_address"), "12");
  EXPECT_EQ(details.info->metadata().at("gateway_id"), "gw");
  EXPECT_EQ(details.info->metadata().at("sink_id"), "sink");
  ASSERT_TRUE(details.bad_request.has_value());
  ASSERT_EQ(details.bad_request->field_violations_size(), 1);
  EXPECT_EQ(details.bad_request->field_violations(0).field(), "message.qos");
  EXPECT_EQ(details.bad_request->field_violations(0).description(),
            "message.qos: 2 is not between 0 and 1");
  ASSERT_TRUE(details.retry.has_value());
  EXPECT_EQ(details.retry->retry_delay().seconds(), 1);
  EXPECT_EQ(details.retry->retry_delay().nanos(), 500000000);
}

TEST(ToGrpcStatus, WhatIsNotKnownIsLeftOut) {
  const absl::Status status =
      core::WithReason(absl::NotFoundError("gone"), core::Reason::kGatewayNotKnown);
  const FailureDetails details = DetailsOf(ToGrpcStatus(status));
  EXPECT_FALSE(details.bad_request.has_value());
  EXPECT_FALSE(details.retry.has_value());
  EXPECT_TRUE(details.info->metadata().empty());
}

TEST(ToGrpcStatus, EveryReasonHasItsNameInTheApi) {
  for (int number = 1; number <= mesh::ErrorReason_MAX; ++number) {
    ASSERT_TRUE(mesh::ErrorReason_IsValid(number)) << number;
    const absl::Status status =
        core::WithReason(absl::InternalError("x"), static_cast<core::Reason>(number));
    EXPECT_EQ(DetailsOf(ToGrpcStatus(status)).reason(), number);
    EXPECT_EQ(ToCallError(status, {}).reason(), number);
  }
}

TEST(ToGrpcStatus, ACodeThatIsNotKnownKeepsItsNumber) {
  core::RequestOutcome outcome = Outcome(gw::UNKNOWN_ERROR_CODE);
  outcome.unknown_answer = 77;
  const FailureDetails details = DetailsOf(ToGrpcStatus(outcome, {"gw", "sink"}));
  EXPECT_EQ(details.gateway_error->result(), mesh::RESULT_CODE_UNKNOWN);
  EXPECT_EQ(details.gateway_error->raw_result(), 77);
  EXPECT_EQ(details.gateway_error->outcome(), mesh::REQUEST_OUTCOME_UNKNOWN);
  EXPECT_EQ(ToCallError(outcome, {}).gateway_error().raw_result(), 77);
  // Of those that are known it is theirs.
  EXPECT_EQ(ToCallError(Outcome(gw::SINK_TIMEOUT), {}).gateway_error().raw_result(),
            gw::SINK_TIMEOUT);
  EXPECT_FALSE(ToCallError(absl::InternalError("x"), {}).gateway_error().has_raw_result());
}

mesh::GatewayError DetailOf(const grpc::Status& status) {
  return DetailsOf(status).gateway_error.value_or(mesh::GatewayError());
}

TEST(ToGrpcStatus, WithoutAGatewayTheDetailsTellTheOutcomeAlone) {
  const grpc::Status status = ToGrpcStatus(InvalidField("page_size", "wrong"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "page_size: wrong");
  mesh::GatewayError expected;
  expected.set_outcome(mesh::REQUEST_OUTCOME_NOT_SENT);
  EXPECT_EQ(DetailOf(status).SerializeAsString(), expected.SerializeAsString());
}

TEST(ToGrpcStatus, UnavailableAlwaysSaysThatNothingWasSent) {
  for (const Target& target : {Target{}, Target{"gw", ""}, Target{"gw", "sink"}}) {
    const grpc::Status status = ToGrpcStatus(absl::UnavailableError("gone"), target);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(DetailOf(status).outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
    EXPECT_EQ(DetailOf(status).gateway_id(), target.gateway_id);
    const mesh::CallError part = ToCallError(absl::UnavailableError("gone"), target);
    EXPECT_EQ(part.gateway_error().outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  }
}

TEST(ToGrpcStatus, WhatMayHaveBeenSentIsNeverUnavailable) {
  core::RequestOutcome sent;
  sent.status = absl::UnavailableError("gone");
  sent.request_id = 5;
  core::RequestOutcome partly;
  partly.status = absl::UnavailableError("gone");
  partly.maybe_done = true;
  for (const core::RequestOutcome& outcome : {sent, partly}) {
    for (const Target& target : {Target{"gw", "sink"}, Target{}}) {
      const grpc::Status status = ToGrpcStatus(outcome, target);
      EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
      EXPECT_EQ(DetailOf(status).outcome(), mesh::REQUEST_OUTCOME_UNKNOWN);
      const mesh::CallError part = ToCallError(outcome, target);
      EXPECT_EQ(part.code(), grpc::StatusCode::DEADLINE_EXCEEDED);
      EXPECT_EQ(part.gateway_error().outcome(), mesh::REQUEST_OUTCOME_UNKNOWN);
    }
  }
}

TEST(ToGrpcStatus, SaysWhatBecameOfTheRequest) {
  const Target target{"gw", "sink"};
  EXPECT_EQ(DetailOf(ToGrpcStatus(Outcome(gw::INVALID_ROLE), target)).outcome(),
            mesh::REQUEST_OUTCOME_REFUSED);
  EXPECT_EQ(DetailOf(ToGrpcStatus(Outcome(gw::SINK_TIMEOUT), target)).outcome(),
            mesh::REQUEST_OUTCOME_UNKNOWN);
  EXPECT_EQ(DetailOf(ToGrpcStatus(InvalidField("x", "wrong"), target)).outcome(),
            mesh::REQUEST_OUTCOME_NOT_SENT);
}

TEST(ToGrpcStatus, TheTargetIsNotNamedTwice) {
  core::RequestOutcome outcome;
  outcome.status = absl::NotFoundError("gateway 'gw': the gateway is not known");
  EXPECT_EQ(ToGrpcStatus(outcome, {"gw", ""}).error_message(),
            "gateway 'gw': the gateway is not known");
}

TEST(ToCallError, SaysTheSameAsAStatus) {
  const mesh::CallError error = ToCallError(Outcome(gw::SINK_TIMEOUT), {"gw", "sink"});
  EXPECT_EQ(error.code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(error.message(), HasSubstr("sink 'sink'"));
  EXPECT_EQ(error.gateway_error().result(), mesh::RESULT_CODE_SINK_TIMEOUT);
  EXPECT_EQ(error.gateway_error().request_id(), 99u);
  EXPECT_EQ(ToCallError(InvalidField("request", "missing"), {}).gateway_error().outcome(),
            mesh::REQUEST_OUTCOME_NOT_SENT);
}

TEST(ToCallError, TellsFieldReasonAndDelay) {
  absl::Status status = core::InvalidField("message.qos", "wrong");
  mesh::CallError error = ToCallError(status, {});
  ExpectReason(error, mesh::ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(error.field(), "message.qos");
  EXPECT_FALSE(error.has_retry_delay());
  status = core::WithReason(absl::ResourceExhaustedError("full"), core::Reason::kTooMany);
  error = ToCallError(core::WithRetryDelay(status, absl::Seconds(2)), {});
  ExpectReason(error, mesh::ERROR_REASON_TOO_MANY);
  EXPECT_EQ(error.retry_delay().seconds(), 2);
}

TEST(ToCallError, TextThatIsNotUtf8StillMakesAMessage) {
  const mesh::CallError error = ToCallError(absl::InternalError("\xFF"), {});
  mesh::CallError read;
  EXPECT_TRUE(read.ParseFromString(error.SerializeAsString()));
}

TEST(TargetOf, NamesOnlyIds) {
  EXPECT_EQ(TargetOf("a/b", "sink").gateway_id, "");
  EXPECT_EQ(TargetOf("a/b", "sink").sink_id, "");
  EXPECT_EQ(TargetOf("gw", "#").gateway_id, "gw");
  EXPECT_EQ(TargetOf("gw", "#").sink_id, "");
}

}  // namespace
}  // namespace wirepas_grpc::api
