// SPDX-License-Identifier: Apache-2.0
//
// What a gateway tells out of order.
#include <string>
#include <vector>

#include "core/directory/directory.h"
#include "gtest/gtest.h"
#include "tests/core/directory/directory_fixture.h"

namespace wirepas_grpc::core {
namespace {

using Ids = std::vector<std::string>;

constexpr uint64_t kStart = 1'700'000'000'000;
constexpr bool kInOrder = false;
constexpr bool kOlder = true;

// The gateway is "g", its sinks are told apart by their channels.
class DirectoryNewsTest : public DirectoryFixture {
 protected:
  static SinkConfig Sink(const std::string& sink, uint32_t channel) {
    SinkConfig config;
    config.set_sink_id(sink);
    config.set_network_channel(channel);
    return config;
  }

  // Made `second` after the start by the gateway's clock. Channel 0: without sinks.
  static gw::StatusEvent Status(int second, uint32_t channel, gw::OnOffState state = gw::ON) {
    gw::StatusEvent status = StatusOf("g", state);
    status.mutable_header()->set_time_ms_epoch(kStart + second * 1000);
    if (channel != 0) *status.add_configs() = Sink("s", channel);
    return status;
  }

  bool Tell(int second, uint32_t channel, bool retained = false) {
    return directory_.OnStatus("g", Status(second, channel), retained) == StatusNews::kOlder;
  }
  bool TellOffline(int second) {
    return directory_.OnStatus("g", Status(second, 0, gw::OFF), /*retained=*/false) ==
           StatusNews::kOlder;
  }
  bool Answer(int second, uint32_t channel) {
    return directory_.OnConfigs("g", Status(second, channel).configs(), kStart + second * 1000);
  }
  bool AnswerAlone(int second, uint32_t channel, const std::string& sink = "s") {
    return directory_.OnConfig("g", Sink(sink, channel), kStart + second * 1000);
  }

  uint32_t Channel(const std::string& sink = "s") const {
    return directory_.Find("g")->sinks.at(sink)->network_channel();
  }
};

TEST_F(DirectoryNewsTest, StepsOfTheWallClockChangeNothingAboutThat) {
  for (const absl::Duration jump : {absl::Hours(1), -absl::Hours(2)}) {
    EXPECT_EQ(Tell(22, 22), kInOrder);
    scheduler_.JumpTo(scheduler_.Now() + jump);
    EXPECT_EQ(Tell(21, 21), kOlder);
    EXPECT_EQ(Channel(), 22u);
    scheduler_.Advance(kLateNews);
    EXPECT_EQ(Tell(20, 20), kOlder);
    EXPECT_EQ(Channel(), 20u) << "lateness has ended";
  }
}

TEST_F(DirectoryNewsTest, AnOlderStatusDoesNotUndoANewerOne) {
  EXPECT_EQ(Tell(22, 22), kInOrder);
  EXPECT_EQ(Tell(21, 21), kOlder);
  EXPECT_EQ(Tell(20, 20), kOlder);
  EXPECT_EQ(Channel(), 22u);
  EXPECT_EQ(directory_.Find("g")->status_time, absl::FromUnixMillis(kStart + 22000));
  EXPECT_EQ(Tell(22, 23), kInOrder) << "made in the same moment";
  EXPECT_EQ(Channel(), 23u);
}

TEST_F(DirectoryNewsTest, AnOlderStatusLeavesTheGatewayAsItIsToo) {
  gw::StatusEvent status = Status(2, 0);
  status.set_gw_version("2");
  directory_.OnStatus("g", status, false);
  status = Status(1, 0);
  status.set_gw_version("1");
  directory_.OnStatus("g", status, false);
  EXPECT_EQ(directory_.Find("g")->version, "2");
}

TEST_F(DirectoryNewsTest, OlderAnswersDoNotUndoStatusesNorStatusesAnswers) {
  Tell(5, 5);
  EXPECT_EQ(Answer(4, 4), kOlder);
  EXPECT_EQ(AnswerAlone(4, 4), kOlder);
  EXPECT_EQ(Channel(), 5u);
  EXPECT_EQ(Answer(7, 7), kInOrder);
  EXPECT_EQ(Tell(6, 6), kOlder);
  EXPECT_EQ(Channel(), 7u);
}

TEST_F(DirectoryNewsTest, AnOlderListDoesNotUndoASinkThatToldOfItselfSince) {
  gw::StatusEvent status = Status(1, 1);
  *status.add_configs() = Sink("t", 1);
  directory_.OnStatus("g", status, false);
  EXPECT_EQ(AnswerAlone(5, 5), kInOrder);
  EXPECT_EQ(AnswerAlone(4, 4), kOlder);
  for (auto& config : *status.mutable_configs()) config.set_network_channel(3);
  status.mutable_header()->set_time_ms_epoch(kStart + 3000);
  EXPECT_EQ(directory_.OnStatus("g", status, false), StatusNews::kOlder);
  EXPECT_EQ(Channel("s"), 5u);
  EXPECT_EQ(Channel("t"), 3u) << "newer than what was known of it";
  EXPECT_EQ(Answer(6, 6), kInOrder);
  EXPECT_EQ(Channel("s"), 6u);
}

TEST_F(DirectoryNewsTest, LatenessEnds) {
  Tell(1000, 1);
  scheduler_.Advance(kLateNews - absl::Milliseconds(1));
  EXPECT_EQ(Tell(10, 2), kOlder);
  EXPECT_EQ(Channel(), 1u);
  scheduler_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Tell(11, 3), kOlder) << "it may still have been late";
  EXPECT_EQ(Channel(), 3u);
  EXPECT_EQ(Tell(12, 4), kInOrder) << "by the clock that it has now";
  EXPECT_EQ(Channel(), 4u);
}

// What came late does not prolong it.
TEST_F(DirectoryNewsTest, AClockThatWasSetBackIsBelievedInTheEnd) {
  Tell(1000, 1);
  for (int i = 0; i < 6; ++i) {
    scheduler_.Advance(kLateNews / 5);
    Tell(10 + i, 2);
    Answer(10 + i, 2);
    AnswerAlone(10 + i, 2);
  }
  EXPECT_EQ(Channel(), 2u);
}

// Its time is that of connecting.
TEST_F(DirectoryNewsTest, ALastWillCountsAndIsNoMeasure) {
  Tell(10, 10);
  EXPECT_EQ(TellOffline(1), kInOrder);
  EXPECT_FALSE(directory_.Find("g")->online());
  EXPECT_EQ(Channel(), 10u);
  // Its clock was set back meanwhile.
  EXPECT_EQ(Tell(5, 5), kOlder);
  EXPECT_TRUE(directory_.Find("g")->online());
  EXPECT_EQ(Channel(), 5u);
  EXPECT_EQ(Tell(4, 4), kOlder);
  EXPECT_EQ(Channel(), 5u);
}

TEST_F(DirectoryNewsTest, ARestartForgetsWhatSinksToldOfThemselves) {
  Tell(1, 1);
  AnswerAlone(20, 20);
  TellOffline(1);
  Tell(10, 10);
  EXPECT_EQ(Channel(), 10u);
  EXPECT_EQ(AnswerAlone(15, 15), kInOrder);
  EXPECT_EQ(Channel(), 15u);
}

TEST_F(DirectoryNewsTest, ARetainedStatusCounts) {
  Tell(10, 10);
  AnswerAlone(11, 11);
  directory_.OnDisconnected();
  EXPECT_EQ(Tell(5, 5, /*retained=*/true), kOlder);
  EXPECT_EQ(Channel(), 5u);
}

TEST_F(DirectoryNewsTest, WhatHasNoTimeCounts) {
  Tell(10, 10);
  gw::StatusEvent status = Status(0, 9);
  status.mutable_header()->clear_time_ms_epoch();
  EXPECT_EQ(directory_.OnStatus("g", status, false), StatusNews::kNew);
  EXPECT_EQ(Channel(), 9u);
  EXPECT_EQ(directory_.OnConfig("g", Sink("s", 8)), kInOrder);
  EXPECT_EQ(directory_.OnConfigs("g", Status(0, 7).configs()), kInOrder);
  EXPECT_EQ(Channel(), 7u);
}

TEST_F(DirectoryNewsTest, TheFirstStatusOfAGatewayThatWasHeardCounts) {
  Answer(10, 10);
  EXPECT_EQ(Tell(5, 5), kOlder);
  EXPECT_TRUE(directory_.Find("g")->online());
  EXPECT_EQ(Channel(), 5u);
}

TEST_F(DirectoryNewsTest, AClearedGatewayStartsAnew) {
  Tell(10, 10);
  directory_.OnCleared("g");
  EXPECT_EQ(Tell(5, 5), kInOrder);
  EXPECT_EQ(Channel(), 5u);
}

TEST_F(DirectoryNewsTest, LateNewsIsNoNews) {
  Tell(10, 10);
  const SnapshotPtr before = directory_.Snapshot();
  Tell(9, 9);
  Answer(9, 9);
  AnswerAlone(9, 9);
  AnswerAlone(9, 9, "another");
  EXPECT_EQ(directory_.Snapshot(), before);
}

// Statuses are asked for again on a connection; what was told meanwhile is newer.
TEST_F(DirectoryNewsTest, AStatusThatTheBrokerSendsAgainUndoesNothing) {
  const gw::StatusEvent status = StatusOf("g", gw::ON, {"s"});
  directory_.OnStatus("g", status, /*retained=*/true);
  SinkConfig moved = status.configs(0);
  moved.set_network_address(8);
  directory_.OnConfig("g", moved, status.header().time_ms_epoch() + 1000);
  EXPECT_EQ(directory_.OnStatus("g", status, /*retained=*/true), StatusNews::kAgain);
  EXPECT_EQ(directory_.Find("g")->sinks.at("s")->network_address(), 8u);
  // On the next connection it is all that is left.
  directory_.OnDisconnected();
  EXPECT_EQ(directory_.OnStatus("g", status, /*retained=*/true), StatusNews::kOlder);
  EXPECT_EQ(directory_.Find("g")->sinks.at("s")->network_address(), 7u);
}

}  // namespace
}  // namespace wirepas_grpc::core
