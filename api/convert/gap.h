// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_GAP_H_
#define WIREPAS_GRPC_API_CONVERT_GAP_H_

#include "api/call/namespaces.h"
#include "core/traffic/gap.h"
#include "wirepas/mesh/v1/uplink.pb.h"

namespace wirepas_grpc::api {

mesh::Gap ToProto(const core::Gap& gap);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_GAP_H_
