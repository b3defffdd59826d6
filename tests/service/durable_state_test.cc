// SPDX-License-Identifier: Apache-2.0
#include "service/durable_state.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "core/base/scheduler.h"
#include "core/nodes/collector.h"
#include "core/otap/node_status_collector.h"
#include "core/uplink_log/store.h"
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

// A newer one has written it.
TEST_F(DurableStateTest, AFormatThatIsNotKnownIsRefusedInALineAndLeftAlone) {
  Open();
  core::Database* const database = state_->database();
  EXPECT_EQ(*database->Get(database->meta(), "state/format"), "1");
  const std::string id = state_->mqtt_client_id();
  for (const char* format : {"2", "a\nb"}) {
    SCOPED_TRACE(format);
    core::Database* const open = state_->database();
    ASSERT_TRUE(open->Put(open->meta(), "state/format", format).ok());
    ASSERT_TRUE(open->Put(open->meta(), "state/version", "9.8.7").ok());
    state_.reset();
    const auto refused = DurableState::Open(options_, &scheduler_);
    ASSERT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
    const std::string why(refused.status().message());
    EXPECT_THAT(why, testing::StartsWith("--state_dir: the state was written by version 9.8.7"));
    EXPECT_THAT(why, testing::Not(testing::HasSubstr("\n")));
    // Whoever knows it still has it all.
    const std::vector<std::string> tables = {core::UplinkStore::kTable, core::NodeCollector::kTable,
                                             core::NodeStatusCollector::kTable};
    auto left = core::Database::Open({.directory = options_.state_dir, .salvaged = {}}, tables);
    ASSERT_TRUE(left.ok()) << left.status();
    EXPECT_EQ(*(*left)->Get((*left)->meta(), "state/format"), format);
    ASSERT_TRUE((*left)->Put((*left)->meta(), "state/format", "1").ok());
    left->reset();
    Open();
    EXPECT_EQ(state_->mqtt_client_id(), id);
  }
}

// Those of before there was a number.
TEST_F(DurableStateTest, AStateWithoutAFormatIsOfTheFirst) {
  Open();
  core::Database* database = state_->database();
  ASSERT_TRUE(database->Delete(database->meta(), "state/format").ok());
  state_.reset();
  Open();
  database = state_->database();
  EXPECT_EQ(*database->Get(database->meta(), "state/format"), "1");
}

}  // namespace
}  // namespace wirepas_grpc::service
