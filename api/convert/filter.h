// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_FILTER_H_
#define WIREPAS_GRPC_API_CONVERT_FILTER_H_

#include "absl/status/statusor.h"
#include "api/call/namespaces.h"
#include "core/traffic/filter.h"
#include "wirepas/mesh/v1/downlink.pb.h"
#include "wirepas/mesh/v1/uplink.pb.h"

namespace wirepas_grpc::api {

// INVALID_ARGUMENT, naming the field, as in "filter.source_endpoints[2]".
absl::StatusOr<core::TrafficFilter> ToFilter(const mesh::UplinkFilter& filter);
absl::StatusOr<core::TrafficFilter> ToFilter(const mesh::DownlinkFilter& filter);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_FILTER_H_
