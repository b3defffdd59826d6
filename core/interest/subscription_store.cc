// SPDX-License-Identifier: Apache-2.0
#include "core/interest/subscription_store.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/uplink_log/record.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {
namespace {

// Keys are these and a topic filter. The value of a covered one are the three numbers of
// its Coverage, of which the last two may be missing.
constexpr char kCovered[] = "uplink/covered/";
constexpr char kAsked[] = "uplink/asked/";
constexpr size_t kNumberSize = 8;

std::string Encode(const Coverage& coverage) {
  std::string value;
  for (const uint64_t number : {coverage.since, coverage.hole_begin, coverage.hole_end}) {
    absl::StrAppend(&value, absl::string_view(UplinkKey(number)));
  }
  return value;
}

std::optional<Coverage> Decode(absl::string_view value) {
  const auto since = ParseUplinkKey(value.substr(0, kNumberSize));
  if (!since.has_value()) return std::nullopt;
  Coverage coverage{.since = *since};
  if (value.size() == kNumberSize) return coverage;
  if (value.size() != 3 * kNumberSize) return std::nullopt;
  coverage.hole_begin = *ParseUplinkKey(value.substr(kNumberSize, kNumberSize));
  coverage.hole_end = *ParseUplinkKey(value.substr(2 * kNumberSize));
  return coverage;
}

// The first key after all that begin with `prefix`.
std::string EndOf(absl::string_view prefix) {
  std::string end(prefix);
  ++end.back();
  return end;
}

}  // namespace

absl::StatusOr<SubscriptionStore::Contents> SubscriptionStore::Load() {
  Contents contents;
  MutexLock lock(&mutex_);
  const auto load = [this](absl::string_view prefix,
                           auto visit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return database_->Scan(database_->meta(), prefix, EndOf(prefix),
                           [&](absl::string_view key, absl::string_view value) {
                             mutex_.AssertHeld();
                             stored_.insert(std::string(key));
                             visit(std::string(key.substr(prefix.size())), value);
                             return true;
                           });
  };
  absl::Status status = load(kCovered, [&](std::string topic_filter, absl::string_view value) {
    const auto coverage = Decode(value);
    if (coverage.has_value()) contents.covered.push_back({std::move(topic_filter), *coverage});
  });
  status.Update(load(kAsked, [&](std::string topic_filter, absl::string_view) {
    contents.asked.push_back(std::move(topic_filter));
  }));
  if (!status.ok()) return status;
  return contents;
}

void SubscriptionStore::SetCovered(absl::string_view topic_filter, const Coverage& coverage) {
  Write(absl::StrCat(kCovered, topic_filter), Encode(coverage));
}

void SubscriptionStore::ForgetCovered(absl::string_view topic_filter) {
  Write(absl::StrCat(kCovered, topic_filter), std::nullopt);
}

void SubscriptionStore::SetAsked(absl::string_view topic_filter) {
  Write(absl::StrCat(kAsked, topic_filter), "");
}

void SubscriptionStore::ForgetAsked(absl::string_view topic_filter) {
  Write(absl::StrCat(kAsked, topic_filter), std::nullopt);
}

bool SubscriptionStore::StillCovers(const UplinkPattern& pattern) const {
  MutexLock lock(&mutex_);
  for (const auto& [key, value] : unwritten_) {
    if (value.has_value() || !absl::StartsWith(key, kCovered)) continue;
    const auto other = UplinkPattern::FromTopicFilter(key.substr(sizeof(kCovered) - 1));
    if (other.has_value() && pattern.Covers(*other)) return true;
  }
  return false;
}

void SubscriptionStore::SetCaughtUp(absl::AnyInvocable<void()> caught_up) {
  MutexLock lock(&caught_up_mutex_);
  caught_up_ = std::move(caught_up);
}

void SubscriptionStore::Write(std::string key, Value value) {
  MutexLock lock(&mutex_);
  if (value.has_value() || stored_.contains(key)) {
    unwritten_.insert_or_assign(std::move(key), std::move(value));
  } else {
    unwritten_.erase(key);
  }
  // While the disk fails, one attempt at a time is enough.
  if (!retrying_) WriteAllLocked();
}

void SubscriptionStore::WriteAllLocked() {
  if (unwritten_.empty()) return;
  Database::Batch batch;
  for (const auto& [key, value] : unwritten_) {
    if (value.has_value()) {
      batch.Put(database_->meta(), key, *value);
    } else {
      batch.Delete(database_->meta(), key);
    }
  }
  if (const absl::Status status = database_->Write(batch); !status.ok()) {
    retrying_ = true;
    scheduler_->RunAfter(kRetryInterval, [this] { Retry(); });
    uint64_t suppressed;
    if (!failures_logged_.Allow(scheduler_->MonotonicNow(), &suppressed)) return;
    spdlog::error(
        "what the broker is asked for could not be stored: {} ({} more since the last "
        "line)",
        std::string(status.message()), suppressed);
    return;
  }
  for (const auto& [key, value] : unwritten_) {
    if (value.has_value()) {
      stored_.insert(key);
    } else {
      stored_.erase(key);
    }
  }
  unwritten_.clear();
}

void SubscriptionStore::Retry() {
  {
    MutexLock lock(&mutex_);
    retrying_ = false;
    WriteAllLocked();
    if (retrying_) return;
  }
  MutexLock lock(&caught_up_mutex_);
  if (caught_up_ != nullptr) caught_up_();
}

}  // namespace wirepas_grpc::core
