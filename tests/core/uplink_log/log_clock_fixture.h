// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_UPLINK_LOG_LOG_CLOCK_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_UPLINK_LOG_LOG_CLOCK_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>

#include "core/uplink_log/log_clock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"

namespace wirepas_grpc::core {

inline constexpr absl::Duration kYear = absl::Hours(24 * 365);

// A clock of the log, between a wall clock and a machine that the test moves.
class LogClockTest : public testing::Test {
 protected:
  LogClockTest() {
    machine_.boot_id = "boot one";
    machine_.since_boot = [this] { return since_boot_; };
    Begin();
  }

  void Begin() { clock_ = std::make_unique<LogClock>(&scheduler_); }
  void Advance(absl::Duration by) {
    scheduler_.Advance(by);
    since_boot_ += by;
  }
  void Jump(absl::Duration by) { scheduler_.JumpTo(scheduler_.Now() + by); }
  // A later run; the machine goes on. Nothing: what was saved is gone.
  bool Resume(const std::optional<std::string>& state, std::optional<absl::Time> last = {}) {
    Begin();
    return clock_->Resume(state.value_or(""), last, machine_);
  }
  std::string Save() { return clock_->Save(machine_); }

  FakeScheduler scheduler_;
  absl::Duration since_boot_ = absl::Hours(5);
  LogClock::Machine machine_;
  std::unique_ptr<LogClock> clock_;
  const absl::Time start_ = scheduler_.Now();
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_UPLINK_LOG_LOG_CLOCK_FIXTURE_H_
