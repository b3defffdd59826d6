// SPDX-License-Identifier: Apache-2.0
#include "gmock/gmock.h"
#include "tests/core/uplink_log/store_fixture.h"

namespace wirepas_grpc::core {
namespace {

using ::testing::ElementsAre;

class UplinkStoreRetentionTest : public UplinkStoreFixture {
 protected:
  UplinkStoreRetentionTest() {
    database_options_.write_buffer_bytes = 64 << 10;
    options_.sync = UplinkStore::SyncPolicy::kNever;
  }

  void AppendKilobytes(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(
          store_->Append(store_->next(), scheduler_.Now(), kTopic, std::string(1000, 'x')).ok());
      // The small write buffers of this test would be full before they are written.
      if (i % 50 == 49) {
        ASSERT_TRUE(database_->Flush().ok());
      }
    }
  }
};

TEST_F(UplinkStoreRetentionTest, OldEntriesAreForgotten) {
  options_.retention = absl::Minutes(10);
  Open();
  for (int i = 0; i < 20; ++i) {
    Append();
    scheduler_.Advance(absl::Minutes(1));
    Drain(&executor_);
  }
  ASSERT_TRUE(store_->ApplyRetention().ok());
  EXPECT_EQ(store_->oldest(), 11u);
  EXPECT_EQ(store_->oldest_time(), scheduler_.Now() - absl::Minutes(10));

  const Met met = Read(3);
  EXPECT_EQ(met.entries.at(0).sequence, 11u);
  EXPECT_TRUE(last_.expired);
  EXPECT_EQ(last_.expired_entries, 8u);
  EXPECT_EQ(*store_->SeekTime(absl::InfinitePast()), 11u);
}

// Whoever has read all before them is not to be told that they are missing.
TEST_F(UplinkStoreRetentionTest, MarkersThatTellNothingAreKeptWithWhatFollows) {
  const auto append_marker = [this](std::optional<uint64_t> lost) {
    const Gap gap{GapReason::kNotSubscribed, lost};
    ASSERT_TRUE(store_->AppendGap(store_->next(), scheduler_.Now(), gap).ok());
  };
  options_.retention = absl::Minutes(10);
  Open();
  Append(5);
  append_marker(std::nullopt);
  append_marker(0);
  append_marker(0);
  scheduler_.Advance(absl::Minutes(20));
  ASSERT_TRUE(store_->ApplyRetention().ok());
  EXPECT_EQ(store_->oldest(), 7u);
  Append(2);
  ASSERT_TRUE(store_->ApplyRetention().ok());
  EXPECT_EQ(store_->oldest(), 7u);
  Reopen();
  EXPECT_EQ(store_->oldest(), 7u);
  EXPECT_THAT(Read(7).sequences(), ElementsAre(7, 8, 9, 10));
  scheduler_.Advance(absl::Minutes(20));
  ASSERT_TRUE(store_->ApplyRetention().ok());
  EXPECT_EQ(store_->oldest(), 11u);
}

TEST_F(UplinkStoreRetentionTest, UpkeepForgetsOnItsOwn) {
  options_.retention = absl::Minutes(10);
  Open();
  Append(5);
  scheduler_.Advance(absl::Minutes(20));
  Drain(&executor_);
  // The timer that fell due has posted upkeep, which has run by now or does so next.
  scheduler_.Advance(absl::Minutes(1));
  Drain(&executor_);
  EXPECT_EQ(store_->oldest(), 6u);
  EXPECT_FALSE(store_->oldest_time().has_value());
}

TEST_F(UplinkStoreRetentionTest, WhatIsForgottenStaysForgotten) {
  options_.retention = absl::Minutes(10);
  Open();
  Append(5);
  scheduler_.Advance(absl::Minutes(20));
  Append(2);
  ASSERT_TRUE(store_->ApplyRetention().ok());
  EXPECT_EQ(store_->oldest(), 6u);
  options_.retention = absl::InfiniteDuration();
  Reopen();
  EXPECT_EQ(store_->oldest(), 6u);
  EXPECT_THAT(Read(1).sequences(), ElementsAre(6, 7));
  EXPECT_EQ(last_.expired_entries, 5u);
}

TEST_F(UplinkStoreRetentionTest, NumbersGoOnWhenAllIsForgotten) {
  options_.retention = absl::Minutes(10);
  Open();
  Append(5);
  scheduler_.Advance(absl::Minutes(20));
  ASSERT_TRUE(store_->ApplyRetention().ok());
  EXPECT_EQ(store_->oldest(), 6u);
  EXPECT_FALSE(store_->oldest_time().has_value());
  EXPECT_EQ(Read(1).entries.size(), 0u);
  EXPECT_TRUE(last_.expired);
  EXPECT_EQ(last_.next, 6u);
  Reopen();
  EXPECT_EQ(store_->next(), 6u);
  EXPECT_EQ(Append(), 6u);
  EXPECT_EQ(store_->oldest(), 6u);
  EXPECT_TRUE(store_->oldest_time().has_value());
}

TEST_F(UplinkStoreRetentionTest, TheLogAndItsFolderKeepToABound) {
  options_.max_bytes = 500 << 10;
  Open();
  for (int i = 0; i < 40; ++i) {
    AppendKilobytes(100);
    ASSERT_TRUE(store_->ApplyRetention().ok());
    // The log itself, what write buffers, logs and the journal hold, and a file that
    // straddles.
    EXPECT_LT(database_->DiskBytes(), options_.max_bytes + 14 * (64 << 10) + options_.journal_bytes)
        << i;
  }
  const uint64_t kept = store_->next() - store_->oldest();
  EXPECT_GT(kept, 300u);
  EXPECT_LT(kept, 600u);
  EXPECT_EQ(Read(store_->oldest()).entries.size(), kept);
}

TEST_F(UplinkStoreRetentionTest, AReadGoesOnWhileWhatItReadsIsForgotten) {
  Open();
  AppendKilobytes(500);
  struct Forgetting final : public UplinkStore::Visitor {
    bool OnPacket(uint64_t sequence, absl::Time, absl::string_view,
                  absl::string_view payload) override {
      EXPECT_EQ(sequence, last + 1);
      EXPECT_EQ(payload, std::string(1000, 'x'));
      last = sequence;
      if (sequence == 10) forget();
      return true;
    }
    bool OnGap(uint64_t sequence, const Gap&) override {
      ADD_FAILURE() << "a gap at " << sequence;
      return true;
    }
    uint64_t last = 0;
    std::function<void()> forget;
  } visitor;
  visitor.forget = [this] {
    scheduler_.Advance(options_.retention + absl::Hours(1));
    ASSERT_TRUE(store_->ApplyRetention().ok());
    EXPECT_EQ(store_->oldest(), 501u);
  };
  ASSERT_TRUE(store_->Read(1, {.max_bytes = 10 << 20}, &visitor).ok());
  EXPECT_EQ(visitor.last, 500u);
}

TEST_F(UplinkStoreRetentionTest, AClockThatWasPutBackForgetsNothing) {
  options_.retention = absl::Hours(1);
  Open();
  Append(5);
  scheduler_.JumpTo(scheduler_.Now() - absl::Hours(100));
  Append(5);
  ASSERT_TRUE(store_->ApplyRetention().ok());
  EXPECT_EQ(store_->oldest(), 1u);
}

}  // namespace
}  // namespace wirepas_grpc::core
