// SPDX-License-Identifier: Apache-2.0
//
// Which gateways the directory takes for gone after a reconnect, and which it does not.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/directory/directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/directory/directory_fixture.h"
#include "tests/core/directory/status_broker.h"

namespace wirepas_grpc::core {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using Ids = std::vector<std::string>;

class DirectoryAbsenceTest : public DirectoryFixture {
 protected:
  // Connected, and lost again, with all known that are retained.
  void KnowThenLose(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      Online(id, {"s0"});
      broker_.retained.insert(id);
    }
    broker_.Connect();
    scheduler_.Advance(absl::Minutes(2));
    EXPECT_TRUE(directory_.synced());
    ASSERT_THAT(GatewayIds(), SizeIs(ids.size()));
    EXPECT_THAT(broker_.asked, IsEmpty()) << "there was nobody to ask for";
    broker_.Disconnect();
    broker_.asked_for_all = 0;
  }
  static Ids Numbered(int count) {
    Ids ids;
    for (int i = 0; i < count; ++i) ids.push_back(absl::StrFormat("g%05d", i));
    return ids;
  }
  // Back, and until nothing goes on.
  void ConnectAndWait(absl::Duration limit = absl::Minutes(10)) {
    broker_.Connect();
    scheduler_.Advance(limit);
    EXPECT_THAT(broker_.held, IsEmpty()) << "of single statuses";
    EXPECT_EQ(broker_.asked_for_all, 1) << "that costs the broker room for live messages";
    EXPECT_EQ(scheduler_.pending(), 0u) << "it does not end";
  }
  std::vector<std::string> Retained() const {
    return {broker_.retained.begin(), broker_.retained.end()};
  }

  StatusBroker broker_{&directory_, &scheduler_};
};

TEST_F(DirectoryAbsenceTest, WhatIsNoLongerRetainedAfterAReconnectIsRemoved) {
  KnowThenLose({"a", "b", "c"});
  broker_.retained.erase("b");
  Inbox<int> woken;
  broker_.Connect();
  scheduler_.Advance(StatusSync::kQuiet);
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"})) << "it may be late";
  directory_.Wait(directory_.Snapshot()->version, [&] { woken.Put(1); });
  scheduler_.Advance(absl::Minutes(2));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"})) << "it may come back";
  EXPECT_THAT(broker_.held, IsEmpty());
  scheduler_.Advance(absl::Minutes(2));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "c"}));
  EXPECT_EQ(woken.Take(), 1) << "watchers must hear of it";
  EXPECT_THAT(broker_.held, IsEmpty());
  EXPECT_EQ(broker_.asked_for_all, 1);
}

// Each gateway tells it again once it has reconnected.
TEST_F(DirectoryAbsenceTest, ABrokerThatLostAllItRetainedRemovesNobodyWhoComesBack) {
  KnowThenLose(Numbered(20));
  broker_.retained = {"g00007"};  // is back before the service
  const uint64_t version = directory_.Snapshot()->version;
  broker_.Connect();
  for (int i = 0; i < 19; ++i) {
    scheduler_.Advance(absl::Seconds(6));
    const std::string id = Numbered(20)[i];
    Online(id, {"s0"});
    broker_.retained.insert(id);
  }
  scheduler_.Advance(absl::Minutes(10));
  EXPECT_EQ(directory_.Snapshot()->version, version + 1) << "nothing flaps";
  EXPECT_EQ(GatewayIds(), Retained()) << "the last one did not come back";
}

TEST_F(DirectoryAbsenceTest, ABrokerThatHasRoomForTheSameFirstOnesOnlyRemovesNobodyWhoIsThere) {
  KnowThenLose(Numbered(3000));
  broker_.room = 1020;
  for (const char* id : {"g00000", "g01019", "g01020", "g02000", "g02999"}) {
    broker_.retained.erase(id);
  }
  ConnectAndWait();
  EXPECT_EQ(GatewayIds(), Retained());
}

TEST_F(DirectoryAbsenceTest, TenThousandThatWereNotSentAreAskedForInHalfAMinute) {
  KnowThenLose(Numbered(10100));
  broker_.room = 100;
  const uint64_t version = directory_.Snapshot()->version;
  ConnectAndWait(absl::Seconds(35));
  EXPECT_EQ(directory_.Snapshot()->version, version) << "nothing flaps";
  for (const Ids& group : broker_.asked) EXPECT_LE(group.size(), AbsenceCheck::kMany + 1);
}

// There is one canary for them all.
TEST_F(DirectoryAbsenceTest, ManyThatAreGoneAreRemovedInTheEnd) {
  KnowThenLose(Numbered(10'001));
  broker_.retained = {"g00500"};
  ConnectAndWait();
  EXPECT_EQ(GatewayIds(), Retained());
}

TEST_F(DirectoryAbsenceTest, ASlowFirstStatusIsWaitedFor) {
  KnowThenLose({"a", "b", "c"});
  broker_.retained.erase("c");
  broker_.until_first_status = absl::Seconds(20);
  broker_.Connect();
  scheduler_.Advance(absl::Seconds(19));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"}));
  EXPECT_THAT(broker_.asked, IsEmpty()) << "there is no canary yet";
  scheduler_.Advance(absl::Minutes(4));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
  EXPECT_EQ(scheduler_.pending(), 0u);
}

TEST_F(DirectoryAbsenceTest, WithoutACanaryNobodyIsRemoved) {
  KnowThenLose({"a", "b"});
  broker_.retained.clear();
  ConnectAndWait();
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
  EXPECT_THAT(broker_.asked, IsEmpty());
}

TEST_F(DirectoryAbsenceTest, ABrokerThatDoesNotSendThemAgainRemovesNobody) {
  KnowThenLose({"a", "b", "c"});
  broker_.retained.erase("c");
  broker_.repeats = false;
  ConnectAndWait();
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"}));
  EXPECT_THAT(broker_.asked, SizeIs(AbsenceCheck::kMaxFailures)) << "it is left at that";
}

TEST_F(DirectoryAbsenceTest, WhoMayNotBeAskedForStays) {
  KnowThenLose({"a", "b", "c", "d"});
  broker_.retained = {"a"};
  broker_.refused = {"b", "d"};
  ConnectAndWait();
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "d"}));
}

TEST_F(DirectoryAbsenceTest, WhereNobodyMayBeAskedForNobodyIsRemoved) {
  KnowThenLose({"a", "b", "c"});
  broker_.retained = {"a"};
  broker_.refused = {"a", "b", "c"};
  ConnectAndWait();
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"}));
}

TEST_F(DirectoryAbsenceTest, ACanaryThatIsClearedMeanwhileTellsNothing) {
  KnowThenLose({"a", "b", "c"});
  broker_.retained.erase("c");
  broker_.before_answers = [&] {
    if (broker_.asked.size() > 1) return;
    EXPECT_EQ(broker_.asked[0], (Ids{"c", "a"}));
    broker_.retained.erase("a");
  };
  broker_.Connect();
  scheduler_.Advance(AbsenceCheck::kAnswerLimit);
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"}));
  scheduler_.Advance(absl::Minutes(4));
  EXPECT_EQ(broker_.asked[1], (Ids{"c", "b"})) << "another one";
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
}

TEST_F(DirectoryAbsenceTest, OneStatusThatIsDroppedAmongOthersRemovesNobody) {
  KnowThenLose(Numbered(200));
  broker_.room = 100;
  for (const std::string& id : broker_.retained) broker_.dropped[id] = id < "g00100" ? 0 : 1;
  ConnectAndWait();
  EXPECT_THAT(GatewayIds(), SizeIs(200));
}

TEST_F(DirectoryAbsenceTest, ABrokerWithHardlyAnyRoomRemovesNobodyWhoIsThere) {
  for (const size_t room : {1, 3, 8, 9, 20}) {
    KnowThenLose(Numbered(100));
    broker_.room = room;
    broker_.retained.erase("g00000");
    broker_.retained.erase("g00099");
    ConnectAndWait();
    for (const std::string& id : broker_.retained) {
      EXPECT_NE(directory_.Find(id), nullptr) << id << ", room " << room;
    }
    broker_.Disconnect();
    broker_.room = SIZE_MAX;
    broker_.asked.clear();
    for (const std::string& id : GatewayIds()) directory_.OnCleared(id);
  }
}

// The broker may have dropped what came first behind them.
TEST_F(DirectoryAbsenceTest, ACanaryBehindManyMessagesTellsNothing) {
  KnowThenLose({"a", "b"});
  broker_.dropped["b"] = 1000;
  broker_.before_answers = [&] {
    for (uint64_t i = 0; i <= AbsenceCheck::kRoom; ++i) broker_.SendOther();
  };
  broker_.room = 1;
  ConnectAndWait();
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
}

TEST_F(DirectoryAbsenceTest, LiveMessagesAreNoObstacle) {
  KnowThenLose({"a", "b"});
  broker_.retained.erase("b");
  broker_.Connect();
  for (int i = 0; i < 12'000; ++i) {
    for (int j = 0; j < 10; ++j) broker_.SendOther();
    scheduler_.Advance(absl::Milliseconds(20));
  }
  EXPECT_EQ(GatewayIds(), Ids{"a"});
}

TEST_F(DirectoryAbsenceTest, ABrokerThatKeepsNoOrderIsWaitedFor) {
  KnowThenLose({"a", "b"});
  broker_.room = 1;
  broker_.late = {"b"};
  broker_.before_answers = [&] { broker_.room = SIZE_MAX; };
  ConnectAndWait();
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
}

TEST_F(DirectoryAbsenceTest, ALostConnectionEndsIt) {
  KnowThenLose({"a", "b", "c"});
  broker_.retained.erase("c");
  int lost = 0;
  broker_.before_answers = [&] {
    // In the middle of the first time, and of the second.
    if (++lost == 1 || lost == 3) {
      scheduler_.RunAfter(2 * broker_.latency, [&] { broker_.Disconnect(); });
    }
  };
  for (int connection = 0; connection < 2; ++connection) {
    broker_.Connect();
    scheduler_.Advance(absl::Minutes(4));
    EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"})) << connection;
  }
  broker_.Connect();
  scheduler_.Advance(absl::Minutes(4));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
  EXPECT_THAT(broker_.held, IsEmpty());
}

// Where there are two: see SplitBrokerClient.
TEST_F(DirectoryAbsenceTest, NoSubscriptionIsLeftWhenTheOtherConnectionIsLost) {
  KnowThenLose({"a", "b", "c"});
  broker_.retained.erase("c");
  for (const absl::Duration after : {absl::ZeroDuration(), 2 * broker_.latency}) {
    broker_.before_answers = [&] {
      broker_.before_answers = nullptr;
      scheduler_.RunAfter(after, [&] { broker_.LoseOtherConnection(); });
    };
    broker_.Connect();
    scheduler_.Advance(absl::Hours(2));
    EXPECT_EQ(broker_.before_answers, nullptr);
    EXPECT_THAT(broker_.held, IsEmpty());
    EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"}));
  }
  broker_.asked_for_all = 0;
  ConnectAndWait(absl::Hours(1));
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
}

// As some do with whoever asks for what he may not.
TEST_F(DirectoryAbsenceTest, ABrokerThatDisconnectsWhoAsksIsAskedOnceMoreAndMuchLater) {
  KnowThenLose({"a", "b", "c"});
  broker_.retained.erase("c");
  broker_.forbidden = {"c"};
  // So many times statuses were asked for by themselves in that time.
  const auto asked_in = [&](absl::Duration time) {
    broker_.asked.clear();
    for (absl::Duration passed; passed < time; passed += absl::Minutes(5)) {
      broker_.Connect();
      scheduler_.Advance(absl::Minutes(5));
      broker_.Disconnect();
    }
    return broker_.asked.size();
  };
  EXPECT_EQ(asked_in(absl::Minutes(50)), 1u);
  EXPECT_EQ(asked_in(absl::Hours(2)), 1u);
  EXPECT_EQ(asked_in(absl::Hours(48)), 0u);
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"}));
}

TEST_F(DirectoryAbsenceTest, ALossWithoutAnAnswerIsForgottenWhenAllHaveAnswered) {
  KnowThenLose({"a", "b", "c"});
  broker_.retained.erase("c");
  for (int round = 0; round < 4; ++round) {
    broker_.forbidden = {"c"};
    broker_.Connect();
    scheduler_.Advance(absl::Minutes(5));
    broker_.forbidden = {};
    EXPECT_EQ(GatewayIds(), (Ids{"a", "b", "c"}));
    scheduler_.Advance(absl::Hours(2));
    broker_.Connect();
    scheduler_.Advance(absl::Minutes(5));
    EXPECT_EQ(GatewayIds(), (Ids{"a", "b"})) << round;
    Online("c", {"s0"});
    broker_.Disconnect();
  }
}

TEST_F(DirectoryAbsenceTest, GatewaysTellingLiveMeanwhileAreSeen) {
  KnowThenLose({"a", "b", "c"});
  broker_.retained = {"a"};
  broker_.before_answers = [&] {
    if (broker_.asked.size() == 2) Online("c", {"s0"});
  };
  ConnectAndWait();
  EXPECT_EQ(GatewayIds(), (Ids{"a", "c"}));
}

TEST_F(DirectoryAbsenceTest, OneWhoIsClearedMeanwhileIsGoneOnce) {
  KnowThenLose({"a", "b"});
  broker_.retained = {"a"};
  broker_.before_answers = [&] { directory_.OnCleared("b"); };
  ConnectAndWait();
  EXPECT_EQ(GatewayIds(), Ids{"a"});
}

TEST_F(DirectoryAbsenceTest, ThoseWithoutAStatusStay) {
  KnowThenLose({"a", "b"});
  directory_.OnHeard("heard");
  broker_.retained = {"a"};
  ConnectAndWait();
  EXPECT_EQ(GatewayIds(), (Ids{"a", "heard"}));
}

// Refused ones must not push out the known ones, whatever their number.
TEST_F(DirectoryAbsenceTest, AFloodOfUnknownGatewaysRemovesNobodyWhoIsThere) {
  NetworkDirectory small({.max_gateways = 2}, &executor_, &scheduler_);
  StatusBroker broker(&small, &scheduler_);
  broker.retained = {"y", "z"};
  broker.Connect();
  scheduler_.Advance(absl::Minutes(1));
  broker.Disconnect();
  for (int i = 0; i < 100; ++i) broker.retained.insert(absl::StrCat("x", i));
  broker.Connect();
  scheduler_.Advance(absl::Minutes(1));
  EXPECT_NE(small.Find("y"), nullptr);
  EXPECT_NE(small.Find("z"), nullptr);
}

}  // namespace
}  // namespace wirepas_grpc::core
