// SPDX-License-Identifier: Apache-2.0
#include "core/sending/route.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace wirepas_grpc::core {
namespace {

constexpr uint32_t kFirstMulticast = 0x80000000;
constexpr uint32_t kLastMulticast = 0x80FFFFFF;
constexpr uint32_t kAnySink = 0xFFFFFFFE;  // and behind it every node

class RouteFinder {
 public:
  RouteFinder(const Destination& destination, const NetworkSinks& sinks, const HeardBy& heard)
      : destination_(destination),
        sinks_(sinks),
        network_(sinks.Find(destination.network_address)),
        heard_(heard) {}

  absl::StatusOr<Route> Run() const {
    if (IsForMany(destination_.address)) return All();
    if (network_ != nullptr) {
      const auto own = network_->by_address.find(destination_.address);
      if (own != network_->by_address.end()) return ThroughItself(own->second);
    }
    for (const SinkNamePtr& sink : heard_.sinks) {
      if (!CanSend(*sink)) continue;
      return Through({*GatewayId::Parse(sink->gateway_id), *SinkId::Parse(sink->sink_id)});
    }
    if (destination_.all_if_unheard) return All();
    if (absl::Status none = CheckAny(); !none.ok()) return none;
    return Failed(absl::StatusCode::kNotFound, Reason::kNodeNotHeard,
                  absl::StrCat("no sink of the network heard node ", destination_.address,
                               Circumstances(), "; nothing was sent"));
  }

 private:
  static Route Through(SinkPath path) {
    return std::make_shared<const std::vector<SinkPath>>(1, std::move(path));
  }

  absl::StatusOr<Route> All() const {
    if (absl::Status none = CheckAny(); !none.ok()) return none;
    const size_t count = network_->reachable->size();
    if (count <= kMaxRouteSinks) return network_->reachable;
    return Failed(absl::StatusCode::kResourceExhausted, Reason::kTooLarge,
                  absl::StrCat("it has ", count, " sinks, ", kMaxRouteSinks,
                               " are possible for one message; nothing was sent"));
  }

  // Several sinks of one address are a fault of the network's; each may be meant.
  absl::StatusOr<Route> ThroughItself(const std::vector<SinkPath>& sinks) const {
    std::vector<SinkPath> reachable;
    for (const SinkPath& sink : sinks) {
      const GatewayPtr gateway = sinks_.snapshot().Find(sink.gateway.value());
      if (gateway->reachable() && reachable.size() < kMaxRouteSinks) reachable.push_back(sink);
    }
    if (!reachable.empty()) {
      return std::make_shared<const std::vector<SinkPath>>(std::move(reachable));
    }
    const SinkPath& first = sinks.front();
    absl::Status status =
        Failed(absl::StatusCode::kUnavailable, Reason::kGatewayOffline,
               absl::StrCat("address ", destination_.address, " is that of ",
                            RequestTargetText(first.gateway.value(), first.sink.value()),
                            ", whose gateway is offline; nothing was sent"));
    status = WithFact(std::move(status), "gateway_id", first.gateway.value());
    return WithFact(std::move(status), "sink_id", first.sink.value());
  }

  // That it heard the node says that it was in the network then.
  bool CanSend(const SinkName& sink) const {
    const GatewayPtr gateway = sinks_.snapshot().Find(sink.gateway_id);
    if (gateway == nullptr || !gateway->reachable()) return false;
    if (!IsValidId(sink.gateway_id) || !IsValidId(sink.sink_id)) return false;
    if (!gateway->sinks_known) return true;
    const auto known = gateway->sinks.find(sink.sink_id);
    return known != gateway->sinks.end() && known->second->has_network_address() &&
           known->second->network_address() == destination_.network_address;
  }

  absl::Status CheckAny() const {
    if (network_ == nullptr) {
      return Failed(absl::StatusCode::kNotFound, Reason::kNoSinks,
                    "it has no sink that is known; nothing was sent");
    }
    if (!network_->reachable->empty()) return absl::OkStatus();
    return Failed(absl::StatusCode::kUnavailable, Reason::kGatewayOffline,
                  absl::StrCat("the gateways of all its sinks are offline, ", network_->offline,
                               " sinks; nothing was sent"));
  }

  // Why the node may not have been heard.
  std::string Circumstances() const {
    if (!heard_.sinks.empty()) {
      return absl::StrCat(", but for ", heard_.sinks.size(),
                          " that are offline, gone or in another network");
    }
    if (heard_.since.has_value()) {
      return absl::StrCat(" since the service listens, ",
                          absl::FormatTime(absl::RFC3339_sec, *heard_.since, absl::UTCTimeZone()));
    }
    return ": the service begins to listen to it now, and heard before only what others asked for";
  }

  absl::Status Failed(absl::StatusCode code, Reason reason, absl::string_view problem) const {
    absl::Status status(code,
                        absl::StrCat("network ", destination_.network_address, ": ", problem));
    status = WithReason(std::move(status), reason);
    status =
        WithFact(std::move(status), "network_address", absl::StrCat(destination_.network_address));
    return WithFact(std::move(status), "node_address", absl::StrCat(destination_.address));
  }

  const Destination& destination_;
  const NetworkSinks& sinks_;
  const SinksOfNetwork* const network_;  // null: it has none
  const HeardBy& heard_;
};

}  // namespace

bool IsForMany(uint32_t address) {
  return (address >= kFirstMulticast && address <= kLastMulticast) || address >= kAnySink;
}

absl::StatusOr<Route> FindRoute(const Destination& destination, const NetworkSinks& sinks,
                                const HeardBy& heard) {
  return RouteFinder(destination, sinks, heard).Run();
}

}  // namespace wirepas_grpc::core
