// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_NETWORK_SEND_MESSAGE_H_
#define WIREPAS_GRPC_API_NETWORK_SEND_MESSAGE_H_

#include <optional>

#include "absl/status/statusor.h"
#include "api/call/errors.h"
#include "api/call/namespaces.h"
#include "core/directory/sink_scope.h"
#include "core/requests/tracker.h"
#include "core/sending/network_sender.h"
#include "gateway_api/send_packet.pb.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {

// A SendMessageRequest that has been checked. In `message` are the packet, the request id, and what
// a message by network has besides.
struct MessageToSend {
  std::optional<core::SinkPath> sink;  // nothing: by network
  core::NetworkMessage message;
  bool allow_unknown_gateway = false;

  // Whom a failure concerns; by network that is known later.
  Target target() const;
};

// INVALID_ARGUMENT, naming the field.
absl::StatusOr<MessageToSend> Parse(const mesh::SendMessageRequest& request);
// Whom one concerns of a request that is not good.
Target TargetOf(const mesh::SendMessageRequest& request);

// What came of a message that the sink took.
mesh::MessageSent ToMessageSent(const core::RequestOutcome& outcome);
mesh::SendMessageResponse ToSendMessageResponse(const core::RequestOutcome& outcome,
                                                const Target& target);

// What came of it at one of several sinks.
void SetSinkSendResult(const core::SinkPath& sink, const core::RequestOutcome& outcome,
                       mesh::SinkSendResult* result);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_SEND_MESSAGE_H_
