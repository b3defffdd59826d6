// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_OTAP_SERVICE_H_
#define WIREPAS_GRPC_API_OTAP_SERVICE_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "core/otap/node_status_collector.h"
#include "core/otap/scratchpad_loader.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/otap_service.grpc.pb.h"

namespace wirepas_grpc::api {

// wirepas.mesh.v1.OtapService over core, built like NetworkServiceImpl: what each RPC
// does is stated in otap_service.proto and done in the file of its name, or of its family:
//   load_scratchpad.cc  LoadScratchpad, StopLoadScratchpad
// Its streams are in the registry of the engine, which bounds them together with those of
// the other services and ends them at shutdown. Thread-safe.
class OtapServiceImpl final : public mesh::OtapService::CallbackService {
 public:
  // Both outlive the service.
  OtapServiceImpl(Engine* engine, core::NodeStatusCollector* node_statuses);

  // For BoundedService, which is what gRPC gets.
  using grpc::Service::GetHandler;
  static const char* service_full_name() { return mesh::OtapService::service_full_name(); }

 private:
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  grpc::ServerWriteReactor<mesh::LoadScratchpadResponse>* LoadScratchpad(
      Context*, const mesh::LoadScratchpadRequest*) override;
  Unary* StopLoadScratchpad(Context*, const mesh::StopLoadScratchpadRequest*,
                            mesh::StopLoadScratchpadResponse*) override;
  grpc::ServerWriteReactor<mesh::ProcessScratchpadsResponse>* ProcessScratchpads(
      Context*, const mesh::ProcessScratchpadsRequest*) override;
  Unary* SetTarget(Context*, const mesh::SetTargetRequest*, mesh::SetTargetResponse*) override;
  Unary* ListScratchpads(Context*, const mesh::ListScratchpadsRequest*,
                         mesh::ListScratchpadsResponse*) override;
  Unary* RequestNodeStatus(Context*, const mesh::RequestNodeStatusRequest*,
                           mesh::RequestNodeStatusResponse*) override;
  Unary* ListNodeStatus(Context*, const mesh::ListNodeStatusRequest*,
                        mesh::ListNodeStatusResponse*) override;
  grpc::ServerWriteReactor<mesh::WatchNodeStatusResponse>* WatchNodeStatus(
      Context*, const mesh::WatchNodeStatusRequest*) override;

  Engine* const engine_;
  core::NodeStatusCollector* const node_statuses_;
  core::ScratchpadLoader loader_;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_OTAP_SERVICE_H_
