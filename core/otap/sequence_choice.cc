// SPDX-License-Identifier: Apache-2.0
#include "core/otap/sequence_choice.h"

#include <vector>

#include "absl/random/distributions.h"

namespace wirepas_grpc::core {

void AddSequences(const wirepas::proto::gateway_api::GetScratchpadStatusResp& status,
                  UsedSequences* used) {
  const auto add = [&](uint32_t sequence) {
    if (sequence < used->size()) used->set(sequence);
  };
  if (status.has_stored_scratchpad()) add(status.stored_scratchpad().seq());
  if (status.has_processed_scratchpad()) add(status.processed_scratchpad().seq());
  if (status.target_and_action().has_target_sequence()) {
    add(status.target_and_action().target_sequence());
  }
}

std::optional<uint32_t> ChooseSequence(const UsedSequences& used, absl::BitGenRef random) {
  std::vector<uint32_t> free;
  for (uint32_t i = kMinScratchpadSequence; i <= kMaxScratchpadSequence; ++i) {
    if (!used.test(i)) free.push_back(i);
  }
  if (free.empty()) return std::nullopt;
  return free[absl::Uniform<size_t>(random, 0, free.size())];
}

}  // namespace wirepas_grpc::core
