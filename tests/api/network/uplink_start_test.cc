// SPDX-License-Identifier: Apache-2.0
#include "api/network/uplink_start.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"

namespace wirepas_grpc::api {
namespace {

using testing::HasSubstr;

core::UplinkLog::Options SmallLog() {
  core::UplinkLog::Options options;
  options.segment_entries = 4;
  options.max_bytes = 8000;
  return options;
}

class FindStartTest : public testing::Test {
 protected:
  ~FindStartTest() override { executor_.Stop(); }

  // One packet a second.
  void Append(int packets, size_t bytes = 1) {
    for (int i = 0; i < packets; ++i) {
      auto uplink = std::make_unique<core::Uplink>();
      uplink->payload = std::string(bytes / 2, 'x');
      log_.Append(std::move(uplink), "", "");
      scheduler_.Advance(absl::Seconds(1));
    }
  }
  // Packets of which the log can keep the last few only.
  void AppendBeyondBound() {
    Append(20, 1000);
    ASSERT_GT(log_.oldest(), 1u);
  }

  UplinkStart AfterCursor(uint64_t next) const { return AfterCursor(log_.run_id(), next); }
  static UplinkStart AfterCursor(uint64_t run_id, uint64_t next) {
    UplinkStart start;
    start.kind = UplinkStart::Kind::kAfterCursor;
    start.cursor = {run_id, next};
    return start;
  }
  // From the cursor of the response that told of this position.
  UplinkStart Resume(const UplinkPosition& position) const {
    UplinkStart start = AfterCursor(position.sequence);
    start.cursor.told = position.told;
    return start;
  }
  static UplinkStart FromTime(absl::Time time) {
    UplinkStart start;
    start.kind = UplinkStart::Kind::kFromTime;
    start.time = time;
    return start;
  }
  static UplinkStart AllowGap(UplinkStart start) {
    start.allow_gap = true;
    return start;
  }

  absl::StatusOr<UplinkPosition> Find(const UplinkStart& start) {
    return FindStart(start, {&log_, begin_}, coverage_);
  }

  core::FakeScheduler scheduler_;
  core::Executor executor_{1};
  core::UplinkLog log_{SmallLog(), {}, &executor_, &scheduler_};
  const absl::Time begin_ = scheduler_.Now();
  core::Coverage coverage_;
};

TEST_F(FindStartTest, NowIsBehindTheLastPacket) {
  Append(3);
  EXPECT_EQ(Find({})->sequence, 4u);
}

TEST_F(FindStartTest, OldestIsTheOldestKept) {
  AppendBeyondBound();
  UplinkStart start;
  start.kind = UplinkStart::Kind::kOldest;
  EXPECT_EQ(Find(start)->sequence, log_.oldest());
  EXPECT_FALSE(Find(start)->gap.has_value());
}

TEST_F(FindStartTest, ACursorIsAPlace) {
  Append(3);
  EXPECT_EQ(Find(AfterCursor(2))->sequence, 2u);
  EXPECT_EQ(Find(AfterCursor(4))->sequence, 4u);
}

TEST_F(FindStartTest, ACursorBeyondTheEndIsNoCursor) {
  Append(3);
  EXPECT_TRUE(absl::IsInvalidArgument(Find(AfterCursor(5)).status()));
}

TEST_F(FindStartTest, AnExpiredCursorIsOutOfRangeOrAGap) {
  AppendBeyondBound();
  const auto refused = Find(AfterCursor(1));
  ASSERT_TRUE(absl::IsOutOfRange(refused.status())) << refused.status();
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("number " + std::to_string(log_.oldest())));
  const auto allowed = Find(AllowGap(AfterCursor(1)));
  ASSERT_TRUE(allowed.ok());
  EXPECT_EQ(allowed->sequence, log_.oldest());
  EXPECT_EQ(allowed->gap->reason, core::GapReason::kCursorExpired);
  EXPECT_EQ(allowed->gap->lost, log_.oldest() - 1);
}

TEST_F(FindStartTest, ACursorOfAnotherRunIsOutOfRangeOrAGap) {
  Append(3);
  EXPECT_TRUE(absl::IsOutOfRange(Find(AfterCursor(log_.run_id() + 1, 2)).status()));
  const auto allowed = Find(AllowGap(AfterCursor(log_.run_id() + 1, 2)));
  ASSERT_TRUE(allowed.ok());
  EXPECT_EQ(allowed->sequence, 1u);
  EXPECT_EQ(allowed->gap->reason, core::GapReason::kServiceRestarted);
  EXPECT_FALSE(allowed->gap->lost.has_value());
}

TEST_F(FindStartTest, ATimeIsThePlaceOfTheFirstPacketSince) {
  Append(3);
  EXPECT_EQ(Find(FromTime(begin_ + absl::Milliseconds(500)))->sequence, 2u);
  EXPECT_EQ(Find(FromTime(begin_ + absl::Hours(1)))->sequence, 4u);
}

TEST_F(FindStartTest, ATimeSinceTheStartIsKeptUntilSomethingIsForgotten) {
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(Find(FromTime(begin_))->sequence, 1u);
  Append(1);
  EXPECT_EQ(Find(FromTime(begin_))->sequence, 1u);
  AppendBeyondBound();
  EXPECT_TRUE(absl::IsOutOfRange(Find(FromTime(begin_)).status()));
}

TEST_F(FindStartTest, ATimeBeforeTheStartIsOutOfRangeOrAGap) {
  const UplinkStart start = FromTime(begin_ - absl::Seconds(1));
  EXPECT_TRUE(absl::IsOutOfRange(Find(start).status()));
  const auto allowed = Find(AllowGap(start));
  ASSERT_TRUE(allowed.ok());
  EXPECT_EQ(allowed->sequence, 1u);
  EXPECT_EQ(allowed->gap->reason, core::GapReason::kCursorExpired);
}

// Entry 1 is the marker of when the broker granted what this subscriber needs. Whoever
// resumes after the first response misses nothing, whatever the start was.
TEST_F(FindStartTest, ResumingFromOnesFirstCursorTellsNoGap) {
  log_.AppendGap({core::GapReason::kNotSubscribed, 0});
  coverage_.since = 2;
  UplinkStart oldest;
  oldest.kind = UplinkStart::Kind::kOldest;
  const UplinkStart starts[] = {{},
                                oldest,
                                FromTime(begin_),
                                AllowGap(FromTime(begin_ - absl::Hours(1))),
                                AllowGap(AfterCursor(log_.run_id() + 1, 7)),
                                AfterCursor(1)};
  for (const int packets : {0, 3}) {
    Append(packets);
    for (const UplinkStart& start : starts) {
      const auto first = Find(start);
      ASSERT_TRUE(first.ok()) << first.status();
      const auto resumed = Find(AfterCursor(first->sequence));
      ASSERT_TRUE(resumed.ok()) << resumed.status();
      EXPECT_FALSE(resumed->gap.has_value()) << static_cast<int>(start.kind);
      EXPECT_EQ(resumed->sequence, first->sequence);
    }
  }
}

// Entry 3 is the marker of when the broker granted what this subscriber needs.
TEST_F(FindStartTest, WhatWasNotTakenFromTheBrokerIsAGap) {
  Append(5);
  coverage_.since = 4;
  const auto reason = [&](const UplinkStart& start) {
    const auto position = Find(start);
    EXPECT_TRUE(position.ok());
    return position->gap.has_value() ? std::optional(position->gap->reason) : std::nullopt;
  };
  EXPECT_EQ(reason({}), std::nullopt);
  EXPECT_EQ(reason(AfterCursor(3)), core::GapReason::kNotSubscribed) << "given before the marker";
  EXPECT_EQ(Find(AfterCursor(3))->sequence, 4u) << "and is not told again";
  EXPECT_EQ(reason(AfterCursor(4)), std::nullopt);
  EXPECT_EQ(reason(FromTime(begin_)), core::GapReason::kNotSubscribed);
  EXPECT_EQ(reason(FromTime(begin_ + absl::Seconds(3))), std::nullopt);
  UplinkStart oldest;
  oldest.kind = UplinkStart::Kind::kOldest;
  EXPECT_EQ(reason(oldest), core::GapReason::kNotSubscribed);
  coverage_.since = 2;
  EXPECT_EQ(reason(oldest), std::nullopt) << "only the marker is before it";
}

// Entry 2 is the gap marker of when the broker lost the session, 4 that of the new grant.
TEST_F(FindStartTest, AStartWithinAnInterruptionIsAGap) {
  Append(5);
  coverage_ = {.since = 1, .hole_begin = 2, .hole_end = 5};
  EXPECT_EQ(Find(AfterCursor(2))->gap, std::nullopt) << "the marker is still to come";
  EXPECT_EQ(Find(AfterCursor(3))->gap->reason, core::GapReason::kBrokerDisconnected);
  EXPECT_EQ(Find(AfterCursor(4))->gap->reason, core::GapReason::kBrokerDisconnected);
  EXPECT_EQ(Find(AfterCursor(5))->gap, std::nullopt);
}

// Entry 1 is the gap marker of when the broker lost the session, 2 that of the new grant; no
// packet came between them. Whoever has read the first knows, and nobody is told twice.
TEST_F(FindStartTest, AnInterruptionIsToldOnceAlsoWhenNothingCame) {
  log_.AppendGap({core::GapReason::kBrokerDisconnected, std::nullopt});
  scheduler_.Advance(absl::Seconds(1));
  log_.AppendGap({core::GapReason::kNotSubscribed, 0});
  coverage_ = {.since = 1, .hole_begin = 1, .hole_end = 3};
  EXPECT_EQ(Find(AfterCursor(2))->gap, std::nullopt);
  const auto within = Find(FromTime(begin_ + absl::Milliseconds(500)));
  ASSERT_TRUE(within.ok());
  ASSERT_TRUE(within->gap.has_value());
  EXPECT_EQ(within->gap->reason, core::GapReason::kBrokerDisconnected);
  EXPECT_EQ(Find(AfterCursor(within->sequence))->gap, std::nullopt);
}

// A start in what was not taken from the broker, or in an interruption, is told once: who
// resumes with the same filter from the cursor that came with the gap knows.
TEST_F(FindStartTest, AGapThatWasToldIsNotToldAgain) {
  Append(8);
  const core::Coverage coverages[] = {
      {.since = 8},
      {.since = 1, .hole_begin = 1, .hole_end = 8},
      {.since = 1, .hole_begin = 1, .hole_end = 0},
      {.since = 7, .hole_begin = 3, .hole_end = 8},
  };
  for (const core::Coverage& coverage : coverages) {
    coverage_ = coverage;
    for (const UplinkStart& start : {FromTime(begin_ + absl::Milliseconds(1500)), AfterCursor(3),
                                     AllowGap(AfterCursor(log_.run_id() + 1, 3)),
                                     AllowGap(FromTime(begin_ - absl::Hours(1)))}) {
      auto position = Find(start);
      ASSERT_TRUE(position.ok()) << position.status();
      ASSERT_TRUE(position->gap.has_value() || !coverage.Misses(position->sequence));
      for (int i = 0; i < 2; ++i) {
        position = Find(Resume(*position));
        ASSERT_TRUE(position.ok()) << position.status();
        EXPECT_FALSE(position->gap.has_value()) << coverage.since << " " << position->sequence;
      }
      // Also when something was read.
      if (position->told == 0) continue;  // before the marker, which tells
      position->sequence = std::max<uint64_t>(position->sequence, 5);
      EXPECT_FALSE(Find(Resume(*position))->gap.has_value());
    }
  }
}

// What a cursor's reader was not told of, or another filter misses, is told.
TEST_F(FindStartTest, WhatWasNotToldIsTold) {
  Append(9);
  coverage_ = {.since = 5, .hole_begin = 5, .hole_end = 8};
  const auto told = Find(AfterCursor(2));
  ASSERT_TRUE(told.ok() && told->gap.has_value());
  UplinkStart resumed = Resume(*told);
  ASSERT_FALSE(Find(resumed)->gap.has_value());
  EXPECT_TRUE(Find(AfterCursor(2))->gap.has_value()) << "a cursor from before the gap";
  resumed.filter_hash = 7;
  EXPECT_TRUE(Find(resumed)->gap.has_value()) << "another filter";
  resumed.filter_hash = 0;
  coverage_.since = 9;
  EXPECT_TRUE(Find(resumed)->gap.has_value()) << "it was given up, and wanted again later";
  coverage_ = {.since = 5, .hole_begin = 1, .hole_end = 8};
  EXPECT_TRUE(Find(resumed)->gap.has_value()) << "another hole";
}

// Entry 2 is the marker of a lost session, 6 that of the next; they count as one hole. Whoever
// has read on behind the first meets the marker of the second.
TEST_F(FindStartTest, AHoleThatGrowsIsNotToldBeforeItsMarker) {
  Append(5);
  coverage_ = {.since = 1, .hole_begin = 2, .hole_end = 4};
  const auto position = Find(AfterCursor(5));
  ASSERT_TRUE(position.ok());
  ASSERT_FALSE(position->gap.has_value());
  Append(3);
  coverage_ = {.since = 1, .hole_begin = 2, .hole_end = 8};
  EXPECT_FALSE(Find(Resume(*position))->gap.has_value());
  EXPECT_TRUE(Find(AfterCursor(7))->gap.has_value());
}

// Of a refusal only the end is told, by a marker that must not be passed over.
TEST_F(FindStartTest, TheMarkerOfTheEndOfAnInterruptionIsRead) {
  log_.AppendGap({core::GapReason::kNotSubscribed, 0});
  log_.AppendGap({core::GapReason::kBrokerDisconnected, std::nullopt});
  coverage_ = {.since = 1, .hole_begin = 1, .hole_end = 3};
  EXPECT_EQ(Find(AfterCursor(2))->sequence, 2u);
}

TEST_F(FindStartTest, TheOldestTimeThatIsToldLeadsToTheOldest) {
  scheduler_.Advance(absl::Hours(1));
  AppendBeyondBound();
  for (const absl::Duration step : {absl::Hours(-2), absl::Hours(24 * 365), absl::Hours(-5)}) {
    const uint64_t oldest = log_.oldest();
    ASSERT_TRUE(log_.oldest_time().has_value());
    const absl::Time told = *log_.oldest_time();
    EXPECT_TRUE(absl::IsOutOfRange(Find(FromTime(told - absl::Seconds(1))).status())) << step;
    const auto start = Find(FromTime(told));
    ASSERT_TRUE(start.ok()) << start.status();
    EXPECT_EQ(start->sequence, oldest);
    scheduler_.JumpTo(scheduler_.Now() + step);
    Append(1);
  }
}

TEST(ParseStart, ReadsEachKind) {
  mesh::SubscribeUplinkRequest request;
  EXPECT_EQ(ParseStart(request)->kind, UplinkStart::Kind::kNow);
  request.set_oldest(true);
  EXPECT_EQ(ParseStart(request)->kind, UplinkStart::Kind::kOldest);
  request.set_after_cursor(core::EncodeCursor({1, 2}));
  EXPECT_EQ(ParseStart(request)->cursor.next_sequence, 2u);
  request.mutable_from_time()->set_seconds(5);
  request.set_allow_gap(true);
  EXPECT_EQ(ParseStart(request)->time, absl::FromUnixSeconds(5));
  EXPECT_TRUE(ParseStart(request)->allow_gap);
}

TEST(ParseStart, TellsFiltersApartByWhatTheyHold) {
  mesh::SubscribeUplinkRequest request;
  const uint64_t of_all = ParseStart(request)->filter_hash;
  request.mutable_filter()->add_gateway_ids("a");
  request.mutable_filter()->add_gateway_ids("b");
  const uint64_t of_both = ParseStart(request)->filter_hash;
  EXPECT_NE(of_both, of_all);
  request.mutable_filter()->mutable_gateway_ids()->SwapElements(0, 1);
  EXPECT_EQ(ParseStart(request)->filter_hash, of_both);
  request.mutable_filter()->add_source_endpoints(7);
  EXPECT_NE(ParseStart(request)->filter_hash, of_both);
}

TEST(ParseStart, NamesTheFieldThatIsWrong) {
  mesh::SubscribeUplinkRequest request;
  request.set_oldest(false);
  EXPECT_THAT(std::string(ParseStart(request).status().message()), HasSubstr("oldest:"));
  request.set_after_cursor("nonsense");
  EXPECT_THAT(std::string(ParseStart(request).status().message()), HasSubstr("after_cursor:"));
  request.mutable_from_time()->set_nanos(-1);
  EXPECT_THAT(std::string(ParseStart(request).status().message()), HasSubstr("from_time:"));
}

}  // namespace
}  // namespace wirepas_grpc::api
