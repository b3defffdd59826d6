// SPDX-License-Identifier: Apache-2.0
//
// What SendMessage and SendMessages have in common: sending through a sink, and by network.
#ifndef WIREPAS_GRPC_API_NETWORK_NETWORK_SEND_H_
#define WIREPAS_GRPC_API_NETWORK_NETWORK_SEND_H_

#include "absl/functional/any_invocable.h"
#include "api/call/engine.h"
#include "api/call/errors.h"
#include "api/call/namespaces.h"
#include "api/network/send_message.h"
#include "core/network/message_sender.h"
#include "core/sending/network_send.h"
#include "core/sending/network_sender.h"
#include "grpcpp/support/status.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {

// `send` has a sink. As MessageSender::Send(), and INVALID_ARGUMENT when the request id is that of
// a message by network.
core::MessageSender::Ticket SendThroughSink(Engine* engine, const MessageToSend& send,
                                            const core::RequestLimit& limit,
                                            core::RequestDone done);

// Finds the sinks, for which it waits until the directory knows what the broker keeps, and sends.
// The time of the limit is for both, unless it counts from when the broker has the message. `done`
// is called once, on the executor or at once on this thread, unless this is cancelled before.
// Returns what cancels it, from any thread and any number of times.
absl::AnyInvocable<void()> SendByNetwork(Engine* engine, core::NetworkMessage message,
                                         core::NetworkSend::Terms terms,
                                         core::NetworkSend::Done done);

// Of one that a sink took.
mesh::SendMessageResponse ToSendMessageResponse(const core::NetworkOutcome& outcome);
// Of one that none did.
grpc::Status ToGrpcStatus(const core::NetworkOutcome& outcome);
mesh::CallError ToCallError(const core::NetworkOutcome& outcome);
// Whether it was sent, or may have been.
bool WasSent(const core::NetworkOutcome& outcome);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_NETWORK_SEND_H_
