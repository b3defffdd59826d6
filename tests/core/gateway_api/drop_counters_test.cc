// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/drop_counters.h"

#include <algorithm>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "spdlog/sinks/ostream_sink.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {
namespace {

const Instant kNow;

// Takes what is logged meanwhile.
class DropCountersTest : public testing::Test {
 protected:
  DropCountersTest() {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(log_);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
    spdlog::set_pattern("%v");
  }
  ~DropCountersTest() override { spdlog::set_default_logger(before_); }

  int Lines() {
    const std::string text = log_.str();
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  }

  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::ostringstream log_;
};

TEST_F(DropCountersTest, EachReasonHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int i = 1; i < static_cast<int>(DropReason::kCount); ++i) {
    names.insert(std::string(DropReasonName(static_cast<DropReason>(i))));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(DropReason::kCount) - 1);
  EXPECT_EQ(names.count("none"), 0u);
  EXPECT_EQ(names.count("mismatch"), 1u);
}

TEST_F(DropCountersTest, CountsByKind) {
  DropCounters drops;
  drops.Count(DropReason::kMismatch, "t", 77, kNow);
  drops.Count(DropReason::kMismatch, "t", 77, kNow);
  drops.Count(DropReason::kOversized, "t", 77, kNow);
  EXPECT_EQ(drops.count(DropReason::kMismatch), 2u);
  EXPECT_EQ(drops.count(DropReason::kOversized), 1u);
  EXPECT_EQ(drops.count(DropReason::kDuplicate), 0u);
}

TEST_F(DropCountersTest, LogsEachKindAtABoundedRate) {
  DropCounters drops;
  for (int i = 0; i < 1000; ++i) {
    drops.Count(DropReason::kMismatch, "topic-a", 77, kNow);
    drops.Count(DropReason::kMalformedPayload, "topic-b", 77, kNow);
  }
  EXPECT_EQ(Lines(), 2) << log_.str();
  EXPECT_NE(log_.str().find("mismatch on topic 'topic-a', 77 bytes"), std::string::npos)
      << log_.str();
  drops.Count(DropReason::kMismatch, "topic-a", 77, kNow + absl::Minutes(1));
  EXPECT_EQ(Lines(), 3);
  EXPECT_NE(log_.str().find("999 more"), std::string::npos) << log_.str();
}

TEST_F(DropCountersTest, DuplicatesAreCountedAndNotLogged) {
  DropCounters drops;
  drops.Count(DropReason::kDuplicate, "t", 77, kNow);
  EXPECT_EQ(drops.count(DropReason::kDuplicate), 1u);
  EXPECT_EQ(Lines(), 0) << log_.str();
}

TEST_F(DropCountersTest, AHostileTopicMakesOneShortPlainLine) {
  DropCounters drops;
  drops.Count(DropReason::kMalformedTopic, "\n\x1B[31m{}" + std::string(65000, '\xFF'), 77, kNow);
  EXPECT_EQ(Lines(), 1);
  EXPECT_LT(log_.str().size(), 600u);
  for (const char c : log_.str()) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7F));
}

TEST_F(DropCountersTest, CountsFromManyThreads) {
  DropCounters drops;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) drops.Count(DropReason::kUnknownTopic, "t", 77, kNow);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(drops.count(DropReason::kUnknownTopic), 4000u);
  EXPECT_EQ(Lines(), 1);
}

}  // namespace
}  // namespace wirepas_grpc::core
