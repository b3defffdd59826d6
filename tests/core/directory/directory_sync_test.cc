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

constexpr absl::Duration kQuiet = absl::Milliseconds(250);
constexpr absl::Duration kLimit = absl::Seconds(2);

class DirectorySyncTest : public DirectoryFixture {
 protected:
  void Retained(const std::string& gateway) { Online(gateway, {"s0"}, /*retained=*/true); }

  void ConnectAndSync(const Ids& retained) {
    directory_.OnStatusSubscribed();
    for (const std::string& gateway : retained) Retained(gateway);
    scheduler_.Advance(kLimit + kQuiet);
    EXPECT_TRUE(directory_.synced());
  }
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

TEST_F(DirectorySyncTest, AfterAReconnectWhatIsNoLongerRetainedIsRemoved) {
  ConnectAndSync({"a", "b", "c"});
  directory_.OnDisconnected();
  directory_.OnStatusSubscribed();
  Retained("b");
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"})) << "too early to say";
  Inbox<int> woken;
  directory_.Wait(directory_.Snapshot()->version, [&] { woken.Put(1); });
  scheduler_.Advance(2 * kQuiet);
  EXPECT_EQ(GatewayIds(), Ids{"b"});
  EXPECT_EQ(woken.Take(), 1) << "watchers must hear of it";
}

// The broker may send them before it confirms the subscription.
TEST_F(DirectorySyncTest, WhatComesBeforeTheConfirmationCounts) {
  ConnectAndSync({"a", "b"});
  directory_.OnDisconnected();
  Retained("a");
  directory_.OnStatusSubscribed();
  scheduler_.Advance(kQuiet);
  EXPECT_EQ(GatewayIds(), Ids{"a"});
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
    Retained(absl::StrCat("new", i));
    scheduler_.Advance(kQuiet * 0.8);
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
  directory_.OnStatusSubscribed();
  Retained("b");
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
