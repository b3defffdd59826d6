// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/gap_counters.h"

#include <memory>
#include <set>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "spdlog/sinks/ostream_sink.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {
namespace {

TEST(GapCountersTest, EachReasonHasANameAndACounterOfItsOwn) {
  std::set<std::string> names;
  GapCounters counters;
  uint64_t expected = 0;
  for (const GapReason reason : kGapReasons) {
    names.insert(std::string(GapReasonName(reason)));
    ++expected;
    for (uint64_t i = 0; i < expected; ++i) counters.Count({reason, {}}, Instant());
  }
  EXPECT_EQ(names.size(), kGapReasons.size());
  expected = 0;
  for (const GapReason reason : kGapReasons) EXPECT_EQ(counters.count(reason), ++expected);
}

TEST(GapCountersTest, LogsAtABoundedRateAndSaysHowMany) {
  const auto before = spdlog::default_logger();
  std::ostringstream log;
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  spdlog::set_pattern("%v");
  GapCounters counters;
  Instant now;
  for (int i = 0; i < 100; ++i) counters.Count({GapReason::kSlowReader, 42}, now);
  counters.Count({GapReason::kStorageLoss, std::nullopt}, now);
  now += absl::Hours(1);
  counters.Count({GapReason::kSlowReader, 7}, now);
  spdlog::set_default_logger(before);
  EXPECT_EQ(log.str(),
            "a subscriber misses 42 packets: slow_subscriber (0 more since the last line)\n"
            "a subscriber misses some packets: storage_loss (0 more since the last line)\n"
            "a subscriber misses 7 packets: slow_subscriber (99 more since the last line)\n");
}

}  // namespace
}  // namespace wirepas_grpc::core
