// SPDX-License-Identifier: Apache-2.0
//
// How the uplink log lies on disk.
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_RECORD_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_RECORD_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/traffic/gap.h"

namespace wirepas_grpc::core {

// The key of an entry: its sequence number, 8 bytes, big-endian, so that the order
// of keys is the order of numbers.
class UplinkKey {
 public:
  explicit UplinkKey(uint64_t sequence);
  operator absl::string_view() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::array<char, 8> bytes_;
};

// Nothing when the bytes are not a key.
std::optional<uint64_t> ParseUplinkKey(absl::string_view key);

// The value of an entry, all numbers little-endian:
//
//   byte 0      1, the version of this form
//   byte 1      1: a packet, 2: a gap marker
//   bytes 2-9   when it came, microseconds since 1970 (signed)
// then of a packet
//   bytes 10-11 length of the topic
//   ...         the topic; the rest is the payload
// and of a gap marker
//   byte 10     the reason: 1 slow reader, 2 cursor expired, 3 service restarted,
//               4 broker disconnected, 5 not subscribed, 6 storage loss
//   bytes 11-18 how many entries are missing; left out when that is not known
struct UplinkRecord {
  absl::Time arrival;
  std::optional<Gap> gap;   // a marker; a packet has none
  absl::string_view topic;  // views into the value
  absl::string_view payload;
};

// Topics are at most 65,535 bytes, as in MQTT. `out` is replaced; its memory is
// used again.
void EncodePacketRecord(absl::Time arrival, absl::string_view topic, absl::string_view payload,
                        std::string* out);
void EncodeGapRecord(absl::Time arrival, const Gap& gap, std::string* out);

// Nothing when the bytes are not a value of this form.
std::optional<UplinkRecord> ParseUplinkRecord(absl::string_view value);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_RECORD_H_
