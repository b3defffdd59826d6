// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_SINK_H_
#define WIREPAS_GRPC_API_CONVERT_SINK_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "api/call/namespaces.h"
#include "core/gateway_api/ids.h"
#include "gateway_api/sink_config.pb.h"
#include "wirepas/mesh/v1/sink.pb.h"

namespace wirepas_grpc::api {

// The network of a sink; nothing when it has none, or one beyond 32 bits.
std::optional<uint32_t> NetworkOf(const gw::SinkReadConfig& config);

mesh::AppConfig ToProto(const gw::AppConfigData& config);
mesh::Sink ToProto(absl::string_view gateway_id, const gw::SinkReadConfig& config);

// Checks an update and makes the request's part of it. INVALID_ARGUMENT, naming the
// field, as in "update.node_address".
absl::StatusOr<gw::SinkNewConfig> ToGateway(const core::SinkId& sink,
                                            const mesh::SinkConfigUpdate& update);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_SINK_H_
