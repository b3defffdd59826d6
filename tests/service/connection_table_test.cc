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
#include "tests/service/connection_fixture.h"

namespace wirepas_grpc::service {
namespace {

using Room = ConnectionTable::Room;

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
  SocketPair* const first = Add(Remote("10.0.0.1", 1));
  Add(Remote("10.0.0.1", 2));
  table_.Sweep();
  EXPECT_EQ(table_.size(), 2u);
  first->CloseServer();
  table_.Sweep();
  EXPECT_EQ(table_.size(), 1u);
  EXPECT_EQ(table_.RoomFor(Remote("10.0.0.1", 3)), Room::kFree);
}

TEST_F(ConnectionTableTest, ForgetsThoseWhoseDescriptorIsUsedAgain) {
  SocketPair* const first = Add(Remote("10.0.0.1", 1));
  const int fd = first->server();
  const TcpPair other;
  ASSERT_EQ(dup2(other.server(), fd), fd);
  table_.Sweep();
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(ConnectionTableTest, CountsADescriptorOnceThatComesAgainUnmissed) {
  SocketPair* const first = Add(Remote("10.0.0.1", 1));
  const TcpPair other;
  ASSERT_EQ(dup2(other.server(), first->server()), first->server());
  table_.Add(first->server(), Remote("10.0.0.2", 7));
  EXPECT_EQ(table_.size(), 1u);
  EXPECT_NE(table_.BeginCall("ipv4:10.0.0.2:7"), nullptr);
  EXPECT_EQ(table_.BeginCall("ipv4:10.0.0.1:1"), nullptr);
}

TEST_F(ConnectionTableTest, EndsConnectionsWithTooManyCalls) {
  SocketPair* const pair = Add(Local(1));
  SocketPair* const other = Add(Local(2));
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
  std::vector<SocketPair*> pairs;
  std::vector<ConnectionTable::CallPtr> calls;
  for (int port = 1; port <= 3; ++port) {
    pairs.push_back(Add(Remote("10.0.0.1", port)));
    const std::string name = absl::StrCat("ipv4:10.0.0.1:", port);
    for (int i = 0; i < 4; ++i) calls.push_back(table_.BeginCall(name));
  }
  for (const SocketPair* pair : pairs) EXPECT_FALSE(pair->EndedForClient());
}

// A health check is answered while others have all places.
TEST_F(ConnectionTableTest, LocalPeersHaveSomeMoreWhenOthersHaveAll) {
  ConnectionTable::Limits limits;
  limits.connections = 20;
  limits.more_for_local = 2;
  ConnectionTable table(limits, &streams_);
  std::vector<std::unique_ptr<TcpPair>> pairs;
  const auto add = [&](const Peer& peer) {
    pairs.push_back(std::make_unique<TcpPair>());
    table.Add(pairs.back()->server(), peer);
  };
  for (int i = 0; i < 20; ++i) add(Remote("10.0.0.1", i));
  const Peer of_unix = {.address = "unix", .name = "", .local = true};
  EXPECT_EQ(table.RoomFor(Remote("10.0.0.2", 1)), Room::kFull);
  EXPECT_EQ(table.RoomFor(Local(1)), Room::kFree);
  add(Local(1));
  EXPECT_EQ(table.RoomFor(of_unix), Room::kFree);
  add(of_unix);
  EXPECT_EQ(table.RoomFor(Local(2)), Room::kFull);
  // Those places are no others' when they are free.
  pairs.back()->CloseServer();
  table.Sweep();
  EXPECT_EQ(table.RoomFor(Remote("10.0.0.2", 1)), Room::kFull);
  EXPECT_EQ(table.RoomFor(of_unix), Room::kFree);
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
  SocketPair* const second = Add(Remote("10.0.0.1", 1));
  second->CloseServer();
  table_.Sweep();
  EXPECT_EQ(table_.size(), 1u);
  EXPECT_NE(table_.BeginCall("ipv4:10.0.0.1:1"), nullptr);
}

TEST_F(ConnectionTableTest, LeavesAloneWhatTheDescriptorStandsForByNow) {
  SocketPair* const pair = Add(Local(1));
  TcpPair other;
  ASSERT_EQ(dup2(other.server(), pair->server()), pair->server());
  std::vector<ConnectionTable::CallPtr> calls;
  for (int i = 0; i < 6; ++i) calls.push_back(table_.BeginCall("ipv4:127.0.0.1:1"));
  EXPECT_FALSE(other.EndedForClient());
  EXPECT_EQ(table_.closed(CloseReason::kCalls), 0u);
}

TEST_F(ConnectionTableTest, CallsOutliveTheirConnection) {
  SocketPair* const pair = Add(Local(1));
  const ConnectionTable::CallPtr call = table_.BeginCall("ipv4:127.0.0.1:1");
  pair->CloseServer();
  table_.Sweep();
  EXPECT_EQ(table_.size(), 0u);
  call->NoteCancelled();
}

TEST_F(ConnectionTableTest, EndsConnectionsWhoseCallsAreCancelledAllTheTime) {
  SocketPair* const pair = Add(Local(1));
  for (int i = 0; i < 4; ++i) table_.BeginCall("ipv4:127.0.0.1:1")->NoteCancelled();
  InspectAfter(absl::Milliseconds(10));
  for (int i = 0; i < 4; ++i) table_.BeginCall("ipv4:127.0.0.1:1")->NoteCancelled();
  EXPECT_FALSE(pair->EndedForClient());
  table_.BeginCall("ipv4:127.0.0.1:1")->NoteCancelled();
  EXPECT_TRUE(pair->EndsForClient());
  EXPECT_EQ(table_.closed(CloseReason::kResets), 1u);
}

TEST_F(ConnectionTableTest, EndsConnectionsThatSendMuchAndAskNothing) {
  SocketPair* const idle = Add(Local(1));
  SocketPair* const busy = Add(Local(2));
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(idle->EndedForClient()) << i;
    idle->FromClient(std::string(30 << 10, 'x'));
    busy->FromClient(std::string(30 << 10, 'x'));
    table_.BeginCall("ipv4:127.0.0.1:2");
    InspectAfter(absl::Milliseconds(10));
  }
  InspectAfter(absl::Milliseconds(20));
  EXPECT_TRUE(idle->EndsForClient());
  EXPECT_FALSE(busy->EndedForClient());
  EXPECT_EQ(table_.closed(CloseReason::kTraffic), 1u);
}

TEST_F(ConnectionTableTest, KeepsConnectionsThatSendLittle) {
  SocketPair* const pair = Add(Local(1));
  for (int i = 0; i < 100; ++i) {
    pair->FromClient(std::string(7 << 10, 'x'));
    InspectAfter(absl::Milliseconds(100));
  }
  EXPECT_FALSE(pair->EndedForClient());
}

// gRPC shows a call only when its request is complete.
TEST_F(ConnectionTableTest, KeepsConnectionsOverWhichALargeRequestComes) {
  SocketPair* const pair = Add(Local(1));
  streams_.counts["ipv4:127.0.0.1:1"] = {1, 0};
  for (int i = 0; i < 10; ++i) {
    pair->FromClient(std::string(100 << 10, 'x'));
    InspectAfter(absl::Milliseconds(10));
  }
  EXPECT_FALSE(pair->EndedForClient());
  // It is larger than any may be.
  pair->FromClient(std::string(600 << 10, 'x'));
  for (int i = 0; i < 3; ++i) InspectAfter(absl::Milliseconds(10));
  EXPECT_TRUE(pair->EndsForClient());
}

TEST_F(ConnectionTableTest, KeepsConnectionsOverWhichMessagesGo) {
  SocketPair* const pair = Add(Local(1));
  for (int i = 0; i < 20; ++i) {
    streams_.counts["ipv4:127.0.0.1:1"] = {1, 100 * i};
    pair->FromClient(std::string(150 << 10, 'x'));
    InspectAfter(absl::Milliseconds(10));
  }
  EXPECT_FALSE(pair->EndedForClient());
}

// gRPC has read the bytes of a call that it knows only a little later.
TEST_F(ConnectionTableTest, GivesGrpcTimeToLookAtWhatItHasRead) {
  SocketPair* const pair = Add(Local(1));
  pair->FromClient(std::string(300 << 10, 'x'));
  for (int i = 0; i < 2; ++i) InspectAfter(absl::Milliseconds(8));
  streams_.counts["ipv4:127.0.0.1:1"] = {1, 0};
  for (int i = 0; i < 10; ++i) InspectAfter(absl::Milliseconds(8));
  EXPECT_FALSE(pair->EndedForClient());
}

TEST_F(ConnectionTableTest, EndsConnectionsWithTooManyCallsWithoutRequests) {
  SocketPair* const pair = Add(Local(1));
  streams_.counts["ipv4:127.0.0.1:1"] = {5, 0};
  pair->FromClient(std::string(300 << 10, 'x'));
  InspectAfter(absl::Milliseconds(10));
  EXPECT_TRUE(pair->EndsForClient());
  EXPECT_EQ(table_.closed(CloseReason::kCalls), 1u);
}

TEST_F(ConnectionTableTest, SomeAreLookedAtByThemselves) {
  SocketPair* const some = Add(Local(1));
  SocketPair* const other = Add(Local(2));
  InspectAfter(absl::Milliseconds(10));
  for (SocketPair* pair : {some, other}) pair->FromClient(std::string(5 << 20, 'x'));
  now_ += absl::Milliseconds(10);
  table_.InspectSome({some->server()}, now_);
  EXPECT_TRUE(some->EndsForClient());
  EXPECT_FALSE(other->EndedForClient());
  InspectAfter(absl::Milliseconds(10));
  EXPECT_TRUE(other->EndsForClient());
}

}  // namespace
}  // namespace wirepas_grpc::service
