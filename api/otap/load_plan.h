// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_OTAP_LOAD_PLAN_H_
#define WIREPAS_GRPC_API_OTAP_LOAD_PLAN_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "api/call/namespaces.h"
#include "core/otap/scratchpad_load.h"
#include "wirepas/mesh/v1/otap_service.pb.h"

namespace wirepas_grpc::api {

// What is checked of a LoadScratchpadRequest, all but its scope: INVALID_ARGUMENT, naming the
// field. Sinks are for the caller to fill in. Takes the scratchpad out of the request.
absl::StatusOr<core::LoadPlan> ParseLoadPlan(mesh::LoadScratchpadRequest* request);

// `max_concurrent` of a request, where 0 stands for the default.
absl::StatusOr<size_t> ParseMaxConcurrent(uint32_t max_concurrent);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_OTAP_LOAD_PLAN_H_
