// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_INTEREST_SUBSCRIPTION_STORE_H_
#define WIREPAS_GRPC_CORE_INTEREST_SUBSCRIPTION_STORE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/log_limiter.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"
#include "core/interest/coverage.h"
#include "core/interest/uplink_pattern.h"
#include "core/storage/database.h"

namespace wirepas_grpc::core {

// What Subscriptions remembers over a restart, in the "meta" table: without it a new run
// would not know what its session at the broker still subscribes to, nor since when the
// stored log is complete. What cannot be written is logged, and written as soon as the disk
// allows it. Thread-safe; only Load() waits.
class SubscriptionStore {
 public:
  // How long after a failure it tries again.
  static constexpr absl::Duration kRetryInterval = absl::Seconds(5);

  // Both outlive this. Destroyed after the scheduler stopped.
  SubscriptionStore(Database* database, Scheduler* scheduler)
      : database_(database), scheduler_(scheduler) {}

  struct Covered {
    std::string topic_filter;
    Coverage coverage;
  };
  struct Contents {
    std::vector<Covered> covered;    // wanted by readers, and granted
    std::vector<std::string> asked;  // what the session may hold
  };
  absl::StatusOr<Contents> Load();

  void SetCovered(absl::string_view topic_filter, const Coverage& coverage);
  void ForgetCovered(absl::string_view topic_filter);
  void SetAsked(absl::string_view topic_filter);
  void ForgetAsked(absl::string_view topic_filter);

  // Whether the disk still tells of something that `pattern` covers that it is covered,
  // because forgetting that has failed.
  bool StillCovers(const UplinkPattern& pattern) const;
  // Calls `caught_up` on the scheduler's thread whenever all that had failed is written.
  void SetCaughtUp(absl::AnyInvocable<void()> caught_up);

 private:
  using Value = std::optional<std::string>;  // none: the key is deleted

  void Write(std::string key, Value value);
  void WriteAllLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Retry();

  Database* const database_;
  Scheduler* const scheduler_;

  mutable Mutex mutex_;
  Mutex caught_up_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);  // held while it is called
  absl::AnyInvocable<void()> caught_up_ ABSL_GUARDED_BY(caught_up_mutex_);
  absl::flat_hash_map<std::string, Value> unwritten_ ABSL_GUARDED_BY(mutex_);
  // The keys on disk: what is not there need not be deleted, which bounds `unwritten_`.
  absl::flat_hash_set<std::string> stored_ ABSL_GUARDED_BY(mutex_);
  bool retrying_ ABSL_GUARDED_BY(mutex_) = false;  // a timer runs
  LogLimiter failures_logged_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_INTEREST_SUBSCRIPTION_STORE_H_
