// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_SENDING_NETWORK_SINKS_H_
#define WIREPAS_GRPC_CORE_SENDING_NETWORK_SINKS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/base/mutex.h"
#include "core/directory/directory.h"
#include "core/directory/sink_scope.h"

namespace wirepas_grpc::core {

// Sinks that a message goes through, by gateway, then sink. Shared by all who send through them.
using Route = std::shared_ptr<const std::vector<SinkPath>>;

// The sinks of one network.
struct SinksOfNetwork {
  Route reachable;     // those whose gateway is not offline; never null
  size_t offline = 0;  // how many others there are
  // By the sinks' own node addresses, also those of offline gateways.
  absl::flat_hash_map<uint32_t, std::vector<SinkPath>> by_address;
};

// The sinks of all networks, as the directory knew them at one moment. Immutable.
class NetworkSinks {
 public:
  explicit NetworkSinks(SnapshotPtr snapshot);

  const DirectorySnapshot& snapshot() const { return *snapshot_; }
  // Null: none is known.
  const SinksOfNetwork* Find(uint32_t network_address) const;

 private:
  const SnapshotPtr snapshot_;
  absl::flat_hash_map<uint32_t, SinksOfNetwork> networks_;
};
using NetworkSinksPtr = std::shared_ptr<const NetworkSinks>;

// Makes them anew only after a change of the directory. Thread-safe.
class NetworkSinksSource {
 public:
  explicit NetworkSinksSource(NetworkDirectory* directory) : directory_(directory) {}

  NetworkSinksPtr Get();

 private:
  NetworkDirectory* const directory_;
  Mutex mutex_;
  NetworkSinksPtr newest_ ABSL_GUARDED_BY(mutex_);  // null: none yet
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SENDING_NETWORK_SINKS_H_
