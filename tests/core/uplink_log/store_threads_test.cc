// SPDX-License-Identifier: Apache-2.0
//
// Appending, reading, seeking and forgetting at the same time.
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/core/uplink_log/store_fixture.h"

namespace wirepas_grpc::core {
namespace {

class UplinkStoreThreadsTest : public UplinkStoreFixture {};

// What one read met: a row of packets without a gap, if all is right.
struct Row final : public UplinkStore::Visitor {
  bool OnPacket(uint64_t sequence, absl::Time, absl::string_view,
                absl::string_view payload) override {
    if (packets == 0) first = sequence;
    if (sequence != first + packets || payload != PayloadOf(sequence)) wrong = true;
    ++packets;
    return true;
  }
  bool OnGap(uint64_t, const Gap&) override {
    wrong = true;
    return true;
  }
  uint64_t first = 0;
  uint64_t packets = 0;
  bool wrong = false;
};

TEST_F(UplinkStoreThreadsTest, ReadersMissNothingWhileItIsWrittenAndForgotten) {
  constexpr uint64_t kEntries = 20000;
  database_options_.write_buffer_bytes = 256 << 10;  // few enough that none waits for the disk
  options_.max_bytes = 400 << 10;
  Open();
  std::atomic<bool> written = false;
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    for (uint64_t i = 1; i <= kEntries; ++i) {
      ASSERT_TRUE(store_->Append(i, absl::Now(), kTopic, PayloadOf(i)).ok());
    }
    written = true;
  });
  std::array<uint64_t, 2> packets = {};
  for (uint64_t& count : packets) {
    threads.emplace_back([&] {
      uint64_t next = 1;
      while (next <= kEntries) {
        Row row;
        const auto result = store_->Read(next, {.max_entries = 100}, &row);
        ASSERT_TRUE(result.ok()) << result.status();
        EXPECT_FALSE(row.wrong);
        if (row.packets > 0) {
          EXPECT_EQ(row.first > next, result->expired);
          EXPECT_EQ(result->next, row.first + row.packets);
        }
        count += row.packets;
        next = result->next;
      }
    });
  }
  threads.emplace_back([&] {
    while (!written) {
      ASSERT_TRUE(store_->ApplyRetention().ok());
      ASSERT_TRUE(store_->SeekTime(absl::Now() - absl::Milliseconds(50)).ok());
      store_->Resolve(store_->run_id(), 5);
      store_->statistics();
      store_->oldest_time();
      scheduler_.Advance(absl::Seconds(1));
    }
  });
  for (std::thread& thread : threads) thread.join();
  for (const uint64_t count : packets) EXPECT_GT(count, 0u);
  EXPECT_EQ(store_->next(), kEntries + 1);
  Drain(&executor_);
}

}  // namespace
}  // namespace wirepas_grpc::core
