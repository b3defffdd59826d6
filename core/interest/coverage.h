// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_INTEREST_COVERAGE_H_
#define WIREPAS_GRPC_CORE_INTEREST_COVERAGE_H_

#include <algorithm>
#include <cstdint>

namespace wirepas_grpc::core {

// Which part of the log has all that arrives at a topic filter. All but `since` is about
// what was missed after that; in the log a gap marker tells of it to who reads over it, but
// not to who begins behind it while still more is missed. Several holes count as one.
struct Coverage {
  uint64_t since = 0;       // from this entry on; the one before is a marker of the moment
  uint64_t hole_begin = 0;  // the gap marker; 0: there is none
  uint64_t hole_end = 0;    // the first entry after the hole, `since` as it were; 0: it is open

  bool is_open() const { return hole_begin != 0 && hole_end == 0; }

  // From here on something is missed.
  void Open(uint64_t marker) {
    if (hole_begin == 0) hole_begin = marker;
    hole_end = 0;
  }
  void Close(uint64_t end) { hole_end = end; }

  // Whether who begins to read at `entry` misses something of which no marker tells from
  // there on.
  bool Misses(uint64_t entry) const {
    return entry < since ||
           (hole_begin != 0 && entry > hole_begin && (is_open() || entry < hole_end));
  }

  // Whether Misses() is true, or may be so when this has changed: the next hole and all before
  // it become one.
  bool MayMiss(uint64_t entry) const {
    return entry < since || (hole_begin != 0 && entry > hole_begin);
  }

  // That of both filters; of two holes, all between them.
  void IntersectWith(const Coverage& other) {
    since = std::max(since, other.since);
    if (other.hole_begin == 0) return;
    const bool open = is_open() || other.is_open();
    hole_begin = hole_begin == 0 ? other.hole_begin : std::min(hole_begin, other.hole_begin);
    hole_end = open ? 0 : std::max(hole_end, other.hole_end);
  }

  friend bool operator==(const Coverage&, const Coverage&) = default;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_INTEREST_COVERAGE_H_
