// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/error_status.h"

#include <map>
#include <string>

#include "core/base/reason.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

TEST(ErrorStatusTest, ACodeThatIsNotKnownIsNamedByItsNumber) {
  const absl::Status status = StatusOfErrorCode(gw::UNKNOWN_ERROR_CODE, 77);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnknown);
  EXPECT_NE(status.message().find(": 77"), absl::string_view::npos) << status;
}

TEST(ErrorStatusTest, OkIsOk) { EXPECT_TRUE(StatusOfErrorCode(gw::OK).ok()); }

TEST(ErrorStatusTest, EveryCodeHasItsStatusAndIsNamed) {
  const std::map<gw::ErrorCode, absl::StatusCode> special = {
      {gw::UNKNOWN_ERROR_CODE, absl::StatusCode::kUnknown},
      {gw::INTERNAL_ERROR, absl::StatusCode::kInternal},
      {gw::INVALID_SINK_ID, absl::StatusCode::kNotFound},
      {gw::INVALID_ROLE, absl::StatusCode::kFailedPrecondition},
      {gw::INVALID_SINK_STATE, absl::StatusCode::kFailedPrecondition},
      {gw::NO_SCRATCHPAD_PRESENT, absl::StatusCode::kFailedPrecondition},
      {gw::ACCESS_DENIED, absl::StatusCode::kPermissionDenied},
      {gw::SINK_OUT_OF_MEMORY, absl::StatusCode::kResourceExhausted},
      {gw::SINK_TIMEOUT, absl::StatusCode::kDeadlineExceeded},
  };
  int codes = 0;
  for (int number = gw::ErrorCode_MIN; number <= gw::ErrorCode_MAX; ++number) {
    ASSERT_TRUE(gw::ErrorCode_IsValid(number)) << number;
    ++codes;
    const auto code = static_cast<gw::ErrorCode>(number);
    if (code == gw::OK) continue;
    const auto found = special.find(code);
    const absl::Status status = StatusOfErrorCode(code);
    EXPECT_EQ(status.code(),
              found == special.end() ? absl::StatusCode::kInvalidArgument : found->second)
        << gw::ErrorCode_Name(code);
    EXPECT_EQ(ReasonOf(status), code == gw::INVALID_SINK_ID      ? Reason::kSinkNotKnown
                                : code == gw::SINK_OUT_OF_MEMORY ? Reason::kSinkBusy
                                : code == gw::SINK_TIMEOUT       ? Reason::kSinkSilent
                                                                 : Reason::kGatewayRefused);
    if (code == gw::UNKNOWN_ERROR_CODE) continue;
    EXPECT_NE(status.message().find(gw::ErrorCode_Name(code)), absl::string_view::npos) << status;
  }
  EXPECT_EQ(codes, 31);
}

}  // namespace
}  // namespace wirepas_grpc::core
