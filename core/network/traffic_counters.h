// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NETWORK_TRAFFIC_COUNTERS_H_
#define WIREPAS_GRPC_CORE_NETWORK_TRAFFIC_COUNTERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::core {

// What came of each gateway and of each network, for the first so many of them; the rest is
// counted together. Whoever makes up ids fills no more than these places, and they are free again
// once the gateway is not known any more. Thread-safe.
class TrafficCounters {
 public:
  // Gateways and, apart from them, networks.
  explicit TrafficCounters(size_t max_each) : max_each_(max_each) {}

  // A gateway is known: it has counters of its own from now on if there is a place, and counts as
  // heard at `now` if it never was.
  void Track(const std::string& gateway_id, absl::Time now);
  // Any message of a gateway came, at `now` by the wall clock.
  void OnHeard(absl::string_view gateway_id, absl::Time now);
  // A packet of it, which it says is of this network.
  void OnUplink(absl::string_view gateway_id, std::optional<uint32_t> network_address,
                absl::Time now);
  // It did not answer a request in time.
  void OnUnanswered(absl::string_view gateway_id);

  struct Gateway {
    uint64_t uplinks = 0;
    uint64_t unanswered = 0;                  // requests
    absl::Time heard = absl::InfinitePast();  // last; InfinitePast: never
  };
  struct Snapshot {
    std::map<std::string, Gateway> gateways;
    Gateway other_gateways;
    std::map<uint32_t, uint64_t> network_uplinks;
    uint64_t other_network_uplinks = 0;    // beyond the bound
    uint64_t unknown_network_uplinks = 0;  // the gateway did not say
  };
  // Forgets, before, gateways of which `known` says false, and networks of which nothing came for
  // kForgetNetwork.
  Snapshot Get(absl::Time now, const std::function<bool(const std::string& gateway_id)>& known);
  static constexpr absl::Duration kForgetNetwork = absl::Hours(24);

 private:
  Gateway* FindLocked(absl::string_view gateway_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_each_;
  Mutex mutex_;
  absl::flat_hash_map<std::string, Gateway> gateways_ ABSL_GUARDED_BY(mutex_);
  Gateway others_ ABSL_GUARDED_BY(mutex_);
  struct Network {
    uint64_t uplinks = 0;
    absl::Time heard;
  };
  absl::flat_hash_map<uint32_t, Network> networks_ ABSL_GUARDED_BY(mutex_);
  uint64_t other_networks_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t unknown_networks_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_TRAFFIC_COUNTERS_H_
