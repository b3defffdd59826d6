// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_OTAP_LOAD_SCRATCHPAD_H_
#define WIREPAS_GRPC_API_OTAP_LOAD_SCRATCHPAD_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "core/otap/scratchpad_load.h"
#include "core/otap/scratchpad_loader.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/otap_service.pb.h"

namespace wirepas_grpc::api {

// A request of LoadScratchpad but for its scope: INVALID_ARGUMENT, naming the field.
// Sinks are for the caller to fill in.
absl::StatusOr<core::LoadPlan> ParseLoadPlan(const mesh::LoadScratchpadRequest& request);

// `max_concurrent` of a request, where 0 stands for the default.
absl::StatusOr<size_t> ParseMaxConcurrent(uint32_t max_concurrent);

grpc::ServerWriteReactor<mesh::LoadScratchpadResponse>* LoadScratchpad(
    Engine* engine, core::ScratchpadLoader* loader, const grpc::CallbackServerContext& context,
    const mesh::LoadScratchpadRequest& request);

grpc::ServerUnaryReactor* StopLoadScratchpad(core::ScratchpadLoader* loader,
                                             const mesh::StopLoadScratchpadRequest& request,
                                             mesh::StopLoadScratchpadResponse* response);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_OTAP_LOAD_SCRATCHPAD_H_
