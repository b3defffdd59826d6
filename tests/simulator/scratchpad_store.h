// SPDX-License-Identifier: Apache-2.0
// The scratchpad memory of one simulated sink: what is stored, what the running
// firmware came from, an upload in progress, and the target for the nodes.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_SCRATCHPAD_STORE_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_SCRATCHPAD_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "gateway_api/error.pb.h"
#include "gateway_api/scratchpad.pb.h"

namespace wirepas_grpc::sim {

namespace pb = ::wirepas::proto::gateway_api;

// A scratchpad file with the header of one is reported with the checksum that it
// holds, and refused when it does not fit; anything else with that of all its bytes.
// Not thread-safe.
class ScratchpadStore {
 public:
  // Longest scratchpad that a simulated sink can keep.
  static constexpr size_t kMemorySize = 4 * 1024 * 1024;

  // `max_request_size`: most scratchpad bytes in one request, if there is a limit.
  // `understands_chunks`: otherwise a chunk is taken for a whole scratchpad, as a
  // gateway does that has never heard of the chunk field.
  // `checks_chunks`: otherwise chunks are gathered in any order, as the reference gateway
  // does, which leaves it to the sink to judge the whole.
  ScratchpadStore(std::optional<uint32_t> max_request_size, bool understands_chunks,
                  bool checks_chunks = true);

  // Stores, clears, or takes a chunk. A rejected request leaves what is stored;
  // a rejected chunk ends the upload it belonged to.
  pb::ErrorCode Upload(const pb::UploadScratchpadReq& request);

  // Makes the stored scratchpad the one the firmware came from.
  pb::ErrorCode Process();

  // Missing sequence and CRC become those of the stored scratchpad where the
  // action is about one.
  pb::ErrorCode SetTarget(const pb::TargetScratchpadAndAction& target);

  const pb::ScratchpadInfo& stored() const { return stored_; }
  pb::ScratchpadStatus stored_status() const { return stored_status_; }
  pb::ScratchpadType stored_type() const { return stored_type_; }
  const pb::ScratchpadInfo& processed() const { return processed_; }
  const pb::TargetScratchpadAndAction& target() const { return target_; }

  // Counts up whenever what is stored changes.
  size_t version() const { return version_; }

  // The scratchpad itself; empty when none is stored.
  const std::string& stored_bytes() const { return stored_bytes_; }

 private:
  struct Transfer {
    uint32_t sequence = 0;
    uint32_t total_size = 0;
    std::string bytes;
    // Offset and size of the chunks, if these are not checked.
    std::set<std::pair<uint32_t, size_t>> chunks;
  };

  pb::ErrorCode AddChunk(const pb::UploadScratchpadReq& request);
  pb::ErrorCode GatherChunk(const pb::UploadScratchpadReq& request);
  pb::ErrorCode Store(uint32_t sequence, std::string bytes);
  void Clear();

  const std::optional<uint32_t> max_request_size_;
  const bool understands_chunks_;
  const bool checks_chunks_;
  size_t version_ = 0;
  std::string stored_bytes_;
  pb::ScratchpadInfo stored_;
  pb::ScratchpadStatus stored_status_ = pb::SUCCESS;
  pb::ScratchpadType stored_type_ = pb::BLANK;
  pb::ScratchpadInfo processed_;
  pb::TargetScratchpadAndAction target_;
  std::optional<Transfer> transfer_;
};

// Delay of PROPAGATE_AND_PROCESS_WITH_DELAY as the byte that goes over the air;
// unset for any other target.
std::optional<uint8_t> RawDelay(const pb::TargetScratchpadAndAction& target);

// Where a name stands for the target's delay, says it by that name, and otherwise by the
// byte, as gateways report it.
void NameDelay(pb::TargetScratchpadAndAction* target);

// The byte in minutes; unset when the byte names no time.
std::optional<uint16_t> DelayMinutes(uint8_t raw);

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_SCRATCHPAD_STORE_H_
