// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_GATEWAY_H_
#define WIREPAS_GRPC_API_CALL_GATEWAY_H_

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "api/call/await_directory.h"
#include "api/call/errors.h"
#include "api/call/namespaces.h"
#include "api/call/unary.h"
#include "api/call/validate.h"
#include "core/base/instant.h"
#include "core/network/network.h"
#include "core/sinks/ask_gateway.h"
#include "core/sinks/holds.h"
#include "gateway_api/generic_message.pb.h"

namespace wirepas_grpc::api {

// How long gateways have by default, as network_service.proto states it.
inline constexpr absl::Duration kRequestLimit = absl::Seconds(2);
inline constexpr absl::Duration kSetSinkConfigLimit = absl::Seconds(5);
inline constexpr absl::Duration kProcessScratchpadLimit = absl::Seconds(122);
inline constexpr absl::Duration kUploadChunkLimit = absl::Seconds(62);

// A request to a gateway that makes up a whole RPC.
struct GatewayRequest {
  core::RequestKind kind;
  core::GatewayId gateway;
  std::optional<core::SinkId> sink;
  gw::WirepasMessage message;
  absl::Duration limit;
  core::AskerPtr asker;
  bool allow_unknown_gateway = false;
  // Besides OK, the code of an answer that `fill` gets too.
  std::optional<gw::ErrorCode> also_good = std::nullopt;
  // It asks for several changes, which gateways make one by one: a refusal, unless it is of
  // the sink, may come after some of them.
  bool in_parts = false;
  // Let go of when the request has ended, before the call does.
  core::SinkHolds::HoldPtr hold = nullptr;

  Target target() const { return {gateway.value(), sink ? sink->value() : ""}; }
};

// Asks the gateway and ends the call with its answer: `fill` is
// void(const gw::WirepasMessage& answer, Response*).
template <typename Response, typename Fill>
void CallGateway(core::Network* network, GatewayRequest request,
                 const typename UnaryCall<Response>::Ptr& call, Fill fill) {
  core::RequestLimit limit = request.limit;
  limit.allow_unknown_gateway = request.allow_unknown_gateway;
  limit.asker = std::move(request.asker);
  const core::RequestId id = network->Request(
      request.kind, request.gateway, request.sink ? &*request.sink : nullptr,
      std::move(request.message), limit, std::nullopt,
      [call, target = request.target(), also_good = request.also_good, in_parts = request.in_parts,
       hold = std::move(request.hold), fill](core::RequestOutcome outcome) mutable {
        hold = nullptr;
        const bool good =
            outcome.status.ok() || (outcome.answer.has_value() && outcome.answer == also_good);
        if (!good) {
          if (in_parts) core::TakeForPartlyDone(&outcome);
          return call->Fail(ToGrpcStatus(outcome, target));
        }
        call->Succeed([&](Response* response) { fill(*outcome.response, response); });
      });
  call->AddCancel([network, id] { network->CancelRequest(id); });
}

// FAILED_PRECONDITION: the gateway is online and does not announce the feature. Of one
// without a status that is not known: it decides. Whether it is there is the request's
// concern.
absl::Status CheckFeature(core::Network* network, const core::GatewayId& gateway, int feature);

// The same for a request that needs a feature. What gateways announce is known once
// the directory has read the statuses, for which it waits first.
template <typename Response, typename Fill>
void CallGatewayWithFeature(core::Network* network, int feature, GatewayRequest request,
                            const typename UnaryCall<Response>::Ptr& call, Fill fill) {
  const core::Instant end = core::Instant::Now() + request.limit;
  const absl::Duration limit = request.limit;
  auto then = [network, feature, request = std::move(request), call, fill, end]() mutable {
    const absl::Status allowed = CheckFeature(network, request.gateway, feature);
    if (!allowed.ok()) {
      request.hold = nullptr;
      return call->Fail(ToGrpcStatus(allowed, request.target()));
    }
    request.limit = std::max(end - core::Instant::Now(), absl::ZeroDuration());
    CallGateway<Response>(network, std::move(request), call, fill);
  };
  call->AddCancel(AwaitDirectory(network, limit, std::move(then)));
}

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_GATEWAY_H_
