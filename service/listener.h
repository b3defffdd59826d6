// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_LISTENER_H_
#define WIREPAS_GRPC_SERVICE_LISTENER_H_

#include <sys/socket.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/heartbeat.h"
#include "core/base/instant.h"
#include "grpcpp/server_builder.h"
#include "service/connection_table.h"
#include "service/listen_socket.h"

namespace wirepas_grpc::service {

// Takes the connections of clients and hands them to gRPC. gRPC's own listener takes whatever
// comes, and stops for good when accept() once lacks a descriptor.
//
// A connection goes to gRPC once something has come over it; every protocol that gRPC speaks
// has the client begin. Until then it costs a descriptor and no more, makes room for others,
// those of the address with the most first, and is closed after a while. What is beyond the
// table's limits is closed. When descriptors run out all the same, one in reserve serves to
// close what waits, until there is one again.
class Listener {
 public:
  using ServerSide = std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor>;

  struct Options {
    // For the first byte.
    absl::Duration first_byte = absl::Seconds(10);
  };

  // `connections` outlives the listener.
  Listener(const Options& options, ConnectionTable* connections);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Listens there; see ListenSocket. Connections wait until Start(). Before Start().
  absl::Status Listen(const std::string& address, const UnixSocket::Access& access);
  // The addresses, with the ports that were picked.
  std::vector<std::string> addresses() const;

  // Once the server runs. It must run until Stop(): what comes to one that is shutting down
  // would be nobody's.
  void Start(ServerSide server);
  // Takes no more connections, closes the sockets and the connections over which nothing has
  // come yet. Those that gRPC has are its own.
  void Stop();

  // For how long its thread has not come round. Takes no lock.
  absl::Duration Silence() const { return heartbeat_.silence(); }

 private:
  // Nothing has come over it yet.
  struct Silent {
    int fd = -1;
    std::string peer_address;
    core::Instant since;
    int listener_fd = -1;
  };

  void Run();
  bool WatchSockets(bool watch);
  bool IsListening(int fd) const;
  void Accept(int listener_fd);
  bool GiveUpSome(int listener_fd);
  void Pause(absl::Duration how_long);
  // False: *refusal says why not.
  bool MakeRoom(const Peer& peer, CloseReason* refusal);
  std::deque<Silent>::iterator Victim(const Peer& peer, ConnectionTable::Room room);
  void TakeInOrRefuse(int fd, const Peer& peer, int listener_fd);
  void TakeIn(int fd, const Peer& peer, int listener_fd);
  void Refuse(int fd, const Peer& peer, CloseReason reason);
  // False: it is none of the silent ones.
  bool OnFirstByte(int fd);
  void Forget(std::deque<Silent>::iterator at);
  void CloseSilent(std::deque<Silent>::iterator at, CloseReason reason);
  void CloseLateOnes();
  // At what comes over the connections.
  void Look(core::Instant now);
  void AwaitArrivals();
  void Log(const std::string& what);
  int TimeoutMs() const;

  const Options options_;
  ConnectionTable* const connections_;
  std::vector<std::unique_ptr<ListenSocket>> sockets_;
  ServerSide server_;
  const int epoll_;
  const int stop_;  // an eventfd
  bool ready_ = false;
  core::Heartbeat heartbeat_;
  std::thread thread_;

  // The thread's.
  int reserve_ = -1;
  std::deque<Silent> silent_;  // the oldest first
  struct SilentOf {
    size_t count = 0;
    bool local = false;
  };
  absl::flat_hash_map<std::string, SilentOf> silent_of_;  // by peer address
  core::Instant pause_end_ = core::Instant::InfinitePast();
  bool paused_ = false;
  core::Instant next_sweep_;
  core::Instant next_look_;
  core::Instant next_arrival_look_;
  // Of gRPC's connections, those over which something has come since the last look. They are not
  // waited for until then.
  absl::flat_hash_set<int> arrivals_;
  core::Instant next_log_;
  uint64_t not_logged_ = 0;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_LISTENER_H_
