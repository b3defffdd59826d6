// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_INTEREST_UPLINK_PATTERN_H_
#define WIREPAS_GRPC_CORE_INTEREST_UPLINK_PATTERN_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/traffic/filter.h"

namespace wirepas_grpc::core {

// Which uplinks a topic filter asks the broker for: the five variable levels of
// their topics, each a value or "+" for any (MQTT 3.1.1, section 4.7.1). A value
// type; the default is all uplinks.
class UplinkPattern {
 public:
  // Gateway, sink, network, source endpoint, destination endpoint.
  static constexpr size_t kLevels = 5;
  using Levels = std::array<std::string, kLevels>;

  UplinkPattern() { levels_.fill("+"); }
  // A level is a topic level without wildcards, or "+".
  explicit UplinkPattern(Levels levels) : levels_(std::move(levels)) {}

  // What to subscribe with. Different patterns have different ones.
  std::string TopicFilter() const;
  // The pattern that has this topic filter; nothing when none has.
  static std::optional<UplinkPattern> FromTopicFilter(absl::string_view filter);

  bool has_wildcards() const;
  // Whether every uplink of `other` is one of this. Each pattern covers itself.
  bool Covers(const UplinkPattern& other) const;
  // All patterns that cover this one, the most general first, itself last: 32 at most.
  std::vector<UplinkPattern> Covering() const;

  friend bool operator==(const UplinkPattern&, const UplinkPattern&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const UplinkPattern& pattern) {
    return H::combine(std::move(h), pattern.levels_);
  }

 private:
  Levels levels_;
};

// Patterns that together cover what a filter matches, at most `max` (1 or more).
// Where the filter's values would make more, the fields that have most of them are
// left open.
std::vector<UplinkPattern> PatternsOf(const TrafficFilter& filter, size_t max);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_INTEREST_UPLINK_PATTERN_H_
