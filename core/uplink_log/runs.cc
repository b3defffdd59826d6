// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/runs.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/uplink_log/record.h"

namespace wirepas_grpc::core {
namespace {

constexpr char kPrefix[] = "uplink/run/";
constexpr char kPrefixEnd[] = "uplink/run0";  // the byte after '/' is '0'

// byte 0: 1, the version of this form; three numbers of 8 bytes, big-endian: id,
// first, end; a byte of flags.
constexpr char kRunVersion = 1;
constexpr size_t kRunSize = 26;
constexpr char kClean = 1;
constexpr char kEverySynced = 2;
constexpr char kBeginsWithLoss = 4;

std::string KeyOf(uint64_t ordinal) {
  return absl::StrCat(kPrefix, absl::string_view(UplinkKey(ordinal)));
}

std::string Encode(const UplinkRun& run) {
  const int flags = (run.clean ? kClean : 0) | (run.every_synced ? kEverySynced : 0) |
                    (run.begins_with_loss ? kBeginsWithLoss : 0);
  return absl::StrCat(absl::string_view(&kRunVersion, 1), absl::string_view(UplinkKey(run.id)),
                      absl::string_view(UplinkKey(run.first)),
                      absl::string_view(UplinkKey(run.end)),
                      std::string(1, static_cast<char>(flags)));
}

std::optional<UplinkRun> Parse(absl::string_view key, absl::string_view value) {
  const std::optional<uint64_t> ordinal = ParseUplinkKey(key.substr(sizeof(kPrefix) - 1));
  if (!ordinal.has_value() || value.size() != kRunSize || value[0] != kRunVersion)
    return std::nullopt;
  UplinkRun run;
  run.ordinal = *ordinal;
  run.id = *ParseUplinkKey(value.substr(1, 8));
  run.first = *ParseUplinkKey(value.substr(9, 8));
  run.end = *ParseUplinkKey(value.substr(17, 8));
  run.clean = (value[25] & kClean) != 0;
  run.every_synced = (value[25] & kEverySynced) != 0;
  run.begins_with_loss = (value[25] & kBeginsWithLoss) != 0;
  return run;
}

}  // namespace

absl::Status UplinkRuns::Load() {
  runs_.clear();
  return database_->Scan(database_->meta(), kPrefix, kPrefixEnd,
                         [this](absl::string_view key, absl::string_view value) {
                           const std::optional<UplinkRun> run = Parse(key, value);
                           if (run.has_value()) runs_.push_back(*run);
                           return true;
                         });
}

absl::Status UplinkRuns::Start(uint64_t end, const UplinkRun& run, Database::Batch* batch) {
  UplinkRun started = run;
  started.ordinal = 1;
  if (!runs_.empty()) {
    runs_.back().end = end;
    batch->Put(database_->meta(), KeyOf(runs_.back().ordinal), Encode(runs_.back()));
    started.ordinal = runs_.back().ordinal + 1;
  }
  batch->Put(database_->meta(), KeyOf(started.ordinal), Encode(started));
  runs_.push_back(started);
  const absl::Status status = database_->Write(*batch, Database::Durability::kMachine);
  if (!status.ok()) return status;
  return runs_.size() > kMaxRuns ? DropOldest(runs_.size() - kMaxRuns) : absl::OkStatus();
}

absl::Status UplinkRuns::EndCleanly(uint64_t end) {
  UplinkRun& run = runs_.back();
  run.end = end;
  run.clean = true;
  return database_->Put(database_->meta(), KeyOf(run.ordinal), Encode(run),
                        Database::Durability::kMachine);
}

absl::Status UplinkRuns::Forget(uint64_t oldest) {
  size_t count = 0;
  while (count + 1 < runs_.size() && runs_[count].end < oldest) ++count;
  return count > 0 ? DropOldest(count) : absl::OkStatus();
}

absl::Status UplinkRuns::DropOldest(size_t count) {
  Database::Batch batch;
  for (size_t i = 0; i < count; ++i) batch.Delete(database_->meta(), KeyOf(runs_[i].ordinal));
  const absl::Status status = database_->Write(batch);
  if (status.ok()) runs_.erase(runs_.begin(), runs_.begin() + static_cast<ptrdiff_t>(count));
  return status;
}

std::optional<UplinkRuns::Place> UplinkRuns::Resolve(uint64_t id, uint64_t next,
                                                     uint64_t log_next) const {
  const auto run = std::find_if(runs_.begin(), runs_.end(),
                                [id](const UplinkRun& candidate) { return candidate.id == id; });
  if (run == runs_.end()) return std::nullopt;
  const bool current = run + 1 == runs_.end();
  const uint64_t end = current ? log_next : run->end;
  if (next <= end) return Place{next, true};
  if (current) return Place{log_next, false};
  // Behind the marker, which would tell the same loss again.
  const UplinkRun& after = *(run + 1);
  return Place{after.first + (after.begins_with_loss ? 1 : 0), false};
}

}  // namespace wirepas_grpc::core
