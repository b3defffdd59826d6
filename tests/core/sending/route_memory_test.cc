// SPDX-License-Identifier: Apache-2.0
#include "core/sending/route_memory.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"

namespace wirepas_grpc::core {
namespace {

class RouteMemoryTest : public testing::Test {
 protected:
  static constexpr RequestId kId = 77;
  static constexpr size_t kMaxSinks = 4;

  static Route Through(int sinks) {
    std::vector<SinkPath> route;
    for (int i = 0; i < sinks; ++i) {
      route.push_back({*GatewayId::Parse("g"), *SinkId::Parse(absl::StrCat("s", i))});
    }
    return std::make_shared<const std::vector<SinkPath>>(std::move(route));
  }
  // One use of a new route, which had an effect or not.
  void UseOnce(RequestId id, bool had_effect = true, int sinks = 1) {
    absl::StatusOr<RouteMemory::Use> use = memory_->Remember(id, 1, Through(sinks));
    ASSERT_TRUE(use.ok()) << use.status();
    if (had_effect) use->NoteEffect();
  }
  // How many sinks its route has; 0: it is not remembered.
  size_t Remembered(RequestId id) {
    absl::StatusOr<RouteMemory::Use> use = memory_->Find(id, 1);
    EXPECT_TRUE(use.ok()) << use.status();
    return use.ok() && use->route() != nullptr ? use->route()->size() : 0;
  }

  FakeScheduler scheduler_;
  std::shared_ptr<RouteMemory> memory_ = std::make_shared<RouteMemory>(&scheduler_, kMaxSinks);
};

TEST_F(RouteMemoryTest, GivesTheRouteOfTheFirst) {
  EXPECT_EQ(Remembered(kId), 0u);
  UseOnce(kId, true, 2);
  EXPECT_EQ(Remembered(kId), 2u);
  // Also to one that has found another meanwhile.
  const absl::StatusOr<RouteMemory::Use> other = memory_->Remember(kId, 1, Through(3));
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->route()->size(), 2u);
}

TEST_F(RouteMemoryTest, AnIdIsOfOneMessage) {
  UseOnce(kId);
  for (const absl::Status& status :
       {memory_->Find(kId, 2).status(), memory_->Remember(kId, 2, Through(1)).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(FieldOf(status), "request_id");
  }
  EXPECT_TRUE(memory_->Contains(kId));
  EXPECT_FALSE(memory_->Contains(kId + 1));
}

TEST_F(RouteMemoryTest, WithoutAnEffectItIsForgottenWithItsLastUse) {
  {
    const absl::StatusOr<RouteMemory::Use> first = memory_->Remember(kId, 1, Through(1));
    UseOnce(kId, false);
    EXPECT_TRUE(memory_->Contains(kId)) << "the first is still under way";
  }
  EXPECT_FALSE(memory_->Contains(kId));
  EXPECT_EQ(memory_->sinks(), 0u);
  // Once there was one, it stays.
  UseOnce(kId, true);
  UseOnce(kId, false);
  EXPECT_TRUE(memory_->Contains(kId));
}

TEST_F(RouteMemoryTest, IsForgottenAfterAWhileUnlessItIsInUse) {
  UseOnce(kId);
  std::optional<absl::StatusOr<RouteMemory::Use>> used = memory_->Remember(kId + 1, 1, Through(1));
  (*used)->NoteEffect();
  scheduler_.Advance(RouteMemory::kRemembered - absl::Seconds(1));
  EXPECT_TRUE(memory_->Contains(kId));
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_FALSE(memory_->Contains(kId));
  EXPECT_TRUE(memory_->Contains(kId + 1));
  used.reset();
  EXPECT_FALSE(memory_->Contains(kId + 1));
}

TEST_F(RouteMemoryTest, TheOldestThatIsNotInUseMakesRoom) {
  UseOnce(1, true, 2);
  scheduler_.Advance(absl::Seconds(1));
  UseOnce(2, true, 2);
  UseOnce(3, true, 1);
  EXPECT_EQ(Remembered(1), 0u);
  EXPECT_EQ(Remembered(2), 2u);
  EXPECT_EQ(memory_->sinks(), 3u);
  const absl::StatusOr<RouteMemory::Use> second = memory_->Find(2, 1);
  UseOnce(4, true, 4);  // comes on top of the one in use
  EXPECT_EQ(Remembered(2), 2u);
  EXPECT_EQ(Remembered(3), 0u);
  EXPECT_EQ(Remembered(4), 4u);
}

TEST_F(RouteMemoryTest, AUseMayOutliveIt) {
  const absl::StatusOr<RouteMemory::Use> use = memory_->Remember(kId, 1, Through(1));
  memory_.reset();
  EXPECT_EQ(use->route()->size(), 1u);
}

}  // namespace
}  // namespace wirepas_grpc::core
