// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_CONNECTION_TABLE_H_
#define WIREPAS_GRPC_SERVICE_CONNECTION_TABLE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "core/base/instant.h"
#include "core/base/mutex.h"
#include "service/socket_info.h"
#include "service/stream_probe.h"

namespace wirepas_grpc::service {

// Why a connection was closed by us.
enum class CloseReason {
  kLimit,        // as many are open as may be
  kPeerLimit,    // as many of this address as may be
  kDescriptors,  // the process had no descriptor left
  kSilence,      // nothing came over it in time
  kRoom,         // nothing had come over it yet, and another needed its place
  kCalls,        // more calls than gRPC lets well-behaved clients have
  kResets,       // calls were cancelled faster than anybody needs to
  kTraffic,      // much came over it that was no call
  kCount
};
absl::string_view CloseReasonName(CloseReason reason);

// The connections of clients, counted until their descriptors are closed, and the calls that
// are open over each. gRPC owns the descriptors and does not say when it closes one; so a
// connection ends here when its descriptor stands for something else. Thread-safe.
class ConnectionTable {
 public:
  struct Limits {
    size_t connections = 1000;
    // Of one address; not for peers on this machine.
    size_t connections_per_peer = 100;
    // Calls that are open over a connection, and of one address together unless it is on this
    // machine: beyond, connections are closed. gRPC bounds those of clients that keep to what
    // it tells them; this is for the others. It must be far above that bound: calls are
    // counted until all that they used is free again, which may be when others have begun.
    // Also how many calls may be cancelled at once over a connection, see kResetsPerSecond.
    size_t calls = 3000;
    // The largest request.
    uint64_t message_bytes = 16 << 20;
  };

  enum class Room { kFree, kFull, kPeerFull };

  // `streams` outlives the table.
  ConnectionTable(const Limits& limits, StreamCounter* streams)
      : limits_(limits), streams_(streams) {}
  ConnectionTable(const ConnectionTable&) = delete;
  ConnectionTable& operator=(const ConnectionTable&) = delete;

  // Whether one more of this peer may be added.
  Room RoomFor(const Peer& peer) const;

  // Adds an open connection. To be called before gRPC gets it.
  void Add(int fd, const Peer& peer);
  // Takes out one that gRPC never got, before it is closed.
  void Remove(int fd);
  // Takes out those whose descriptors are closed.
  void Sweep();

  // The same, and ends those over which much comes that is no call: a request's headers that
  // never end, calls without requests that gRPC does not bound, pings and settings without
  // need. A connection over which kMostIdleBytes came since its last call began, and
  // kIdleBytesPerSecond, is looked at: it may have kMostMessages messages under way, the
  // largest that are allowed, if it has so many calls. True: some connection is on its way
  // there, look again soon.
  bool Inspect(core::Instant now);
  static constexpr uint64_t kMostIdleBytes = 64 << 10;
  static constexpr double kIdleBytesPerSecond = 80 << 10;
  static constexpr int64_t kMostMessages = 4;

  // Cancelled calls beyond Limits::calls and so many a second end a connection. A call costs
  // gRPC more than what it takes to open and reset it.
  static constexpr double kResetsPerSecond = 1000;

  // An open call; its destruction ends it.
  class Call;
  using CallPtr = std::unique_ptr<Call>;
  // Counts a call over the connection that grpc::ServerContext::peer() names. Null: it is
  // unknown, as those over Unix sockets are.
  CallPtr BeginCall(absl::string_view peer_name);

  size_t size() const;
  uint64_t added() const { return added_; }
  uint64_t closed(CloseReason reason) const { return closed_[static_cast<size_t>(reason)]; }
  void CountClosed(CloseReason reason) { ++closed_[static_cast<size_t>(reason)]; }

 private:
  struct PeerCount {
    std::atomic<size_t> connections = 0;
    std::atomic<size_t> calls = 0;
  };
  struct Connection {
    int fd = -1;
    SocketId id;
    Peer peer;
    std::shared_ptr<PeerCount> of_peer;
    std::atomic<size_t> calls = 0;
    std::atomic<uint64_t> calls_begun = 0;
    std::atomic<size_t> resets = 0;
    std::atomic<bool> shut = false;
    // Inspect()'s.
    uint64_t begun_before = 0;
    uint64_t bytes_before = 0;
    uint64_t idle_bytes = 0;
    int64_t messages_before = 0;
  };
  using ConnectionPtr = std::shared_ptr<Connection>;

  void RemoveLocked(const ConnectionPtr& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool InspectOne(Connection* connection, double seconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LookInto(Connection* connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ShutDown(Connection* connection, CloseReason reason);

  const Limits limits_;
  StreamCounter* const streams_;
  std::atomic<uint64_t> added_ = 0;
  std::array<std::atomic<uint64_t>, static_cast<size_t>(CloseReason::kCount)> closed_ = {};

  mutable core::Mutex mutex_;
  core::Instant inspected_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<int, ConnectionPtr> by_fd_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, ConnectionPtr> by_name_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::shared_ptr<PeerCount>> peers_ ABSL_GUARDED_BY(mutex_);
};

class ConnectionTable::Call {
 public:
  Call(ConnectionTable* table, ConnectionPtr connection)
      : table_(table), connection_(std::move(connection)) {}
  ~Call() {
    --connection_->calls;
    --connection_->of_peer->calls;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // The client cancelled it, or has gone.
  void NoteCancelled();

 private:
  ConnectionTable* const table_;
  const ConnectionPtr connection_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_CONNECTION_TABLE_H_
