// SPDX-License-Identifier: Apache-2.0
#include "api/otap_service.h"

#include "api/list_scratchpads.h"
#include "api/load_scratchpad.h"
#include "api/process_scratchpads.h"
#include "api/set_target.h"

namespace wirepas_grpc::api {

grpc::ServerWriteReactor<mesh::LoadScratchpadResponse>* OtapServiceImpl::LoadScratchpad(
    Context* context, const mesh::LoadScratchpadRequest* request) {
  return api::LoadScratchpad(engine_, &loader_, *context, *request);
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
  return api::RequestNodeStatus(engine_, options_.hold_node_status_demand, *context, *request,
                                response);
}

}  // namespace wirepas_grpc::api
