// SPDX-License-Identifier: Apache-2.0
#include "api/otap/service.h"

#include "api/otap/rpcs.h"

namespace wirepas_grpc::api {

OtapServiceImpl::OtapServiceImpl(Engine* engine, core::NodeStatusCollector* node_statuses)
    : engine_(engine), node_statuses_(node_statuses), loader_(engine->network, &engine->uploader) {}

grpc::ServerWriteReactor<mesh::LoadScratchpadResponse>* OtapServiceImpl::LoadScratchpad(
    Context* context, const mesh::LoadScratchpadRequest* request) {
  // Nobody else looks at it.
  auto* const own = const_cast<mesh::LoadScratchpadRequest*>(request);
  return api::LoadScratchpad(engine_, &loader_, *context, own);
}

grpc::ServerUnaryReactor* OtapServiceImpl::StopLoadScratchpad(
    Context*, const mesh::StopLoadScratchpadRequest* request,
    mesh::StopLoadScratchpadResponse* response) {
  return api::StopLoadScratchpad(&loader_, *request, response);
}

grpc::ServerWriteReactor<mesh::ProcessScratchpadsResponse>* OtapServiceImpl::ProcessScratchpads(
    Context* context, const mesh::ProcessScratchpadsRequest* request) {
  return api::ProcessScratchpads(engine_, *context, *request);
}

grpc::ServerUnaryReactor* OtapServiceImpl::SetTarget(Context* context,
                                                     const mesh::SetTargetRequest* request,
                                                     mesh::SetTargetResponse* response) {
  return api::SetTarget(engine_, *context, *request, response);
}

grpc::ServerUnaryReactor* OtapServiceImpl::ListScratchpads(
    Context* context, const mesh::ListScratchpadsRequest* request,
    mesh::ListScratchpadsResponse* response) {
  return api::ListScratchpads(engine_, *context, *request, response);
}

grpc::ServerUnaryReactor* OtapServiceImpl::RequestNodeStatus(
    Context* context, const mesh::RequestNodeStatusRequest* request,
    mesh::RequestNodeStatusResponse* response) {
  return api::RequestNodeStatus(engine_, node_statuses_, *context, *request, response);
}

grpc::ServerUnaryReactor* OtapServiceImpl::ListNodeStatus(
    Context*, const mesh::ListNodeStatusRequest* request, mesh::ListNodeStatusResponse* response) {
  return api::ListNodeStatus(node_statuses_, *request, response);
}

grpc::ServerWriteReactor<mesh::WatchNodeStatusResponse>* OtapServiceImpl::WatchNodeStatus(
    Context*, const mesh::WatchNodeStatusRequest* request) {
  return api::WatchNodeStatus(engine_, node_statuses_, *request);
}

}  // namespace wirepas_grpc::api
