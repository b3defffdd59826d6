// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/error_status.h"

#include <string>

#include "absl/strings/str_cat.h"

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

}  // namespace

absl::Status StatusOfErrorCode(gw::ErrorCode code) {
  switch (code) {
    case gw::OK:
      return absl::OkStatus();
    case gw::UNKNOWN_ERROR_CODE:
      return absl::UnknownError("the gateway answered with a code unknown to this service");
    case gw::SINK_TIMEOUT:
      return absl::DeadlineExceededError(
          "the gateway answered SINK_TIMEOUT: its sink did not answer, the request may have been "
          "carried out");
    default:
      return absl::Status(CodeOf(code),
                          absl::StrCat("the gateway answered ", gw::ErrorCode_Name(code)));
  }
}

}  // namespace wirepas_grpc::core
