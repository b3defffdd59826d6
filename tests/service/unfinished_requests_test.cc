// SPDX-License-Identifier: Apache-2.0
//
// What ConnectionTable does about requests that do not get complete.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "service/connection_table.h"
#include "tests/service/connection_fixture.h"

namespace wirepas_grpc::service {
namespace {

class UnfinishedRequestsTest : public ConnectionTableTest {
 protected:
  // With that many requests that are not complete.
  SocketPair* AddWith(int64_t requests, const std::string& address, int port = 1) {
    streams_.counts[absl::StrCat("ipv4:", address, ":", port)] = {requests, 0};
    return Add(Remote(address, port));
  }

  void Wait(absl::Duration time) {
    for (absl::Duration waited; waited < time; waited += absl::Seconds(1)) {
      InspectAfter(absl::Seconds(1));
    }
  }
};

// Each connection is far from its own bound.
TEST_F(UnfinishedRequestsTest, BoundsTheUnfinishedRequestsOfAPeerTogether) {
  std::vector<SocketPair*> pairs;
  for (int port = 1; port <= 2; ++port) {
    pairs.push_back(Add(Remote("10.0.0.1", port)));
    streams_.counts[absl::StrCat("ipv4:10.0.0.1:", port)] = {4, 0};
  }
  SocketPair* const other = Add(Remote("10.0.0.2", 1));
  streams_.counts["ipv4:10.0.0.2:1"] = {4, 0};
  for (int i = 0; i < 7; ++i) {
    for (const SocketPair* pair : pairs) EXPECT_FALSE(pair->EndedForClient()) << i;
    pairs[0]->FromClient(std::string(200 << 10, 'x'));
    pairs[1]->FromClient(std::string(i < 6 ? 100 << 10 : 900 << 10, 'x'));
    other->FromClient(std::string(200 << 10, 'x'));
    InspectAfter(absl::Milliseconds(10));
  }
  EXPECT_TRUE(pairs[1]->EndsForClient());  // by then the one with most
  EXPECT_FALSE(pairs[0]->EndedForClient());
  EXPECT_FALSE(other->EndedForClient());
  EXPECT_EQ(table_.closed(CloseReason::kUnfinished), 1u);
}

// Small calls do not hide what comes beside them.
TEST_F(UnfinishedRequestsTest, CallsAllowForWhatTheyTake) {
  SocketPair* const hiding = Add(Remote("10.0.0.1", 1));
  SocketPair* const honest = Add(Remote("10.0.0.2", 1));
  streams_.counts["ipv4:10.0.0.1:1"] = {4, 0};
  streams_.counts["ipv4:10.0.0.2:1"] = {4, 0};
  for (int i = 0; i < 15; ++i) {
    EXPECT_FALSE(hiding->EndedForClient()) << i;
    for (SocketPair* pair : {hiding, honest}) pair->FromClient(std::string(150 << 10, 'x'));
    table_.BeginCall("ipv4:10.0.0.1:1");
    table_.BeginCall("ipv4:10.0.0.2:1");
    table_.NoteRequest("ipv4:10.0.0.2:1", 145 << 10);
    InspectAfter(absl::Milliseconds(10));
    if (hiding->EndedForClient()) break;
  }
  EXPECT_TRUE(hiding->EndsForClient());
  EXPECT_FALSE(honest->EndedForClient());
}

// Tiny calls, and messages that are sent, buy nothing that would be held beside them.
TEST_F(UnfinishedRequestsTest, TinyCallsAllowForLittle) {
  SocketPair* const hiding = AddWith(4, "10.0.0.1");
  for (int i = 0; i < 20 && !hiding->EndedForClient(); ++i) {
    // 100 calls of 100 bytes each.
    hiding->FromClient(std::string(210 << 10, 'x'));
    for (int j = 0; j < 100; ++j) table_.BeginCall("ipv4:10.0.0.1:1");
    streams_.counts["ipv4:10.0.0.1:1"].messages += 100;
    InspectAfter(absl::Milliseconds(110));
  }
  EXPECT_TRUE(hiding->EndsForClient());
  EXPECT_EQ(table_.closed(CloseReason::kUnfinished), 1u);
}

TEST_F(UnfinishedRequestsTest, WhatWasCompleteLongAgoAllowsForNothing) {
  SocketPair* const hiding = AddWith(0, "10.0.0.1");
  streams_.counts["ipv4:10.0.0.1:1"] = {4, 1'000'000};
  for (int i = 0; i < 11; ++i) {
    hiding->FromClient(std::string(200 << 10, 'x'));
    InspectAfter(absl::Milliseconds(110));
  }
  EXPECT_TRUE(hiding->EndsForClient());
}

// A stream of messages beside a request that takes its time.
TEST_F(UnfinishedRequestsTest, MessagesOfAStreamAllowForWhatTheyTake) {
  SocketPair* const honest = AddWith(2, "10.0.0.1");
  const ConnectionTable::CallPtr stream = table_.BeginCall("ipv4:10.0.0.1:1");
  for (int i = 0; i < 20; ++i) {
    honest->FromClient(std::string(200 << 10, 'x'));
    for (int j = 0; j < 200; ++j) stream->NoteMessage(1000);
    streams_.counts["ipv4:10.0.0.1:1"].messages += 200;
    InspectAfter(absl::Milliseconds(110));
    ASSERT_FALSE(honest->EndedForClient()) << i;
  }
}

// A scratchpad over a slow link, which takes more than half of what the address may have.
TEST_F(UnfinishedRequestsTest, SlowUploadsGetThrough) {
  SocketPair* const upload = AddWith(1, "10.0.0.1");
  for (int i = 0; i < 80; ++i) {
    upload->FromClient(std::string(20 << 10, 'x'));
    InspectAfter(absl::Seconds(1));
    ASSERT_FALSE(upload->EndedForClient()) << i;
  }
}

TEST_F(UnfinishedRequestsTest, AnUploadOutlivesABreakOfItsLink) {
  SocketPair* const upload = AddWith(1, "10.0.0.1");
  upload->FromClient(std::string(600 << 10, 'x'));
  Wait(absl::Minutes(4));
  EXPECT_FALSE(upload->EndedForClient());
  upload->FromClient(std::string(300 << 10, 'x'));
  Wait(absl::Minutes(4));
  EXPECT_FALSE(upload->EndedForClient());
}

TEST_F(UnfinishedRequestsTest, WhatStaysIncompleteForMinutesIsEnded) {
  SocketPair* const stuck = AddWith(1, "10.0.0.1");
  SocketPair* const done = AddWith(0, "10.0.0.2");
  stuck->FromClient(std::string(100 << 10, 'x'));
  done->FromClient(std::string(600 << 10, 'x'));
  streams_.counts["ipv4:10.0.0.2:1"] = {0, 1};
  for (int i = 0; i < 330; ++i) {
    stuck->FromClient(std::string(100, 'x'));
    InspectAfter(absl::Seconds(1));
  }
  EXPECT_TRUE(stuck->EndsForClient());
  EXPECT_FALSE(done->EndedForClient());
  EXPECT_EQ(table_.closed(CloseReason::kUnfinished), 1u);
}

TEST_F(UnfinishedRequestsTest, WhereMuchIsHeldWhatIsStuckIsEndedSoon) {
  SocketPair* const stuck = AddWith(1, "10.0.0.1", 1);
  SocketPair* const slow = AddWith(1, "10.0.0.1", 2);
  SocketPair* const other = AddWith(1, "10.0.0.2");
  for (SocketPair* pair : {stuck, slow, other}) pair->FromClient(std::string(600 << 10, 'x'));
  for (int i = 0; i < 35; ++i) {
    if (i < 25) {
      EXPECT_FALSE(stuck->EndedForClient()) << i;
    }
    slow->FromClient(std::string(5 << 10, 'x'));
    InspectAfter(absl::Seconds(1));
  }
  EXPECT_TRUE(stuck->EndsForClient());
  EXPECT_FALSE(slow->EndedForClient());
  EXPECT_FALSE(other->EndedForClient());
}

TEST_F(UnfinishedRequestsTest, ACrowdOfSlowOnesIsBounded) {
  std::vector<SocketPair*> crowd;
  for (int port = 1; port <= 20; ++port) crowd.push_back(AddWith(3, "10.0.0.1", port));
  for (int i = 0; i < 60; ++i) {
    for (SocketPair* each : crowd) {
      if (!each->EndedForClient()) each->FromClient(std::string(5 << 10, 'x'));
    }
    InspectAfter(absl::Seconds(1));
  }
  size_t left = 0;
  for (const SocketPair* each : crowd) left += each->EndedForClient() ? 0 : 1;
  // Of 240 KiB each.
  EXPECT_LE(left, 8u);
  EXPECT_GE(left, 1u);
}

// gRPC calls them all alike, so their calls and requests are known together.
TEST_F(UnfinishedRequestsTest, UnixSocketsAreBoundedTogether) {
  SocketPair* const hostile = AddUnix();
  SocketPair* const good = AddUnix();
  streams_.counts["unix"] = {2, 0};
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(hostile->EndedForClient()) << i;
    hostile->FromClient(std::string(400 << 10, 'x'));
    good->FromClient(std::string(250 << 10, 'x'));
    table_.BeginCall("unix:");
    table_.NoteRequest("unix:", 250 << 10);
    InspectAfter(absl::Milliseconds(10));
    if (hostile->EndedForClient()) break;
  }
  EXPECT_TRUE(hostile->EndsForClient());
  EXPECT_FALSE(good->EndedForClient());
  EXPECT_EQ(table_.closed(CloseReason::kUnfinished), 1u);
}

TEST_F(UnfinishedRequestsTest, UnixSocketsMayHaveMuchThatIsComplete) {
  SocketPair* const good = AddUnix();
  const ConnectionTable::CallPtr call = table_.BeginCall("unix:");
  streams_.counts["unix"] = {1, 0};
  for (int i = 0; i < 20; ++i) {
    good->FromClient(std::string(600 << 10, 'x'));
    InspectAfter(absl::Milliseconds(200));
  }
  EXPECT_FALSE(good->EndedForClient());
}

TEST_F(UnfinishedRequestsTest, WhatWentWithAUnixSocketDoesNotCount) {
  streams_.counts["unix"] = {2, 0};
  SocketPair* const good = AddUnix();
  for (int i = 0; i < 4; ++i) {
    SocketPair* const gone = AddUnix();
    gone->FromClient(std::string(1200 << 10, 'x'));
    good->FromClient(std::string(100 << 10, 'x'));
    InspectAfter(absl::Milliseconds(10));
    gone->CloseServer();
    InspectAfter(absl::Milliseconds(10));
  }
  EXPECT_FALSE(good->EndedForClient());
}

// The busiest one goes first, whose requests were complete. What the other holds is not forgotten.
TEST_F(UnfinishedRequestsTest, TheEndOfABusyUnixSocketHidesNoOther) {
  streams_.counts["unix"] = {2, 0};
  SocketPair* const busy = AddUnix();
  SocketPair* const hostile = AddUnix();
  for (int i = 0; i < 8; ++i) {
    busy->FromClient(std::string(600 << 10, 'x'));
    table_.NoteRequest("unix:", 540 << 10);
    hostile->FromClient(std::string(420 << 10, 'x'));
    InspectAfter(absl::Milliseconds(10));
    if (busy->EndedForClient()) break;
  }
  EXPECT_TRUE(busy->EndsForClient());
  EXPECT_FALSE(hostile->EndedForClient());
  // It has 420 KiB less than the bound, or not even that.
  for (int i = 0; i < 2; ++i) {
    InspectAfter(absl::Milliseconds(300));
    hostile->FromClient(std::string(420 << 10, 'x'));
  }
  InspectAfter(absl::Milliseconds(300));
  EXPECT_TRUE(hostile->EndsForClient());
}

TEST_F(UnfinishedRequestsTest, TheEndOfAUnixSocketIsAwaitedBeforeTheNextOne) {
  streams_.counts["unix"] = {2, 0};
  SocketPair* const good = AddUnix();
  SocketPair* const hostile = AddUnix();
  good->FromClient(std::string(3000 << 10, 'x'));
  table_.NoteRequest("unix:", 2600 << 10);
  InspectAfter(absl::Milliseconds(10));
  hostile->FromClient(std::string(3050 << 10, 'x'));
  InspectAfter(absl::Milliseconds(10));
  EXPECT_TRUE(hostile->EndsForClient());
  InspectAfter(absl::Milliseconds(100));
  streams_.counts["unix"] = {0, 0};
  InspectAfter(absl::Milliseconds(300));
  good->FromClient(std::string(2000 << 10, 'x'));
  streams_.counts["unix"] = {1, 0};
  InspectAfter(absl::Milliseconds(300));
  EXPECT_FALSE(good->EndedForClient());
}

}  // namespace
}  // namespace wirepas_grpc::service
