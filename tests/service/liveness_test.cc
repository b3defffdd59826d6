// SPDX-License-Identifier: Apache-2.0
#include "service/liveness.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "core/base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::service {
namespace {

using testing::ElementsAre;

template <typename Condition>
bool Eventually(Condition condition) {
  for (int i = 0; i < 10'000 && !condition(); ++i) absl::SleepFor(absl::Milliseconds(2));
  return condition();
}

class LivenessTest : public testing::Test {
 protected:
  Liveness::Part Part(const std::string& name, std::atomic<bool>* stuck) {
    // One that is stuck has been for an hour; but that is not believed of what has only been
    // watched for a moment.
    return {name, [stuck] { return *stuck ? absl::Hours(1) : absl::ZeroDuration(); },
            [this] { ++woken_; }, absl::Milliseconds(1500)};
  }
  void Start() {
    liveness_ = std::make_unique<Liveness>(
        std::vector<Liveness::Part>{Part("first", &first_stuck_), Part("second", &second_stuck_)},
        [this](bool alive) {
          core::MutexLock lock(&mutex_);
          told_.push_back(alive);
        });
  }
  bool AllAlive() {
    const std::vector<Liveness::Verdict> verdicts = liveness_->Get();
    return std::all_of(verdicts.begin(), verdicts.end(),
                       [](const Liveness::Verdict& each) { return each.alive; });
  }
  std::vector<bool> told() {
    core::MutexLock lock(&mutex_);
    return told_;
  }

  std::atomic<bool> first_stuck_ = false;
  std::atomic<bool> second_stuck_ = false;
  std::atomic<int> woken_ = 0;
  core::Mutex mutex_;
  std::vector<bool> told_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Liveness> liveness_;
};

TEST_F(LivenessTest, NamesWhatIsStuckAndTellsChangesOnly) {
  Start();
  EXPECT_TRUE(Eventually([&] { return woken_ >= 6; }));
  EXPECT_TRUE(AllAlive());
  EXPECT_THAT(told(), ElementsAre(true));
  second_stuck_ = true;
  EXPECT_TRUE(Eventually([&] { return told().size() == 2; }));
  EXPECT_FALSE(AllAlive());
  for (const Liveness::Verdict& verdict : liveness_->Get()) {
    EXPECT_EQ(verdict.alive, verdict.name != "second") << verdict.name;
  }
  second_stuck_ = false;
  EXPECT_TRUE(Eventually([&] { return told().size() == 3; }));
  EXPECT_TRUE(AllAlive());
  EXPECT_THAT(told(), ElementsAre(true, false, true));
}

TEST_F(LivenessTest, BelievesNoSilenceOfBeforeItWatched) {
  first_stuck_ = true;
  Start();
  EXPECT_TRUE(Eventually([&] { return !told().empty(); }));
  EXPECT_THAT(told(), ElementsAre(true));
}

}  // namespace
}  // namespace wirepas_grpc::service
