// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_LAST_END_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_LAST_END_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "core/uplink_log/runs.h"

namespace wirepas_grpc::core {

// No more entries than this, a million a second for twelve days, are ever missing at the
// end of the log.
inline constexpr uint64_t kMostMissing = uint64_t{1} << 40;

// What there is to tell where the last run of the uplink log ended.
struct EndEvidence {
  UplinkRun run;  // its record; the ordinal 0: there is none
  // One beyond the last entry in the table. Nothing: that part of it cannot be read.
  std::optional<uint64_t> stored;
  // What SequenceMark says. Nothing: it says nothing.
  std::optional<uint64_t> mark;
  bool same_boot = false;     // see SameBoot()
  bool journal_left = false;  // a journal was there, the end of which may be missing
  bool torn = false;          // a log of the database ends within a record
  bool damaged = false;       // the database lost something in another way
  bool restored = false;      // the operator says that it was restored from a backup
};

// Whether the machine has not been started anew between two runs. An id that could
// not be read is "", which is the same as nothing: not even as another "".
bool SameBoot(absl::string_view last, absl::string_view present);

struct LastEnd {
  uint64_t end = 1;  // one beyond the last number known to be used
  // Of an unclean run whose entries can be read: numbers known to be used beyond them.
  uint64_t missing = 0;
  bool lost = false;  // more may have been used, nobody knows how many
};

// What the evidence comes to. The end is the largest number that the table, the record
// and the mark know. A mark counts if it is not more than one behind the end of the table,
// or the beginning of the run, and not absurdly far ahead: otherwise it belongs to something
// else; if there is damage perhaps to a run that began with a loss, beyond whose numbers it
// is then gone on. Whether more is lost:
//
//   run      damage  mark                           boot     lost
//   -------  ------  -----------------------------  -------  -------------------------------
//   none     no      any                            any      no: the log is new
//   clean    no      any                            any      no
//   unclean  no      any                            same     no: what was written outlived
//                                                            the process
//   unclean  no      any                            another  yes, unless every packet was
//                                                            synced
//   any      yes     does not count                 any      yes
//   any      yes     counts                         same     no: the mark is right
//   clean    yes     counts, and is the end in the  another  no: record and mark agree
//                    record
//   any      yes     counts otherwise               another  yes: the mark may be old
//
// And what was restored from a backup always lacks what came after the backup.
//
// Another boot is also one that is not known. Damage is: the database was damaged, or the
// end of the table cannot be read; a journal was left, and the run did not end cleanly; a
// log ends within a record. The last is none with every packet synced: the packet of that
// record was never told to be stored.
LastEnd FindLastEnd(const EndEvidence& evidence);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_LAST_END_H_
