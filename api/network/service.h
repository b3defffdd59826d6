// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_NETWORK_SERVICE_H_
#define WIREPAS_GRPC_API_NETWORK_SERVICE_H_

#include <cstddef>

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "core/network/network.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/network_service.grpc.pb.h"

namespace wirepas_grpc::api {

// wirepas.mesh.v1.NetworkService over core. What each RPC does is stated in
// network_service.proto and done in the file of its name, or of its family; this class is
// where gRPC finds them all; SendMessages, on bytes, it finds through the constructor. The
// families:
//   gateway_rpcs.cc  ListGateways, GetGatewayInfo, ClearGatewayStatus
//   sink_rpcs.cc     GetConfigurationDataItem, SetConfigurationDataItem,
//                   GetScratchpadStatus, ProcessScratchpad, SetTargetScratchpad
//
// No RPC holds a thread: handlers start the work and return, core's executor brings
// the results. Shut down in this order: Drain(), EndCalls(), grpc::Server::Shutdown()
// with a deadline; then core's Network, Scheduler and Executor are stopped, then the
// service is destroyed. Thread-safe.
class NetworkServiceImpl final : public mesh::NetworkService::WithRawCallbackMethod_SubscribeUplink<
                                     mesh::NetworkService::CallbackService> {
 public:
  struct Options {
    // How many streams may be open at the same time, of all kinds and clients.
    size_t max_streams = 1000;
  };

  // Both outlive the service. `nodes`: what is known of nodes, for sending to them.
  NetworkServiceImpl(core::Network* network, core::NodeCollector* nodes, const Options& options);

  // Of all services that share the engine: nothing new is sent to gateways, streams that read
  // end with UNAVAILABLE and new ones are refused. What is under way goes on.
  void Drain();
  // Waits until no call is open but streams that read, for `limit` at most. False: some are. What
  // nobody waits for, as answers to messages whose calls have ended, does not count.
  bool AwaitIdle(absl::Duration limit);
  // The same, for streams that read too.
  void AwaitEnded(absl::Duration limit);
  // Ends what is under way with what is known of it; nothing further is sent.
  void EndCalls();

  size_t open_streams() const { return engine_.streams.size(); }

  // Other services of the process share it, so that the bounds are for all together.
  Engine* engine() { return &engine_; }

  // For BoundedService, which is what gRPC gets.
  using grpc::Service::GetHandler;
  static const char* service_full_name() { return mesh::NetworkService::service_full_name(); }

 private:
  using Base = mesh::NetworkService::WithRawCallbackMethod_SubscribeUplink<
      mesh::NetworkService::CallbackService>;
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;
  using Base::SubscribeUplink;  // the unused forms of the method

  Unary* ListGateways(Context*, const mesh::ListGatewaysRequest*,
                      mesh::ListGatewaysResponse*) override;
  Unary* GetGatewayInfo(Context*, const mesh::GetGatewayInfoRequest*,
                        mesh::GetGatewayInfoResponse*) override;
  Unary* ClearGatewayStatus(Context*, const mesh::ClearGatewayStatusRequest*,
                            mesh::ClearGatewayStatusResponse*) override;
  Unary* ListSinks(Context*, const mesh::ListSinksRequest*, mesh::ListSinksResponse*) override;
  Unary* SetSinkConfig(Context*, const mesh::SetSinkConfigRequest*,
                       mesh::SetSinkConfigResponse*) override;
  Unary* GetConfigurationDataItem(Context*, const mesh::GetConfigurationDataItemRequest*,
                                  mesh::GetConfigurationDataItemResponse*) override;
  Unary* SetConfigurationDataItem(Context*, const mesh::SetConfigurationDataItemRequest*,
                                  mesh::SetConfigurationDataItemResponse*) override;
  grpc::ServerWriteReactor<mesh::UpdateSinkConfigsResponse>* UpdateSinkConfigs(
      Context*, const mesh::UpdateSinkConfigsRequest*) override;
  grpc::ServerWriteReactor<mesh::SetConfigurationDataItemsResponse>* SetConfigurationDataItems(
      Context*, const mesh::SetConfigurationDataItemsRequest*) override;
  grpc::ServerWriteReactor<mesh::WatchNetworkResponse>* WatchNetwork(
      Context*, const mesh::WatchNetworkRequest*) override;
  grpc::ServerWriteReactor<mesh::WatchBrokerResponse>* WatchBroker(
      Context*, const mesh::WatchBrokerRequest*) override;
  Unary* SendMessage(Context*, const mesh::SendMessageRequest*,
                     mesh::SendMessageResponse*) override;
  Unary* BroadcastMessage(Context*, const mesh::BroadcastMessageRequest*,
                          mesh::BroadcastMessageResponse*) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* SubscribeUplink(Context*,
                                                              const grpc::ByteBuffer*) override;
  grpc::ServerWriteReactor<mesh::SubscribeDownlinkResponse>* SubscribeDownlink(
      Context*, const mesh::SubscribeDownlinkRequest*) override;
  Unary* GetScratchpadStatus(Context*, const mesh::GetScratchpadStatusRequest*,
                             mesh::GetScratchpadStatusResponse*) override;
  grpc::ServerWriteReactor<mesh::UploadScratchpadResponse>* UploadScratchpad(
      Context*, const mesh::UploadScratchpadRequest*) override;
  Unary* ProcessScratchpad(Context*, const mesh::ProcessScratchpadRequest*,
                           mesh::ProcessScratchpadResponse*) override;
  Unary* SetTargetScratchpad(Context*, const mesh::SetTargetScratchpadRequest*,
                             mesh::SetTargetScratchpadResponse*) override;

  Engine engine_;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_SERVICE_H_
