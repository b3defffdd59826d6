// SPDX-License-Identifier: Apache-2.0
#include "service/connection_table.h"

#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/service/tcp_pair.h"

namespace wirepas_grpc::service {
namespace {

using Room = ConnectionTable::Room;

Peer Remote(const std::string& address, int port) {
  return Peer{address, absl::StrCat("ipv4:", address, ":", port), false};
}

Peer Local(int port) { return Peer{"127.0.0.1", absl::StrCat("ipv4:127.0.0.1:", port), true}; }

ConnectionTable::Limits SmallLimits() {
  ConnectionTable::Limits limits;
  limits.connections = 3;
  limits.connections_per_peer = 2;
  limits.calls = 4;
  limits.message_bytes = 1 << 20;
  limits.unfinished_bytes = 2 << 20;
  return limits;
}

class FakeStreamCounter final : public StreamCounter {
 public:
  std::optional<StreamCounts> Look(absl::string_view peer_name) override {
    const auto found = counts.find(std::string(peer_name));
    return found == counts.end() ? std::nullopt : std::optional<StreamCounts>(found->second);
  }

  std::map<std::string, StreamCounts> counts;
};

class ConnectionTableTest : public testing::Test {
 protected:
  ConnectionTableTest() { table_.Inspect(now_); }

  // Closed() is what gRPC's end of a connection looks like from here.
  TcpPair* Add(const Peer& peer) {
    pairs_.push_back(std::make_unique<TcpPair>());
    table_.Add(pairs_.back()->server(), peer);
    return pairs_.back().get();
  }

  bool InspectAfter(absl::Duration time) {
    now_ += time;
    return table_.Inspect(now_);
  }

  FakeStreamCounter streams_;
  ConnectionTable table_{SmallLimits(), &streams_};
  core::Instant now_ = core::Instant::Now();
  std::vector<std::unique_ptr<TcpPair>> pairs_;
};

TEST_F(ConnectionTableTest, BoundsAllConnections) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(table_.RoomFor(Local(1)), Room::kFree);
    Add(Local(i));
  }
  EXPECT_EQ(table_.RoomFor(Local(1)), Room::kLocalFull);
  EXPECT_EQ(table_.RoomFor(Remote("10.0.0.1", 1)), Room::kFull);
  EXPECT_EQ(table_.added(), 3u);
}

TEST_F(ConnectionTableTest, BoundsThoseOfAPeerUnlessItIsLocal) {
  Add(Remote("10.0.0.1", 1));
  Add(Remote("10.0.0.1", 2));
  EXPECT_EQ(table_.RoomFor(Remote("10.0.0.1", 3)), Room::kPeerFull);
  EXPECT_EQ(table_.RoomFor(Remote("10.0.0.2", 3)), Room::kFree);
  EXPECT_EQ(table_.RoomFor(Local(3)), Room::kFree);
}

TEST_F(ConnectionTableTest, ForgetsThoseWhoseDescriptorIsClosed) {
  TcpPair* const first = Add(Remote("10.0.0.1", 1));
  Add(Remote("10.0.0.1", 2));
  table_.Sweep();
  EXPECT_EQ(table_.size(), 2u);
  first->CloseServer();
  table_.Sweep();
  EXPECT_EQ(table_.size(), 1u);
  EXPECT_EQ(table_.RoomFor(Remote("10.0.0.1", 3)), Room::kFree);
}

TEST_F(ConnectionTableTest, ForgetsThoseWhoseDescriptorIsUsedAgain) {
  TcpPair* const first = Add(Remote("10.0.0.1", 1));
  const int fd = first->server();
  const TcpPair other;
  ASSERT_EQ(dup2(other.server(), fd), fd);
  table_.Sweep();
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(ConnectionTableTest, CountsADescriptorOnceThatComesAgainUnmissed) {
  TcpPair* const first = Add(Remote("10.0.0.1", 1));
  const TcpPair other;
  ASSERT_EQ(dup2(other.server(), first->server()), first->server());
  table_.Add(first->server(), Remote("10.0.0.2", 7));
  EXPECT_EQ(table_.size(), 1u);
  EXPECT_NE(table_.BeginCall("ipv4:10.0.0.2:7"), nullptr);
  EXPECT_EQ(table_.BeginCall("ipv4:10.0.0.1:1"), nullptr);
}

TEST_F(ConnectionTableTest, EndsConnectionsWithTooManyCalls) {
  TcpPair* const pair = Add(Local(1));
  TcpPair* const other = Add(Local(2));
  std::vector<ConnectionTable::CallPtr> calls;
  for (int i = 0; i < 4; ++i) calls.push_back(table_.BeginCall("ipv4:127.0.0.1:1"));
  // Those that have ended do not count.
  calls.pop_back();
  calls.push_back(table_.BeginCall("ipv4:127.0.0.1:1"));
  EXPECT_FALSE(pair->EndedForClient());
  calls.push_back(table_.BeginCall("ipv4:127.0.0.1:1"));
  EXPECT_TRUE(pair->EndsForClient());
  EXPECT_EQ(table_.closed(CloseReason::kCalls), 1u);
  // A local peer's connections stand for themselves.
  calls.push_back(table_.BeginCall("ipv4:127.0.0.1:2"));
  EXPECT_FALSE(other->EndedForClient());
}

// Each within what it was told.
TEST_F(ConnectionTableTest, ConnectionsOfAPeerHaveTheirCallsEachByItself) {
  std::vector<TcpPair*> pairs;
  std::vector<ConnectionTable::CallPtr> calls;
  for (int port = 1; port <= 3; ++port) {
    pairs.push_back(Add(Remote("10.0.0.1", port)));
    const std::string name = absl::StrCat("ipv4:10.0.0.1:", port);
    for (int i = 0; i < 4; ++i) calls.push_back(table_.BeginCall(name));
  }
  for (const TcpPair* pair : pairs) EXPECT_FALSE(pair->EndedForClient());
}

TEST_F(ConnectionTableTest, LocalPeersLeaveSomeToOthers) {
  ConnectionTable::Limits limits;
  limits.connections = 10;
  ConnectionTable table(limits, &streams_);
  std::vector<std::unique_ptr<TcpPair>> pairs;
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(table.RoomFor(Local(i)), Room::kFree);
    pairs.push_back(std::make_unique<TcpPair>());
    table.Add(pairs.back()->server(), Local(i));
  }
  EXPECT_EQ(table.RoomFor(Local(9)), Room::kLocalFull);
  EXPECT_EQ(table.RoomFor(Remote("10.0.0.1", 1)), Room::kFree);
  pairs.front()->CloseServer();
  table.Sweep();
  EXPECT_EQ(table.RoomFor(Local(9)), Room::kFree);
}

// To two addresses of this machine, from one port.
TEST_F(ConnectionTableTest, ConnectionsOfOneNameAreBothKnown) {
  Add(Remote("10.0.0.1", 1));
  TcpPair* const second = Add(Remote("10.0.0.1", 1));
  second->CloseServer();
  table_.Sweep();
  EXPECT_EQ(table_.size(), 1u);
  EXPECT_NE(table_.BeginCall("ipv4:10.0.0.1:1"), nullptr);
}

TEST_F(ConnectionTableTest, LeavesAloneWhatTheDescriptorStandsForByNow) {
  TcpPair* const pair = Add(Local(1));
  TcpPair other;
  ASSERT_EQ(dup2(other.server(), pair->server()), pair->server());
  std::vector<ConnectionTable::CallPtr> calls;
  for (int i = 0; i < 6; ++i) calls.push_back(table_.BeginCall("ipv4:127.0.0.1:1"));
  EXPECT_FALSE(other.EndedForClient());
  EXPECT_EQ(table_.closed(CloseReason::kCalls), 0u);
}

TEST_F(ConnectionTableTest, CallsOutliveTheirConnection) {
  TcpPair* const pair = Add(Local(1));
  const ConnectionTable::CallPtr call = table_.BeginCall("ipv4:127.0.0.1:1");
  pair->CloseServer();
  table_.Sweep();
  EXPECT_EQ(table_.size(), 0u);
  call->NoteCancelled();
}

TEST_F(ConnectionTableTest, EndsConnectionsWhoseCallsAreCancelledAllTheTime) {
  TcpPair* const pair = Add(Local(1));
  for (int i = 0; i < 4; ++i) table_.BeginCall("ipv4:127.0.0.1:1")->NoteCancelled();
  InspectAfter(absl::Milliseconds(10));
  for (int i = 0; i < 4; ++i) table_.BeginCall("ipv4:127.0.0.1:1")->NoteCancelled();
  EXPECT_FALSE(pair->EndedForClient());
  table_.BeginCall("ipv4:127.0.0.1:1")->NoteCancelled();
  EXPECT_TRUE(pair->EndsForClient());
  EXPECT_EQ(table_.closed(CloseReason::kResets), 1u);
}

TEST_F(ConnectionTableTest, EndsConnectionsThatSendMuchAndAskNothing) {
  TcpPair* const idle = Add(Local(1));
  TcpPair* const busy = Add(Local(2));
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(idle->EndedForClient()) << i;
    idle->FromClient(std::string(30 << 10, 'x'));
    busy->FromClient(std::string(30 << 10, 'x'));
    table_.BeginCall("ipv4:127.0.0.1:2");
    EXPECT_TRUE(InspectAfter(absl::Milliseconds(10)));
  }
  EXPECT_TRUE(idle->EndsForClient());
  EXPECT_FALSE(busy->EndedForClient());
  EXPECT_EQ(table_.closed(CloseReason::kTraffic), 1u);
}

TEST_F(ConnectionTableTest, KeepsConnectionsThatSendLittle) {
  TcpPair* const pair = Add(Local(1));
  for (int i = 0; i < 100; ++i) {
    pair->FromClient(std::string(7 << 10, 'x'));
    EXPECT_FALSE(InspectAfter(absl::Milliseconds(100)));
  }
  EXPECT_FALSE(pair->EndedForClient());
}

// gRPC shows a call only when its request is complete.
TEST_F(ConnectionTableTest, KeepsConnectionsOverWhichALargeRequestComes) {
  TcpPair* const pair = Add(Local(1));
  streams_.counts["ipv4:127.0.0.1:1"] = {1, 0};
  for (int i = 0; i < 10; ++i) {
    pair->FromClient(std::string(100 << 10, 'x'));
    InspectAfter(absl::Milliseconds(10));
  }
  EXPECT_FALSE(pair->EndedForClient());
  // It is larger than any may be.
  pair->FromClient(std::string(600 << 10, 'x'));
  InspectAfter(absl::Milliseconds(10));
  EXPECT_TRUE(pair->EndsForClient());
}

TEST_F(ConnectionTableTest, KeepsConnectionsOverWhichMessagesGo) {
  TcpPair* const pair = Add(Local(1));
  for (int i = 0; i < 20; ++i) {
    streams_.counts["ipv4:127.0.0.1:1"] = {1, 100 * i};
    pair->FromClient(std::string(150 << 10, 'x'));
    InspectAfter(absl::Milliseconds(10));
  }
  EXPECT_FALSE(pair->EndedForClient());
}

TEST_F(ConnectionTableTest, EndsConnectionsWithTooManyCallsWithoutRequests) {
  TcpPair* const pair = Add(Local(1));
  streams_.counts["ipv4:127.0.0.1:1"] = {5, 0};
  pair->FromClient(std::string(300 << 10, 'x'));
  InspectAfter(absl::Milliseconds(10));
  EXPECT_TRUE(pair->EndsForClient());
  EXPECT_EQ(table_.closed(CloseReason::kCalls), 1u);
}

// Each connection is far from its own bound.
TEST_F(ConnectionTableTest, BoundsTheUnfinishedRequestsOfAPeerTogether) {
  std::vector<TcpPair*> pairs;
  for (int port = 1; port <= 2; ++port) {
    pairs.push_back(Add(Remote("10.0.0.1", port)));
    streams_.counts[absl::StrCat("ipv4:10.0.0.1:", port)] = {4, 0};
  }
  TcpPair* const other = Add(Remote("10.0.0.2", 1));
  streams_.counts["ipv4:10.0.0.2:1"] = {4, 0};
  for (int i = 0; i < 7; ++i) {
    for (const TcpPair* pair : pairs) EXPECT_FALSE(pair->EndedForClient()) << i;
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
TEST_F(ConnectionTableTest, CallsAllowForWhatTheyTake) {
  TcpPair* const hiding = Add(Remote("10.0.0.1", 1));
  TcpPair* const honest = Add(Remote("10.0.0.2", 1));
  streams_.counts["ipv4:10.0.0.1:1"] = {4, 0};
  streams_.counts["ipv4:10.0.0.2:1"] = {4, 0};
  for (int i = 0; i < 15; ++i) {
    EXPECT_FALSE(hiding->EndedForClient()) << i;
    for (TcpPair* pair : {hiding, honest}) pair->FromClient(std::string(150 << 10, 'x'));
    table_.BeginCall("ipv4:10.0.0.1:1");
    table_.BeginCall("ipv4:10.0.0.2:1");
    table_.NoteRequest("ipv4:10.0.0.2:1", 145 << 10);
    InspectAfter(absl::Milliseconds(10));
    if (hiding->EndedForClient()) break;
  }
  EXPECT_TRUE(hiding->EndsForClient());
  EXPECT_FALSE(honest->EndedForClient());
}

TEST_F(ConnectionTableTest, EndsConnectionsWhoseRequestsStayIncomplete) {
  TcpPair* const stuck = Add(Remote("10.0.0.1", 1));
  TcpPair* const slow = Add(Remote("10.0.0.2", 1));
  TcpPair* const done = Add(Remote("10.0.0.3", 1));
  streams_.counts["ipv4:10.0.0.1:1"] = {1, 0};
  streams_.counts["ipv4:10.0.0.2:1"] = {1, 0};
  streams_.counts["ipv4:10.0.0.3:1"] = {0, 1};
  for (TcpPair* pair : {stuck, slow, done}) pair->FromClient(std::string(600 << 10, 'x'));
  for (int i = 0; i < 35; ++i) {
    if (i < 25) {
      EXPECT_FALSE(stuck->EndedForClient()) << i;
    }
    slow->FromClient(std::string(66 << 10, 'x'));
    table_.BeginCall("ipv4:10.0.0.2:1");
    table_.NoteRequest("ipv4:10.0.0.2:1", 50 << 10);
    InspectAfter(absl::Seconds(1));
  }
  EXPECT_TRUE(stuck->EndsForClient());
  EXPECT_FALSE(slow->EndedForClient());
  EXPECT_FALSE(done->EndedForClient());
}

}  // namespace
}  // namespace wirepas_grpc::service
