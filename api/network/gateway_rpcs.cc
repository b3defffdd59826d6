// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/call/asker.h"
#include "api/call/deadlines.h"
#include "api/call/errors.h"
#include "api/call/gateway.h"
#include "api/call/paging.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/gateway.h"
#include "api/network/rpcs.h"
#include "core/base/instant.h"

namespace wirepas_grpc::api {
namespace {

using Reactor = grpc::ServerUnaryReactor;

void FillPage(const core::DirectorySnapshot& snapshot, bool include_offline, const Page& page,
              mesh::ListGatewaysResponse* response) {
  const auto behind = [](const std::string& after, const core::GatewayPtr& gateway) {
    return after < gateway->id;
  };
  auto gateway = page.first ? snapshot.gateways.begin()
                            : std::upper_bound(snapshot.gateways.begin(), snapshot.gateways.end(),
                                               page.after, behind);
  size_t bytes = 0;
  for (; gateway != snapshot.gateways.end(); ++gateway) {
    if (!(*gateway)->reachable() && !include_offline) continue;
    if (static_cast<size_t>(response->gateways_size()) == page.size || bytes > kMaxPageBytes) {
      const auto& last = response->gateways(response->gateways_size() - 1);
      response->set_next_page_token(page.NextToken(last.gateway_id()));
      return;
    }
    mesh::Gateway* added = response->add_gateways();
    *added = ToProto(**gateway);
    bytes += added->ByteSizeLong();
  }
}

// What the pages of a listing have in common.
std::string Listing(const mesh::ListGatewaysRequest& request) {
  mesh::ListGatewaysRequest fields(request);
  fields.clear_page_size();
  fields.clear_page_token();
  return absl::StrCat("ListGateways/", fields.SerializeAsString());
}

}  // namespace

Reactor* ListGateways(Engine* engine, const grpc::CallbackServerContext& context,
                      const mesh::ListGatewaysRequest& request,
                      mesh::ListGatewaysResponse* response) {
  absl::StatusOr<Page> page =
      ParsePage(request.page_size(), request.page_token(), Listing(request));
  if (!page.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(page.status()));
  const auto call = UnaryCall<mesh::ListGatewaysResponse>::Create(engine->network, response);
  core::Network* const network = engine->network;
  auto list = [network, call, page = *std::move(page), offline = request.include_offline()] {
    const absl::Status status = CheckDirectory(network);
    if (!status.ok()) return call->Fail(ToGrpcStatus(status));
    call->Succeed([&](mesh::ListGatewaysResponse* filled) {
      FillPage(*network->directory().Snapshot(), offline, page, filled);
    });
  };
  call->AddCancel(AwaitDirectory(network, LimitAtMost(context, kRequestLimit), std::move(list)));
  return call.get();
}

Reactor* GetGatewayInfo(Engine* engine, const grpc::CallbackServerContext& context,
                        const mesh::GetGatewayInfoRequest& request,
                        mesh::GetGatewayInfoResponse* response) {
  const absl::StatusOr<core::GatewayId> gateway = core::GatewayId::Parse(request.gateway_id());
  if (!gateway.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(gateway.status()));
  const auto call = UnaryCall<mesh::GetGatewayInfoResponse>::Create(engine->network, response);
  GatewayRequest question{core::RequestKind::kGetGatewayInfo,
                          *gateway,
                          std::nullopt,
                          {},
                          LimitOr(context, kRequestLimit),
                          AskerOf(engine->network, context),
                          request.allow_unknown_gateway()};
  question.message.mutable_get_gateway_info_req();
  CallGateway<mesh::GetGatewayInfoResponse>(
      engine->network, std::move(question), call,
      [id = gateway->value()](const gw::WirepasMessage& answer,
                              mesh::GetGatewayInfoResponse* filled) {
        *filled->mutable_info() = ToProto(id, answer.get_gateway_info_resp().info());
      });
  return call.get();
}

Reactor* ClearGatewayStatus(Engine* engine, const grpc::CallbackServerContext& context,
                            const mesh::ClearGatewayStatusRequest& request,
                            mesh::ClearGatewayStatusResponse* response) {
  const absl::StatusOr<core::GatewayId> gateway = core::GatewayId::Parse(request.gateway_id());
  if (!gateway.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(gateway.status()));
  const auto call = UnaryCall<mesh::ClearGatewayStatusResponse>::Create(engine->network, response);
  core::Network* const network = engine->network;
  const absl::Duration limit = LimitOr(context, kRequestLimit);
  auto clear = [network, call, gateway = *gateway, end = core::Instant::Now() + limit,
                asker = AskerOf(network, context)] {
    const auto fail = [call, target = Target{gateway.value(), ""}](const absl::Status& status) {
      core::RequestOutcome outcome;
      outcome.status = status;
      // Whether the broker has got it is not known.
      outcome.maybe_done = absl::IsDeadlineExceeded(status);
      call->Fail(ToGrpcStatus(outcome, target));
    };
    if (const absl::Status status = CheckBroker(network); !status.ok()) return fail(status);
    // What is not known may have a status all the same: one that is malformed.
    const bool was_known = network->directory().Find(gateway.value()) != nullptr;
    const absl::Duration left = std::max(end - core::Instant::Now(), absl::ZeroDuration());
    network->ClearGatewayStatus(
        gateway, LimitOf(asker, left), [call, fail, was_known](const absl::Status& status) {
          if (!status.ok()) return fail(status);
          call->Succeed(
              [&](mesh::ClearGatewayStatusResponse* filled) { filled->set_was_known(was_known); });
        });
  };
  // The removal does not depend on it: half of the time is the broker's.
  call->AddCancel(AwaitDirectory(network, limit / 2, std::move(clear)));
  return call.get();
}

}  // namespace wirepas_grpc::api
