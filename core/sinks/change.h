// SPDX-License-Identifier: Apache-2.0
//
// What can be known of a change before anything is sent.
#ifndef WIREPAS_GRPC_CORE_SINKS_CHANGE_H_
#define WIREPAS_GRPC_CORE_SINKS_CHANGE_H_

#include <functional>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "core/directory/directory.h"
#include "core/directory/sink_scope.h"
#include "core/gateway_api/topics.h"
#include "core/sinks/config_update.h"
#include "gateway_api/configuration_data.pb.h"
#include "gateway_api/generic_message.pb.h"

namespace wirepas_grpc::core {

// What a sink is to be sent to be changed.
struct SinkRequest {
  RequestKind kind;
  // Makes the message when its turn comes: those for all sinks at once would take much memory.
  std::function<wirepas::proto::gateway_api::WirepasMessage()> make;
  bool in_parts = false;  // it asks for several changes, which gateways make one by one
};

struct SinkCheck {
  absl::Status status;                 // not OK: the sink cannot be changed
  std::optional<SinkRequest> request;  // nothing: it tells all of it already
};

// A sink of the scope as the directory knows it now, some time after it was selected. Its status
// becomes NOT_FOUND when it is not in the scope any more, UNAVAILABLE when its gateway went
// offline. One that has no OK status stays as it is.
void LookAgain(const DirectorySnapshot& snapshot, const SinkScope& scope, ScopedSink* sink);

// FAILED_PRECONDITION, kFeatureMissing: the gateway is online and does not announce the feature.
// One without a status decides by itself.
absl::Status CheckFeature(const GatewayRecord& gateway, int feature);

// Besides the status of the sink: that of CheckFeature(), CheckSize(), MakeWhole() or
// CheckLimits(). `update` is shared with the request.
SinkCheck CheckConfigUpdate(const std::shared_ptr<const SinkConfigUpdate>& update,
                            const ScopedSink& sink);

// Besides the status of the sink: that of CheckFeature(). An item to be cleared is always sent, as
// a sink tells nothing of those that it does not have; and so is any to a sink that is `silent`.
using ItemPtr = std::shared_ptr<const wirepas::proto::gateway_api::ConfigurationDataItem>;
SinkCheck CheckConfigurationData(const ItemPtr& item, const ScopedSink& sink);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SINKS_CHANGE_H_
