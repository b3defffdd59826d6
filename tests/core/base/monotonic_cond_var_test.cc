// SPDX-License-Identifier: Apache-2.0
//
// That steps of the wall clock do not touch it is shown by tests/integration/clock_jumps_test.cc.
#include "core/base/monotonic_cond_var.h"

#include <thread>

#include "core/base/instant.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

TEST(MonotonicCondVarTest, AWaitTimesOutAndHoldsTheMutex) {
  Mutex mutex;
  MonotonicCondVar changed;
  MutexLock lock(&mutex);
  const Instant start = Instant::Now();
  while (!changed.WaitWithTimeout(&mutex, absl::Milliseconds(20))) {
  }
  EXPECT_GE(Instant::Now() - start, absl::Milliseconds(19));
  EXPECT_TRUE(changed.WaitWithTimeout(&mutex, -absl::Seconds(1)));
  EXPECT_TRUE(changed.WaitWithTimeout(&mutex, -absl::InfiniteDuration()));
  mutex.AssertHeld();
}

TEST(MonotonicCondVarTest, ASignalEndsAWait) {
  Mutex mutex;
  MonotonicCondVar changed;
  bool go = false;
  bool gone = false;
  std::thread other([&] {
    MutexLock lock(&mutex);
    while (!go) changed.Wait(&mutex);
    gone = true;
    changed.SignalAll();
  });
  {
    MutexLock lock(&mutex);
    go = true;
    changed.Signal();
    while (!gone) EXPECT_FALSE(changed.WaitWithTimeout(&mutex, absl::InfiniteDuration()));
  }
  other.join();
}

}  // namespace
}  // namespace wirepas_grpc::core
