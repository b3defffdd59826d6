// SPDX-License-Identifier: Apache-2.0
//
// Subscriptions between readers that come and go, a broker that refuses and forgets, and
// restarts, in an order that nobody thought of. More of it, or one run with all that
// happened in it:
//   WIREPAS_PROPERTY_SEEDS=20000
//   WIREPAS_PROPERTY_SEED=17
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "spdlog/spdlog.h"
#include "tests/core/interest/model_world.h"
#include "tests/support/process.h"

namespace wirepas_grpc::core {
namespace {

using Session = ModelSettings::Session;

constexpr int kSteps = 300;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  uint64_t number;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

class SubscriptionsProperty : public testing::Test {
 protected:
  SubscriptionsProperty() {
    spdlog::set_level(spdlog::level::off);
    Database::Options options;
    options.directory = folder_.File("state");
    auto opened = Database::Open(options, {});
    if (opened.ok()) database_ = *std::move(opened);
  }
  ~SubscriptionsProperty() override {
    executor_.Stop();
    spdlog::set_level(spdlog::level::info);
  }

  void Clear() {
    std::vector<std::string> keys;
    ASSERT_TRUE(database_
                    ->Scan(database_->meta(), "", "",
                           [&](absl::string_view key, absl::string_view) {
                             keys.emplace_back(key);
                             return true;
                           })
                    .ok());
    for (const std::string& key : keys) {
      ASSERT_TRUE(database_->Delete(database_->meta(), key).ok());
    }
  }

  void Run(const ModelSettings& settings) {
    ASSERT_NE(database_, nullptr);
    const uint64_t one = FromEnvironment("WIREPAS_PROPERTY_SEED", 0);
    const uint64_t first = one != 0 ? one : 1;
    // Its disk takes time to recover.
    const uint64_t count =
        FromEnvironment("WIREPAS_PROPERTY_SEEDS", 100) / (settings.disk_fails ? 8 : 1);
    const uint64_t last = one != 0 ? one : count;
    ModelWorld::Seen seen;
    for (uint64_t seed = first; seed <= last; ++seed) {
      Clear();
      ModelSettings these = settings;
      static constexpr size_t kMost[] = {1, 2, 3, 4, 100};
      these.max_uplink_filters = settings.has_store ? kMost[seed % 5] : 1;
      ModelWorld world(these, seed, database_.get(), &executor_);
      int step = 0;
      while (step < kSteps && !world.failure().has_value()) {
        world.Step();
        ++step;
      }
      if (!world.failure().has_value()) world.End();
      seen.settled += world.seen().settled;
      seen.claims += world.seen().claims;
      seen.lost += world.seen().lost;
      seen.markers += world.seen().markers;
      seen.restarts += world.seen().restarts;
      seen.waits += world.seen().waits;
      seen.failed_writes += world.seen().failed_writes;
      if (world.failure().has_value()) {
        FAIL() << *world.failure() << "\nseed " << seed << ", step " << step << ", at most "
               << these.max_uplink_filters << " filters, all that happened:\n"
               << absl::StrJoin(world.trace(), "\n");
      }
      if (one != 0) std::puts(absl::StrJoin(world.trace(), "\n").c_str());
    }
    if (one != 0) return;
    // Else there was nothing to check.
    EXPECT_GT(seen.settled, count);
    EXPECT_GT(seen.claims, count);
    EXPECT_GT(seen.lost, count);
    EXPECT_GT(seen.restarts, count);
    EXPECT_EQ(seen.waits > 0, settings.refuses);
    EXPECT_EQ(seen.markers > 0, settings.refuses || settings.session != Session::kKept);
    EXPECT_EQ(seen.failed_writes > 0, settings.disk_fails);
  }

  TemporaryDirectory folder_{TemporaryDirectory::kInMemory};
  std::unique_ptr<Database> database_;
  Executor executor_{1};
};

TEST_F(SubscriptionsProperty, NoSession) { Run({.session = Session::kNone}); }

TEST_F(SubscriptionsProperty, NoSessionAndRefusals) {
  Run({.session = Session::kNone, .refuses = true});
}

TEST_F(SubscriptionsProperty, AKeptSession) { Run({.session = Session::kKept}); }

TEST_F(SubscriptionsProperty, AKeptSessionAndRefusals) {
  Run({.session = Session::kKept, .refuses = true});
}

TEST_F(SubscriptionsProperty, ASessionThatIsLostAtTimes) {
  Run({.session = Session::kLostAtTimes});
}

TEST_F(SubscriptionsProperty, ASessionThatIsLostAtTimesAndRefusals) {
  Run({.session = Session::kLostAtTimes, .refuses = true});
}

TEST_F(SubscriptionsProperty, AKeptSessionWithoutAStore) {
  Run({.session = Session::kKept, .has_store = false});
}

// Whoever comes and goes: one timer for the same interest, none for what does not linger.
TEST_F(SubscriptionsProperty, IdleEdgesLeaveNoTimers) {
  FakeScheduler scheduler;
  UplinkLog log({}, {}, &executor_, &scheduler);
  ModelBroker::Random random(1);
  ModelBroker broker(/*keeps_session=*/true, &random);
  Subscriptions subscriptions({}, &log, &broker, &executor_, &scheduler);
  subscriptions.OnConnected(broker.Connect());
  for (int i = 0; i < 10000; ++i) {
    subscriptions.AcquireUplinks({}, {.linger = absl::Seconds(10)}, [] {});
    subscriptions.Acquire({"gw-response/#"}, {}, [] {});
    ASSERT_LE(scheduler.pending(), 1u);
  }
  scheduler.Advance(absl::Seconds(10));
  EXPECT_EQ(scheduler.pending(), 0u);
}

TEST_F(SubscriptionsProperty, ADiskThatFailsAtTimes) {
  Run({.session = Session::kLostAtTimes, .disk_fails = true});
}

}  // namespace
}  // namespace wirepas_grpc::core
