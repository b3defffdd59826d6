// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_SINKS_ASK_GATEWAY_H_
#define WIREPAS_GRPC_CORE_SINKS_ASK_GATEWAY_H_

#include "core/directory/sink_scope.h"
#include "core/network/network.h"
#include "core/sinks/fan_out.h"
#include "gateway_api/generic_message.pb.h"

namespace wirepas_grpc::core {

// What comes of a sink whose turn comes when no time is left: UNAVAILABLE.
RequestOutcome NoTimeLeft(const ScopedSink& sink);

// One request to the gateway of a sink, of work that has begun: it goes out also when the service
// has begun to shut down meanwhile. NoTimeLeft() when `limit` is zero.
SinkFanOut::Cancel AskGateway(Network* network, RequestKind kind, const ScopedSink& sink,
                              wirepas::proto::gateway_api::WirepasMessage message,
                              const RequestLimit& limit, RequestDone done);

// Of a request for several changes, which gateways make one by one: a refusal, unless it is of
// the sink, may come after some of them.
void TakeForPartlyDone(RequestOutcome* outcome);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SINKS_ASK_GATEWAY_H_
