// SPDX-License-Identifier: Apache-2.0
#include "core/directory/sink_scope.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/requests/tracker.h"

namespace wirepas_grpc::core {
namespace {

bool InNetwork(const SinkScope& scope, const SinkConfig& config) {
  return !scope.network_address.has_value() ||
         (config.has_network_address() && config.network_address() == *scope.network_address);
}

absl::Status TooLarge(absl::string_view message) {
  return WithReason(absl::ResourceExhaustedError(message), Reason::kTooLarge);
}

GatewayPtr FindOrMake(const DirectorySnapshot& snapshot, const SinkScope& scope,
                      const std::string& id) {
  GatewayPtr gateway = snapshot.Find(id);
  if (gateway != nullptr || !scope.allow_unknown_gateway) return gateway;
  auto unknown = std::make_shared<GatewayRecord>();
  unknown->id = id;
  return unknown;
}

// The gateways in which sinks of the scope may be, by id: the known ones, and if they
// need not be known all that are named.
std::vector<GatewayPtr> GatewaysOf(const DirectorySnapshot& snapshot, const SinkScope& scope) {
  if (scope.gateways.empty() && scope.sinks.empty()) return snapshot.gateways;
  std::vector<GatewayPtr> gateways;
  const auto add = [&](const GatewayId& id) {
    if (!gateways.empty() && gateways.back()->id == id.value()) return;
    GatewayPtr gateway = FindOrMake(snapshot, scope, id.value());
    if (gateway != nullptr) gateways.push_back(std::move(gateway));
  };
  for (const GatewayId& id : scope.gateways) add(id);
  for (const SinkPath& path : scope.sinks) add(path.gateway);
  return gateways;
}

class Selector {
 public:
  Selector(const DirectorySnapshot& snapshot, const SinkScope& scope, const SinkAnswers& answers)
      : snapshot_(snapshot), scope_(scope), answers_(answers) {}

  SinkSelection Run() {
    if (scope_.sinks.empty()) {
      AddAll();
    } else {
      AddNamed();
    }
    if (result_.status.ok() && result_.sinks.empty()) result_.status = NothingFound();
    if (result_.status.ok()) result_.status = CheckResults("the scope", count_, result_bytes_);
    if (!result_.status.ok()) result_.sinks.clear();
    return std::move(result_);
  }

 private:
  void AddAll() {
    for (const GatewayId& id : scope_.gateways) {
      if (FindOrMake(snapshot_, scope_, id.value()) == nullptr) {
        return NotFound(id.value(), "", "the gateway is not known");
      }
    }
    for (const GatewayPtr& gateway : GatewaysOf(snapshot_, scope_)) {
      const absl::StatusOr<GatewayId> gateway_id = GatewayId::Parse(gateway->id);
      if (!gateway_id.ok()) continue;
      for (const auto& [sink_id, config] : gateway->sinks) {
        if (!InNetwork(scope_, *config)) continue;
        absl::StatusOr<SinkId> sink = SinkId::Parse(sink_id);
        // One that no request can be sent to: what its gateway calls it is no id.
        if (!sink.ok()) continue;
        Add({*gateway_id, *std::move(sink)}, gateway, config, /*told=*/true);
      }
    }
  }

  void AddNamed() {
    for (const SinkPath& path : scope_.sinks) {
      GatewayPtr gateway = FindOrMake(snapshot_, scope_, path.gateway.value());
      const std::string& sink_id = path.sink.value();
      if (gateway == nullptr) {
        return NotFound(path.gateway.value(), "", "the gateway is not known");
      }
      const auto known = gateway->sinks.find(sink_id);
      if (known != gateway->sinks.end()) {
        if (!InNetwork(scope_, *known->second)) {
          return NotFound(gateway->id, sink_id,
                          absl::StrCat("the sink is not in network ", *scope_.network_address));
        }
        Add(path, gateway, known->second, /*told=*/true);
      } else if (!gateway->sinks_known) {
        auto config = std::make_shared<SinkConfig>();
        config->set_sink_id(sink_id);
        Add(path, gateway, std::move(config), /*told=*/false);
      } else {
        return NotFound(gateway->id, sink_id, "the sink is not known");
      }
    }
  }

  void Add(const SinkPath& path, const GatewayPtr& gateway,
           std::shared_ptr<const SinkConfig> config, bool told) {
    if (!gateway->reachable() && scope_.skip_offline) return;
    ++count_;
    result_bytes_ += ResultBytesOf(gateway->id, path.sink.value());
    // Too many are counted, and not gathered.
    if (count_ > kMaxScopeSinks || result_bytes_ > kMaxResultBytes) return;
    ScopedSink sink{path, gateway, std::move(config), false, absl::OkStatus()};
    sink.silent = answers_.IsSilent(gateway->id);
    const RequestOutcome* const failed = told ? nullptr : answers_.FindFailed(gateway->id);
    const auto target = [&] { return RequestTargetText(gateway->id, path.sink.value()); };
    if (!gateway->reachable()) {
      sink.status = WithReason(absl::UnavailableError(absl::StrCat(
                                   target(), ": the gateway is offline; nothing was sent")),
                               Reason::kGatewayOffline);
    } else if (!told && sink.silent) {
      sink.status =
          WithReason(absl::DeadlineExceededError(absl::StrCat(
                         target(), ": the gateway did not answer when asked for its sinks")),
                     Reason::kNoAnswer);
    } else if (failed != nullptr) {
      sink.status = WithMessage(
          failed->status,
          absl::StrCat(target(), ": asking the gateway for its sinks: ", failed->status.message()));
    }
    result_.sinks.push_back(std::move(sink));
  }

  void NotFound(const std::string& gateway_id, const std::string& sink_id,
                absl::string_view problem) {
    result_.status = WithReason(
        absl::NotFoundError(absl::StrCat(RequestTargetText(gateway_id, sink_id), ": ", problem)),
        sink_id.empty() ? Reason::kGatewayNotKnown : Reason::kSinkNotKnown);
    if (scope_.network_address.has_value()) {
      result_.status = WithNetwork(result_.status, *scope_.network_address);
    }
    result_.gateway_id = gateway_id;
    result_.sink_id = sink_id;
  }

  absl::Status NothingFound() const {
    std::string text = scope_.network_address.has_value()
                           ? absl::StrCat("network ", *scope_.network_address, " has no sink")
                           : std::string("there is no sink");
    if (scope_.skip_offline) absl::StrAppend(&text, " whose gateway is not offline");
    if (!scope_.gateways.empty()) absl::StrAppend(&text, " in these gateways");
    if (!answers_.silent.empty()) {
      absl::StrAppend(&text, "; ", answers_.silent.size(),
                      " gateways did not answer when asked for their sinks, one of them '",
                      answers_.silent.front(), "'");
    }
    if (!answers_.failed.empty()) {
      absl::StrAppend(&text, "; of ", answers_.failed.size(),
                      " gateways the sinks could not be found out, of one because: ",
                      answers_.failed.front().second.status.message());
    }
    const absl::Status status = WithReason(absl::NotFoundError(text), Reason::kNoSinks);
    if (!scope_.network_address.has_value()) return status;
    return WithNetwork(status, *scope_.network_address);
  }

  const DirectorySnapshot& snapshot_;
  const SinkScope& scope_;
  const SinkAnswers& answers_;
  SinkSelection result_;
  size_t count_ = 0;  // of the scope's sinks
  size_t result_bytes_ = 0;
};

}  // namespace

absl::Status CheckResults(absl::string_view whose, size_t sinks, size_t bytes) {
  if (sinks > kMaxScopeSinks) {
    return TooLarge(absl::StrCat(whose, " has ", sinks, " sinks, ", kMaxScopeSinks,
                                 " are possible at once; narrow it by gateways"));
  }
  if (bytes > kMaxResultBytes) {
    return TooLarge(absl::StrCat(whose, " has ", sinks,
                                 " sinks with ids so long that their results do not ",
                                 "fit in one response; narrow it by gateways"));
  }
  return absl::OkStatus();
}

bool SinkAnswers::IsSilent(absl::string_view gateway_id) const {
  return std::binary_search(silent.begin(), silent.end(), gateway_id);
}

const RequestOutcome* SinkAnswers::FindFailed(absl::string_view gateway_id) const {
  const auto found =
      std::lower_bound(failed.begin(), failed.end(), gateway_id,
                       [](const auto& entry, absl::string_view id) { return entry.first < id; });
  return found == failed.end() || found->first != gateway_id ? nullptr : &found->second;
}

SinkSelection SelectSinks(const DirectorySnapshot& snapshot, const SinkScope& scope,
                          const SinkAnswers& answers) {
  return Selector(snapshot, scope, answers).Run();
}

std::vector<SkippedSink> SkippedSinks(const DirectorySnapshot& snapshot, const SinkScope& scope,
                                      size_t max, size_t max_bytes) {
  std::vector<SkippedSink> skipped;
  const bool narrowed = !scope.gateways.empty() || !scope.sinks.empty();
  if (!scope.network_address.has_value() || (!narrowed && !scope.skip_offline)) return skipped;
  size_t bytes = 0;
  for (const GatewayPtr& gateway : snapshot.gateways) {
    const absl::StatusOr<GatewayId> gateway_id = GatewayId::Parse(gateway->id);
    if (!gateway_id.ok()) continue;
    for (const auto& [id, config] : gateway->sinks) {
      const absl::StatusOr<SinkId> sink_id = SinkId::Parse(id);
      if (!sink_id.ok() || !InNetwork(scope, *config)) continue;
      SinkPath path{*gateway_id, *sink_id};
      const bool in_scope =
          !narrowed || scope.gateways.contains(path.gateway) || scope.sinks.contains(path);
      if (in_scope && (gateway->reachable() || !scope.skip_offline)) continue;
      bytes += gateway->id.size() + id.size();
      if (skipped.size() == max || bytes > max_bytes) return skipped;
      skipped.push_back({std::move(path), in_scope});
    }
  }
  return skipped;
}

std::vector<GatewayPtr> GatewaysToAsk(const DirectorySnapshot& snapshot, const SinkScope& scope,
                                      bool refresh) {
  std::vector<GatewayPtr> asked = GatewaysOf(snapshot, scope);
  std::erase_if(asked, [&](const GatewayPtr& gateway) {
    if (!gateway->reachable() || !IsValidId(gateway->id)) return true;
    const bool named = !scope.sinks.empty() || !scope.gateways.empty();
    if (!gateway->sinks_known) return gateway->mute && !named && !refresh;
    // A named sink that is not there may have come since.
    if (!refresh) return true;
    return scope.sinks.empty() && scope.gateways.empty() &&
           std::none_of(gateway->sinks.begin(), gateway->sinks.end(),
                        [&](const auto& sink) { return InNetwork(scope, *sink.second); });
  });
  return asked;
}

}  // namespace wirepas_grpc::core
