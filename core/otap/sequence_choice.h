// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_OTAP_SEQUENCE_CHOICE_H_
#define WIREPAS_GRPC_CORE_OTAP_SEQUENCE_CHOICE_H_

#include <bitset>
#include <cstdint>
#include <optional>

#include "absl/random/bit_gen_ref.h"
#include "gateway_api/scratchpad.pb.h"

namespace wirepas_grpc::core {

// The sequence numbers of scratchpads: 1 to 254.
inline constexpr uint32_t kMinScratchpadSequence = 1;
inline constexpr uint32_t kMaxScratchpadSequence = 254;

// Which of them are in use.
using UsedSequences = std::bitset<256>;

// Adds those that a sink reports: of its stored, its processed and its target
// scratchpad.
void AddSequences(const wirepas::proto::gateway_api::GetScratchpadStatusResp& status,
                  UsedSequences* used);

// Any that is not in use: by chance, as nodes that no sink speaks for may have others.
// Nothing: all are in use.
std::optional<uint32_t> ChooseSequence(const UsedSequences& used, absl::BitGenRef random);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_OTAP_SEQUENCE_CHOICE_H_
