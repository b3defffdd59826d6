// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "api/call/asker.h"
#include "api/call/deadlines.h"
#include "api/call/errors.h"
#include "api/call/gateway.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/scratchpad.h"
#include "api/convert/sink.h"
#include "api/network/rpcs.h"
#include "gateway_api/gateway.pb.h"

namespace wirepas_grpc::api {
namespace {

using Reactor = grpc::ServerUnaryReactor;
using Context = grpc::CallbackServerContext;

// For requests that name a sink.
template <typename Request>
Reactor* Refuse(const absl::Status& status, const Request& request) {
  return Refusal<Reactor>::Make(
      ToGrpcStatus(status, TargetOf(request.gateway_id(), request.sink_id())));
}

// The request to the sink that `request` names. `message` holds what to send.
template <typename Request>
absl::StatusOr<GatewayRequest> ToSink(Engine* engine, const Context& context,
                                      core::RequestKind kind, const Request& request,
                                      gw::WirepasMessage message, absl::Duration default_limit) {
  absl::StatusOr<SinkName> name = ParseSinkName(request.gateway_id(), request.sink_id());
  if (!name.ok()) return name.status();
  return GatewayRequest{kind,
                        std::move(name->gateway),
                        std::move(name->sink),
                        std::move(message),
                        LimitOr(context, default_limit),
                        AskerOf(engine->network, context),
                        request.allow_unknown_gateway()};
}

// For answers that say nothing but yes.
template <typename Response>
void Nothing(const gw::WirepasMessage&, Response*) {}

}  // namespace

Reactor* GetConfigurationDataItem(Engine* engine, const Context& context,
                                  const mesh::GetConfigurationDataItemRequest& request,
                                  mesh::GetConfigurationDataItemResponse* response) {
  using Response = mesh::GetConfigurationDataItemResponse;
  gw::WirepasMessage message;
  message.mutable_get_configuration_data_item_req()->set_endpoint(request.endpoint());
  absl::StatusOr<GatewayRequest> question =
      ToSink(engine, context, core::RequestKind::kGetConfigurationDataItem, request,
             std::move(message), kRequestLimit);
  if (!question.ok()) return Refuse(question.status(), request);
  const absl::Status status = CheckAtMost("endpoint", request.endpoint(), kMaxItemEndpoint);
  if (!status.ok()) return Refuse(status, request);
  // How gateways say that there is none: nothing else of the request can be wrong.
  question->also_good = gw::INVALID_PARAM;

  const auto call = UnaryCall<Response>::Create(engine->network, response);
  CallGatewayWithFeature<Response>(
      engine->network, gw::CONFIGURATION_DATA_V1, *std::move(question), call,
      [](const gw::WirepasMessage& answer, Response* filled) {
        const auto& item = answer.get_configuration_data_item_resp().configuration_data_item();
        if (item.payload().empty()) return;  // there is none
        filled->mutable_item()->set_endpoint(item.endpoint());
        filled->mutable_item()->set_payload(item.payload());
      });
  return call.get();
}

Reactor* SetConfigurationDataItem(Engine* engine, const Context& context,
                                  const mesh::SetConfigurationDataItemRequest& request,
                                  mesh::SetConfigurationDataItemResponse* response) {
  using Response = mesh::SetConfigurationDataItemResponse;
  gw::WirepasMessage message;
  const absl::StatusOr<gw::ConfigurationDataItem> item = ParseItem(request.item());
  auto* content = message.mutable_set_configuration_data_item_req();
  if (item.ok()) *content->mutable_configuration_data_item() = *item;
  absl::StatusOr<GatewayRequest> question =
      ToSink(engine, context, core::RequestKind::kSetConfigurationDataItem, request,
             std::move(message), kRequestLimit);
  if (!question.ok()) return Refuse(question.status(), request);
  if (!request.has_item()) return Refuse(InvalidField("item", "missing"), request);
  if (!item.ok()) return Refuse(item.status(), request);

  const auto call = UnaryCall<Response>::Create(engine->network, response);
  CallGatewayWithFeature<Response>(engine->network, gw::CONFIGURATION_DATA_V1, *std::move(question),
                                   call, Nothing<Response>);
  return call.get();
}

Reactor* GetScratchpadStatus(Engine* engine, const Context& context,
                             const mesh::GetScratchpadStatusRequest& request,
                             mesh::GetScratchpadStatusResponse* response) {
  using Response = mesh::GetScratchpadStatusResponse;
  gw::WirepasMessage message;
  message.mutable_get_scratchpad_status_req();
  absl::StatusOr<GatewayRequest> question = ToSink(engine, context, core::RequestKind::kOtapStatus,
                                                   request, std::move(message), kRequestLimit);
  if (!question.ok()) return Refuse(question.status(), request);

  const auto call = UnaryCall<Response>::Create(engine->network, response);
  CallGateway<Response>(engine->network, *std::move(question), call,
                        [](const gw::WirepasMessage& answer, Response* filled) {
                          *filled->mutable_status() = ToProto(answer.get_scratchpad_status_resp());
                        });
  return call.get();
}

Reactor* ProcessScratchpad(Engine* engine, const Context& context,
                           const mesh::ProcessScratchpadRequest& request,
                           mesh::ProcessScratchpadResponse* response) {
  using Response = mesh::ProcessScratchpadResponse;
  gw::WirepasMessage message;
  message.mutable_process_scratchpad_req();
  absl::StatusOr<GatewayRequest> question =
      ToSink(engine, context, core::RequestKind::kOtapProcessScratchpad, request,
             std::move(message), kProcessScratchpadLimit);
  if (!question.ok()) return Refuse(question.status(), request);

  const auto call = UnaryCall<Response>::Create(engine->network, response);
  CallGateway<Response>(engine->network, *std::move(question), call, Nothing<Response>);
  return call.get();
}

Reactor* SetTargetScratchpad(Engine* engine, const Context& context,
                             const mesh::SetTargetScratchpadRequest& request,
                             mesh::SetTargetScratchpadResponse* response) {
  using Response = mesh::SetTargetScratchpadResponse;
  absl::StatusOr<gw::TargetScratchpadAndAction> target = ToGateway(request.target());
  gw::WirepasMessage message;
  auto* content = message.mutable_set_scratchpad_target_and_action_req();
  if (target.ok()) *content->mutable_target_and_action() = *target;
  absl::StatusOr<GatewayRequest> question =
      ToSink(engine, context, core::RequestKind::kOtapSetTarget, request, std::move(message),
             kRequestLimit);
  if (!question.ok()) return Refuse(question.status(), request);
  if (!request.has_target()) return Refuse(InvalidField("target", "missing"), request);
  if (!target.ok()) return Refuse(target.status(), request);

  const auto call = UnaryCall<Response>::Create(engine->network, response);
  CallGateway<Response>(engine->network, *std::move(question), call, Nothing<Response>);
  return call.get();
}

}  // namespace wirepas_grpc::api
