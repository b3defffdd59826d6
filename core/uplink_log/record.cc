// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/record.h"

#include <limits>

namespace wirepas_grpc::core {
namespace {

constexpr char kVersion = 1;
constexpr char kPacket = 1;
constexpr char kGap = 2;
constexpr size_t kHeader = 10;
constexpr size_t kMaxTopic = std::numeric_limits<uint16_t>::max();

template <typename T>
void Append(T value, std::string* out) {
  for (size_t i = 0; i < sizeof(T); ++i) {
    out->push_back(static_cast<char>(static_cast<uint64_t>(value) >> (8 * i)));
  }
}

template <typename T>
T ReadAt(absl::string_view bytes, size_t offset) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value |= uint64_t{static_cast<uint8_t>(bytes[offset + i])} << (8 * i);
  }
  return static_cast<T>(value);
}

void AppendHeader(char kind, absl::Time arrival, std::string* out) {
  out->clear();
  out->push_back(kVersion);
  out->push_back(kind);
  Append<int64_t>(absl::ToUnixMicros(arrival), out);
}

// These numbers are on disks: they never change.
char ReasonCode(GapReason reason) {
  switch (reason) {
    case GapReason::kSlowReader:
      return 1;
    case GapReason::kCursorExpired:
      return 2;
    case GapReason::kServiceRestarted:
      return 3;
    case GapReason::kBrokerDisconnected:
      return 4;
    case GapReason::kNotSubscribed:
      return 5;
    case GapReason::kStorageLoss:
      return 6;
  }
  return 0;
}

std::optional<GapReason> ReasonOf(char code) {
  for (const GapReason reason :
       {GapReason::kSlowReader, GapReason::kCursorExpired, GapReason::kServiceRestarted,
        GapReason::kBrokerDisconnected, GapReason::kNotSubscribed, GapReason::kStorageLoss}) {
    if (ReasonCode(reason) == code) return reason;
  }
  return std::nullopt;
}

std::optional<Gap> ParseGap(absl::string_view value) {
  if (value.size() != kHeader + 1 && value.size() != kHeader + 9) return std::nullopt;
  const std::optional<GapReason> reason = ReasonOf(value[kHeader]);
  if (!reason.has_value()) return std::nullopt;
  Gap gap{*reason, std::nullopt};
  if (value.size() > kHeader + 1) gap.lost = ReadAt<uint64_t>(value, kHeader + 1);
  return gap;
}

}  // namespace

UplinkKey::UplinkKey(uint64_t sequence) {
  for (int i = 7; i >= 0; --i, sequence >>= 8) bytes_[i] = static_cast<char>(sequence);
}

std::optional<uint64_t> ParseUplinkKey(absl::string_view key) {
  if (key.size() != 8) return std::nullopt;
  uint64_t sequence = 0;
  for (const char byte : key) sequence = sequence << 8 | static_cast<uint8_t>(byte);
  return sequence;
}

void EncodePacketRecord(absl::Time arrival, absl::string_view topic, absl::string_view payload,
                        std::string* out) {
  const absl::string_view bounded = topic.substr(0, kMaxTopic);
  AppendHeader(kPacket, arrival, out);
  Append<uint16_t>(static_cast<uint16_t>(bounded.size()), out);
  out->append(bounded.data(), bounded.size());
  out->append(payload.data(), payload.size());
}

void EncodeGapRecord(absl::Time arrival, const Gap& gap, std::string* out) {
  AppendHeader(kGap, arrival, out);
  out->push_back(ReasonCode(gap.reason));
  if (gap.lost.has_value()) Append<uint64_t>(*gap.lost, out);
}

std::optional<UplinkRecord> ParseUplinkRecord(absl::string_view value) {
  if (value.size() < kHeader || value[0] != kVersion) return std::nullopt;
  UplinkRecord record;
  record.arrival = absl::FromUnixMicros(ReadAt<int64_t>(value, 2));
  if (value[1] == kGap) {
    record.gap = ParseGap(value);
    if (!record.gap.has_value()) return std::nullopt;
    return record;
  }
  if (value[1] != kPacket || value.size() < kHeader + 2) return std::nullopt;
  const size_t topic = ReadAt<uint16_t>(value, kHeader);
  const absl::string_view rest = value.substr(kHeader + 2);
  if (rest.size() < topic) return std::nullopt;
  record.topic = rest.substr(0, topic);
  record.payload = rest.substr(topic);
  return record;
}

}  // namespace wirepas_grpc::core
