// SPDX-License-Identifier: Apache-2.0
//
// A state that is restored from a backup: see docs/operating.md.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/integration/durable_state_fixture.h"
#include "tests/integration/messages.h"
#include "tests/integration/uplink_stream.h"
#include "tests/support/process.h"

namespace wirepas_grpc::integration {
namespace {

namespace fs = std::filesystem;

class BackupTest : public DurableStateTest, public testing::WithParamInterface<bool> {};

// What came after the backup is unknown to what is restored, also what the broker has delivered by
// then. With true the backup is a snapshot of a service that runs.
TEST_P(BackupTest, WhatCameSinceIsToldAsAGap) {
  Start();
  std::string before;
  {
    UplinkStream stream(stack_->stub());
    Burst(50);
    stream.Take(100);
    before = stream.cursor();
  }
  const bool runs = GetParam();
  const std::string backup = state_.path() + "/backup";
  if (runs) {
    ASSERT_TRUE(CopyAtRest(StateDir(), backup));
  } else {
    stack_->StopService();
    fs::copy(StateDir(), backup, fs::copy_options::recursive);
    ASSERT_TRUE(IsOk(stack_->StartService()));
  }
  std::string since;
  {
    UplinkStream stream(stack_->stub(), After(before));
    Burst(50);
    stream.Take(100);
    since = stream.cursor();
  }
  stack_->StopService();
  fs::remove_all(StateDir());
  fs::copy(backup, StateDir(), fs::copy_options::recursive);
  std::ofstream(StateDir() + "/restored").flush();
  ASSERT_TRUE(IsOk(stack_->StartService()));
  Burst(10);
  const auto expect_gap = [&](const std::string& cursor) {
    UplinkStream stream(stack_->stub(), After(cursor));
    const std::vector<mesh::Uplink> uplinks = stream.Take(20);
    ASSERT_EQ(uplinks.size(), 20u);
    EXPECT_EQ(SequenceOf(uplinks.front()), 100u);
    ASSERT_EQ(stream.gaps().size(), 1u);
    EXPECT_EQ(stream.gaps()[0].reason(), mesh::GAP_REASON_STORAGE_LOSS);
  };
  expect_gap(before);
  if (runs) {
    expect_gap(since);
  } else {
    const auto refusal = RefusalOf(stack_->stub(), After(since));
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(refusal->error_code(), StatusCode::OUT_OF_RANGE);
  }
  // Once: it is not a restored one any more.
  EXPECT_FALSE(fs::exists(StateDir() + "/restored"));
  RestartService();
  expect_gap(before);
}

INSTANTIATE_TEST_SUITE_P(Backups, BackupTest, testing::Bool());

}  // namespace
}  // namespace wirepas_grpc::integration
