// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_PACKET_SEARCH_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_PACKET_SEARCH_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/uplink_log/uplink_log.h"

namespace wirepas_grpc::core {

// Packets by the id of their gateway: some ids of each.
using PacketIds = absl::flat_hash_map<std::string, absl::flat_hash_set<uint64_t>>;

// Where a packet of each of some gateways lies in the log.
struct PacketPlace {
  uint64_t sequence = 0;
  uint64_t packet_id = 0;
};
using PacketPlaces = absl::flat_hash_map<std::string, PacketPlace>;

// Looks for the newest of some packets of each gateway, from the newest entry of the log on, in
// slices between which others have their turn. It ends when it has found one of each gateway, or
// at the oldest entry. Not thread-safe.
class PacketSearch {
 public:
  // Entries that a slice looks at, at most.
  static constexpr size_t kSlice = 4096;

  // Both outlive the search. What is appended later is not looked at.
  PacketSearch(const UplinkLog* log, const PacketIds* wanted);

  enum class Next {
    kInMemory,  // SearchMemory() is to be called
    kOnDisk,    // SearchStored(), on a thread that may wait
    kDone,
  };
  // Look at a slice.
  Next SearchMemory();
  absl::StatusOr<Next> SearchStored();

  // The newest packet of each gateway of which one was found.
  const PacketPlaces& places() const { return places_; }

 private:
  bool found_all() const { return places_.size() == wanted_->size(); }
  // False: all are found.
  bool Look(uint64_t sequence, absl::string_view gateway_id, uint64_t packet_id);

  const UplinkLog* const log_;
  const PacketIds* const wanted_;
  absl::flat_hash_set<uint32_t> keys_;  // of the gateways
  uint64_t end_;                        // what is before that is to be looked at
  PacketPlaces places_;
};

// Bounds how many searches are under way. Thread-safe.
class PacketSearches {
 public:
  static constexpr int kMost = 4;

  // Held by whoever searches.
  using Ticket = std::shared_ptr<void>;
  // RESOURCE_EXHAUSTED: so many are.
  absl::StatusOr<Ticket> Begin();

 private:
  const std::shared_ptr<std::atomic<int>> running_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_PACKET_SEARCH_H_
