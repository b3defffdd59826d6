// SPDX-License-Identifier: Apache-2.0
#include "core/sinks/change.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "gateway_api/gateway.pb.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

absl::Status Unsent(absl::StatusCode code, Reason reason, absl::string_view problem) {
  return WithReason(absl::Status(code, absl::StrCat(problem, "; nothing was sent")), reason);
}

absl::Status NotFound(Reason reason, absl::string_view problem) {
  return Unsent(absl::StatusCode::kNotFound, reason, problem);
}

}  // namespace

void LookAgain(const DirectorySnapshot& snapshot, const SinkScope& scope, ScopedSink* sink) {
  if (!sink->status.ok()) return;
  GatewayPtr gateway = snapshot.Find(sink->path.gateway.value());
  if (gateway == nullptr) {
    if (scope.allow_unknown_gateway) return;
    sink->status = NotFound(Reason::kGatewayNotKnown, "the gateway is not known any more");
    return;
  }
  sink->gateway = gateway;
  if (!gateway->reachable()) {
    sink->status =
        Unsent(absl::StatusCode::kUnavailable, Reason::kGatewayOffline, "the gateway is offline");
    return;
  }
  const auto found = gateway->sinks.find(sink->path.sink.value());
  if (found == gateway->sinks.end()) {
    if (!gateway->sinks_known) return;
    sink->status = NotFound(Reason::kSinkNotKnown, "the sink is not known any more");
    return;
  }
  sink->config = found->second;
  if (scope.network_address.has_value() &&
      sink->config->network_address() != *scope.network_address) {
    sink->status =
        NotFound(Reason::kSinkNotKnown,
                 absl::StrCat("the sink is not in network ", *scope.network_address, " any more"));
  }
}

absl::Status CheckFeature(const GatewayRecord& gateway, int feature) {
  if (!gateway.online() || gateway.HasFeature(feature)) return absl::OkStatus();
  return Unsent(
      absl::StatusCode::kFailedPrecondition, Reason::kFeatureMissing,
      absl::StrCat(RequestTargetText(gateway.id, ""), ": does not announce GATEWAY_FEATURE_",
                   gw::GatewayFeature_Name(static_cast<gw::GatewayFeature>(feature)),
                   ", which the request needs"));
}

SinkCheck CheckConfigUpdate(const std::shared_ptr<const SinkConfigUpdate>& update,
                            const ScopedSink& sink) {
  SinkCheck check;
  check.status = sink.status;
  if (update->NeedsKeyManagement()) {
    check.status.Update(CheckFeature(*sink.gateway, gw::SINK_KEY_MANAGEMENT_V1));
  }
  check.status.Update(CheckSize(*update, *sink.config));
  if (!check.status.ok()) return check;
  const absl::StatusOr<gw::SinkNewConfig> config = MakeWhole(*update, sink.path.sink, *sink.config);
  check.status = config.ok() ? CheckLimits(*config, *sink.config) : config.status();
  if (!check.status.ok() || IsPresent(*config, *sink.config)) return check;
  auto make = [update, id = sink.path.sink, told = sink.config] {
    gw::WirepasMessage message;
    *message.mutable_set_config_req()->mutable_config() = *MakeWhole(*update, id, *told);
    return message;
  };
  check.request = SinkRequest{RequestKind::kSetConfig, std::move(make), update->CountChanges() > 1};
  return check;
}

SinkCheck CheckConfigurationData(const ItemPtr& item, const ScopedSink& sink) {
  SinkCheck check;
  check.status = sink.status;
  check.status.Update(CheckFeature(*sink.gateway, gw::CONFIGURATION_DATA_V1));
  if (!check.status.ok()) return check;
  const auto& told = sink.config->configuration_data_content();
  const bool is_told = std::any_of(told.begin(), told.end(), [&](const auto& present) {
    return present.endpoint() == item->endpoint() && present.payload() == item->payload();
  });
  if (is_told && !item->payload().empty() && !sink.silent) return check;
  auto make = [item] {
    gw::WirepasMessage message;
    *message.mutable_set_configuration_data_item_req()->mutable_configuration_data_item() = *item;
    return message;
  };
  check.request = SinkRequest{RequestKind::kSetConfigurationDataItem, std::move(make)};
  return check;
}

}  // namespace wirepas_grpc::core
