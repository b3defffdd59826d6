// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_SENDING_NETWORK_SENDER_H_
#define WIREPAS_GRPC_CORE_SENDING_NETWORK_SENDER_H_

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "core/network/message_sender.h"
#include "core/network/network.h"
#include "core/nodes/collector.h"
#include "core/sending/network_send.h"
#include "core/sending/network_sinks.h"
#include "core/sending/route.h"
#include "core/sending/route_memory.h"
#include "gateway_api/send_packet.pb.h"

namespace wirepas_grpc::core {

// A message for a node or nodes of a network, through whichever sinks.
struct NetworkMessage {
  uint32_t network_address = 0;
  wirepas::proto::gateway_api::SendPacketReq packet;
  bool all_if_unheard = false;  // through all sinks when none heard the node
  std::optional<RequestId> request_id = std::nullopt;
};

// Sends messages by network: finds the sinks, and sends through them. A repetition of a chosen
// request id goes through the same sinks as the first, and none that took the message gets it
// again. Thread-safe.
class NetworkSender {
 public:
  // All outlive this.
  NetworkSender(Network* network, NodeCollector* nodes, MessageSender* sender)
      : network_(network),
        nodes_(nodes),
        sender_(sender),
        sinks_(&network->directory()),
        memory_(std::make_shared<RouteMemory>(&network->scheduler())) {}

  // Listens to the network while this is held, and for a linger after that.
  NetworkListening::UsePtr Listen(uint32_t network_address) {
    return nodes_->listening().Begin(network_address);
  }

  // The route of the first message with this id; null when none is remembered. INVALID_ARGUMENT:
  // that was another message, network or sink. Asks nobody, so it works without a broker.
  absl::StatusOr<RouteMemory::Use> Repeat(const NetworkMessage& message);
  // As of FindRoute(), by what is known now; or as of Repeat(), if there is a first by now.
  // `since`: see HeardBy, of before the service began to listen for this message.
  absl::StatusOr<RouteMemory::Use> Choose(const NetworkMessage& message,
                                          std::optional<absl::Time> since);
  std::optional<absl::Time> HeardSince(uint32_t network_address) const {
    return nodes_->observed_since(network_address);
  }

  NetworkSend::Ptr Send(const NetworkMessage& message, RouteMemory::Use use,
                        NetworkListening::UsePtr listening, NetworkSend::Terms terms,
                        NetworkSend::Done done) {
    return NetworkSend::Start(network_, sender_, std::move(use), std::move(listening),
                              message.packet, message.request_id, std::move(terms),
                              std::move(done));
  }

  // INVALID_ARGUMENT: a message by network has the id, so that one through a sink cannot.
  absl::Status CheckForSink(RequestId id);

 private:
  Network* const network_;
  NodeCollector* const nodes_;
  MessageSender* const sender_;
  NetworkSinksSource sinks_;
  const std::shared_ptr<RouteMemory> memory_;  // outlives its uses
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SENDING_NETWORK_SENDER_H_
