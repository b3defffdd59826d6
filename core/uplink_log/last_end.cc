// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/last_end.h"

#include <algorithm>

namespace wirepas_grpc::core {

bool SameBoot(absl::string_view last, absl::string_view present) {
  return !present.empty() && last == present;
}

LastEnd FindLastEnd(const EndEvidence& evidence) {
  const UplinkRun& run = evidence.run;
  const uint64_t stored_end = std::max(evidence.stored.value_or(1), run.first);
  const bool damaged = evidence.damaged || !evidence.stored.has_value() ||
                       (evidence.journal_left && !run.clean) ||
                       (evidence.torn && !run.every_synced);
  // The mark is set right after an entry was stored: it is at most one behind.
  const bool mark_counts = evidence.mark.has_value() && *evidence.mark + 1 >= stored_end &&
                           *evidence.mark < stored_end + kMostMissing;
  LastEnd last;
  last.end = std::max(stored_end, run.end);
  if (mark_counts) last.end = std::max(last.end, *evidence.mark);
  if (!run.clean && evidence.stored.has_value()) last.missing = last.end - stored_end;
  // Of a run that began with a loss, whose record and entries damage took.
  const bool of_lost_run = damaged && evidence.mark.has_value() && !mark_counts &&
                           *evidence.mark >= stored_end &&
                           *evidence.mark < stored_end + 2 * kMostMissing;
  if (of_lost_run) last.end = std::max(last.end, *evidence.mark);

  // Of a damaged database the last record may be gone, and the one before it be clean.
  const bool end_is_known =
      mark_counts && (evidence.same_boot || (run.clean && *evidence.mark == run.end));
  // What was in the page cache is gone when the machine was started anew.
  const bool cut_short = run.ordinal > 0 && !run.clean && !run.every_synced && !evidence.same_boot;
  last.lost = evidence.restored || cut_short || (damaged && !end_is_known);
  return last;
}

}  // namespace wirepas_grpc::core
