// SPDX-License-Identifier: Apache-2.0
#include "core/sending/network_sender.h"

#include <utility>

#include "absl/hash/hash.h"
#include "core/nodes/key.h"

namespace wirepas_grpc::core {
namespace {

// Of what a repetition has to have in common with the first.
size_t Fingerprint(const NetworkMessage& message) {
  return absl::HashOf(message.network_address, message.packet.SerializePartialAsString());
}

}  // namespace

absl::StatusOr<RouteMemory::Use> NetworkSender::Repeat(const NetworkMessage& message) {
  if (!message.request_id.has_value()) return RouteMemory::Use(nullptr);
  if (sender_->Remembers(*message.request_id)) return RequestIdUsed(*message.request_id);
  return memory_->Find(*message.request_id, Fingerprint(message));
}

absl::StatusOr<RouteMemory::Use> NetworkSender::Choose(const NetworkMessage& message,
                                                       std::optional<absl::Time> since) {
  const Destination destination{message.network_address, message.packet.destination_address(),
                                message.all_if_unheard};
  HeardBy heard{.sinks = {}, .since = since};
  if (!IsForMany(destination.address)) {
    heard.sinks = nodes_->registry().SinksThatHeard(
        MakeNodeKey(destination.network_address, destination.address));
  }
  absl::StatusOr<Route> route = FindRoute(destination, *sinks_.Get(), heard);
  if (!route.ok()) return route.status();
  if (!message.request_id.has_value()) return RouteMemory::Use(*std::move(route));
  return memory_->Remember(*message.request_id, Fingerprint(message), *std::move(route));
}

absl::Status NetworkSender::CheckForSink(RequestId id) {
  return memory_->Contains(id) ? RequestIdUsed(id) : absl::OkStatus();
}

}  // namespace wirepas_grpc::core
