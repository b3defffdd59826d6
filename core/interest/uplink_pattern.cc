// SPDX-License-Identifier: Apache-2.0
#include "core/interest/uplink_pattern.h"

#include <algorithm>
#include <bitset>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/gateway_api/topics.h"

namespace wirepas_grpc::core {
namespace {

constexpr char kAny[] = "+";

void SetAny(std::string* level) { level->assign(1, kAny[0]); }

template <typename Set>
std::vector<std::string> ValuesOf(const Set& set) {
  std::vector<std::string> values;
  values.reserve(set.size());
  for (const auto& value : set) values.push_back(absl::StrCat(value));
  return values;
}

std::vector<std::string> ValuesOf(const std::bitset<256>& endpoints) {
  std::vector<std::string> values;
  for (size_t i = 0; i < endpoints.size(); ++i) {
    if (endpoints[i]) values.push_back(absl::StrCat(i));
  }
  return values;
}

// The combinations of `patterns` with `values` at a level.
std::vector<UplinkPattern::Levels> Combine(const std::vector<UplinkPattern::Levels>& patterns,
                                           size_t level, const std::vector<std::string>& values) {
  std::vector<UplinkPattern::Levels> combined;
  combined.reserve(patterns.size() * values.size());
  for (const UplinkPattern::Levels& pattern : patterns) {
    for (const std::string& value : values) {
      combined.push_back(pattern);
      combined.back()[level] = value;
    }
  }
  return combined;
}

}  // namespace

std::string UplinkPattern::TopicFilter() const {
  size_t used = kLevels;
  while (used > 0 && levels_[used - 1] == kAny) --used;
  std::string filter(kUplinkTopicPrefix);
  for (size_t i = 0; i < used; ++i) {
    absl::StrAppend(&filter, i == 0 ? "" : "/", levels_[i]);
  }
  if (used < kLevels) absl::StrAppend(&filter, used == 0 ? "#" : "/#");
  return filter;
}

std::optional<UplinkPattern> UplinkPattern::FromTopicFilter(absl::string_view filter) {
  if (!absl::ConsumePrefix(&filter, kUplinkTopicPrefix)) return std::nullopt;
  UplinkPattern pattern;
  size_t level = 0;
  for (absl::string_view value : absl::StrSplit(filter, '/')) {
    if (level == kLevels) return std::nullopt;
    if (value == "#") break;
    pattern.levels_[level++] = std::string(value);
  }
  if (pattern.TopicFilter() != absl::StrCat(kUplinkTopicPrefix, filter)) return std::nullopt;
  return pattern;
}

bool UplinkPattern::Covers(const UplinkPattern& other) const {
  for (size_t i = 0; i < kLevels; ++i) {
    if (levels_[i] != kAny && levels_[i] != other.levels_[i]) return false;
  }
  return true;
}

bool UplinkPattern::Intersects(const UplinkPattern& other) const {
  for (size_t i = 0; i < kLevels; ++i) {
    const bool any = levels_[i] == kAny || other.levels_[i] == kAny;
    if (!any && levels_[i] != other.levels_[i]) return false;
  }
  return true;
}

UplinkPattern::Shape UplinkPattern::shape() const {
  Shape shape = 0;
  for (size_t i = 0; i < kLevels; ++i) {
    if (levels_[i] != kAny) shape |= Shape{1} << i;
  }
  return shape;
}

std::optional<UplinkPattern> UplinkPattern::Widened(Shape wanted) const {
  if ((wanted & ~shape()) != 0) return std::nullopt;
  UplinkPattern widened = *this;
  for (size_t i = 0; i < kLevels; ++i) {
    if ((wanted >> i & 1) == 0) SetAny(&widened.levels_[i]);
  }
  return widened;
}

std::vector<UplinkPattern> PatternsOf(const TrafficFilter& filter, size_t max) {
  const std::array<std::vector<std::string>, UplinkPattern::kLevels> values = {
      ValuesOf(filter.gateway_ids), ValuesOf(filter.sink_ids), ValuesOf(filter.network_addresses),
      ValuesOf(filter.source_endpoints), ValuesOf(filter.destination_endpoints)};
  // Those with the fewest values first: they say most and cost least.
  std::array<size_t, UplinkPattern::kLevels> order;
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return values[a].size() < values[b].size(); });
  UplinkPattern::Levels open;
  std::for_each(open.begin(), open.end(), [](std::string& level) { SetAny(&level); });
  std::vector<UplinkPattern::Levels> patterns = {open};
  for (const size_t level : order) {
    if (values[level].empty()) continue;
    if (patterns.size() * values[level].size() > max) break;
    patterns = Combine(patterns, level, values[level]);
  }
  return {std::make_move_iterator(patterns.begin()), std::make_move_iterator(patterns.end())};
}

}  // namespace wirepas_grpc::core
