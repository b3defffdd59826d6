// SPDX-License-Identifier: Apache-2.0
#include "gmock/gmock.h"
#include "tests/core/uplink_log/store_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class UplinkStoreBackwardTest : public UplinkStoreFixture {
 protected:
  // One call; `last_passed_` is what it gave.
  std::vector<uint64_t> ReadBackward(uint64_t end, const UplinkStore::ReadLimits& limits = {}) {
    std::vector<uint64_t> visited;
    const auto result = store_->ReadBackward(
        end, limits, [&](uint64_t sequence, absl::string_view topic, absl::string_view payload) {
          EXPECT_EQ(topic, kTopic);
          EXPECT_EQ(payload, PayloadOf(sequence));
          visited.push_back(sequence);
          return sequence != stop_at_;
        });
    EXPECT_TRUE(result.ok()) << result.status();
    last_passed_ = result.value_or(0);
    return visited;
  }

  uint64_t stop_at_ = 0;
  uint64_t last_passed_ = 0;
};

TEST_F(UplinkStoreBackwardTest, GivesPacketsTheNewestFirstAlsoThoseOnTheirWay) {
  Open();
  Append(5);
  ASSERT_TRUE(store_->AppendGap(6, scheduler_.Now(), {GapReason::kBrokerDisconnected, {}}).ok());
  Append(2);
  EXPECT_THAT(ReadBackward(store_->next()), ElementsAre(8, 7, 5, 4, 3, 2, 1));
  EXPECT_EQ(last_passed_, 1u);
  EXPECT_THAT(ReadBackward(3), ElementsAre(2, 1));
  EXPECT_THAT(ReadBackward(1), IsEmpty());
  EXPECT_EQ(last_passed_, 1u);
}

TEST_F(UplinkStoreBackwardTest, GoesOnBeforeWhereItHasEnded) {
  Open();
  Append(10);
  EXPECT_THAT(ReadBackward(11, {.max_entries = 3}), ElementsAre(10, 9, 8));
  EXPECT_EQ(last_passed_, 8u);
  EXPECT_THAT(ReadBackward(last_passed_, {.max_bytes = 1}), ElementsAre(7)) << "one at least";
  stop_at_ = 5;
  EXPECT_THAT(ReadBackward(last_passed_), ElementsAre(6, 5));
  EXPECT_EQ(last_passed_, 5u);
  EXPECT_THAT(ReadBackward(last_passed_), ElementsAre(4, 3, 2, 1));
}

TEST_F(UplinkStoreBackwardTest, PassesOverHolesInTheNumbers) {
  Open();
  Append(2);
  ASSERT_TRUE(store_->Append(1000, scheduler_.Now(), kTopic, PayloadOf(1000)).ok());
  EXPECT_THAT(ReadBackward(store_->next()), ElementsAre(1000, 2, 1));
}

TEST_F(UplinkStoreBackwardTest, EndsAtTheOldestKept) {
  options_.retention = absl::Seconds(10);
  Open();
  Append(5);
  scheduler_.Advance(absl::Minutes(1));
  Append(2);
  ASSERT_TRUE(store_->ApplyRetention().ok());
  EXPECT_THAT(ReadBackward(store_->next()), ElementsAre(7, 6));
  EXPECT_EQ(last_passed_, 6u);
}

}  // namespace
}  // namespace wirepas_grpc::core
