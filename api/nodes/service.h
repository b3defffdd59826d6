// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_NODES_SERVICE_H_
#define WIREPAS_GRPC_API_NODES_SERVICE_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "core/nodes/collector.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/node_service.grpc.pb.h"

namespace wirepas_grpc::api {

// wirepas.mesh.v1.NodeService over core, built like NetworkServiceImpl: what each RPC
// does is stated in node_service.proto and done in the file of its name. Its streams
// are in the registry of the engine, which bounds them together with those of the other
// services and ends them at shutdown. Thread-safe.
class NodeServiceImpl final : public mesh::NodeService::CallbackService {
 public:
  // Both outlive the service.
  NodeServiceImpl(Engine* engine, core::NodeCollector* nodes) : engine_(engine), nodes_(nodes) {}

  // For BoundedService, which is what gRPC gets.
  using grpc::Service::GetHandler;
  static const char* service_full_name() { return mesh::NodeService::service_full_name(); }

 private:
  using Context = grpc::CallbackServerContext;

  grpc::ServerUnaryReactor* ListNodes(Context*, const mesh::ListNodesRequest*,
                                      mesh::ListNodesResponse*) override;
  grpc::ServerWriteReactor<mesh::WatchNodesResponse>* WatchNodes(
      Context*, const mesh::WatchNodesRequest*) override;

  Engine* const engine_;
  core::NodeCollector* const nodes_;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NODES_SERVICE_H_
