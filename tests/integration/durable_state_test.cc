// SPDX-License-Identifier: Apache-2.0
//
// --state_dir: what is kept over restarts, and what happens when the folder or the disk
// is not as it should be.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/durable_state_fixture.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/resuming_reader.h"
#include "tests/integration/test_length.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST_F(DurableStateTest, CursorsTimesAndTheOldestAreGoodAfterARestart) {
  Start();
  std::string cursor;
  SequenceCheck check;
  absl::Time between;
  {
    UplinkStream stream(stack_->stub());
    Burst(100);
    check.Add(stream.Take(200));
    cursor = stream.cursor();
    // Times are found early rather than late, by 10 ms at most.
    absl::SleepFor(absl::Milliseconds(15));
    between = absl::Now();
    Burst(50);
    stream.Take(100);
  }
  RestartService();
  Burst(10);  // nobody has subscribed since
  {
    UplinkStream stream(stack_->stub(), After(cursor));
    check.Add(stream.Take(120));
    EXPECT_TRUE(stream.gaps().empty());
  }
  {
    SequenceCheck all;
    UplinkStream stream(stack_->stub(), Oldest());
    all.Add(stream.Take(320));
    EXPECT_EQ(all.next(kGateway), 160u);
    EXPECT_TRUE(stream.gaps().empty());
  }
  UplinkStream stream(stack_->stub(), From(between));
  const std::vector<mesh::Uplink> later = stream.Take(120);
  ASSERT_EQ(later.size(), 120u);
  EXPECT_EQ(SequenceOf(later.front()), 100u);
  EXPECT_TRUE(stream.gaps().empty());
}

TEST_F(DurableStateTest, ResumingFromTheFirstCursorTellsNoGap) {
  Start();
  std::vector<std::string> cursors;
  for (const mesh::SubscribeUplinkRequest& start : {Oldest(), mesh::SubscribeUplinkRequest()}) {
    UplinkStream stream(stack_->stub(), start);
    EXPECT_TRUE(stream.gaps().empty());
    cursors.push_back(stream.cursor());
  }
  for (const bool restart : {false, true}) {
    if (restart) RestartService();
    for (const std::string& cursor : cursors) {
      UplinkStream stream(stack_->stub(), After(cursor));
      EXPECT_TRUE(stream.gaps().empty()) << restart;
    }
  }
}

TEST_F(DurableStateTest, WhatComesWhileTheServiceIsAwayIsNotLost) {
  Start();
  std::string cursor;
  {
    UplinkStream stream(stack_->stub());
    cursor = stream.cursor();
  }
  stack_->StopService();
  Burst(500);
  ASSERT_TRUE(IsOk(stack_->StartService()));
  UplinkStream stream(stack_->stub(), After(cursor));
  SequenceCheck check;
  check.Add(stream.Take(1000));
  EXPECT_TRUE(stream.gaps().empty());
}

// Also the filter is remembered: the broker keeps for the service what somebody wanted.
TEST_F(DurableStateTest, OnlyWhatWasWantedIsKeptWhileTheServiceIsAway) {
  Start();
  mesh::SubscribeUplinkRequest request;
  request.mutable_filter()->add_gateway_ids(kGateway);
  {
    UplinkStream stream(stack_->stub(), request);
    request.set_after_cursor(stream.cursor());
  }
  stack_->StopService();
  Burst(100);
  ASSERT_TRUE(IsOk(stack_->StartService()));
  {
    UplinkStream stream(stack_->stub(), request);
    for (const mesh::Uplink& uplink : stream.Take(100)) EXPECT_EQ(uplink.gateway_id(), kGateway);
    EXPECT_TRUE(stream.gaps().empty());
  }
  // Of the other gateway nothing was taken, and that is told.
  request.mutable_filter()->set_gateway_ids(0, kOtherGateway);
  UplinkStream other(stack_->stub(), request);
  ASSERT_EQ(other.gaps().size(), 1u);
  EXPECT_EQ(other.gaps()[0].reason(), mesh::GAP_REASON_NOT_SUBSCRIBED);
  EXPECT_EQ(stack_->service().Metric("wirepas_grpc_uplinks_total"), 100);
}

TEST_F(DurableStateTest, PacketsThatTheBrokerSendsAgainAreDroppedAfterARestart) {
  Start();
  const auto peer = stack_->NewPeer();
  const std::string again = Encoded(UplinkEvent(kGateway, kSink, 4711));
  const std::string other = Encoded(UplinkEvent(kGateway, kSink, 4712));
  std::string cursor;
  {
    UplinkStream stream(stack_->stub());
    ASSERT_TRUE(IsOk(peer->Publish(UplinkTopic(kGateway, kSink), again)));
    stream.Take(1);
    cursor = stream.cursor();
  }
  RestartService();
  UplinkStream stream(stack_->stub(), After(cursor));
  for (const std::string& packet : {again, other}) {
    ASSERT_TRUE(IsOk(peer->Publish(UplinkTopic(kGateway, kSink), packet)));
  }
  const auto uplink = stream.TakeOne();
  ASSERT_TRUE(uplink.has_value());
  EXPECT_EQ(uplink->event_id(), 4712u);
  EXPECT_EQ(
      stack_->service().Metric("wirepas_grpc_broker_messages_dropped_total{reason=\"duplicate\"}"),
      1);
}

TEST_F(DurableStateTest, RetentionIsKeptAndTold) {
  Start({"--uplink_max_bytes", "1MiB", "--uplink_log_bytes", "1MiB"});
  std::string cursor;
  {
    UplinkStream stream(stack_->stub());
    cursor = stream.cursor();
    for (int i = 0; i < 12; ++i) {
      Burst(10'000);
      stream.Take(20'000);
    }
  }
  const auto status = [&] { return RefusalOf(stack_->stub(), After(cursor)); };
  ASSERT_TRUE(Eventually([&] { return status().has_value(); }));
  ExpectFailure(*status(), StatusCode::OUT_OF_RANGE, {"oldest"});
  auto request = After(cursor);
  request.set_allow_gap(true);
  UplinkStream stream(stack_->stub(), request);
  ASSERT_EQ(stream.gaps().size(), 1u);
  EXPECT_EQ(stream.gaps()[0].reason(), mesh::GAP_REASON_CURSOR_EXPIRED);
  EXPECT_GT(stream.gaps()[0].lost_packets(), 0u);
}

// ---- a folder that cannot be used ----

class UnusableStateTest : public DurableStateTest {
 protected:
  // The service says what is wrong and serves without it.
  void ExpectMemoryOnly(const std::string& reason) {
    EXPECT_THAT(ServiceOutput(),
                HasSubstr(absl::StrCat("--state_dir: state folder ", StateDir(), ": ")));
    EXPECT_THAT(ServiceOutput(), HasSubstr(reason));
    EXPECT_EQ(stack_->service().Metric("wirepas_grpc_state_open"), 0);
    UplinkStream stream(stack_->stub());
    Burst(10);
    SequenceCheck check;
    check.Add(stream.Take(20));
  }
};

TEST_F(UnusableStateTest, ParentThatIsNotThere) {
  fs::remove_all(state_.path());
  Start();
  ExpectMemoryOnly("its parent must exist");
  fs::create_directory(state_.path());
}

TEST_F(UnusableStateTest, FileInItsPlace) {
  std::ofstream(StateDir()) << "not a folder";
  Start();
  ExpectMemoryOnly("Not a directory");
}

TEST_F(UnusableStateTest, UsedByAnotherService) {
  Start();
  const auto second = ServiceProcess::Start([&] {
    std::vector<std::string> arguments = stack_->BrokerArguments();
    arguments.insert(arguments.end(), {"--state_dir", StateDir()});
    return arguments;
  }());
  ASSERT_TRUE(IsOk(second.status()));
  EXPECT_THAT((*second)->process().output(), HasSubstr("another process"));
  EXPECT_EQ((*second)->Metric("wirepas_grpc_state_open"), 0);
  EXPECT_EQ(stack_->service().Metric("wirepas_grpc_state_open"), 1);
  // They do not take the broker's session from each other.
  UplinkStream stream(stack_->stub());
  Burst(10);
  SequenceCheck check;
  check.Add(stream.Take(20));
  EXPECT_EQ((*second)->Stop(), 0);
}

// ---- damage ----

// The service is killed, a file of the state is cut off somewhere, and the service
// started again: what was whole is kept, and what is missing is told.
TEST_F(DurableStateTest, FileThatIsCutOff) {
  Start();
  std::string cursor;
  {
    UplinkStream stream(stack_->stub());
    cursor = stream.cursor();
  }
  std::minstd_rand random(4711);
  uint64_t sent = 0;  // by each gateway
  const uint64_t rounds = TestLength(8, 80);
  for (uint64_t round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE(round);
    Burst(200);
    sent += 200;
    const auto stored = [&] {
      return stack_->service().Metric("wirepas_grpc_uplinks_total") >= 400;
    };
    ASSERT_TRUE(Eventually(stored));
    ASSERT_EQ(stack_->service().process().Kill(), 128 + SIGKILL);
    std::vector<fs::path> files;
    for (const auto& file : fs::directory_iterator(StateDir())) {
      if (file.is_regular_file() && file.file_size() > 0) files.push_back(file.path());
    }
    std::sort(files.begin(), files.end());
    const fs::path& victim = files[random() % files.size()];
    SCOPED_TRACE(victim);
    fs::resize_file(victim, random() % fs::file_size(victim));
    ASSERT_TRUE(IsOk(stack_->StartService()));
    ASSERT_EQ(stack_->service().Metric("wirepas_grpc_state_open"), 1) << ServiceOutput();

    auto request = After(cursor);
    request.set_allow_gap(true);  // the runs may be forgotten with the file
    ResumingReader reader(stack_->service().address(), request);
    Burst(1);
    sent += 1;
    reader.AwaitCount(2 * sent);
    const ResumingReader::Seen seen = reader.seen();
    EXPECT_EQ(seen.repeated, 0u);
    EXPECT_EQ(seen.count + seen.missing, 2 * sent);
    if (seen.missing > 0) {
      EXPECT_FALSE(seen.gaps.empty());
    }
  }
}

// ---- a full disk ----

TEST_F(DurableStateTest, FullDisk) {
  if (mount("tmpfs", state_.path().c_str(), "tmpfs", 0, "size=48m") != 0) {
    GTEST_SKIP() << "may not mount a small file system: " << std::strerror(errno);
  }
  const auto unmount = [](const std::string* path) { umount2(path->c_str(), MNT_DETACH); };
  const std::unique_ptr<const std::string, decltype(unmount)> mounted(&state_.path(), unmount);
  Start({"--uplink_log_bytes", "1MiB"});
  const std::string ballast = state_.path() + "/ballast";
  mesh::SubscribeUplinkRequest resume;
  ResumingReader live(stack_->service().address());
  resume.set_after_cursor(live.cursor());
  Burst(1000);
  {
    std::ofstream file(ballast, std::ios::binary);
    const std::string block(4096, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  // Until the log's file on disk has taken the room that it had.
  uint64_t sent = 1000;
  const auto failing = [&] {
    return stack_->service().Metric("wirepas_grpc_uplinks_not_stored_total") > 0;
  };
  while (!failing() && sent < 500'000 && !HasFailure()) {
    Burst(10'000);
    sent += 10'000;
    live.AwaitCount(2 * sent);
  }
  ASSERT_TRUE(failing());
  EXPECT_THAT(ServiceOutput(), HasSubstr("could not be stored"));
  // Who is there loses nothing.
  ExpectExactlyOnce(live, 2 * sent);

  fs::remove(ballast);
  const auto stores = [&] {
    const double before = stack_->service().Metric("wirepas_grpc_uplinks_not_stored_total");
    Burst(10);
    sent += 10;
    live.AwaitCount(2 * sent);
    return stack_->service().Metric("wirepas_grpc_uplinks_not_stored_total") == before;
  };
  ASSERT_TRUE(Eventually(stores));
  Burst(20'000);  // out of memory with what was not stored
  sent += 20'000;
  live.AwaitCount(2 * sent);
  ExpectExactlyOnce(live, 2 * sent);

  // Who reads the disk is told what it did not take.
  ResumingReader late(stack_->service().address(), resume);
  late.AwaitCount(2 * sent);
  const ResumingReader::Seen seen = late.seen();
  EXPECT_EQ(seen.count + seen.missing, 2 * sent);
  EXPECT_EQ(seen.repeated, 0u);
  EXPECT_GT(seen.missing, 0u);
  uint64_t told = 0;
  for (const mesh::Gap& gap : seen.gaps) {
    EXPECT_EQ(gap.reason(), mesh::GAP_REASON_STORAGE_LOSS);
    told += gap.lost_packets();
  }
  EXPECT_EQ(told, seen.missing);
  stack_->StopService();
}

}  // namespace
}  // namespace wirepas_grpc::integration
