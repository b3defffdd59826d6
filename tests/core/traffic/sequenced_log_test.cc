// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/sequenced_log.h"

#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

using Log = SequencedLog<int>;

constexpr Gap kLostConnection = {GapReason::kBrokerDisconnected, std::nullopt};

Log::Options SmallSegments(size_t max_bytes = 1 << 20) {
  Log::Options options;
  options.max_bytes = max_bytes;
  options.segment_entries = 4;
  return options;
}

class SequencedLogTest : public testing::Test {
 protected:
  // Appends the numbers [first, last].
  void Append(Log* log, int first, int last, size_t bytes = 10) {
    for (int i = first; i <= last; ++i) {
      log->Append(std::make_unique<const int>(i), bytes, scheduler_.Now());
    }
  }

  // One Read(), with all that it visited.
  struct Met {
    std::vector<int> values;
    Log::ReadResult result;
  };
  static Met Read(const Log& log, Log::Sequence from, size_t max_scan = 1000) {
    Met met;
    met.result = log.Read(from, max_scan, [&](const int& value) {
      met.values.push_back(value);
      return true;
    });
    return met;
  }

  static std::vector<int> Numbers(int first, int last) {
    std::vector<int> numbers;
    for (int i = first; i <= last; ++i) numbers.push_back(i);
    return numbers;
  }

  FakeScheduler scheduler_;
  Executor executor_{1};
  Log log_{SmallSegments(), &executor_, &scheduler_};
};

TEST_F(SequencedLogTest, AnEmptyLogHasNothing) {
  EXPECT_EQ(log_.next(), 1u);
  EXPECT_EQ(log_.oldest(), 1u);
  EXPECT_FALSE(log_.oldest_time().has_value());
  for (const Log::Sequence from : {Log::Sequence{0}, Log::Sequence{1}, Log::Sequence{1000}}) {
    const Met met = Read(log_, from);
    EXPECT_TRUE(met.values.empty());
    EXPECT_FALSE(met.result.gap.has_value());
  }
  EXPECT_EQ(log_.SeekTime(absl::InfinitePast()), 1u);
}

TEST_F(SequencedLogTest, EntriesAreNumberedFromOneAndReadInOrder) {
  EXPECT_EQ(log_.Append(std::make_unique<const int>(1), 10), 1u);
  EXPECT_EQ(log_.Append(std::make_unique<const int>(2), 10), 2u);
  Append(&log_, 3, 30);
  EXPECT_EQ(log_.next(), 31u);
  const Met met = Read(log_, 1);
  EXPECT_EQ(met.values, Numbers(1, 30));
  EXPECT_EQ(met.result.next, 31u);
  EXPECT_FALSE(met.result.gap.has_value());
}

TEST_F(SequencedLogTest, AReaderResumesAnywhere) {
  Append(&log_, 1, 30);
  for (Log::Sequence from = 1; from <= 31; ++from) {
    const Met met = Read(log_, from);
    EXPECT_EQ(met.values, Numbers(static_cast<int>(from), 30));
    EXPECT_EQ(met.result.next, 31u);
  }
}

TEST_F(SequencedLogTest, AReadStopsAtItsBound) {
  Append(&log_, 1, 30);
  Log::Sequence next = 1;
  for (int i = 0; i < 6; ++i) {
    const Met met = Read(log_, next, 5);
    EXPECT_EQ(met.values, Numbers(5 * i + 1, 5 * i + 5));
    next = met.result.next;
  }
  EXPECT_EQ(Read(log_, 1, 0).result.next, 1u);
}

TEST_F(SequencedLogTest, AVisitorThatRefusesAnEntryGetsItAgain) {
  Append(&log_, 1, 10);
  std::vector<int> visited;
  const Log::ReadResult result = log_.Read(1, 100, [&](const int& value) {
    visited.push_back(value);
    return value < 6;
  });
  EXPECT_EQ(visited, Numbers(1, 6));
  EXPECT_EQ(result.next, 6u);
}

TEST_F(SequencedLogTest, IsReadBackwardTheNewestFirst) {
  for (int i = 1; i <= 30; ++i) {
    log_.Append(std::make_unique<const int>(i), 10, {}, static_cast<uint32_t>(i % 3));
    if (i == 20) log_.AppendGap(kLostConnection);  // number 21, which is passed over
  }
  std::vector<int> visited;
  const auto any = [](uint32_t) { return true; };
  const auto visit = [&](Log::Sequence sequence, const int& value) {
    EXPECT_EQ(sequence, static_cast<Log::Sequence>(value > 20 ? value + 1 : value));
    visited.push_back(value);
    return value != 15;
  };
  EXPECT_EQ(log_.ReadBackward(log_.next(), 12, any, visit), 20u) << "the gap counts";
  EXPECT_EQ(visited.size(), 11u);
  EXPECT_EQ(visited.back(), 20);
  EXPECT_EQ(log_.ReadBackward(20, 100, any, visit), 15u) << "the visit has ended it";
  visited.clear();
  EXPECT_EQ(log_.ReadBackward(
                9, 100, [](uint32_t key) { return key == 1; }, visit),
            1u);
  EXPECT_EQ(visited, (std::vector<int>{7, 4, 1}));
  EXPECT_EQ(log_.ReadBackward(1, 100, any, visit), 1u) << "nothing is before it";
}

TEST_F(SequencedLogTest, ReadBackwardItEndsAtTheOldestKept) {
  Log log(SmallSegments(/*max_bytes=*/8000), &executor_, &scheduler_);
  Append(&log, 1, 100, 500);
  ASSERT_GT(log.oldest(), 1u);
  Log::Sequence last = log.next();
  EXPECT_EQ(log.ReadBackward(
                log.next(), 1000, [](uint32_t) { return true; },
                [&](Log::Sequence sequence, const int&) {
                  EXPECT_EQ(sequence, last - 1);
                  last = sequence;
                  return true;
                }),
            log.oldest());
  EXPECT_EQ(last, log.oldest());
}

TEST_F(SequencedLogTest, EntriesOfOtherKeysArePassedOver) {
  for (int i = 1; i <= 30; ++i) {
    log_.Append(std::make_unique<const int>(i), 10, {}, static_cast<uint32_t>(i % 3));
  }
  std::vector<int> visited;
  const Log::ReadResult result = log_.Read(
      1, 20, [](uint32_t key) { return key == 1; },
      [&](const int& value) {
        visited.push_back(value);
        return true;
      });
  EXPECT_EQ(visited, (std::vector<int>{1, 4, 7, 10, 13, 16, 19}));
  EXPECT_EQ(result.next, 21u) << "those passed over count as looked at";
}

TEST_F(SequencedLogTest, NumbersStartWhereTheyAreToldTo) {
  Log::Options options = SmallSegments();
  options.first = 1000;
  Log log(options, &executor_, &scheduler_);
  EXPECT_EQ(log.next(), 1000u);
  EXPECT_EQ(log.oldest(), 1000u);
  Append(&log, 1, 3);
  EXPECT_EQ(Read(log, 1001).values, Numbers(2, 3));
  EXPECT_EQ(Read(log, 1).result.gap->lost, 999u);
}

TEST_F(SequencedLogTest, WhatIsKeptElsewhereIsNoGap) {
  Log::Options options = SmallSegments(20000);
  options.kept_elsewhere = true;
  Log log(options, &executor_, &scheduler_);
  Append(&log, 1, 100, 1000);
  const Met forgotten = Read(log, 1);
  EXPECT_TRUE(forgotten.result.forgotten);
  EXPECT_EQ(forgotten.result.next, 1u);
  EXPECT_FALSE(forgotten.result.gap.has_value());
  EXPECT_THAT(forgotten.values, testing::IsEmpty());
  const Met kept = Read(log, log.oldest());
  EXPECT_FALSE(kept.result.forgotten);
  EXPECT_EQ(kept.values, Numbers(static_cast<int>(log.oldest()), 100));
}

TEST_F(SequencedLogTest, TheOldestGoFirstAndTheGapIsCountedExactly) {
  Log log(SmallSegments(20000), &executor_, &scheduler_);
  Append(&log, 1, 100, 1000);
  const Log::Sequence oldest = log.oldest();
  EXPECT_GT(oldest, 80u);
  EXPECT_LT(oldest, 95u) << "more was forgotten than the bound asks for";
  for (Log::Sequence from = 1; from < oldest; ++from) {
    const Met met = Read(log, from);
    ASSERT_TRUE(met.result.gap.has_value());
    EXPECT_EQ(met.result.gap->reason, GapReason::kSlowReader);
    EXPECT_EQ(met.result.gap->lost, oldest - from);
    EXPECT_EQ(met.values, Numbers(static_cast<int>(oldest), 100));
  }
  EXPECT_FALSE(Read(log, oldest).result.gap.has_value());
}

TEST_F(SequencedLogTest, AReaderIsToldOfItsGapOnce) {
  Log log(SmallSegments(20000), &executor_, &scheduler_);
  Append(&log, 1, 100, 1000);
  const Met first = Read(log, 1, 3);
  EXPECT_TRUE(first.result.gap.has_value());
  EXPECT_EQ(first.values.size(), 3u);
  EXPECT_FALSE(Read(log, first.result.next).result.gap.has_value());
}

// Entries that are forgotten while a reader is at them are not freed under it, and
// what it misses meanwhile is a gap of its next read.
TEST_F(SequencedLogTest, AReaderMayBeOvertakenInTheMiddleOfARead) {
  Log log(SmallSegments(20000), &executor_, &scheduler_);
  Append(&log, 1, 8, 1000);
  std::vector<int> visited;
  const Log::ReadResult result = log.Read(1, 1000, [&](const int& value) {
    if (visited.empty()) Append(&log, 9, 100, 1000);
    visited.push_back(value);
    return true;
  });
  EXPECT_EQ(visited, Numbers(1, 4)) << "the segment it held";
  EXPECT_FALSE(result.gap.has_value());
  EXPECT_EQ(result.next, 5u);
  const Met met = Read(log, result.next);
  ASSERT_TRUE(met.result.gap.has_value());
  EXPECT_EQ(met.result.gap->lost, log.oldest() - 5);
  EXPECT_EQ(met.values.front(), static_cast<int>(log.oldest()));
}

TEST_F(SequencedLogTest, AGapMarkerStandsBetweenWhatCameBeforeAndAfter) {
  Append(&log_, 1, 5);
  EXPECT_EQ(log_.AppendGap(kLostConnection), 6u);
  Append(&log_, 7, 9);
  const Met before = Read(log_, 1);
  EXPECT_EQ(before.values, Numbers(1, 5));
  EXPECT_FALSE(before.result.gap.has_value());
  EXPECT_EQ(before.result.next, 6u);
  const Met after = Read(log_, 6);
  ASSERT_TRUE(after.result.gap.has_value());
  EXPECT_EQ(after.result.gap->reason, GapReason::kBrokerDisconnected);
  EXPECT_FALSE(after.result.gap->lost.has_value());
  EXPECT_EQ(after.values, Numbers(7, 9));
  EXPECT_EQ(after.result.next, 10u);
}

TEST_F(SequencedLogTest, EachOfManyMarkersIsReportedOnce) {
  log_.AppendGap(kLostConnection);
  log_.AppendGap({GapReason::kNotSubscribed, std::nullopt});
  Append(&log_, 3, 3);
  log_.AppendGap(kLostConnection);
  const Met first = Read(log_, 1);
  EXPECT_EQ(first.result.gap->reason, GapReason::kBrokerDisconnected);
  EXPECT_TRUE(first.values.empty());
  const Met second = Read(log_, first.result.next);
  EXPECT_EQ(second.result.gap->reason, GapReason::kNotSubscribed);
  EXPECT_EQ(second.values, Numbers(3, 3));
  const Met third = Read(log_, second.result.next);
  EXPECT_EQ(third.result.gap->reason, GapReason::kBrokerDisconnected);
  EXPECT_EQ(third.result.next, 5u);
}

// The gap of a slow reader and a marker are two reports, not one.
TEST_F(SequencedLogTest, AMarkerAtTheOldestEntryFollowsTheReadersOwnGap) {
  Log log(SmallSegments(20000), &executor_, &scheduler_);
  Append(&log, 1, 40, 1000);
  for (int i = 0; i < 60; ++i) {
    log.AppendGap(kLostConnection);
    Append(&log, 0, 2, 1000);  // so every segment begins with a marker
  }
  const Met slow = Read(log, 1);
  EXPECT_EQ(slow.result.gap->reason, GapReason::kSlowReader);
  EXPECT_TRUE(slow.values.empty());
  const Met marker = Read(log, slow.result.next);
  EXPECT_EQ(marker.result.gap->reason, GapReason::kBrokerDisconnected);
  EXPECT_EQ(marker.values.size(), 3u);
}

TEST_F(SequencedLogTest, SeeksByTime) {
  const absl::Time start = scheduler_.Now();
  for (int i = 1; i <= 30; ++i) {
    Append(&log_, i, i);
    if (i % 3 == 0) scheduler_.Advance(absl::Seconds(1));  // three entries at each second
  }
  EXPECT_EQ(log_.oldest_time(), start);
  EXPECT_EQ(log_.SeekTime(start - absl::Hours(1)), 1u);
  EXPECT_EQ(log_.SeekTime(start), 1u);
  EXPECT_EQ(log_.SeekTime(start + absl::Nanoseconds(1)), 4u);
  for (int second = 0; second < 10; ++second) {
    EXPECT_EQ(log_.SeekTime(start + absl::Seconds(second)), static_cast<uint64_t>(3 * second + 1));
  }
  EXPECT_EQ(log_.SeekTime(start + absl::Seconds(10)), 31u) << "nothing so new: what comes next";
  EXPECT_EQ(log_.SeekTime(absl::InfiniteFuture()), 31u);
}

TEST_F(SequencedLogTest, SeekingBeforeTheOldestFindsTheOldest) {
  Log log(SmallSegments(20000), &executor_, &scheduler_);
  const absl::Time start = scheduler_.Now();
  for (int i = 1; i <= 100; ++i) {
    Append(&log, i, i, 1000);
    scheduler_.Advance(absl::Seconds(1));
  }
  EXPECT_EQ(log.SeekTime(start), log.oldest());
  EXPECT_EQ(log.oldest_time(), start + absl::Seconds(static_cast<int64_t>(log.oldest()) - 1));
}

TEST_F(SequencedLogTest, WaitsForWhatComes) {
  Inbox<int> woken;
  EXPECT_TRUE(log_.Wait(1, [&] { woken.Put(1); }).has_value());
  Drain(&executor_);
  EXPECT_TRUE(woken.empty());
  Append(&log_, 1, 3);
  EXPECT_EQ(woken.Take(), 1);
  EXPECT_FALSE(log_.Wait(1, [&] { woken.Put(2); }).has_value()) << "there is already";
  EXPECT_FALSE(log_.Wait(3, [&] { woken.Put(2); }).has_value());
  EXPECT_TRUE(log_.Wait(4, [&] { woken.Put(3); }).has_value());
  log_.AppendGap(kLostConnection);
  EXPECT_EQ(woken.Take(), 3) << "a marker is worth waking for";
  Drain(&executor_);
  EXPECT_TRUE(woken.empty());
}

TEST_F(SequencedLogTest, AWaitCanBeCancelled) {
  const std::optional<WaitId> id = log_.Wait(1, [] { FAIL(); });
  ASSERT_TRUE(id.has_value());
  EXPECT_TRUE(log_.CancelWait(*id));
  EXPECT_FALSE(log_.CancelWait(*id));
  Append(&log_, 1, 1);
  Drain(&executor_);
}

TEST_F(SequencedLogTest, MemoryStaysWithinItsBound) {
  constexpr size_t kBound = 50000;
  Log log(SmallSegments(kBound), &executor_, &scheduler_);
  for (int i = 1; i <= 2000; ++i) {
    Append(&log, i, i, static_cast<size_t>(i * 7919 % 5000));
    ASSERT_LE(log.bytes(), kBound) << i;
    ASSERT_EQ(Read(log, log.oldest()).result.next, log.next());
  }
  EXPECT_GT(log.bytes(), kBound / 2) << "it keeps less than it may";
}

// A segment has room for 256 entries; few large ones must not break the bound.
TEST_F(SequencedLogTest, LargeEntriesStayWithinTheBoundToo) {
  constexpr size_t kBound = 1 << 20;
  Log::Options options;
  options.max_bytes = kBound;
  Log log(options, &executor_, &scheduler_);
  for (int i = 1; i <= 100; ++i) {
    Append(&log, i, i, kBound / 10);
    ASSERT_LE(log.bytes(), kBound) << i;
  }
  const Met met = Read(log, log.oldest());
  EXPECT_GE(met.values.size(), 3u);
  EXPECT_EQ(met.values, Numbers(101 - static_cast<int>(met.values.size()), 100));
  // One larger than all: it is kept, alone.
  Append(&log, 101, 101, 10 * kBound);
  EXPECT_EQ(Read(log, log.oldest()).values.back(), 101);
  Append(&log, 102, 102, 10);
  EXPECT_EQ(Read(log, log.oldest()).values, Numbers(102, 102));
  EXPECT_LE(log.bytes(), kBound);
}

TEST_F(SequencedLogTest, ForgottenEntriesAreFreed) {
  struct Counted {
    explicit Counted(int* alive) : alive(alive) { ++*alive; }
    ~Counted() { --*alive; }
    int* const alive;
  };
  int alive = 0;
  {
    SequencedLog<Counted>::Options options;
    options.max_bytes = 10000;
    options.segment_entries = 4;
    SequencedLog<Counted> log(options, &executor_, &scheduler_);
    for (int i = 0; i < 1000; ++i) log.Append(std::make_unique<const Counted>(&alive), 100);
    EXPECT_EQ(static_cast<uint64_t>(alive), log.next() - log.oldest());
    EXPECT_LE(alive, 100);
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace wirepas_grpc::core
