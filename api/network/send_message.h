// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_NETWORK_SEND_MESSAGE_H_
#define WIREPAS_GRPC_API_NETWORK_SEND_MESSAGE_H_

#include <optional>

#include "absl/status/statusor.h"
#include "api/call/errors.h"
#include "api/call/namespaces.h"
#include "api/call/validate.h"
#include "core/requests/tracker.h"
#include "gateway_api/send_packet.pb.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {

// A SendMessageRequest that has been checked.
struct MessageToSend {
  SinkName name;
  gw::SendPacketReq message;
  std::optional<core::RequestId> request_id;
  bool allow_unknown_gateway = false;
};

// INVALID_ARGUMENT, naming the field.
absl::StatusOr<MessageToSend> Parse(const mesh::SendMessageRequest& request);

// What came of a message that the sink took.
mesh::MessageSent ToMessageSent(const core::RequestOutcome& outcome);
mesh::SendMessageResponse ToSendMessageResponse(const core::RequestOutcome& outcome,
                                                const Target& target);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_SEND_MESSAGE_H_
