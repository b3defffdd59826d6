// SPDX-License-Identifier: Apache-2.0
#include "api/network/send_message.h"

#include <utility>

#include "api/call/asker.h"
#include "api/call/deadlines.h"
#include "api/call/errors.h"
#include "api/call/gateway.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/call/validate.h"
#include "api/convert/message.h"
#include "api/convert/sink_path.h"
#include "api/convert/time.h"
#include "api/network/network_send.h"
#include "api/network/rpcs.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::SendMessageRequest;
using Response = mesh::SendMessageResponse;

absl::Status ParseSink(const Request& request, MessageToSend* result) {
  absl::StatusOr<SinkName> name =
      ParseSinkName(request.sink().gateway_id(), request.sink().sink_id());
  if (!name.ok()) return InPart("sink", name.status());
  if (request.if_unheard() != mesh::IF_UNHEARD_UNSPECIFIED) {
    return InvalidField("if_unheard", "not possible with a sink");
  }
  result->sink = core::SinkPath{std::move(name->gateway), std::move(name->sink)};
  result->allow_unknown_gateway = request.allow_unknown_gateway();
  return absl::OkStatus();
}

absl::Status ParseNetwork(const Request& request, MessageToSend* result) {
  absl::Status status = CheckNetworkAddress("network_address", request.network_address());
  if (!status.ok()) return status;
  if (request.allow_unknown_gateway()) {
    return InvalidField("allow_unknown_gateway", "not possible by network");
  }
  switch (request.if_unheard()) {
    case mesh::IF_UNHEARD_UNSPECIFIED:
    case mesh::IF_UNHEARD_FAIL:
      break;
    case mesh::IF_UNHEARD_ALL_SINKS:
      result->message.all_if_unheard = true;
      break;
    default:
      return InvalidField("if_unheard", "not a known value");
  }
  result->message.network_address = request.network_address();
  return absl::OkStatus();
}

void SendThrough(Engine* engine, const UnaryCall<Response>::Ptr& call, const MessageToSend& send,
                 core::RequestLimit limit) {
  limit.allow_unknown_gateway = send.allow_unknown_gateway;
  const auto ticket = SendThroughSink(
      engine, send, limit, [call, target = send.target()](const core::RequestOutcome& outcome) {
        if (!outcome.status.ok()) return call->Fail(ToGrpcStatus(outcome, target));
        call->Succeed([&](Response* filled) { *filled = ToSendMessageResponse(outcome, target); });
      });
  call->AddCancel([engine, ticket] { engine->sender.Cancel(ticket); });
}

void SendToNetwork(Engine* engine, const UnaryCall<Response>::Ptr& call, MessageToSend send,
                   const core::RequestLimit& limit) {
  call->AddCancel(SendByNetwork(engine, std::move(send.message), {.limit = limit},
                                [call](const core::NetworkOutcome& outcome) {
                                  if (!outcome.status.ok()) {
                                    return call->Fail(ToGrpcStatus(outcome));
                                  }
                                  call->Succeed([&](Response* filled) {
                                    *filled = ToSendMessageResponse(outcome);
                                  });
                                }));
}

}  // namespace

Target MessageToSend::target() const { return sink.has_value() ? TargetOf(*sink) : Target(); }

absl::StatusOr<MessageToSend> Parse(const Request& request) {
  MessageToSend result;
  absl::Status status;
  switch (request.through_case()) {
    case Request::kSink:
      status = ParseSink(request, &result);
      break;
    case Request::kNetworkAddress:
      status = ParseNetwork(request, &result);
      break;
    case Request::THROUGH_NOT_SET:
      status = InvalidField("sink", "missing, and no network_address either");
      break;
  }
  if (!status.ok()) return status;
  if (!request.has_message()) return InvalidField("message", "missing");
  absl::StatusOr<gw::SendPacketReq> packet = ToGateway("message", request.message());
  if (!packet.ok()) return packet.status();
  result.message.packet = *std::move(packet);
  if (request.has_request_id()) {
    if (request.request_id() == 0) return InvalidField("request_id", "must not be 0");
    result.message.request_id = request.request_id();
  }
  return result;
}

Target TargetOf(const Request& request) {
  return TargetOf(request.sink().gateway_id(), request.sink().sink_id());
}

mesh::MessageSent ToMessageSent(const core::RequestOutcome& outcome) {
  mesh::MessageSent sent;
  sent.set_request_id(outcome.request_id);
  *sent.mutable_gateway_time() = ToDuration(outcome.gateway_time);
  sent.set_retry_count(outcome.retry_count);
  return sent;
}

Response ToSendMessageResponse(const core::RequestOutcome& outcome, const Target& target) {
  Response response;
  *response.mutable_sent() = ToMessageSent(outcome);
  response.mutable_sink()->set_gateway_id(target.gateway_id);
  response.mutable_sink()->set_sink_id(target.sink_id);
  return response;
}

void SetSinkSendResult(const core::SinkPath& sink, const core::RequestOutcome& outcome,
                       mesh::SinkSendResult* result) {
  SetSinkRef(sink, result->mutable_sink());
  if (outcome.status.ok()) {
    *result->mutable_sent() = ToMessageSent(outcome);
  } else {
    *result->mutable_error() = ToCallError(outcome, TargetOf(sink));
  }
}

core::MessageSender::Ticket SendThroughSink(Engine* engine, const MessageToSend& send,
                                            const core::RequestLimit& limit,
                                            core::RequestDone done) {
  if (send.message.request_id.has_value()) {
    core::RequestOutcome refused;
    refused.status = engine->network_sender.CheckForSink(*send.message.request_id);
    if (!refused.status.ok()) {
      engine->network->executor().Post(
          [done = std::move(done), refused, place = limit.place]() mutable {
            if (place != nullptr) place->GiveBack();
            done(refused);
          });
      return {};
    }
  }
  return engine->sender.Send(send.sink->gateway, send.sink->sink, send.message.packet, limit,
                             send.message.request_id, std::move(done));
}

grpc::ServerUnaryReactor* SendMessage(Engine* engine, const grpc::CallbackServerContext& context,
                                      const Request& request, Response* response) {
  absl::StatusOr<MessageToSend> send = Parse(request);
  if (!send.ok()) {
    return Refusal<grpc::ServerUnaryReactor>::Make(ToGrpcStatus(send.status(), TargetOf(request)));
  }
  const auto call = UnaryCall<Response>::Create(engine->network, response);
  const core::RequestLimit limit =
      LimitOf(AskerOf(engine->network, context), LimitOr(context, kRequestLimit));
  if (send->sink.has_value()) {
    SendThrough(engine, call, *send, limit);
  } else {
    SendToNetwork(engine, call, *std::move(send), limit);
  }
  return call.get();
}

}  // namespace wirepas_grpc::api
