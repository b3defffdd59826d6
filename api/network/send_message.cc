// SPDX-License-Identifier: Apache-2.0
#include "api/network/send_message.h"

#include <utility>

#include "api/call/asker.h"
#include "api/call/deadlines.h"
#include "api/call/errors.h"
#include "api/call/gateway.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/message.h"
#include "api/convert/time.h"
#include "api/network/rpcs.h"

namespace wirepas_grpc::api {

absl::StatusOr<MessageToSend> Parse(const mesh::SendMessageRequest& request) {
  if (!request.has_sink()) return InvalidField("sink", "missing");
  absl::StatusOr<SinkName> name =
      ParseSinkName(request.sink().gateway_id(), request.sink().sink_id());
  if (!name.ok()) return InPart("sink", name.status());
  if (!request.has_message()) return InvalidField("message", "missing");
  absl::StatusOr<gw::SendPacketReq> message = ToGateway("message", request.message());
  if (!message.ok()) return message.status();
  MessageToSend result{*std::move(name), *std::move(message), std::nullopt,
                       request.allow_unknown_gateway()};
  if (request.has_request_id()) {
    if (request.request_id() == 0) return InvalidField("request_id", "must not be 0");
    result.request_id = request.request_id();
  }
  return result;
}

mesh::MessageSent ToMessageSent(const core::RequestOutcome& outcome) {
  mesh::MessageSent sent;
  sent.set_request_id(outcome.request_id);
  *sent.mutable_gateway_time() = ToDuration(outcome.gateway_time);
  return sent;
}

mesh::SendMessageResponse ToSendMessageResponse(const core::RequestOutcome& outcome,
                                                const Target& target) {
  mesh::SendMessageResponse response;
  *response.mutable_sent() = ToMessageSent(outcome);
  response.mutable_sink()->set_gateway_id(target.gateway_id);
  response.mutable_sink()->set_sink_id(target.sink_id);
  return response;
}

grpc::ServerUnaryReactor* SendMessage(Engine* engine, const grpc::CallbackServerContext& context,
                                      const mesh::SendMessageRequest& request,
                                      mesh::SendMessageResponse* response) {
  const Target target = TargetOf(request.sink().gateway_id(), request.sink().sink_id());
  const absl::StatusOr<MessageToSend> send = Parse(request);
  if (!send.ok()) {
    return Refusal<grpc::ServerUnaryReactor>::Make(ToGrpcStatus(send.status(), target));
  }
  const auto call = UnaryCall<mesh::SendMessageResponse>::Create(engine->network, response);
  core::RequestLimit limit =
      LimitOf(AskerOf(engine->network, context), LimitOr(context, kRequestLimit));
  limit.allow_unknown_gateway = send->allow_unknown_gateway;
  const auto ticket =
      engine->sender.Send(send->name.gateway, send->name.sink, send->message, limit,
                          send->request_id, [call, target](const core::RequestOutcome& outcome) {
                            if (!outcome.status.ok())
                              return call->Fail(ToGrpcStatus(outcome, target));
                            call->Succeed([&](mesh::SendMessageResponse* filled) {
                              *filled = ToSendMessageResponse(outcome, target);
                            });
                          });
  call->AddCancel([engine, ticket] { engine->sender.Cancel(ticket); });
  return call.get();
}

}  // namespace wirepas_grpc::api
