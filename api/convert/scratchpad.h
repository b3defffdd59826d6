// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_SCRATCHPAD_H_
#define WIREPAS_GRPC_API_CONVERT_SCRATCHPAD_H_

#include "absl/status/statusor.h"
#include "api/call/namespaces.h"
#include "gateway_api/scratchpad.pb.h"
#include "gateway_api/sink_config.pb.h"
#include "wirepas/mesh/v1/scratchpad.pb.h"

namespace wirepas_grpc::api {

mesh::ScratchpadStatus ToProto(const gw::GetScratchpadStatusResp& response);

// What a config tells of scratchpads; without a field set when it tells nothing.
mesh::ScratchpadStatus ScratchpadStatusOf(const gw::SinkReadConfig& config);

// Sequence and crc that are missing stay so. INVALID_ARGUMENT, naming the field, as in
// "target.crc".
absl::StatusOr<gw::TargetScratchpadAndAction> ToGateway(const mesh::TargetScratchpad& target);

// Whether the action is about a scratchpad: those that propagate are.
bool NamesScratchpad(gw::ScratchpadAction action);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_SCRATCHPAD_H_
