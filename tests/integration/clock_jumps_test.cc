// SPDX-License-Identifier: Apache-2.0
//
// The wall clock of the running service is set, ahead and back, by minutes, days and years,
// while a subscriber reads and resumes: nothing is lost, dropped or put off. The clock is
// libfaketime's; the monotonic one stays as it is.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/resuming_reader.h"
#include "tests/integration/stream_reader.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

namespace fs = std::filesystem;

// Empty: it is not installed.
std::string FakeTimeLibrary() {
  std::error_code ignored;
  for (const auto& folder : fs::directory_iterator("/usr/lib", ignored)) {
    const fs::path library = folder.path() / "faketime/libfaketimeMT.so.1";
    if (fs::exists(library, ignored)) return library;
  }
  return "";
}

// One that is preloaded does not get on with another that wants to be the first.
constexpr bool Sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return true;
#endif
#endif
  return false;
}

class ClockJumpsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (Sanitized()) GTEST_SKIP() << "libfaketime and sanitizers do not go together";
    const std::string library = FakeTimeLibrary();
    if (library.empty()) GTEST_SKIP() << "there is no libfaketime";
    SetClock("+0");
    Stack::Options options;
    options.broker.max_queued_messages = 1'000'000;
    options.simulator = {"--gateways", "2", "--sinks", "1", "--rate", "0", "--payload_size", "20"};
    options.service = {"--state_dir", folder_.File("state"), "--uplink_retention",
                       "1h",          "--shutdown_grace",    "3s"};
    options.service_environment = {{"LD_PRELOAD", library},
                                   {"FAKETIME_TIMESTAMP_FILE", folder_.File("clock")},
                                   {"FAKETIME_NO_CACHE", "1"},
                                   {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
                                   {"NO_FAKE_STAT", "1"}};
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
  }

  // How far the service's clock is from the true one.
  void SetClock(const std::string& offset) {
    const std::string made = folder_.File("clock.new");
    std::ofstream(made) << offset << "\n";
    fs::rename(made, folder_.File("clock"));
  }
  // So many from each of the two gateways.
  void Burst(int count) {
    ASSERT_TRUE(IsOk(stack_->Control("all", {{"command", "burst"}, {"count", count}})));
  }
  void SendOne() {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kBound));
    mesh::SendMessageResponse response;
    const grpc::Status status =
        stack_->stub()->SendMessage(&context, SendRequest(kGateway, kSink), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  // What is too old has been forgotten since the call. Every ten seconds that is done, and
  // then it is told what the state takes; more of it has come before the call.
  void AwaitUpkeep(double state_bytes_before) {
    const absl::Time end = absl::Now() + kBound;
    while (StateBytes() == state_bytes_before) {
      ASSERT_LT(absl::Now(), end) << "no upkeep";
      absl::SleepFor(absl::Milliseconds(100));
    }
  }
  double StateBytes() { return stack_->service().Metric("wirepas_grpc_state_bytes"); }

  TemporaryDirectory folder_;
  std::unique_ptr<Stack> stack_;
};

TEST_F(ClockJumpsTest, NothingIsLostAndRequestsGoOn) {
  uint64_t sent = 0;
  {
    ResumingReader reader(stack_->service().address());
    for (const char* offset :
         {"+1h", "-1h", "+10y", "-2d", "+40", "-8d", "+8d", "-40y", "+30y", "+0"}) {
      const double state_bytes = StateBytes();
      SetClock(offset);
      Burst(50);
      sent += 100;
      ASSERT_TRUE(reader.AwaitCount(sent)) << offset;
      SendOne();
      reader.BreakStream();
      if (offset == std::string("+8d")) AwaitUpkeep(state_bytes);
    }
    ExpectExactlyOnce(reader, sent);
  }
  // Between two runs as well.
  for (const char* offset : {"+30y", "-40y", "+0"}) {
    stack_->StopService();
    SetClock(offset);
    ASSERT_TRUE(IsOk(stack_->StartService()));
    const double state_bytes = StateBytes();
    Burst(10);
    sent += 20;
    if (offset == std::string("+30y")) AwaitUpkeep(state_bytes);
  }
  mesh::SubscribeUplinkRequest oldest;
  oldest.set_oldest(true);
  UplinkStream all(stack_->stub(), oldest);
  SequenceCheck check;
  check.Add(all.Take(sent));
  EXPECT_EQ(check.next(kGateway), sent / 2);
  EXPECT_TRUE(all.gaps().empty());
}

// No wait of the service hangs on the wall clock: limits of requests pass while it is set, and
// SIGTERM ends the service while a request is under way.
TEST_F(ClockJumpsTest, LimitsPassAndItEnds) {
  ASSERT_TRUE(IsOk(stack_->SetFaults("all", {{"no_answer", "all"}})));
  const auto under_way = [&] {
    return Eventually(
        [&] { return stack_->service().Metric("wirepas_grpc_pending_requests") >= 1; });
  };
  for (const char* offset : {"+1h", "-2d", "+10y", "-1h"}) {
    AsyncCall<mesh::GetGatewayInfoResponse> call(
        stack_->stub(), &mesh::NetworkService::Stub::GetGatewayInfo,
        To<mesh::GetGatewayInfoRequest>(kGateway), kNoDeadline);
    ASSERT_TRUE(under_way()) << offset;
    SetClock(offset);
    ASSERT_TRUE(Eventually([&] { return call.done(); })) << offset;
    EXPECT_EQ(call.Get().status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << offset;
  }
  // It waits for longer than the service has.
  AsyncCall<mesh::SendMessageResponse> call(
      stack_->stub(), &mesh::NetworkService::Stub::SendMessage, SendRequest(kGateway, kSink));
  ASSERT_TRUE(under_way());
  StreamReader<mesh::WatchBrokerResponse> watch(
      stack_->stub(), &mesh::NetworkService::Stub::WatchBroker, mesh::WatchBrokerRequest());
  ASSERT_TRUE(watch.Next().has_value());
  // A wait that ended by the wall clock would begin now and last for ten years.
  SetClock("+10y");
  stack_->service().process().Signal(SIGTERM);
  ASSERT_TRUE(watch.WaitForEnd().has_value());
  SetClock("-2d");
  EXPECT_EQ(stack_->service().process().Wait(kBound), 0);
  EXPECT_FALSE(call.Get().status.ok());
}

}  // namespace
}  // namespace wirepas_grpc::integration
