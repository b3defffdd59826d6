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

  // Whether every uplink of `other` is one of this. Each pattern covers itself.
  bool Covers(const UplinkPattern& other) const;
  // Whether some uplink is one of both.
  bool Intersects(const UplinkPattern& other) const;

  // Which levels have values: a bit each, from 0 for all uplinks to kShapes - 1.
  using Shape = unsigned;
  static constexpr Shape kShapes = 1 << kLevels;
  Shape shape() const;
  // The one pattern of this shape that covers this one; nothing when none does.
  std::optional<UplinkPattern> Widened(Shape shape) const;

  friend bool operator==(const UplinkPattern&, const UplinkPattern&) = default;

 private:
  Levels levels_;
};

// Patterns that together cover what a filter matches, at most `max` (1 or more).
// Where the filter's values would make more, the fields that have most of them are
// left open.
std::vector<UplinkPattern> PatternsOf(const TrafficFilter& filter, size_t max);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_INTEREST_UPLINK_PATTERN_H_
