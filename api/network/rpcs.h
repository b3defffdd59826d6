// SPDX-License-Identifier: Apache-2.0
//
// The RPCs of NetworkService, each started by a function of its name in the file that stands above
// it. What is passed by pointer outlives the call.
#ifndef WIREPAS_GRPC_API_NETWORK_RPCS_H_
#define WIREPAS_GRPC_API_NETWORK_RPCS_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {

// ---- gateway_rpcs.cc ----

grpc::ServerUnaryReactor* ListGateways(Engine* engine, const grpc::CallbackServerContext& context,
                                       const mesh::ListGatewaysRequest& request,
                                       mesh::ListGatewaysResponse* response);

grpc::ServerUnaryReactor* GetGatewayInfo(Engine* engine, const grpc::CallbackServerContext& context,
                                         const mesh::GetGatewayInfoRequest& request,
                                         mesh::GetGatewayInfoResponse* response);

grpc::ServerUnaryReactor* ClearGatewayStatus(Engine* engine,
                                             const grpc::CallbackServerContext& context,
                                             const mesh::ClearGatewayStatusRequest& request,
                                             mesh::ClearGatewayStatusResponse* response);

// ---- list_sinks.cc ----

grpc::ServerUnaryReactor* ListSinks(Engine* engine, const grpc::CallbackServerContext& context,
                                    const mesh::ListSinksRequest& request,
                                    mesh::ListSinksResponse* response);

// ---- set_sink_config.cc ----

grpc::ServerUnaryReactor* SetSinkConfig(Engine* engine, const grpc::CallbackServerContext& context,
                                        const mesh::SetSinkConfigRequest& request,
                                        mesh::SetSinkConfigResponse* response);

// ---- update_sink_configs.cc ----

grpc::ServerWriteReactor<mesh::UpdateSinkConfigsResponse>* UpdateSinkConfigs(
    Engine* engine, const grpc::CallbackServerContext& context,
    const mesh::UpdateSinkConfigsRequest& request);

// ---- set_configuration_data_items.cc ----

grpc::ServerWriteReactor<mesh::SetConfigurationDataItemsResponse>* SetConfigurationDataItems(
    Engine* engine, const grpc::CallbackServerContext& context,
    const mesh::SetConfigurationDataItemsRequest& request);

// ---- sink_rpcs.cc ----

grpc::ServerUnaryReactor* GetConfigurationDataItem(
    Engine* engine, const grpc::CallbackServerContext& context,
    const mesh::GetConfigurationDataItemRequest& request,
    mesh::GetConfigurationDataItemResponse* response);

grpc::ServerUnaryReactor* SetConfigurationDataItem(
    Engine* engine, const grpc::CallbackServerContext& context,
    const mesh::SetConfigurationDataItemRequest& request,
    mesh::SetConfigurationDataItemResponse* response);

grpc::ServerUnaryReactor* GetScratchpadStatus(Engine* engine,
                                              const grpc::CallbackServerContext& context,
                                              const mesh::GetScratchpadStatusRequest& request,
                                              mesh::GetScratchpadStatusResponse* response);

grpc::ServerUnaryReactor* ProcessScratchpad(Engine* engine,
                                            const grpc::CallbackServerContext& context,
                                            const mesh::ProcessScratchpadRequest& request,
                                            mesh::ProcessScratchpadResponse* response);

grpc::ServerUnaryReactor* SetTargetScratchpad(Engine* engine,
                                              const grpc::CallbackServerContext& context,
                                              const mesh::SetTargetScratchpadRequest& request,
                                              mesh::SetTargetScratchpadResponse* response);

// ---- watch_network.cc ----

grpc::ServerWriteReactor<mesh::WatchNetworkResponse>* WatchNetwork(
    Engine* engine, const mesh::WatchNetworkRequest& request);

// ---- watch_broker.cc ----

grpc::ServerWriteReactor<mesh::WatchBrokerResponse>* WatchBroker(
    Engine* engine, const mesh::WatchBrokerRequest& request);

// ---- send_message.cc ----

grpc::ServerUnaryReactor* SendMessage(Engine* engine, const grpc::CallbackServerContext& context,
                                      const mesh::SendMessageRequest& request,
                                      mesh::SendMessageResponse* response);

// ---- send_messages.cc ----

// SendMessages, on the bytes of its messages: they are measured before they are decoded.
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* SendMessages(
    Engine* engine, const grpc::CallbackServerContext& context);

// ---- broadcast_message.cc ----

grpc::ServerUnaryReactor* BroadcastMessage(Engine* engine,
                                           const grpc::CallbackServerContext& context,
                                           const mesh::BroadcastMessageRequest& request,
                                           mesh::BroadcastMessageResponse* response);

// ---- subscribe_uplink.cc ----

// SubscribeUplink, on the bytes of its messages: a response is put together from
// packets that are encoded already (uplink_encoder.h).
grpc::ServerWriteReactor<grpc::ByteBuffer>* SubscribeUplink(Engine* engine,
                                                            const grpc::ByteBuffer& request);

// ---- subscribe_downlink.cc ----

grpc::ServerWriteReactor<mesh::SubscribeDownlinkResponse>* SubscribeDownlink(
    Engine* engine, const mesh::SubscribeDownlinkRequest& request);

// ---- upload_scratchpad.cc ----

// Takes the scratchpad out of the request.
grpc::ServerWriteReactor<mesh::UploadScratchpadResponse>* UploadScratchpad(
    Engine* engine, const grpc::CallbackServerContext& context,
    mesh::UploadScratchpadRequest* request);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_RPCS_H_
