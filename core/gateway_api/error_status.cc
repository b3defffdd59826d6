// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/error_status.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

absl::StatusCode CodeOf(gw::ErrorCode code) {
  switch (code) {
    case gw::OK:
      return absl::StatusCode::kOk;
    case gw::UNKNOWN_ERROR_CODE:
      return absl::StatusCode::kUnknown;
    case gw::INTERNAL_ERROR:
      return absl::StatusCode::kInternal;
    case gw::INVALID_SINK_ID:
      return absl::StatusCode::kNotFound;
    case gw::INVALID_ROLE:
    case gw::INVALID_SINK_STATE:
    case gw::NO_SCRATCHPAD_PRESENT:
      return absl::StatusCode::kFailedPrecondition;
    case gw::ACCESS_DENIED:
      return absl::StatusCode::kPermissionDenied;
    case gw::SINK_OUT_OF_MEMORY:
      return absl::StatusCode::kResourceExhausted;
    case gw::SINK_TIMEOUT:
      return absl::StatusCode::kDeadlineExceeded;
    default:
      return absl::StatusCode::kInvalidArgument;
  }
}

Reason ReasonOf(gw::ErrorCode code) {
  switch (code) {
    case gw::INVALID_SINK_ID:
      return Reason::kSinkNotKnown;
    case gw::SINK_OUT_OF_MEMORY:
      return Reason::kSinkBusy;
    default:
      return Reason::kGatewayRefused;
  }
}

}  // namespace

absl::Status StatusOfErrorCode(gw::ErrorCode code, std::optional<int32_t> unknown) {
  switch (code) {
    case gw::OK:
      return absl::OkStatus();
    case gw::UNKNOWN_ERROR_CODE:
      return WithReason(absl::UnknownError(absl::StrCat(
                            "the gateway answered with a code unknown to this service",
                            unknown.has_value() ? absl::StrCat(": ", *unknown) : std::string())),
                        Reason::kGatewayRefused);
    case gw::SINK_TIMEOUT:
      return WithReason(absl::DeadlineExceededError("the gateway answered SINK_TIMEOUT: its sink "
                                                    "did not answer, the request may have been "
                                                    "carried out"),
                        Reason::kSinkSilent);
    default:
      return WithReason(absl::Status(CodeOf(code), absl::StrCat("the gateway answered ",
                                                                gw::ErrorCode_Name(code))),
                        ReasonOf(code));
  }
}

}  // namespace wirepas_grpc::core
