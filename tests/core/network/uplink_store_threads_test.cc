// SPDX-License-Identifier: Apache-2.0
//
// Appending, reading, seeking and forgetting at the same time.
#include <atomic>
#include <thread>

#include "gtest/gtest.h"
#include "tests/core/network/uplink_store_fixture.h"

namespace wirepas_grpc::core {
namespace {

class UplinkStoreThreadsTest : public UplinkStoreFixture {};

// Follows the log and checks that every number is met or told.
struct Follower final : public UplinkStore::Visitor {
  bool OnPacket(uint64_t sequence, absl::Time, absl::string_view,
                absl::string_view payload) override {
    if (sequence != expected || payload != PayloadOf(sequence)) ++wrong;
    expected = sequence + 1;
    ++packets;
    return true;
  }
  bool OnGap(uint64_t, const Gap&) override {
    ++wrong;
    return true;
  }
  uint64_t expected = 1;
  uint64_t packets = 0;
  uint64_t wrong = 0;
};

TEST_F(UplinkStoreThreadsTest, ReadersMissNothingWhileItIsWrittenAndForgotten) {
  constexpr uint64_t kEntries = 20000;
  database_options_.write_buffer_bytes = 64 << 10;
  options_.max_bytes = 400 << 10;
  Open();
  std::atomic<bool> written = false;
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    for (uint64_t i = 1; i <= kEntries; ++i) {
      // A disk that cannot follow is waited for here, as a broker would not be.
      while (!store_->Append(store_->next(), absl::Now(), kTopic, PayloadOf(store_->next())).ok()) {
        ADD_FAILURE() << "not stored";
      }
    }
    written = true;
  });
  std::array<Follower, 2> followers;
  for (Follower& follower : followers) {
    threads.emplace_back([&] {
      uint64_t next = 1;
      while (next <= kEntries) {
        const auto result = store_->Read(next, {.max_entries = 100}, &follower);
        ASSERT_TRUE(result.ok()) << result.status();
        if (result->expired) ASSERT_LE(next, store_->oldest());
        follower.expected = next = result->next;
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
  for (const Follower& follower : followers) EXPECT_GT(follower.packets, 0u);
  EXPECT_EQ(store_->next(), kEntries + 1);
  Drain(&executor_);
}

}  // namespace
}  // namespace wirepas_grpc::core
