// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_SOCKET_INFO_H_
#define WIREPAS_GRPC_SERVICE_SOCKET_INFO_H_

#include <sys/socket.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace wirepas_grpc::service {

// What a descriptor stands for. Descriptors are used again, and gRPC closes those of its
// connections itself: two looks at a descriptor see the same socket if the ids are equal.
struct SocketId {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const SocketId&, const SocketId&) = default;
};

// Nothing: the descriptor is closed.
std::optional<SocketId> IdOf(int fd);

// Ends the connection, whoever has the descriptor, if it still is that one, and throws away
// what has come and was not read. The descriptor stays open for its owner, which finds the end
// of the connection there. False: it is another socket by now, or there is no descriptor free
// to make sure with.
bool ShutDownSocket(int fd, const SocketId& id);

// Has the system count what is read from the Unix socket, if it is one. From then on there must
// be no MSG_PEEK.
void CountBytesRead(int fd);

// What the owner has taken from the socket, in bytes: over a TCP connection so far, about; from a
// Unix socket since CountBytesRead(), or since a call before this one that told of more than a
// gigabyte. Nothing: it is no such socket, or it is closed.
std::optional<uint64_t> BytesRead(int fd);

// Who is at the other end.
struct Peer {
  // The address without the port, IPv4 also where it came as IPv6. "unix" for Unix sockets.
  // Of IPv6 the network, as "2001:db8::/64": a host may have any address of it.
  std::string address;
  // As grpc::ServerContext::peer() calls the connection; empty where several share a name.
  std::string name;
  // On this machine: a Unix socket or the loopback interface.
  bool local = false;
};

Peer PeerOf(const sockaddr_storage& address);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_SOCKET_INFO_H_
