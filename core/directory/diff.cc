// SPDX-License-Identifier: Apache-2.0
//
// What changed between two snapshots of the directory.
#include <algorithm>
#include <utility>

#include "core/directory/directory.h"

namespace wirepas_grpc::core {
namespace {

bool SameSinkIds(const GatewayRecord& a, const GatewayRecord& b) {
  return std::equal(a.sinks.begin(), a.sinks.end(), b.sinks.begin(), b.sinks.end(),
                    [](const auto& x, const auto& y) { return x.first == y.first; });
}

NetworkChange::Type TypeOf(GatewayState state) {
  switch (state) {
    case GatewayState::kOnline:
      return NetworkChange::Type::kGatewayOnline;
    case GatewayState::kOffline:
      return NetworkChange::Type::kGatewayOffline;
    case GatewayState::kUnknown:
      break;
  }
  return NetworkChange::Type::kGatewayFound;
}

void DiffSinks(const GatewayRecord* before, const GatewayPtr& after,
               std::vector<NetworkChange>* changes) {
  if (before != nullptr) {
    for (const auto& [id, sink] : before->sinks) {
      if (!after->sinks.contains(id)) {
        changes->push_back({NetworkChange::Type::kSinkRemoved, after, sink});
      }
    }
  }
  for (const auto& [id, sink] : after->sinks) {
    const auto old = before == nullptr ? after->sinks.end() : before->sinks.find(id);
    if (before == nullptr || old == before->sinks.end()) {
      changes->push_back({NetworkChange::Type::kSinkAdded, after, sink});
    } else if (old->second != sink) {
      changes->push_back({NetworkChange::Type::kSinkUpdated, after, sink});
    }
  }
}

void DiffGateway(const GatewayRecord* before, const GatewayPtr& after,
                 std::vector<NetworkChange>* changes) {
  if (before == nullptr || before->state != after->state) {
    changes->push_back({TypeOf(after->state), after, nullptr});
  } else if (!before->SameBesidesSinks(*after) || !SameSinkIds(*before, *after)) {
    changes->push_back({NetworkChange::Type::kGatewayUpdated, after, nullptr});
  }
  DiffSinks(before, after, changes);
}

void RemoveGateway(const GatewayPtr& gateway, std::vector<NetworkChange>* changes) {
  for (const auto& [id, sink] : gateway->sinks) {
    changes->push_back({NetworkChange::Type::kSinkRemoved, gateway, sink});
  }
  changes->push_back({NetworkChange::Type::kGatewayRemoved, gateway, nullptr});
}

}  // namespace

std::vector<NetworkChange> Diff(const DirectorySnapshot* before, const DirectorySnapshot& after) {
  static const std::vector<GatewayPtr> kNone;
  const std::vector<GatewayPtr>& old = before == nullptr ? kNone : before->gateways;
  std::vector<NetworkChange> changes;
  auto a = old.begin();
  auto b = after.gateways.begin();
  while (a != old.end() || b != after.gateways.end()) {
    if (b == after.gateways.end() || (a != old.end() && (*a)->id < (*b)->id)) {
      RemoveGateway(*a++, &changes);
    } else if (a == old.end() || (*b)->id < (*a)->id) {
      DiffGateway(nullptr, *b++, &changes);
    } else {
      if (*a != *b) DiffGateway(a->get(), *b, &changes);
      ++a;
      ++b;
    }
  }
  return changes;
}

}  // namespace wirepas_grpc::core
