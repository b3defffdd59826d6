// SPDX-License-Identifier: Apache-2.0
//
// The RPCs of OtapService, each started by a function of its name in the file that stands above it.
// What is passed by pointer outlives the call.
#ifndef WIREPAS_GRPC_API_OTAP_RPCS_H_
#define WIREPAS_GRPC_API_OTAP_RPCS_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "core/otap/node_status_collector.h"
#include "core/otap/scratchpad_loader.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/otap_service.pb.h"

namespace wirepas_grpc::api {

// ---- load_scratchpad.cc ----

// Takes the scratchpad out of the request.
grpc::ServerWriteReactor<mesh::LoadScratchpadResponse>* LoadScratchpad(
    Engine* engine, core::ScratchpadLoader* loader, const grpc::CallbackServerContext& context,
    mesh::LoadScratchpadRequest* request);

grpc::ServerUnaryReactor* StopLoadScratchpad(core::ScratchpadLoader* loader,
                                             const mesh::StopLoadScratchpadRequest& request,
                                             mesh::StopLoadScratchpadResponse* response);

// ---- process_scratchpads.cc ----

grpc::ServerWriteReactor<mesh::ProcessScratchpadsResponse>* ProcessScratchpads(
    Engine* engine, const grpc::CallbackServerContext& context,
    const mesh::ProcessScratchpadsRequest& request);

// ---- set_target.cc ----

grpc::ServerUnaryReactor* SetTarget(Engine* engine, const grpc::CallbackServerContext& context,
                                    const mesh::SetTargetRequest& request,
                                    mesh::SetTargetResponse* response);

// ---- list_scratchpads.cc ----

grpc::ServerUnaryReactor* ListScratchpads(Engine* engine,
                                          const grpc::CallbackServerContext& context,
                                          const mesh::ListScratchpadsRequest& request,
                                          mesh::ListScratchpadsResponse* response);

// ---- request_node_status.cc ----

// Sees to it first that the answers are heard, which `node_statuses` takes: it outlives
// the call.
grpc::ServerUnaryReactor* RequestNodeStatus(Engine* engine,
                                            core::NodeStatusCollector* node_statuses,
                                            const grpc::CallbackServerContext& context,
                                            const mesh::RequestNodeStatusRequest& request,
                                            mesh::RequestNodeStatusResponse* response);

// ---- list_node_status.cc ----

grpc::ServerUnaryReactor* ListNodeStatus(core::NodeStatusCollector* statuses,
                                         const mesh::ListNodeStatusRequest& request,
                                         mesh::ListNodeStatusResponse* response);

// ---- watch_node_status.cc ----

grpc::ServerWriteReactor<mesh::WatchNodeStatusResponse>* WatchNodeStatus(
    Engine* engine, core::NodeStatusCollector* statuses,
    const mesh::WatchNodeStatusRequest& request);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_OTAP_RPCS_H_
