// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_LAST_END_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_LAST_END_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "core/uplink_log/runs.h"

namespace wirepas_grpc::core {

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
};

// Whether the machine has not been started anew between two runs. An id that could
// not be read is "", which is the same as nothing: not even as another "".
bool SameBoot(absl::string_view last, absl::string_view present);

struct LastEnd {
  uint64_t end = 1;      // one beyond the last number known to be used
  uint64_t missing = 0;  // of an unclean run: numbers known to be used that are not in the table
  bool lost = false;     // more may have been used, nobody knows how many
};

// What the evidence comes to. The end is the largest number that the table, the record
// and the mark know. A mark counts if it is not more than one behind the table, and not
// absurdly far ahead: otherwise it belongs to something else. Whether more is lost:
//
//   run            damage  mark counts                      boot     lost
//   -------------  ------  -------------------------------  -------  ----
//   none           no      any                              any      no, the log is new
//   clean          no      any                              any      no
//   clean          yes     and is the end in the record     any      no
//   unclean        any     any                              another  yes, unless every packet
//                                                                    was synced
//   unclean        no      any                              same     no, all that was written
//                                                                    outlived the process
//   any            yes     yes                              same     no, the mark is right
//   any            yes     no, and no such record           any      yes
//   any            yes     yes, and no such record          another  yes, the mark may be old
//
// Damage is: the database was, or the end of the table cannot be read; a journal was
// left by an unclean run; a log ends within a record. The last is none with every packet
// synced: the packet of that record was never told to be stored.
LastEnd FindLastEnd(const EndEvidence& evidence);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_LAST_END_H_
