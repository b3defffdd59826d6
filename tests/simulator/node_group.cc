// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/node_group.h"

#include <algorithm>
#include <cstddef>

namespace wirepas_grpc::sim {
namespace {

constexpr uint8_t kStatusQuery = 0x19;
constexpr uint8_t kStatusAnswer = 0x99;
constexpr uint8_t kStatusLength = 47;

constexpr uint8_t kTypeBlank = 0;
constexpr uint8_t kTypePresent = 1;
constexpr uint8_t kTypeProcess = 2;
constexpr uint8_t kStatusSuccess = 0;
constexpr uint8_t kStatusNew = 255;

constexpr uint32_t kStackAreaId = 0x00000003;
constexpr uint32_t kApplicationAreaId = 0x83D70003;
constexpr uint8_t kStackVersion[] = {5, 4, 0, 0};
constexpr uint8_t kApplicationVersion[] = {1, 0, 0, 0};

void AppendLittleEndian(uint64_t value, size_t bytes, std::string* out) {
  for (size_t i = 0; i < bytes; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

void AppendScratchpad(const pb::ScratchpadInfo& info, std::string* out) {
  AppendLittleEndian(info.len(), 4, out);
  AppendLittleEndian(info.crc(), 2, out);
  AppendLittleEndian(info.seq(), 1, out);
}

void AppendVersion(const uint8_t (&version)[4], std::string* out) {
  for (uint8_t part : version) out->push_back(static_cast<char>(part));
}

// The number over the air is one less than the one in the gateway messages.
uint8_t NodeAction(pb::ScratchpadAction action) {
  return action == pb::UNKNOWN_ACTION ? 0 : static_cast<uint8_t>(action - 1);
}

}  // namespace

bool IsScratchpadStatusQuery(uint32_t source_endpoint, uint32_t destination_endpoint,
                             std::string_view payload) {
  return source_endpoint == kRemoteApiBackendEndpoint &&
         destination_endpoint == kRemoteApiNodeEndpoint && payload.size() == 2 &&
         static_cast<uint8_t>(payload[0]) == kStatusQuery && payload[1] == 0;
}

void NodeGroup::Follow(const ScratchpadStore& sink, absl::Time now) {
  if (Processed(now)) application_ = stored_;
  process_stored_ = false;
  target_ = sink.target();
  const bool propagates = target_.action() == pb::PROPAGATE_ONLY ||
                          target_.action() == pb::PROPAGATE_AND_PROCESS ||
                          target_.action() == pb::PROPAGATE_AND_PROCESS_WITH_DELAY;
  if (!propagates || sink.stored_type() == pb::BLANK ||
      target_.target_sequence() != sink.stored().seq() ||
      target_.target_crc() != sink.stored().crc()) {
    return;
  }
  stored_ = sink.stored();
  process_stored_ = target_.action() != pb::PROPAGATE_ONLY;
  const uint8_t raw = RawDelay(target_).value_or(0);
  delay_ = absl::Minutes(DelayMinutes(raw).value_or(0));
  since_ = now;
}

bool NodeGroup::Processed(absl::Time now) const {
  return process_stored_ && now - since_ >= delay_;
}

std::string NodeGroup::ScratchpadStatus(absl::Time now) const {
  const bool blank = stored_.len() == 0;
  const bool processed = !blank && (Processed(now) || (application_.seq() == stored_.seq() &&
                                                       application_.crc() == stored_.crc()));
  const pb::ScratchpadInfo& application = Processed(now) ? stored_ : application_;
  const bool waits = process_stored_ && !processed;

  std::string out;
  out.push_back(static_cast<char>(kStatusAnswer));
  out.push_back(static_cast<char>(kStatusLength));
  AppendScratchpad(stored_, &out);
  AppendLittleEndian(blank ? kTypeBlank : processed ? kTypeProcess : kTypePresent, 1, &out);
  AppendLittleEndian(blank || processed ? kStatusSuccess : kStatusNew, 1, &out);
  AppendScratchpad(pb::ScratchpadInfo(), &out);  // The stack was never updated over the air.
  AppendLittleEndian(kStackAreaId, 4, &out);
  AppendVersion(kStackVersion, &out);
  AppendScratchpad(application, &out);
  AppendLittleEndian(kApplicationAreaId, 4, &out);
  AppendVersion(kApplicationVersion, &out);
  const uint8_t raw = RawDelay(target_).value_or(0);
  const absl::Duration left = std::max(absl::ZeroDuration(), delay_ - (now - since_));
  AppendLittleEndian(NodeAction(target_.action()), 1, &out);
  AppendLittleEndian(target_.target_sequence(), 1, &out);
  AppendLittleEndian(target_.target_crc(), 2, &out);
  AppendLittleEndian(DelayMinutes(raw).value_or(0), 2, &out);
  AppendLittleEndian(
      waits ? static_cast<uint64_t>(absl::ToInt64Minutes(absl::Ceil(left, absl::Minutes(1)))) : 0,
      2, &out);
  return out;
}

}  // namespace wirepas_grpc::sim
