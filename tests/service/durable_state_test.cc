// SPDX-License-Identifier: Apache-2.0
#include "service/durable_state.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "core/base/scheduler.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/options.h"

namespace wirepas_grpc::service {
namespace {

constexpr char kTopic[] = "gw-event/received_data/gw/sink/1/2/3";

class DurableStateTest : public ::testing::Test {
 protected:
  DurableStateTest() {
    folder_ = (std::filesystem::temp_directory_path() / "durable_state_XXXXXX").string();
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    options_.state_dir = folder_ + "/state";
  }
  ~DurableStateTest() override {
    state_.reset();
    scheduler_.Stop();
    std::filesystem::remove_all(folder_);
  }

  void Open() {
    auto state = DurableState::Open(options_, &scheduler_);
    ASSERT_TRUE(state.ok()) << state.status();
    state_ = *std::move(state);
  }

  absl::Notification let_go_;  // outlives the tasks that wait for it
  std::string folder_;
  ServiceOptions options_;
  core::ThreadScheduler scheduler_;
  std::unique_ptr<DurableState> state_;
};

// After an outage all subscribers read from disk at once.
TEST_F(DurableStateTest, PacketsAreWrittenAndSyncedWhileReadersKeepTheirThreads) {
  Open();
  const core::UplinkLog::Durable uplinks = state_->uplinks();
  for (int i = 0; i < 64; ++i) {
    uplinks.readers->Post([this] { let_go_.WaitForNotification(); });
  }
  ASSERT_TRUE(uplinks.store->Append(1, absl::Now(), kTopic, "payload").ok());
  const absl::Time give_up = absl::Now() + absl::Seconds(60);
  while (uplinks.store->statistics().syncs == 0 && absl::Now() < give_up) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_EQ(uplinks.store->statistics().appended, 1u);
  EXPECT_GT(uplinks.store->statistics().syncs, 0u);
  let_go_.Notify();
}

TEST_F(DurableStateTest, TheFolderSaysWhichVersionWroteIt) {
  Open();
  std::ifstream file(options_.state_dir + "/format");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_THAT(text, testing::StartsWith("format 1\nformat 1\nversion 0."));
}

}  // namespace
}  // namespace wirepas_grpc::service
