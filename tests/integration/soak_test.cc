// SPDX-License-Identifier: Apache-2.0
//
// What grows without end shows only after a while: traffic for a while, as much in a
// short time as it is, with subscribers who come, go, and fall behind.
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/resuming_reader.h"
#include "tests/integration/test_length.h"

namespace wirepas_grpc::integration {
namespace {

// What a process has in memory, in KiB; 0 when that cannot be read.
int64_t MemoryKib(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/status"));
  std::string line;
  while (std::getline(file, line)) {
    int64_t kib = 0;
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() == 3 && words[0] == "VmRSS:" && absl::SimpleAtoi(words[1], &kib)) return kib;
  }
  return 0;
}

TEST(SoakTest, MemoryStaysFlat) {
  constexpr int kGateways = 20;
  constexpr int kRounds = 8;
  // An hour of 1,000 packets a second has 3,600,000.
  const uint64_t per_round = TestLength(20'000, 450'000);
  TemporaryDirectory state;
  Stack::Options options;
  options.broker.max_queued_messages = 10'000'000;
  options.simulator = {"--gateways", absl::StrCat(kGateways), "--rate", "0",
                       "--resend",   "--payload_size",        "100"};
  options.service = {"--state_dir", state.path() + "/state", "--uplink_log_bytes",
                     "4MiB",        "--uplink_max_bytes",    "8MiB"};
  Stack stack(std::move(options));
  ASSERT_TRUE(IsOk(stack.Start()));
  const pid_t pid = stack.service().process().pid();
  ResumingReader reader(stack.service().address());
  std::vector<int64_t> memory;
  uint64_t sent = 0;
  for (int round = 0; round < kRounds && !testing::Test::HasFailure(); ++round) {
    mesh::SubscribeUplinkRequest request;
    request.mutable_filter()->add_gateway_ids(absl::StrCat("sim-gw-", round));
    ResumingReader narrow(stack.service().address(), request);
    ResumingReader slow(stack.service().address());
    slow.SetPaused(true);
    ASSERT_TRUE(
        IsOk(stack.Control("all", {{"command", "burst"}, {"count", per_round / kGateways}})));
    sent += per_round;
    ASSERT_TRUE(reader.AwaitCount(sent));
    memory.push_back(MemoryKib(pid));
  }
  ExpectExactlyOnce(reader, sent);
  ASSERT_EQ(memory.size(), static_cast<size_t>(kRounds));
  ASSERT_GT(memory.front(), 0);
  // By half of the time all that is bounded has reached its bound.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // The sanitizers hold back what is freed, and have shadows of all of it.
  const int64_t noise = memory.front() / 4;
#else
  constexpr int64_t noise = 8 << 10;
#endif
  EXPECT_LT(memory.back(), memory[kRounds / 2] + noise) << testing::PrintToString(memory) << " KiB";
}

}  // namespace
}  // namespace wirepas_grpc::integration
