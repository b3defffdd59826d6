// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/expect.h"

#include "gmock/gmock.h"

namespace wirepas_grpc::integration {
namespace {

void ExpectOutcome(const mesh::GatewayError& detail, const Says& says) {
  if (says.outcome != mesh::REQUEST_OUTCOME_UNSPECIFIED) {
    EXPECT_EQ(mesh::RequestOutcome_Name(detail.outcome()), mesh::RequestOutcome_Name(says.outcome));
  } else if (says.sent) {
    EXPECT_THAT(detail.outcome(),
                testing::AnyOf(mesh::REQUEST_OUTCOME_REFUSED, mesh::REQUEST_OUTCOME_UNKNOWN));
  } else {
    EXPECT_EQ(detail.outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  }
}

void ExpectDetail(const std::optional<mesh::GatewayError>& detail, const Says& says) {
  ASSERT_TRUE(detail.has_value()) << "no GatewayError";
  EXPECT_EQ(detail->gateway_id(), says.gateway_id);
  EXPECT_EQ(detail->sink_id(), says.sink_id);
  EXPECT_EQ(mesh::ResultCode_Name(detail->result()), mesh::ResultCode_Name(says.result));
  ExpectOutcome(*detail, says);
  if (says.sent) {
    EXPECT_NE(detail->request_id(), 0u);
  } else {
    EXPECT_EQ(detail->request_id(), 0u);
  }
}

}  // namespace

void SetDeadline(grpc::ClientContext* context, absl::Duration deadline) {
  if (deadline == kNoDeadline) return;
  context->set_deadline(absl::ToChronoTime(absl::Now() + deadline));
}

std::optional<mesh::GatewayError> GatewayErrorOf(const grpc::Status& status) {
  return DetailsOf(status).gateway_error;
}

void ExpectFailure(const grpc::Status& status, StatusCode code, const Says& says) {
  SCOPED_TRACE(status.ok() ? "the call succeeded" : status.error_message());
  EXPECT_EQ(status.error_code(), code);
  EXPECT_THAT(status.error_message(), testing::HasSubstr(says.part));
  if (!says.gateway_id.empty()) {
    // Of a bad argument it says which field it is.
    const bool names_field = code == StatusCode::INVALID_ARGUMENT && !says.sent;
    if (!names_field) {
      EXPECT_THAT(status.error_message(), testing::HasSubstr(says.gateway_id));
    }
  }
  ExpectGoodFailure(status);
  ExpectDetail(GatewayErrorOf(status), says);
  if (says.reason.has_value()) ExpectReason(status, *says.reason);
}

void ExpectFailure(const mesh::CallError& error, StatusCode code, const Says& says) {
  SCOPED_TRACE(error.ShortDebugString());
  EXPECT_EQ(error.code(), static_cast<int>(code));
  EXPECT_THAT(error.message(), testing::HasSubstr(says.part));
  std::optional<mesh::GatewayError> detail;
  if (error.has_gateway_error()) detail = error.gateway_error();
  ExpectDetail(detail, says);
  ExpectGoodFailure(error);
  if (says.reason.has_value()) ExpectReason(error, *says.reason);
}

testing::AssertionResult IsOk(const grpc::Status& status) {
  if (status.ok()) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "code " << status.error_code() << ": " << status.error_message();
}

testing::AssertionResult IsOk(const absl::Status& status) {
  if (status.ok()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << status;
}

bool Eventually(const std::function<bool()>& condition, absl::Duration bound) {
  const absl::Time deadline = absl::Now() + bound;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

}  // namespace wirepas_grpc::integration
