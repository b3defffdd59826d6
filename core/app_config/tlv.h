// SPDX-License-Identifier: Apache-2.0
//
// App configs in TLV form: a list of typed entries.
//
//   F6 7E     what tells the form
//   n         number of entries, 0 to 255
//   n times:
//     type    its low byte
//     length  of the value, 0 to 127; with the top bit set, the type goes on:
//     [type]  its high byte
//     value
#ifndef WIREPAS_GRPC_CORE_APP_CONFIG_TLV_H_
#define WIREPAS_GRPC_CORE_APP_CONFIG_TLV_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/sinks/app_config_size.h"

namespace wirepas_grpc::core {

inline constexpr size_t kMaxTlvValueSize = 127;
inline constexpr size_t kMaxTlvEntries = 255;

// The form without entries takes this much, and each entry this much at least.
inline constexpr size_t kTlvHeaderSize = 3;
inline constexpr size_t kMinTlvEntrySize = 2;

// How many entries can be in an app config.
inline constexpr size_t kMaxAppConfigEntries =
    (kMaxAppConfigSize - kTlvHeaderSize) / kMinTlvEntrySize;

struct TlvEntry {
  uint16_t type = 0;
  std::string value;
  friend bool operator==(const TlvEntry& a, const TlvEntry& b) = default;
};
using TlvEntries = std::vector<TlvEntry>;

// The entries, in their order. Of a type that is there twice, the last value, in the
// place of the first. What comes behind the last entry is passed over: sinks fill up
// with zeros. A type up to 255 may have its high byte all the same. INVALID_ARGUMENT,
// saying what is wrong: it does not begin as the form does, or is cut off.
absl::StatusOr<TlvEntries> DecodeTlv(absl::string_view data);

// How long the entries are in TLV form.
size_t TlvSize(const TlvEntries& entries);

// The shortest form of the entries, which decodes to the same. INVALID_ARGUMENT: there
// are too many, a value is too long, or a type is there twice.
absl::StatusOr<std::string> EncodeTlv(const TlvEntries& entries);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_APP_CONFIG_TLV_H_
