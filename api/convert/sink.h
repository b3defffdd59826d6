// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_SINK_H_
#define WIREPAS_GRPC_API_CONVERT_SINK_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "api/call/namespaces.h"
#include "core/sinks/config_update.h"
#include "gateway_api/configuration_data.pb.h"
#include "gateway_api/sink_config.pb.h"
#include "wirepas/mesh/v1/sink.pb.h"

namespace wirepas_grpc::api {

// The network of a sink; nothing when it has none, or one beyond 32 bits.
std::optional<uint32_t> NetworkOf(const gw::SinkReadConfig& config);

mesh::AppConfig ToProto(const gw::AppConfigData& config);
mesh::Sink ToProto(absl::string_view gateway_id, const gw::SinkReadConfig& config);

// What a request has as its field `update`. INVALID_ARGUMENT, naming the field, as in
// "update.node_address".
absl::StatusOr<core::SinkConfigUpdate> ParseUpdate(const mesh::SinkConfigUpdate& update);

// What a request has as its field `item`. INVALID_ARGUMENT, naming the field, as in
// "item.endpoint".
absl::StatusOr<gw::ConfigurationDataItem> ParseItem(const mesh::ConfigurationDataItem& item);

// The largest endpoint of a configuration data item.
inline constexpr uint32_t kMaxItemEndpoint = 65535;

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_SINK_H_
