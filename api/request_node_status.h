// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_REQUEST_NODE_STATUS_H_
#define WIREPAS_GRPC_API_REQUEST_NODE_STATUS_H_

#include <functional>

#include "absl/functional/any_invocable.h"
#include "api/engine.h"
#include "api/namespaces.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/otap_service.pb.h"

namespace wirepas_grpc::api {

// Called before nodes are asked: sees to it that their answers are heard for a while,
// then calls `then`, once, at once or on any thread later. An RPC that ends meanwhile
// ignores it.
using HoldNodeStatusDemand = std::function<void(absl::AnyInvocable<void()> then)>;

// `hold_demand` may be null: then answers are heard by those who listen anyway.
grpc::ServerUnaryReactor* RequestNodeStatus(Engine* engine, const HoldNodeStatusDemand& hold_demand,
                                            const grpc::CallbackServerContext& context,
                                            const mesh::RequestNodeStatusRequest& request,
                                            mesh::RequestNodeStatusResponse* response);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_REQUEST_NODE_STATUS_H_
