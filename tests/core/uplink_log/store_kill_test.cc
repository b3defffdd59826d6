// SPDX-License-Identifier: Apache-2.0
//
// A process that appends is killed: what it reported as stored is there.
#include <csignal>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/core/uplink_log/store_fixture.h"

namespace wirepas_grpc::core {
namespace {

class UplinkStoreKillTest : public UplinkStoreFixture,
                            public ::testing::WithParamInterface<const char*> {
 protected:
  // Lets a writer append at least `count` entries and kills it. Returns the last one it
  // reported; 0 when something went wrong.
  uint64_t WriteAndKill(size_t count) {
    ChildProcess::Options options;
    options.argv = {WIREPAS_UPLINK_STORE_WRITER, database_options_.directory, GetParam()};
    auto writer = ChildProcess::Start(options);
    if (!writer.ok()) return 0;
    const absl::Time limit = absl::Now() + absl::Seconds(60);
    while (CountLines((*writer)->output()) < count) {
      if ((*writer)->Wait(absl::Milliseconds(1)).has_value() || absl::Now() > limit) {
        ADD_FAILURE() << (*writer)->output().substr(0, 1000);
        return 0;
      }
    }
    EXPECT_EQ((*writer)->Kill(), 128 + SIGKILL);
    return LastNumber((*writer)->output());
  }

  static size_t CountLines(const std::string& output) {
    return static_cast<size_t>(std::count(output.begin(), output.end(), '\n'));
  }

  static uint64_t LastNumber(const std::string& output) {
    const std::vector<std::string> lines = absl::StrSplit(output, '\n');
    uint64_t number = 0;
    // The last piece is what follows the last line end: nothing, or half a line.
    EXPECT_TRUE(lines.size() >= 2 && absl::SimpleAtoi(lines[lines.size() - 2], &number));
    return number;
  }
};

TEST_P(UplinkStoreKillTest, WhatWasReportedIsThere) {
  std::mt19937 random(7);
  const int kills = std::getenv("WIREPAS_GRPC_LONG_TESTS") != nullptr ? 100 : 8;
  for (int i = 0; i < kills; ++i) {
    const uint64_t last = WriteAndKill(1 + random() % 4000);
    ASSERT_GT(last, 0u);
    Open();
    ASSERT_FALSE(HasFatalFailure());
    // The one after the last reported may have been stored as well.
    EXPECT_GE(store_->next(), last + 1);
    EXPECT_LE(store_->next(), last + 2);
    EXPECT_FALSE(store_->began_with_loss());
    const Met met = Read(store_->oldest());
    uint64_t expected = store_->oldest();
    for (const Met::Entry& entry : met.entries) {
      EXPECT_FALSE(entry.gap.has_value()) << "a gap at " << entry.sequence;
      EXPECT_EQ(entry.sequence, expected++);
      EXPECT_EQ(entry.payload, PayloadOf(entry.sequence));
    }
    EXPECT_EQ(expected, store_->next());
    CloseAll();
  }
}

TEST_P(UplinkStoreKillTest, AnotherProcessIsRefusedMeanwhile) {
  ChildProcess::Options options;
  options.argv = {WIREPAS_UPLINK_STORE_WRITER, database_options_.directory, GetParam()};
  auto writer = ChildProcess::Start(options);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->WaitForLine("1", absl::Seconds(30)).ok());
  const auto refused = Database::Open(database_options_, {UplinkStore::kTable});
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << refused.status();
  // The writer goes on undisturbed.
  const size_t lines = CountLines((*writer)->output());
  EXPECT_TRUE((*writer)->WaitForLine("1", absl::Seconds(30), (*writer)->output().size()).ok());
  EXPECT_GT(CountLines((*writer)->output()), lines);
}

INSTANTIATE_TEST_SUITE_P(Policies, UplinkStoreKillTest,
                         ::testing::Values("never", "interval", "every"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace wirepas_grpc::core
