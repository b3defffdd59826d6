// SPDX-License-Identifier: Apache-2.0
#include "service/socket_info.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

#include "gtest/gtest.h"
#include "service/file_limit.h"
#include "tests/service/socket_pair.h"

namespace wirepas_grpc::service {
namespace {

Peer Ipv4(const char* address, int port) {
  sockaddr_storage storage = {};
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(storage);
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(static_cast<in_port_t>(port));
  inet_pton(AF_INET, address, &ipv4.sin_addr);
  return PeerOf(storage);
}

Peer Ipv6(const char* address, int port, uint32_t zone = 0) {
  sockaddr_storage storage = {};
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(storage);
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(static_cast<in_port_t>(port));
  ipv6.sin6_scope_id = zone;
  inet_pton(AF_INET6, address, &ipv6.sin6_addr);
  return PeerOf(storage);
}

TEST(SocketInfoTest, NamesPeersAsGrpcDoes) {
  EXPECT_EQ(Ipv4("10.1.2.3", 80).name, "ipv4:10.1.2.3:80");
  EXPECT_EQ(Ipv6("2001:db8::1", 80).name, "ipv6:%5B2001:db8::1%5D:80");
  EXPECT_EQ(Ipv6("::ffff:10.1.2.3", 80).name, "ipv4:10.1.2.3:80");
  EXPECT_EQ(Ipv6("fe80::1", 80, 2).name, "ipv6:%5Bfe80::1%252%5D:80");
}

TEST(SocketInfoTest, AddressesAreWithoutPorts) {
  EXPECT_EQ(Ipv4("10.1.2.3", 80).address, "10.1.2.3");
  // Who has one address of a network may have all of them.
  EXPECT_EQ(Ipv6("2001:db8::1", 80).address, "2001:db8::/64");
  EXPECT_EQ(Ipv6("2001:db8::2:3:4", 80).address, "2001:db8::/64");
  EXPECT_EQ(Ipv6("2001:db8:0:1::1", 80).address, "2001:db8:0:1::/64");
  EXPECT_EQ(Ipv6("fe80::1", 80, 2).address, "fe80::1");
  EXPECT_EQ(Ipv6("::1", 80).address, "::1");
  EXPECT_EQ(Ipv6("::ffff:10.1.2.3", 80).address, "10.1.2.3");
}

TEST(SocketInfoTest, KnowsWhoIsOnThisMachine) {
  EXPECT_TRUE(Ipv4("127.3.2.1", 1).local);
  EXPECT_TRUE(Ipv6("::1", 1).local);
  EXPECT_TRUE(Ipv6("::ffff:127.0.0.1", 1).local);
  EXPECT_FALSE(Ipv4("10.1.2.3", 1).local);
  EXPECT_FALSE(Ipv6("2001:db8::1", 1).local);
  sockaddr_storage unix_address = {};
  unix_address.ss_family = AF_UNIX;
  EXPECT_TRUE(PeerOf(unix_address).local);
  EXPECT_EQ(PeerOf(unix_address).name, "");
}

TEST(SocketInfoTest, TellsWhatADescriptorStandsFor) {
  TcpPair pair;
  const TcpPair other;
  const int fd = pair.server();
  const auto id = IdOf(fd);
  ASSERT_TRUE(id.has_value());
  EXPECT_NE(id, IdOf(other.server()));
  ASSERT_EQ(dup2(other.server(), fd), fd);
  EXPECT_NE(IdOf(fd), id);
  EXPECT_FALSE(ShutDownSocket(fd, *id));
  EXPECT_FALSE(other.EndedForClient());
  pair.CloseServer();
  EXPECT_EQ(IdOf(fd), std::nullopt);
  EXPECT_FALSE(ShutDownSocket(fd, *id));
}

TEST(SocketInfoTest, ShutsDownWhatItShould) {
  const TcpPair pair;
  EXPECT_TRUE(ShutDownSocket(pair.server(), *IdOf(pair.server())));
  EXPECT_TRUE(pair.EndsForClient());
  EXPECT_TRUE(IdOf(pair.server()).has_value());  // still open
}

TEST(SocketInfoTest, CountsBytes) {
  TcpPair pair;
  EXPECT_EQ(BytesRead(pair.server()), 0u);
  pair.FromClient(std::string(100'000, 'x'));
  EXPECT_EQ(BytesRead(pair.server()), 100'000u);
  EXPECT_EQ(BytesRead(0), std::nullopt);
  // What waits in the socket does not count yet.
  ASSERT_EQ(send(pair.client(), "xyz", 3, MSG_NOSIGNAL), 3);
  pollfd watched = {pair.server(), POLLIN, 0};
  ASSERT_EQ(poll(&watched, 1, 10'000), 1);
  EXPECT_EQ(BytesRead(pair.server()), 100'000u);
}

TEST(SocketInfoTest, CountsBytesOfUnixSockets) {
  UnixPair pair;
  pair.FromClient("before");
  EXPECT_EQ(BytesRead(pair.server()), std::nullopt);
  CountBytesRead(pair.server());
  EXPECT_EQ(BytesRead(pair.server()), 0u);
  pair.FromClient(std::string(100'000, 'x'));
  EXPECT_EQ(BytesRead(pair.server()), 100'000u);
}

TEST(FileLimitTest, LeavesRoomForTheRest) {
  EXPECT_EQ(ConnectionsThatFit(1024, {}), 984u);
  EXPECT_EQ(ConnectionsThatFit(1024, {.metrics = true, .state = true}), 820u);
  EXPECT_EQ(ConnectionsThatFit(64, {.metrics = true}), 16u);
  EXPECT_EQ(ConnectionsThatFit(0, {}), 1u);
}

}  // namespace
}  // namespace wirepas_grpc::service
