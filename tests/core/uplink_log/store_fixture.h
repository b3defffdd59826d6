// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_UPLINK_LOG_STORE_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_UPLINK_LOG_STORE_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/executor.h"
#include "core/storage/database.h"
#include "core/uplink_log/store.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"
#include "tests/support/process.h"

namespace wirepas_grpc::core {

// What one Read() visited.
struct Met final : public UplinkStore::Visitor {
  struct Entry {
    uint64_t sequence = 0;
    absl::Time arrival;
    std::string topic;
    std::string payload;
    std::optional<Gap> gap;
  };

  bool OnPacket(uint64_t sequence, absl::Time arrival, absl::string_view topic,
                absl::string_view payload) override {
    if (entries.size() == refuse_after) return false;
    entries.push_back({sequence, arrival, std::string(topic), std::string(payload), {}});
    return true;
  }
  bool OnGap(uint64_t sequence, const Gap& gap) override {
    if (entries.size() == refuse_after) return false;
    entries.push_back({sequence, absl::InfinitePast(), "", "", gap});
    return true;
  }

  std::vector<uint64_t> sequences() const {
    std::vector<uint64_t> sequences;
    for (const Entry& entry : entries) sequences.push_back(entry.sequence);
    return sequences;
  }

  std::vector<Entry> entries;
  size_t refuse_after = static_cast<size_t>(-1);
};

inline std::string PayloadOf(uint64_t sequence) { return absl::StrCat("payload ", sequence); }
inline constexpr char kTopic[] = "gw-event/received_data/gateway/sink0/1/2/3";

// An uplink log in a folder of its own, opened and closed as the test wants.
class UplinkStoreFixture : public ::testing::Test {
 protected:
  UplinkStoreFixture() {
    database_options_.directory = folder_.File("state");
    database_options_.salvaged = {UplinkStore::kTable};
    options_.journal_bytes = 32 << 10;  // less than the smallest write buffers of the tests
  }
  ~UplinkStoreFixture() override { CloseAll(); }

  // Opens both; a failure fails the test.
  void Open() {
    auto database = Database::Open(database_options_, {UplinkStore::kTable});
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = std::move(*database);
    auto store = UplinkStore::Open(options_, database_.get(), &scheduler_, &executor_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = std::move(*store);
  }

  void CloseAll() {
    store_.reset();
    database_.reset();
  }

  void Reopen() {
    CloseAll();
    Open();
  }

  // Goes on with a copy of the files as they are now: as after a SIGKILL.
  void Crash() {
    const std::string copy = folder_.File(absl::StrCat("state", ++crashes_));
    ASSERT_TRUE(CopyAtRest(database_options_.directory, copy));
    CloseAll();
    database_options_.directory = copy;
    Open();
  }

  uint64_t Append() {
    const uint64_t sequence = store_->next();
    EXPECT_TRUE(store_->Append(sequence, scheduler_.Now(), kTopic, PayloadOf(sequence)).ok());
    return sequence;
  }
  void Append(int count) {
    for (int i = 0; i < count; ++i) Append();
  }

  Met Read(uint64_t from,
           const UplinkStore::ReadLimits& limits = {.max_entries = 1000000, .max_bytes = 1 << 30}) {
    Met met;
    const auto result = store_->Read(from, limits, &met);
    EXPECT_TRUE(result.ok()) << result.status();
    if (result.ok()) last_ = *result;
    return met;
  }

  int crashes_ = 0;
  TemporaryDirectory folder_{TemporaryDirectory::kInMemory};
  FakeScheduler scheduler_;
  Executor executor_{1};
  Database::Options database_options_;
  UplinkStore::Options options_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<UplinkStore> store_;
  UplinkStore::ReadResult last_;  // of the last Read()
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_UPLINK_LOG_STORE_FIXTURE_H_
