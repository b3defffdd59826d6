// SPDX-License-Identifier: Apache-2.0
//
// When the directory takes itself for complete, and what it forgets then.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/directory/directory.h"
#include "gtest/gtest.h"
#include "tests/core/directory/directory_fixture.h"

namespace wirepas_grpc::core {
namespace {

using Ids = std::vector<std::string>;

constexpr absl::Duration kQuiet = StatusSync::kQuiet;
constexpr absl::Duration kLimit = StatusSync::kLimit;

class DirectorySyncTest : public DirectoryFixture {
 protected:
  DirectorySyncTest() {
    directory_.set_ask_again([this] { ++asked_again_; });
  }

  // A message that is no status.
  void Other() {
    directory_.OnMessageBegins();
    directory_.OnMessageEnds();
  }
  // For so long, messages come that are none, a little apart.
  void Traffic(absl::Duration lasting) {
    for (absl::Duration passed; passed < lasting; passed += kQuiet / 5) {
      Other();
      scheduler_.Advance(kQuiet / 5);
    }
  }
  // Until the statuses are asked for again.
  void AwaitQuestion(absl::Duration limit = absl::Minutes(2)) {
    const int before = asked_again_;
    for (absl::Duration passed; asked_again_ == before && passed < limit; passed += kQuiet) {
      scheduler_.Advance(kQuiet);
    }
    EXPECT_EQ(asked_again_, before + 1);
  }
  // The broker's answer to it.
  void Answer(const Ids& retained) {
    directory_.OnStatusSubscribed();
    for (const std::string& gateway : retained) Retained(gateway);
  }

  void Retained(const std::string& gateway) { Online(gateway, {"s0"}, /*retained=*/true); }

  void ConnectAndSync(const Ids& retained) {
    Answer(retained);
    scheduler_.Advance(kLimit + kQuiet);
    EXPECT_TRUE(directory_.synced());
    EXPECT_EQ(asked_again_, 0) << "there was no reason to";
  }

  int asked_again_ = 0;
};

TEST_F(DirectorySyncTest, IsNotSyncedBeforeItIsSubscribed) {
  scheduler_.Advance(absl::Hours(1));
  EXPECT_FALSE(directory_.synced());
}

TEST_F(DirectorySyncTest, WithoutAnyStatusItIsSyncedAfterTheQuietTime) {
  directory_.OnStatusSubscribed();
  scheduler_.Advance(kQuiet - absl::Milliseconds(1));
  EXPECT_FALSE(directory_.synced());
  scheduler_.Advance(absl::Milliseconds(1));
  EXPECT_TRUE(directory_.synced());
}

TEST_F(DirectorySyncTest, WaitsWhileStatusesCome) {
  directory_.OnStatusSubscribed();
  for (int i = 0; i < 5; ++i) {
    scheduler_.Advance(kQuiet * 0.8);
    EXPECT_FALSE(directory_.synced()) << i;
    Retained(absl::StrCat("g", i));
  }
  scheduler_.Advance(2 * kQuiet);
  EXPECT_TRUE(directory_.synced());
}

TEST_F(DirectorySyncTest, DoesNotWaitForEver) {
  directory_.OnStatusSubscribed();
  absl::Duration waited;
  while (!directory_.synced() && waited < 10 * kLimit) {
    Retained(absl::StrCat("g", absl::ToInt64Milliseconds(waited)));
    scheduler_.Advance(kQuiet * 0.5);
    waited += kQuiet * 0.5;
  }
  EXPECT_TRUE(directory_.synced());
  EXPECT_GE(waited, kLimit);
  EXPECT_LE(waited, kLimit + 2 * kQuiet);
}

TEST_F(DirectorySyncTest, TellsThoseWhoWait) {
  Inbox<int> woken;
  ASSERT_TRUE(directory_.WaitSynced([&] { woken.Put(1); }).has_value());
  const auto cancelled = directory_.WaitSynced([] { FAIL(); });
  EXPECT_TRUE(directory_.CancelWaitSynced(*cancelled));
  directory_.OnStatusSubscribed();
  Drain(&executor_);
  EXPECT_TRUE(woken.empty());
  scheduler_.Advance(kQuiet);
  EXPECT_EQ(woken.Take(), 1);
  EXPECT_FALSE(directory_.WaitSynced([] { FAIL(); }).has_value());
  Drain(&executor_);
}

TEST_F(DirectorySyncTest, StaysSyncedWhenTheConnectionIsLost) {
  ConnectAndSync({"g"});
  directory_.OnDisconnected();
  EXPECT_TRUE(directory_.synced());
  EXPECT_EQ(GatewayIds(), Ids{"g"});
}

// ---- quiet ----

TEST_F(DirectorySyncTest, QuietIsNoMessageOfAnyKind) {
  directory_.OnStatusSubscribed();
  Traffic(6 * kQuiet);
  EXPECT_FALSE(directory_.synced()) << "statuses may wait behind what comes";
  scheduler_.Advance(2 * kQuiet);
  EXPECT_TRUE(directory_.synced());
}

TEST_F(DirectorySyncTest, AfterAShortBacklogStatusesAreAskedForAgainToo) {
  directory_.OnStatusSubscribed();
  Traffic(kQuiet);
  Retained("a");
  AwaitQuestion();
  // The broker had no room for "b" behind what it had kept.
  Answer({"a", "b"});
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
  EXPECT_EQ(asked_again_, 1);
}

TEST_F(DirectorySyncTest, AMessageThatIsBeingDealtWithIsNoQuiet) {
  directory_.OnStatusSubscribed();
  directory_.OnMessageBegins();
  scheduler_.Advance(3 * kQuiet);
  EXPECT_FALSE(directory_.synced());
  directory_.OnMessageEnds();
  scheduler_.Advance(2 * kQuiet);
  EXPECT_TRUE(directory_.synced());
}

TEST_F(DirectorySyncTest, ABacklogDoesNotHoldUpForEver) {
  directory_.OnStatusSubscribed();
  Traffic(kLimit + kQuiet);
  EXPECT_TRUE(directory_.synced());
}

TEST_F(DirectorySyncTest, ABacklogThatCameBeforeTheConfirmationCounts) {
  ConnectAndSync({"a", "b"});
  directory_.OnDisconnected();
  Traffic(kQuiet);
  Answer({"a", "b"});
  AwaitQuestion();
  Answer({"a", "b", "c"});
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"}));
  EXPECT_EQ(asked_again_, 1);
}

TEST_F(DirectorySyncTest, WhenABacklogEndsStatusesAreAskedForAgain) {
  directory_.OnStatusSubscribed();
  Traffic(absl::Seconds(5));
  EXPECT_TRUE(directory_.synced());
  EXPECT_EQ(asked_again_, 0) << "they would queue behind it";
  AwaitQuestion(3 * kQuiet);
  // The broker had no room for them behind the backlog.
  Answer({"a", "b"});
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
  EXPECT_EQ(asked_again_, 1);
}

TEST_F(DirectorySyncTest, TrafficThatDoesNotEndIsNoBacklog) {
  directory_.OnStatusSubscribed();
  Retained("a");
  Traffic(kLimit + StatusSync::kMaxBacklog + absl::Seconds(1));
  EXPECT_EQ(asked_again_, 1);
  Answer({"a"});
  Traffic(absl::Minutes(5));
  EXPECT_EQ(asked_again_, 1) << "nothing new came: that is all";
}

// ---- removal ----

TEST_F(DirectorySyncTest, AfterAReconnectWhatIsNoLongerRetainedIsRemoved) {
  ConnectAndSync({"a", "b", "c"});
  directory_.OnDisconnected();
  Answer({"b"});
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"})) << "too early to say";
  Inbox<int> woken;
  AwaitQuestion();
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"})) << "they may be late";
  Answer({"b"});
  directory_.Wait(directory_.Snapshot()->version, [&] { woken.Put(1); });
  scheduler_.Advance(2 * kQuiet);
  EXPECT_EQ(GatewayIds(), Ids{"b"});
  EXPECT_EQ(woken.Take(), 1) << "watchers must hear of it";
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(asked_again_, 1);
}

// The broker may send them before it confirms the subscription.
TEST_F(DirectorySyncTest, WhatComesBeforeTheConfirmationCounts) {
  ConnectAndSync({"a", "b"});
  directory_.OnDisconnected();
  Retained("a");
  directory_.OnStatusSubscribed();
  AwaitQuestion();
  Retained("a");
  directory_.OnStatusSubscribed();
  scheduler_.Advance(2 * kQuiet);
  EXPECT_EQ(GatewayIds(), Ids{"a"});
}

TEST_F(DirectorySyncTest, AStallRemovesNobodyAndTellsNothing) {
  ConnectAndSync({"a", "b", "c"});
  directory_.OnDisconnected();
  Answer({"a"});
  const uint64_t version = directory_.Snapshot()->version;
  scheduler_.Advance(absl::Milliseconds(600));
  Retained("b");
  Retained("c");
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"}));
  EXPECT_EQ(directory_.Snapshot()->version, version) << "nothing flaps";
}

TEST_F(DirectorySyncTest, ABrokerThatSendsSlowlyRemovesNobody) {
  Ids all;
  for (int i = 10; i < 40; ++i) all.push_back(absl::StrCat("g", i));
  ConnectAndSync(all);
  directory_.OnDisconnected();
  directory_.OnStatusSubscribed();
  const uint64_t version = directory_.Snapshot()->version;
  int answered = 0;
  std::vector<size_t> sending = {0};  // one for each subscription: what it has sent
  for (int i = 0; i < 1000; ++i) {
    scheduler_.Advance(absl::Milliseconds(400));
    if (asked_again_ > answered) {
      ++answered;
      directory_.OnStatusSubscribed();
      sending.push_back(0);
    }
    for (size_t& sent : sending) {
      if (sent < all.size()) {
        Retained(all[sent++]);
        break;
      }
    }
  }
  EXPECT_EQ(GatewayIds(), all);
  EXPECT_EQ(directory_.Snapshot()->version, version);
  EXPECT_LT(asked_again_, StatusSync::kMaxRounds);
}

TEST_F(DirectorySyncTest, WhatOneRoundLacksOfAnEarlierOneProvesNothing) {
  ConnectAndSync({"a", "b", "c"});
  directory_.OnDisconnected();
  Answer({"a", "b"});
  AwaitQuestion();
  Answer({"a"});  // the broker had no room for more
  AwaitQuestion();
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"}));
  Answer({"a", "b", "c"});
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"}));
}

TEST_F(DirectorySyncTest, ABrokerThatDoesNotSendThemAgainRemovesNobody) {
  ConnectAndSync({"a", "b"});
  directory_.OnDisconnected();
  Answer({"a"});
  while (asked_again_ < StatusSync::kMaxRounds - 1) {
    AwaitQuestion();
    Answer({});
  }
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
  EXPECT_EQ(asked_again_, StatusSync::kMaxRounds - 1) << "it is left at that";
}

TEST_F(DirectorySyncTest, InTrafficWhatIsGoneIsRemovedWhenThatIsSure) {
  ConnectAndSync({"a", "b"});
  directory_.OnDisconnected();
  Answer({"a"});
  for (int round = 0; round < 2; ++round) {
    const int before = asked_again_;
    Traffic(kLimit + StatusSync::kMaxBacklog + absl::Seconds(1));
    ASSERT_EQ(asked_again_, before + 1);
    EXPECT_EQ(GatewayIds(), (Ids{"a", "b"})) << round;
    Answer({"a"});
  }
  Traffic(kLimit + kQuiet);
  EXPECT_EQ(GatewayIds(), Ids{"a"});
}

TEST_F(DirectorySyncTest, BehindABacklogNobodyIsRemoved) {
  ConnectAndSync({"a", "b"});
  directory_.OnDisconnected();
  directory_.OnStatusSubscribed();
  const uint64_t version = directory_.Snapshot()->version;
  Traffic(absl::Seconds(20));
  Retained("a");
  Traffic(absl::Seconds(5));
  Retained("b");
  AwaitQuestion();
  Answer({"a", "b"});
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
  EXPECT_EQ(directory_.Snapshot()->version, version);
}

TEST_F(DirectorySyncTest, ABrokerThatRetainsNothingRemovesNothing) {
  ConnectAndSync({"a"});
  Online("b");
  directory_.OnDisconnected();
  directory_.OnStatusSubscribed();
  Online("b");  // reconnected just then, told live
  scheduler_.Advance(kLimit);
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
}

TEST_F(DirectorySyncTest, GatewaysTellingLiveMeanwhileAreSeen) {
  ConnectAndSync({"a", "b"});
  directory_.OnDisconnected();
  directory_.OnStatusSubscribed();
  Retained("a");
  Online("b", {"s0"});
  scheduler_.Advance(kLimit);
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
}

TEST_F(DirectorySyncTest, WhileTheyStillComeNobodyIsRemoved) {
  ConnectAndSync({"a", "b"});
  directory_.OnDisconnected();
  directory_.OnStatusSubscribed();
  for (int i = 0; i < 20; ++i) {
    scheduler_.Advance(kQuiet * 0.8);
    Retained(absl::StrCat("new", i));
  }
  EXPECT_NE(directory_.Find("a"), nullptr) << "its status may still be on its way";
}

TEST_F(DirectorySyncTest, ALostConnectionEndsItsRound) {
  ConnectAndSync({"a", "b"});
  directory_.OnDisconnected();
  directory_.OnStatusSubscribed();
  Retained("a");
  directory_.OnDisconnected();
  scheduler_.Advance(kLimit);
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"})) << "the round was not finished";
  Answer({"b"});
  AwaitQuestion();
  Answer({"b"});
  scheduler_.Advance(kLimit);
  EXPECT_EQ(GatewayIds(), Ids{"b"}) << "what the earlier round saw does not count";
}

TEST_F(DirectorySyncTest, OutsideOfARoundNothingIsRemoved) {
  ConnectAndSync({"a", "b"});
  scheduler_.Advance(absl::Hours(1));
  directory_.OnStatusSubscribed();  // asked again on the same connection
  Retained("a");
  scheduler_.Advance(kLimit);
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
}

// Refused ones must not push out the known ones, whatever their number.
TEST_F(DirectorySyncTest, AFloodOfUnknownGatewaysRemovesNobodyWhoIsThere) {
  NetworkDirectory small({.max_gateways = 2}, &executor_, &scheduler_);
  for (const char* id : {"a", "b"}) small.OnStatus(id, StatusOf(id, gw::ON, {"s"}), true);
  small.OnStatusSubscribed();
  scheduler_.Advance(kLimit);
  small.OnDisconnected();
  small.OnStatusSubscribed();
  for (int i = 0; i < 100; ++i) {
    const std::string id = absl::StrCat("x", i);
    small.OnStatus(id, StatusOf(id, gw::ON), true);
  }
  for (const char* id : {"a", "b"}) small.OnStatus(id, StatusOf(id, gw::ON, {"s"}), true);
  scheduler_.Advance(kLimit);
  EXPECT_NE(small.Find("a"), nullptr);
  EXPECT_NE(small.Find("b"), nullptr);
}

}  // namespace
}  // namespace wirepas_grpc::core
