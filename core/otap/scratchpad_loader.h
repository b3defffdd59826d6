// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_OTAP_SCRATCHPAD_LOADER_H_
#define WIREPAS_GRPC_CORE_OTAP_SCRATCHPAD_LOADER_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "core/base/mutex.h"
#include "core/network/network.h"
#include "core/network/scratchpad_uploader.h"
#include "core/otap/scratchpad_load.h"

namespace wirepas_grpc::core {

// Loads scratchpads into many sinks, some at a time, and asks each afterwards whether it
// stores what was sent. Thread-safe.
class ScratchpadLoader {
 public:
  // How many loads there may be at the same time: each holds a scratchpad.
  static constexpr size_t kMaxLoads = 32;

  // Both outlive the loader and the loads.
  ScratchpadLoader(Network* network, ScratchpadUploader* uploader)
      : network_(network), uploader_(uploader) {}

  using LoadPtr = std::shared_ptr<ScratchpadLoad>;

  // Reserves the sinks of the plan and gives the load an id by which Stop() knows it,
  // both until it ends or its last owner goes. ScratchpadLoad::Begin() comes next.
  // ABORTED: an upload to one of the sinks is under way or to come; the message names
  // it. RESOURCE_EXHAUSTED: there are kMaxLoads.
  absl::StatusOr<LoadPtr> Prepare(LoadPlan plan);

  // Stops the load of that id. False: there is none, or it has ended.
  bool Stop(uint64_t load_id);

 private:
  struct Loads {
    Mutex mutex;
    absl::BitGen random ABSL_GUARDED_BY(mutex);
    absl::flat_hash_map<uint64_t, std::weak_ptr<ScratchpadLoad>> by_id ABSL_GUARDED_BY(mutex);
  };
  // An entry of by_id.
  class Place;

  Network* const network_;
  ScratchpadUploader* const uploader_;
  const std::shared_ptr<Loads> loads_ = std::make_shared<Loads>();
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_OTAP_SCRATCHPAD_LOADER_H_
