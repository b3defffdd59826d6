// SPDX-License-Identifier: Apache-2.0
//
// Reading the uplink log from its end.
#include <algorithm>

#include "core/uplink_log/store.h"

namespace wirepas_grpc::core {

absl::StatusOr<UplinkStore::Sequence> UplinkStore::ReadBackward(
    Sequence end, const ReadLimits& limits,
    absl::FunctionRef<bool(Sequence, absl::string_view, absl::string_view)> visit) const {
  // What is on its way is read from memory.
  if (!intake_->Drain().ok()) end = std::min(end, intake_->first());
  const Sequence oldest = this->oldest();
  size_t entries = 0;
  size_t bytes = 0;
  bool done = false;
  Sequence step = 1;
  while (!done && end > oldest) {
    const Sequence before = end;
    const absl::Status status = database_->ScanBackward(
        table_, UplinkKey(oldest), UplinkKey(end),
        [&](absl::string_view key, absl::string_view value) {
          end = ParseUplinkKey(key).value_or(end);
          const std::optional<UplinkRecord> record = ParseUplinkRecord(value);
          if (record.has_value() && !record->gap.has_value()) {
            bytes += record->topic.size() + record->payload.size();
            done = !visit(end, record->topic, record->payload);
          }
          done = done || ++entries >= limits.max_entries || bytes >= limits.max_bytes;
          return !done;
        });
    if (done) break;
    if (status.ok()) {
      end = oldest;
    } else if (!absl::IsDataLoss(status)) {
      return status;
    } else if (end == before) {
      // As FirstReadable() does: it may pass over about as much again.
      end -= std::min(step, end - oldest);
      step *= 2;
    }
  }
  return std::max(end, oldest);
}

}  // namespace wirepas_grpc::core
