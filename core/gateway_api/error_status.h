// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_GATEWAY_API_ERROR_STATUS_H_
#define WIREPAS_GRPC_CORE_GATEWAY_API_ERROR_STATUS_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway_api/error.pb.h"

namespace wirepas_grpc::core {

// The canonical status for a gateway's result code, with a message that names the
// code in words. OK for OK. `unknown`: the number that came, with UNKNOWN_ERROR_CODE.
absl::Status StatusOfErrorCode(wirepas::proto::gateway_api::ErrorCode code,
                               std::optional<int32_t> unknown = std::nullopt);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_GATEWAY_API_ERROR_STATUS_H_
