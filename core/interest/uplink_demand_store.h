// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_INTEREST_UPLINK_DEMAND_STORE_H_
#define WIREPAS_GRPC_CORE_INTEREST_UPLINK_DEMAND_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/log_limiter.h"
#include "core/base/scheduler.h"
#include "core/interest/uplink_pattern.h"
#include "core/storage/database.h"

namespace wirepas_grpc::core {

// What UplinkDemand remembers over a restart, in the "meta" table: without it a new
// run would not know what its session at the broker still subscribes to, nor since when
// the stored log is complete. What cannot be written is logged, and costs a reader no
// more than a gap that is told to it. Thread-safe; only Load() waits.
class UplinkDemandStore {
 public:
  // Both outlive this.
  UplinkDemandStore(Database* database, Scheduler* scheduler)
      : database_(database), scheduler_(scheduler) {}

  struct Covered {
    UplinkPattern pattern;
    uint64_t since = 0;  // see UplinkDemand::Interest::covered_since()
  };
  struct Contents {
    std::vector<Covered> covered;      // patterns that were wanted and granted
    std::vector<UplinkPattern> asked;  // subscriptions that the session may hold
  };
  absl::StatusOr<Contents> Load() const;

  void SetCovered(const UplinkPattern& pattern, uint64_t since);
  void ForgetCovered(const UplinkPattern& pattern);
  void SetAsked(const UplinkPattern& pattern);
  void ForgetAsked(const UplinkPattern& pattern);

 private:
  void Put(absl::string_view prefix, const UplinkPattern& pattern, absl::string_view value);
  void Delete(absl::string_view prefix, const UplinkPattern& pattern);
  void NoteFailure(const absl::Status& status);

  Database* const database_;
  Scheduler* const scheduler_;
  LogLimiter failures_logged_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_INTEREST_UPLINK_DEMAND_STORE_H_
