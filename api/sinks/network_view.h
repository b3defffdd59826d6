// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_SINKS_NETWORK_VIEW_H_
#define WIREPAS_GRPC_API_SINKS_NETWORK_VIEW_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "api/call/namespaces.h"
#include "core/directory/directory.h"
#include "wirepas/mesh/v1/network_event.pb.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {

// What a watcher sees of the directory. Differences are taken between views, so that
// what begins or ceases to match comes and goes like what begins or ceases to be.
class NetworkView {
 public:
  // INVALID_ARGUMENT, naming the field.
  static absl::StatusOr<NetworkView> Parse(const mesh::WatchNetworkRequest& request);

  // The directory as if there were nothing in it but what matches.
  core::SnapshotPtr Of(const core::SnapshotPtr& snapshot) const;

 private:
  NetworkView() = default;

  absl::flat_hash_set<std::string> gateway_ids_;  // empty: all
  std::optional<uint32_t> network_address_;       // nothing: all
};

// `snapshot`: the change is part of the first picture.
mesh::NetworkEvent ToProto(const core::NetworkChange& change, bool snapshot);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_SINKS_NETWORK_VIEW_H_
