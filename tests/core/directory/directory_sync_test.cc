// SPDX-License-Identifier: Apache-2.0
//
// When the directory takes itself for complete, and when it asks for statuses again. Who is
// removed: directory_absence_test.cc.
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

class DirectorySyncTest : public DirectoryFixture, public StatusSource {
 protected:
  explicit DirectorySyncTest(bool session_kept = true)
      : DirectoryFixture({.session_kept = session_kept}) {
    directory_.set_status_source(this);
  }

  // StatusSource. Nobody answers what is asked one by one.
  void AskForAll() override { ++asked_again_; }
  void AskFor(const Ids& gateway_ids) override { asked_for_ = gateway_ids; }
  void EndAskFor(const Ids&) override {}

  // A message that is no status.
  void Other() {
    directory_.OnMessageBegins();
    directory_.OnMessageEnds();
  }
  // For so long, messages come that are none, a little apart.
  void Traffic(absl::Duration lasting) {
    for (absl::Duration passed; passed < lasting; passed += kQuiet / 25) {
      Other();
      scheduler_.Advance(kQuiet / 25);
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
  Ids asked_for_;  // last, one by one
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
  Traffic(4 * kQuiet);
  EXPECT_FALSE(directory_.synced()) << "statuses may wait behind what comes";
  scheduler_.Advance(2 * kQuiet);
  EXPECT_TRUE(directory_.synced());
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

// ---- asking again ----

TEST_F(DirectorySyncTest, AfterAShortBacklogStatusesAreAskedForAgain) {
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

TEST_F(DirectorySyncTest, AFewMessagesAreNoBacklog) {
  directory_.OnStatusSubscribed();
  for (uint64_t i = 0; i < StatusSync::kFew; ++i) Other();
  Retained("a");
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(asked_again_, 0);
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
  Traffic(kLimit + StatusSync::kLongest + absl::Seconds(1));
  EXPECT_EQ(asked_again_, 1);
  Answer({"a"});
  Traffic(absl::Minutes(5));
  EXPECT_EQ(asked_again_, 1) << "once";
}

class DirectorySyncWithoutSessionTest : public DirectorySyncTest {
 protected:
  DirectorySyncWithoutSessionTest() : DirectorySyncTest(/*session_kept=*/false) {}
};

TEST_F(DirectorySyncWithoutSessionTest, ThereIsNoBacklogThatStatusesQueuedBehind) {
  directory_.OnStatusSubscribed();
  Retained("a");
  Traffic(kLimit + StatusSync::kLongest + absl::Seconds(1));
  EXPECT_TRUE(directory_.synced());
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(asked_again_, 0) << "that costs the broker room for live messages";
}

// ---- who has not been seen ----

// The broker may send them before it confirms the subscription.
TEST_F(DirectorySyncTest, WhatComesBeforeTheConfirmationCounts) {
  ConnectAndSync({"a", "b", "c"});
  directory_.OnDisconnected();
  Retained("a");
  directory_.OnStatusSubscribed();
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_EQ(asked_for_, (Ids{"b", "c", "a"})) << "the last one is there";
}

TEST_F(DirectorySyncTest, WhoToldLiveIsNotAskedForAndNoCanary) {
  ConnectAndSync({"a", "b", "c"});
  directory_.OnDisconnected();
  Answer({"c"});
  Online("a", {"s0"});
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_EQ(asked_for_, (Ids{"b", "c"}));
}

TEST_F(DirectorySyncTest, AStallRemovesNobodyAndTellsNothing) {
  ConnectAndSync({"a", "b", "c"});
  directory_.OnDisconnected();
  Answer({"a"});
  const uint64_t version = directory_.Snapshot()->version;
  scheduler_.Advance(absl::Milliseconds(600));
  EXPECT_EQ(asked_for_, (Ids{"b", "c", "a"}));
  Retained("b");
  Retained("c");
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"}));
  EXPECT_EQ(directory_.Snapshot()->version, version) << "nothing flaps";
}

TEST_F(DirectorySyncTest, WhileStatusesComeNobodyIsAskedFor) {
  ConnectAndSync({"a", "b"});
  directory_.OnDisconnected();
  directory_.OnStatusSubscribed();
  for (int i = 0; i < 100; ++i) {
    scheduler_.Advance(kQuiet * 0.8);
    Retained(absl::StrCat("new", i));
  }
  EXPECT_TRUE(directory_.synced());
  EXPECT_EQ(asked_for_, Ids()) << "theirs may still be on their way";
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_EQ(asked_for_.size(), 3u);
}

TEST_F(DirectorySyncTest, InTrafficStatusesEndBeforeTheTrafficDoes) {
  ConnectAndSync({"a", "b"});
  directory_.OnDisconnected();
  Answer({"a"});
  Traffic(kLimit + StatusSync::kLongest + kQuiet);
  ASSERT_EQ(asked_again_, 1);
  EXPECT_EQ(asked_for_, Ids()) << "not before the second round";
  Answer({"a"});
  Traffic(kLimit + StatusSync::kStatusQuiet + kQuiet);
  EXPECT_EQ(asked_for_, (Ids{"b", "a"}));
}

// A canary whose status is from before may be gone as well.
TEST_F(DirectorySyncTest, TheCanaryIsOneOfTheLastRound) {
  ConnectAndSync({"a", "b", "c"});
  directory_.OnDisconnected();
  directory_.OnStatusSubscribed();
  Traffic(kQuiet);
  Retained("a");
  AwaitQuestion();
  Answer({"b"});
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_EQ(asked_for_, (Ids{"c", "b"}));
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
  EXPECT_EQ(asked_for_, Ids());
}

TEST_F(DirectorySyncTest, ALostConnectionEndsItsRound) {
  ConnectAndSync({"a", "b"});
  directory_.OnDisconnected();
  directory_.OnStatusSubscribed();
  Retained("a");
  directory_.OnDisconnected();
  scheduler_.Advance(absl::Minutes(1));
  EXPECT_EQ(asked_for_, Ids()) << "the round was not finished";
  Answer({"b"});
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_EQ(asked_for_, (Ids{"a", "b"})) << "what the earlier round saw does not count";
}

TEST_F(DirectorySyncTest, OnceSettledAnotherSubscriptionChangesNothing) {
  ConnectAndSync({"a", "b"});
  scheduler_.Advance(absl::Hours(1));
  directory_.OnStatusSubscribed();
  Retained("a");
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(asked_for_, Ids());
}

}  // namespace
}  // namespace wirepas_grpc::core
