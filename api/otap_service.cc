// SPDX-License-Identifier: Apache-2.0
#include "api/otap_service.h"

#include <utility>

#include "api/list_node_status.h"
#include "api/list_scratchpads.h"
#include "api/load_scratchpad.h"
#include "api/process_scratchpads.h"
#include "api/refusal.h"
#include "api/set_target.h"
#include "api/watch_node_status.h"

namespace wirepas_grpc::api {
namespace {

// How long the question to nodes waits for the broker to grant that their answers are
// heard.
constexpr absl::Duration kGrantLimit = absl::Seconds(2);

grpc::Status NoStatuses() {
  return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "node statuses are not collected");
}

HoldNodeStatusDemand HoldDemandOf(core::NodeStatusCollector* statuses) {
  if (statuses == nullptr) return nullptr;
  return [statuses](absl::AnyInvocable<void()> then) {
    statuses->interest().TouchThen(kGrantLimit, std::move(then));
  };
}

}  // namespace

OtapServiceImpl::OtapServiceImpl(Engine* engine, const Options& options)
    : engine_(engine),
      node_statuses_(options.node_statuses),
      hold_node_status_demand_(HoldDemandOf(options.node_statuses)),
      loader_(engine->network, &engine->uploader) {}

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
  return api::RequestNodeStatus(engine_, hold_node_status_demand_, *context, *request, response);
}

grpc::ServerUnaryReactor* OtapServiceImpl::ListNodeStatus(
    Context*, const mesh::ListNodeStatusRequest* request, mesh::ListNodeStatusResponse* response) {
  if (node_statuses_ == nullptr) return Refusal<grpc::ServerUnaryReactor>::Make(NoStatuses());
  return api::ListNodeStatus(node_statuses_, *request, response);
}

grpc::ServerWriteReactor<mesh::WatchNodeStatusResponse>* OtapServiceImpl::WatchNodeStatus(
    Context*, const mesh::WatchNodeStatusRequest* request) {
  if (node_statuses_ == nullptr) {
    return Refusal<grpc::ServerWriteReactor<mesh::WatchNodeStatusResponse>>::Make(NoStatuses());
  }
  return api::WatchNodeStatus(engine_, node_statuses_, *request);
}

}  // namespace wirepas_grpc::api
