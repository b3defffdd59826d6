// SPDX-License-Identifier: Apache-2.0
//
// The log with one writer and many readers at once.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/traffic/sequenced_log.h"
#include "gtest/gtest.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

struct Entry {
  uint64_t number;
  std::string text;  // on the heap, so that a use after free shows
};
using Log = SequencedLog<Entry>;

constexpr uint64_t kEntries = 50000;

std::string TextOf(uint64_t number) {
  return "a text that is kept on the heap " + std::to_string(number);
}

// Every seventh is a marker.
void Write(Log* log) {
  for (uint64_t i = 1; i <= kEntries; ++i) {
    if (i % 7 == 0) {
      log->AppendGap({GapReason::kBrokerDisconnected, std::nullopt});
    } else {
      log->Append(std::unique_ptr<const Entry>(new Entry{i, TextOf(i)}), 100);
    }
  }
}

struct Account {
  uint64_t visited = 0;
  uint64_t lost = 0;
  uint64_t markers = 0;
};

// Reads all there is to its end, waiting where nothing is, and checks every entry.
Account ReadAll(Log* log, size_t max_scan) {
  Account account;
  Log::Sequence next = 1;
  while (next <= kEntries) {
    Log::Sequence expected = next;
    const Log::ReadResult result = log->Read(next, max_scan, [&](const Entry& entry) {
      if (entry.number < expected || entry.number % 7 == 0 || entry.text != TextOf(entry.number)) {
        ADD_FAILURE() << "entry " << entry.number << " where " << expected << " was due";
      }
      expected = entry.number + 1;
      ++account.visited;
      return true;
    });
    if (result.gap.has_value()) {
      if (result.gap->lost.has_value()) {
        account.lost += *result.gap->lost;
      } else {
        ++account.markers;
      }
    }
    if (result.next != next) {
      next = result.next;
      continue;
    }
    auto woken = std::make_shared<Inbox<bool>>();
    if (log->Wait(next, [woken] { woken->Put(true); }).has_value() && !woken->Take().has_value()) {
      ADD_FAILURE() << "not woken at " << next;
      return account;
    }
  }
  return account;
}

class SequencedLogThreadsTest : public testing::Test {
 protected:
  ~SequencedLogThreadsTest() override {
    scheduler_.Stop();
    executor_.Stop();
  }

  // What each reader saw, for readers of different greed.
  std::vector<Account> Run(const Log::Options& options) {
    Log log(options, &executor_, &scheduler_);
    const std::vector<size_t> greed = {1, 3, 64, 1000};
    std::vector<Account> accounts(greed.size());
    std::vector<std::thread> readers;
    for (size_t i = 0; i < greed.size(); ++i) {
      readers.emplace_back([&, i] { accounts[i] = ReadAll(&log, greed[i]); });
    }
    std::thread writer([&] { Write(&log); });
    writer.join();
    for (std::thread& reader : readers) reader.join();
    executor_.Stop();  // what it still has to wake refers to the log
    EXPECT_LE(log.bytes(), options.max_bytes);
    return accounts;
  }

  ThreadScheduler scheduler_;
  Executor executor_{2};
};

TEST_F(SequencedLogThreadsTest, EveryReaderGetsEverythingThatFits) {
  Log::Options options;  // 64 MiB: nothing is forgotten
  for (const Account& account : Run(options)) {
    EXPECT_EQ(account.lost, 0u);
    EXPECT_EQ(account.markers, kEntries / 7);
    EXPECT_EQ(account.visited, kEntries - kEntries / 7);
  }
}

TEST_F(SequencedLogThreadsTest, SlowReadersAccountForEveryEntryTheyMiss) {
  Log::Options options;
  options.max_bytes = 40000;
  options.segment_entries = 8;
  for (const Account& account : Run(options)) {
    EXPECT_EQ(account.visited + account.lost + account.markers, kEntries);
    EXPECT_GT(account.visited, 0u);
  }
}

TEST_F(SequencedLogThreadsTest, WakeUpsKeptApartLoseNothing) {
  Log::Options options;
  options.min_wake_interval = absl::Milliseconds(2);
  for (const Account& account : Run(options)) {
    EXPECT_EQ(account.visited + account.markers, kEntries);
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
