// SPDX-License-Identifier: Apache-2.0
#include "core/sinks/holds.h"

#include <memory>
#include <string>

#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"

namespace wirepas_grpc::core {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

SinkPath Path(const std::string& gateway, const std::string& sink) {
  return {*GatewayId::Parse(gateway), *SinkId::Parse(sink)};
}

class SinkHoldsTest : public testing::Test {
 protected:
  FakeScheduler scheduler_;
  SinkHolds holds_{&scheduler_};
};

TEST_F(SinkHoldsTest, OneThatIsHeldKeepsAllFromBeingTaken) {
  auto first = holds_.Take({Path("g", "a"), Path("g", "b")});
  ASSERT_TRUE(first.ok());
  const absl::Status refused = holds_.Take({Path("h", "a"), Path("g", "b")}).status();
  EXPECT_TRUE(absl::IsAborted(refused));
  EXPECT_EQ(ReasonOf(refused), Reason::kSinkInUse);
  EXPECT_THAT(FactsOf(refused),
              UnorderedElementsAre(Pair("gateway_id", "g"), Pair("sink_id", "b")));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("gateway 'g', sink 'b'"));
  // The other one was not taken either.
  EXPECT_TRUE(holds_.Take({Path("h", "a")}).ok());
}

TEST_F(SinkHoldsTest, TheyAreFreeAfterTheHold) {
  auto first = holds_.Take({Path("g", "a")});
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(holds_.Take({Path("g", "a")}).ok());
  *first = nullptr;
  EXPECT_TRUE(holds_.Take({Path("g", "a")}).ok());
}

TEST_F(SinkHoldsTest, AHoldThatIsOverdueGivesWayAndTakesNothingFromTheNext) {
  auto first = holds_.Take({Path("g", "a")}, absl::Seconds(5));
  ASSERT_TRUE(first.ok());
  scheduler_.Advance(absl::Seconds(5) - absl::Milliseconds(1));
  EXPECT_FALSE(holds_.Take({Path("g", "a")}).ok());
  scheduler_.Advance(absl::Milliseconds(1));
  auto second = holds_.Take({Path("g", "a")});
  ASSERT_TRUE(second.ok());
  *first = nullptr;
  EXPECT_FALSE(holds_.Take({Path("g", "a")}).ok());
}

TEST_F(SinkHoldsTest, AHoldMayOutliveThem) {
  auto holds = std::make_unique<SinkHolds>(&scheduler_);
  auto hold = holds->Take({Path("g", "a")});
  ASSERT_TRUE(hold.ok());
  holds = nullptr;
  *hold = nullptr;
}

}  // namespace
}  // namespace wirepas_grpc::core
