// SPDX-License-Identifier: Apache-2.0
#include "api/network/service.h"

#include <string>

#include "api/network/rpcs.h"
#include "core/base/instant.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"

namespace wirepas_grpc::api {

NetworkServiceImpl::NetworkServiceImpl(core::Network* network, core::NodeCollector* nodes,
                                       const Options& options)
    : engine_(network, nodes, options.max_streams) {
  // The generated class for a stream of bytes both ways does not compile.
  const auto* const method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      std::string(service_full_name()) + ".SendMessages");
  using Handler = grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, grpc::ByteBuffer>;
  MarkMethodRawCallback(method->index(), new Handler([this](Context* context) {
                          return api::SendMessages(&engine_, *context);
                        }));
}

void NetworkServiceImpl::Drain() {
  engine_.network->Drain();  // first: see MessageStream
  engine_.streams.Drain();
}

bool NetworkServiceImpl::AwaitIdle(absl::Duration limit) {
  return engine_.network->work().AwaitNone(limit);
}

void NetworkServiceImpl::AwaitEnded(absl::Duration limit) {
  const core::Instant end = core::Instant::Now() + limit;
  AwaitIdle(limit);
  engine_.streams.AwaitNone(end - core::Instant::Now());
}

void NetworkServiceImpl::EndCalls() {
  engine_.streams.Close();  // first: loads begin with no further sink when a request ends
  engine_.network->EndRequests();
  engine_.sender.Close();
}

grpc::ServerUnaryReactor* NetworkServiceImpl::ListGateways(Context* context,
                                                           const mesh::ListGatewaysRequest* request,
                                                           mesh::ListGatewaysResponse* response) {
  return api::ListGateways(&engine_, *context, *request, response);
}

grpc::ServerUnaryReactor* NetworkServiceImpl::GetGatewayInfo(
    Context* context, const mesh::GetGatewayInfoRequest* request,
    mesh::GetGatewayInfoResponse* response) {
  return api::GetGatewayInfo(&engine_, *context, *request, response);
}

grpc::ServerUnaryReactor* NetworkServiceImpl::ClearGatewayStatus(
    Context* context, const mesh::ClearGatewayStatusRequest* request,
    mesh::ClearGatewayStatusResponse* response) {
  return api::ClearGatewayStatus(&engine_, *context, *request, response);
}

grpc::ServerUnaryReactor* NetworkServiceImpl::ListSinks(Context* context,
                                                        const mesh::ListSinksRequest* request,
                                                        mesh::ListSinksResponse* response) {
  return api::ListSinks(&engine_, *context, *request, response);
}

grpc::ServerUnaryReactor* NetworkServiceImpl::SetSinkConfig(
    Context* context, const mesh::SetSinkConfigRequest* request,
    mesh::SetSinkConfigResponse* response) {
  return api::SetSinkConfig(&engine_, *context, *request, response);
}

grpc::ServerUnaryReactor* NetworkServiceImpl::GetConfigurationDataItem(
    Context* context, const mesh::GetConfigurationDataItemRequest* request,
    mesh::GetConfigurationDataItemResponse* response) {
  return api::GetConfigurationDataItem(&engine_, *context, *request, response);
}

grpc::ServerUnaryReactor* NetworkServiceImpl::SetConfigurationDataItem(
    Context* context, const mesh::SetConfigurationDataItemRequest* request,
    mesh::SetConfigurationDataItemResponse* response) {
  return api::SetConfigurationDataItem(&engine_, *context, *request, response);
}

grpc::ServerWriteReactor<mesh::UpdateSinkConfigsResponse>* NetworkServiceImpl::UpdateSinkConfigs(
    Context* context, const mesh::UpdateSinkConfigsRequest* request) {
  return api::UpdateSinkConfigs(&engine_, *context, *request);
}

grpc::ServerWriteReactor<mesh::SetConfigurationDataItemsResponse>*
NetworkServiceImpl::SetConfigurationDataItems(
    Context* context, const mesh::SetConfigurationDataItemsRequest* request) {
  return api::SetConfigurationDataItems(&engine_, *context, *request);
}

grpc::ServerWriteReactor<mesh::WatchNetworkResponse>* NetworkServiceImpl::WatchNetwork(
    Context*, const mesh::WatchNetworkRequest* request) {
  return api::WatchNetwork(&engine_, *request);
}

grpc::ServerWriteReactor<mesh::WatchBrokerResponse>* NetworkServiceImpl::WatchBroker(
    Context*, const mesh::WatchBrokerRequest* request) {
  return api::WatchBroker(&engine_, *request);
}

grpc::ServerUnaryReactor* NetworkServiceImpl::SendMessage(Context* context,
                                                          const mesh::SendMessageRequest* request,
                                                          mesh::SendMessageResponse* response) {
  return api::SendMessage(&engine_, *context, *request, response);
}

grpc::ServerUnaryReactor* NetworkServiceImpl::BroadcastMessage(
    Context* context, const mesh::BroadcastMessageRequest* request,
    mesh::BroadcastMessageResponse* response) {
  return api::BroadcastMessage(&engine_, *context, *request, response);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* NetworkServiceImpl::SubscribeUplink(
    Context*, const grpc::ByteBuffer* request) {
  return api::SubscribeUplink(&engine_, *request);
}

grpc::ServerWriteReactor<mesh::SubscribeDownlinkResponse>* NetworkServiceImpl::SubscribeDownlink(
    Context*, const mesh::SubscribeDownlinkRequest* request) {
  return api::SubscribeDownlink(&engine_, *request);
}

grpc::ServerUnaryReactor* NetworkServiceImpl::GetScratchpadStatus(
    Context* context, const mesh::GetScratchpadStatusRequest* request,
    mesh::GetScratchpadStatusResponse* response) {
  return api::GetScratchpadStatus(&engine_, *context, *request, response);
}

grpc::ServerWriteReactor<mesh::UploadScratchpadResponse>* NetworkServiceImpl::UploadScratchpad(
    Context* context, const mesh::UploadScratchpadRequest* request) {
  // Nobody else looks at it.
  auto* const own = const_cast<mesh::UploadScratchpadRequest*>(request);
  return api::UploadScratchpad(&engine_, *context, own);
}

grpc::ServerUnaryReactor* NetworkServiceImpl::ProcessScratchpad(
    Context* context, const mesh::ProcessScratchpadRequest* request,
    mesh::ProcessScratchpadResponse* response) {
  return api::ProcessScratchpad(&engine_, *context, *request, response);
}

grpc::ServerUnaryReactor* NetworkServiceImpl::SetTargetScratchpad(
    Context* context, const mesh::SetTargetScratchpadRequest* request,
    mesh::SetTargetScratchpadResponse* response) {
  return api::SetTargetScratchpad(&engine_, *context, *request, response);
}

}  // namespace wirepas_grpc::api
