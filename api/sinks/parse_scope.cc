// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/call/validate.h"
#include "api/sinks/scope.h"

namespace wirepas_grpc::api {
namespace {

absl::Status ReadSinks(const mesh::SinkScope& scope, std::set<core::SinkPath>* sinks) {
  FilterSize size;
  for (int i = 0; i < scope.sinks_size(); ++i) {
    const mesh::SinkRef& ref = scope.sinks(i);
    const absl::Status fits =
        size.AddBytes("scope.sinks", ref.gateway_id().size() + ref.sink_id().size());
    if (!fits.ok()) return fits;
    absl::StatusOr<SinkName> name = ParseSinkName(ref.gateway_id(), ref.sink_id());
    if (!name.ok()) {
      return InPart(absl::StrCat("scope.sinks[", i, "]"), name.status());
    }
    sinks->insert({std::move(name->gateway), std::move(name->sink)});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<core::SinkScope> ParseScope(const mesh::SinkScope* scope) {
  if (scope == nullptr) return InvalidField("scope", "missing");
  if (!scope->has_network_address() && scope->sinks().empty()) {
    return InvalidField("scope.network_address", "missing; needed unless sinks are named");
  }
  absl::Status status;
  if (scope->has_network_address()) {
    status = CheckNetworkAddress("scope.network_address", scope->network_address());
  }
  status.Update(FilterSize().AddIds("scope.gateway_ids", scope->gateway_ids()));
  status.Update(CheckCount("scope.sinks", scope->sinks_size()));
  status.Update(CheckIds("scope.gateway_ids", scope->gateway_ids()));
  if (!scope->gateway_ids().empty() && !scope->sinks().empty()) {
    status.Update(InvalidField("scope.gateway_ids", "not possible together with sinks"));
  }
  core::SinkScope result;
  if (status.ok()) status = ReadSinks(*scope, &result.sinks);
  if (!status.ok()) return status;
  if (scope->has_network_address()) result.network_address = scope->network_address();
  for (const std::string& id : scope->gateway_ids()) {
    result.gateways.insert(*core::GatewayId::Parse(id));
  }
  result.skip_offline = scope->skip_offline();
  result.allow_unknown_gateway = scope->allow_unknown_gateway();
  return result;
}

}  // namespace wirepas_grpc::api
