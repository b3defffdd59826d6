// SPDX-License-Identifier: Apache-2.0
#include "core/interest/uplink_demand_store.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "core/uplink_log/record.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {
namespace {

// Keys are these and a topic filter; the value of a covered pattern is its `since`.
constexpr char kCovered[] = "uplink/covered/";
constexpr char kAsked[] = "uplink/asked/";

// The first key after all that begin with `prefix`.
std::string EndOf(absl::string_view prefix) {
  std::string end(prefix);
  ++end.back();
  return end;
}

}  // namespace

absl::StatusOr<UplinkDemandStore::Contents> UplinkDemandStore::Load() const {
  Contents contents;
  absl::Status status = database_->Scan(
      database_->meta(), kCovered, EndOf(kCovered),
      [&contents](absl::string_view key, absl::string_view value) {
        const auto pattern = UplinkPattern::FromTopicFilter(key.substr(sizeof(kCovered) - 1));
        const auto since = ParseUplinkKey(value);
        if (pattern.has_value() && since.has_value()) {
          contents.covered.push_back({*pattern, *since});
        }
        return true;
      });
  if (!status.ok()) return status;
  status = database_->Scan(database_->meta(), kAsked, EndOf(kAsked),
                           [&contents](absl::string_view key, absl::string_view) {
                             const auto pattern =
                                 UplinkPattern::FromTopicFilter(key.substr(sizeof(kAsked) - 1));
                             if (pattern.has_value()) contents.asked.push_back(*pattern);
                             return true;
                           });
  if (!status.ok()) return status;
  return contents;
}

void UplinkDemandStore::SetCovered(const UplinkPattern& pattern, uint64_t since) {
  Put(kCovered, pattern, UplinkKey(since));
}

void UplinkDemandStore::ForgetCovered(const UplinkPattern& pattern) { Delete(kCovered, pattern); }

void UplinkDemandStore::SetAsked(const UplinkPattern& pattern) { Put(kAsked, pattern, ""); }

void UplinkDemandStore::ForgetAsked(const UplinkPattern& pattern) { Delete(kAsked, pattern); }

void UplinkDemandStore::Put(absl::string_view prefix, const UplinkPattern& pattern,
                            absl::string_view value) {
  NoteFailure(
      database_->Put(database_->meta(), absl::StrCat(prefix, pattern.TopicFilter()), value));
}

void UplinkDemandStore::Delete(absl::string_view prefix, const UplinkPattern& pattern) {
  NoteFailure(database_->Delete(database_->meta(), absl::StrCat(prefix, pattern.TopicFilter())));
}

void UplinkDemandStore::NoteFailure(const absl::Status& status) {
  uint64_t suppressed;
  if (status.ok() || !failures_logged_.Allow(scheduler_->Now(), &suppressed)) return;
  spdlog::error("which uplinks are wanted could not be stored: {} ({} more since the last line)",
                std::string(status.message()), suppressed);
}

}  // namespace wirepas_grpc::core
