// SPDX-License-Identifier: Apache-2.0
//
// What a hostile peer does, others do not feel for long, and nothing of it stays. Each attack
// goes in two equal rounds, with a well-behaved client at work; docs/guarantees.md has the
// limits that make it so, and what they cannot do.
#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/hostile/attacks.h"
#include "tests/hostile/good_client.h"
#include "tests/hostile/process_figures.h"
#include "tests/integration/harness.h"
#include "tests/integration/http_get.h"
#include "tests/integration/messages.h"

namespace wirepas_grpc::hostile {
namespace {

using integration::Call;
using integration::Eventually;
using integration::IsOk;
using integration::mesh::ListGatewaysRequest;
using integration::mesh::NetworkService;

// The aim is 1 s, which a machine at rest keeps.
constexpr absl::Duration kLongestCall = absl::Seconds(5);
constexpr double kMostMoreMib = 20;
constexpr int kLeastCalls = 10;

// Their allocators keep what was freed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsTrue = false;
#else
constexpr bool kMemoryIsTrue = true;
#endif

class HostilePeerTest : public testing::TestWithParam<Attack> {
 public:
  static void SetUpTestSuite() {
    // Connections of our own, thousands of them.
    rlimit files = {};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    stack_ = std::make_unique<integration::Stack>(integration::Stack::Options());
    ASSERT_TRUE(IsOk(stack_->Start()));
  }
  static void TearDownTestSuite() { stack_.reset(); }

 protected:
  struct Round {
    uint64_t bytes = 0;
    double peak_mib = 0;  // above what was there before
    absl::Duration cpu;
  };

  static integration::ServiceProcess& service() { return stack_->service(); }

  Target target() const {
    Target target;
    target.grpc_port = service().port();
    target.metrics_port = service().metrics_port();
    return target;
  }

  Round Run() {
    Round round;
    const double before = figures_.ResidentMib();
    const absl::Duration cpu = figures_.CpuTime();
    figures_.ForgetPeak();
    round.bytes = GetParam().run(target());
    EXPECT_TRUE(Eventually([this] { return Connections() <= connections_; }))
        << "connections stay: " << Connections() << " instead of " << connections_;
    round.peak_mib = figures_.PeakMib() - before;
    round.cpu = figures_.CpuTime() - cpu;
    return round;
  }

  // Negative while the metrics cannot be had.
  static double Connections() {
    const double connections = service().Metric("wirepas_grpc_connections");
    return connections < 0 ? 1e9 : connections;
  }

  bool Serves() const {
    const auto stub = NetworkService::NewStub(service().NewChannel());
    return Call(stub.get(), &NetworkService::Stub::ListGateways, ListGatewaysRequest()).ok();
  }

  static inline std::unique_ptr<integration::Stack> stack_;
  const ProcessFigures figures_{service().process().pid()};
  double connections_ = 0;  // before
};

TEST_P(HostilePeerTest, LeavesNothingAndOthersAreServed) {
  GoodClient client(service(), integration::kGateway);
  ASSERT_TRUE(Eventually([] { return Connections() < 10; }));
  connections_ = Connections();
  const int descriptors = figures_.Descriptors();

  const Round first = Run();
  const double resident = figures_.ResidentMib();
  const Round second = Run();
  EXPECT_TRUE(Eventually([&] { return client.calls() > kLeastCalls; }));
  client.Stop();

  EXPECT_EQ(client.failures(), 0) << client.last_failure();
  EXPECT_LT(client.longest(), kLongestCall);
  EXPECT_TRUE(Serves());
  EXPECT_TRUE(Eventually([&] { return figures_.Descriptors() <= descriptors + 2; }))
      << figures_.Descriptors() << " descriptors instead of " << descriptors;
  if (kMemoryIsTrue) {
    EXPECT_TRUE(Eventually([&] { return figures_.ResidentMib() <= resident + kMostMoreMib; }))
        << figures_.ResidentMib() << " MiB after the second round, " << resident
        << " MiB after the first";
    EXPECT_LT(std::max(first.peak_mib, second.peak_mib), GetParam().most_mib);
  }
  absl::PrintF("%-24s %6.1f MB sent, +%.0f/+%.0f MiB at most, %s/%s of CPU, a call took %s\n",
               GetParam().name, static_cast<double>(first.bytes) / 1e6, first.peak_mib,
               second.peak_mib, absl::FormatDuration(first.cpu), absl::FormatDuration(second.cpu),
               absl::FormatDuration(absl::Trunc(client.longest(), absl::Milliseconds(1))));
}

std::string NameOf(const testing::TestParamInfo<Attack>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Connections, HostilePeerTest, testing::ValuesIn(ConnectionAttacks()),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Calls, HostilePeerTest, testing::ValuesIn(CallAttacks()), NameOf);
INSTANTIATE_TEST_SUITE_P(Frames, HostilePeerTest, testing::ValuesIn(FrameAttacks()), NameOf);
INSTANTIATE_TEST_SUITE_P(Metrics, HostilePeerTest, testing::ValuesIn(MetricsAttacks()), NameOf);

}  // namespace
}  // namespace wirepas_grpc::hostile
