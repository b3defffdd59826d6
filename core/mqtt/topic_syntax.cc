// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/topic_syntax.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/str_split.h"

namespace wirepas_grpc::core {
namespace {

constexpr size_t kMaxTopicBytes = 65535;

// One character of UTF-8: its bytes and its code point; length 0: it is none.
// Overlong forms, surrogates and values past U+10FFFF are none.
struct Character {
  size_t length = 0;
  uint32_t code_point = 0;
};

Character FirstCharacter(absl::string_view text) {
  const auto byte = [&text](size_t i) -> uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const uint32_t lead = byte(0);
  if (lead < 0x80) return {1, lead};
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  uint32_t code_point = lead & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code_point = code_point << 6 | (byte(i) & 0x3F);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (lead < 0xC0 || lead > 0xF7 || code_point < kLeast[length] || code_point > 0x10FFFF ||
      surrogate) {
    return {};
  }
  return {length, code_point};
}

// MQTT lets a broker close the connection for these (section 1.5.3), and some do.
bool IsControlOrNonCharacter(uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F) ||
         (code_point >= 0xFDD0 && code_point <= 0xFDEF) || (code_point & 0xFFFE) == 0xFFFE;
}

absl::Status CheckMqttString(absl::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("empty topic");
  if (text.size() > kMaxTopicBytes) {
    return absl::InvalidArgumentError("topic of more than 65535 bytes");
  }
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    if (character.length == 0) return absl::InvalidArgumentError("topic is not UTF-8");
    if (IsControlOrNonCharacter(character.code_point)) {
      return absl::InvalidArgumentError("control character in topic");
    }
    text.remove_prefix(character.length);
  }
  return absl::OkStatus();
}

bool HasWildcard(absl::string_view level) {
  return level.find_first_of("+#") != absl::string_view::npos;
}

}  // namespace

absl::Status CheckTopicName(absl::string_view topic) {
  if (absl::Status status = CheckMqttString(topic); !status.ok()) return status;
  if (HasWildcard(topic)) return absl::InvalidArgumentError("wildcard in a topic to publish on");
  return absl::OkStatus();
}

absl::Status CheckTopicFilter(absl::string_view filter) {
  if (absl::Status status = CheckMqttString(filter); !status.ok()) return status;
  const std::vector<absl::string_view> levels = absl::StrSplit(filter, '/');
  for (size_t i = 0; i < levels.size(); ++i) {
    const bool last = i + 1 == levels.size();
    if (levels[i] == "+" || (levels[i] == "#" && last)) continue;
    if (HasWildcard(levels[i])) return absl::InvalidArgumentError("misplaced wildcard in filter");
  }
  return absl::OkStatus();
}

}  // namespace wirepas_grpc::core
