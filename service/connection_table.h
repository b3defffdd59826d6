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
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
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
  kUnfinished,   // much came over it of requests that do not get complete
  kCount
};
absl::string_view CloseReasonName(CloseReason reason);

// The connections of clients, counted until their descriptors are closed, and the calls that
// are open over each. gRPC owns the descriptors and does not say when it closes one; so a
// connection ends here when its descriptor stands for something else. Thread-safe.
//
// What a client is cut off for is told in a line of the log, some lines a minute at most.
class ConnectionTable {
 public:
  struct Limits {
    size_t connections = 1000;  // a tenth of them is not for peers on this machine
    // Beyond those, for peers on this machine that have less than nine tenths: a health check
    // gets through when others have all.
    size_t more_for_local = 8;
    // Of one address; not for peers on this machine.
    size_t connections_per_peer = 100;
    // Calls that are open over a connection: beyond, it is closed. gRPC bounds those of
    // clients that keep to what it tells them; this is for the others. It must be far above
    // that bound: calls are counted until all that they used is free again, which may be when
    // others have begun.
    // Also how many calls may be cancelled at once over a connection, see kResetsPerSecond.
    size_t calls = 3000;
    // The largest request.
    uint64_t message_bytes = 16 << 20;
    // Of requests that are not complete, of one address together; twice as much for loopback.
    uint64_t unfinished_bytes = 36 << 20;
    // The same, of all Unix sockets together.
    uint64_t unix_unfinished_bytes = 128 << 20;
  };

  enum class Room { kFree, kFull, kPeerFull, kLocalFull };

  // `streams` outlives the table.
  ConnectionTable(const Limits& limits, StreamCounter* streams);
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
  // largest that are allowed, if it has so many calls. One thread at a time.
  void Inspect(core::Instant now);
  // Looks at some alone, over which something has come; the others are as they were.
  void InspectSome(const absl::flat_hash_set<int>& fds, core::Instant now);
  static constexpr uint64_t kMostIdleBytes = 64 << 10;
  static constexpr double kIdleBytesPerSecond = 80 << 10;
  static constexpr int64_t kMostMessages = 4;

  // They also end connections with requests that stay incomplete: of an address that has more
  // than Limits::unfinished_bytes of them the one that has most, and those that have more than
  // kFewUnfinishedBytes and over which less than kLeastBytesPerSecond has come for kPatience, if
  // the address has half of its bound, and else for ten times as long. What is of no request
  // counts too, but for kOtherBytesPerSecond; what is known of calls and messages does not, with
  // something for their headers. All is forgotten when gRPC has no call that is not known.
  // gRPC does not tell Unix sockets apart: when they have more than
  // Limits::unix_unfinished_bytes together, the one is ended over which most has come since they
  // had none. That need not be the one that is to blame: the others keep what they may have.
  // The next is ended kUnixPause later, at once if they have a quarter more than that. What is
  // read over them is counted from CountBytesRead() on.
  static constexpr uint64_t kFewUnfinishedBytes = 64 << 10;
  static constexpr double kOtherBytesPerSecond = 1 << 10;
  static constexpr double kLeastBytesPerSecond = 4 << 10;
  static constexpr absl::Duration kPatience = absl::Seconds(30);
  static constexpr uint64_t kBytesOfCall = 512;    // beside its request
  static constexpr uint64_t kBytesOfMessage = 64;  // beside what is in it
  static constexpr absl::Duration kUnixPause = absl::Milliseconds(250);

  // Cancelled calls beyond Limits::calls and so many a second end a connection. A call costs
  // gRPC more than what it takes to open and reset it.
  static constexpr double kResetsPerSecond = 1000;

  // An open call; its destruction ends it.
  class Call;
  using CallPtr = std::unique_ptr<Call>;
  // Counts a call over the connection that grpc::ServerContext::peer() names. Those of Unix
  // sockets are counted together, and do not end a connection. Null: it is unknown.
  CallPtr BeginCall(absl::string_view peer_name);

  // A request of so many bytes has come whole over that connection: the one of its call. See
  // Call::NoteMessage().
  void NoteRequest(absl::string_view peer_name, size_t bytes);

  size_t size() const;
  uint64_t added() const { return added_; }
  uint64_t closed(CloseReason reason) const { return closed_[static_cast<size_t>(reason)]; }
  void CountClosed(CloseReason reason) { ++closed_[static_cast<size_t>(reason)]; }

 private:
  struct PeerCount {
    size_t connections = 0;
  };
  struct Connection {
    int fd = -1;
    SocketId id;
    Peer peer;
    std::atomic<size_t> calls = 0;
    std::atomic<uint64_t> calls_begun = 0;
    std::atomic<uint64_t> request_bytes = 0;  // of those that were told, and of messages
    std::atomic<size_t> resets = 0;
    std::atomic<bool> shut = false;
    // Inspect()'s.
    core::Instant inspected = core::Instant::InfinitePast();
    uint64_t begun_before = 0;
    uint64_t bytes_before = 0;
    uint64_t idle_bytes = 0;
    core::Instant over_since = core::Instant::InfiniteFuture();
    int64_t messages_before = 0;
    uint64_t unfinished = 0;
    uint64_t request_bytes_before = 0;
    core::Instant next_look = core::Instant::InfinitePast();
    core::Instant slow_since = core::Instant::InfiniteFuture();
    uint64_t bytes_since = 0;
    int slow_periods = 0;  // one after the other
  };
  using ConnectionPtr = std::shared_ptr<Connection>;

  void RemoveLocked(const ConnectionPtr& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<ConnectionPtr> All() const;
  // Inspect()'s and InspectSome()'s, without the lock, which calls wait for.
  void InspectOne(Connection* connection, core::Instant now, core::Instant before);
  static uint64_t CallsBegun(Connection* connection);  // since it was asked last
  void LookInto(Connection* connection, core::Instant now);
  static void CountUnfinished(Connection* connection, uint64_t came, uint64_t calls,
                              double seconds);
  void LookForUnfinished(Connection* connection, core::Instant now);
  static void CountSlowPeriods(Connection* connection, uint64_t came, core::Instant now);
  void BoundUnfinished(const std::vector<ConnectionPtr>& all);
  void InspectUnix(const std::vector<ConnectionPtr>& all, core::Instant now);
  void EndLargest(std::vector<ConnectionPtr> connections, uint64_t sum, uint64_t most);
  void EndLargestOfUnix(const std::vector<ConnectionPtr>& connections, core::Instant now);
  void Tell(const Connection& connection, CloseReason reason);
  ConnectionPtr Find(absl::string_view peer_name) const;
  void ShutDown(Connection* connection, CloseReason reason);

  const Limits limits_;
  StreamCounter* const streams_;
  std::atomic<uint64_t> added_ = 0;
  std::array<std::atomic<uint64_t>, static_cast<size_t>(CloseReason::kCount)> closed_ = {};

  // All those over Unix sockets, as if they were one. Not among the others.
  const ConnectionPtr unix_ = std::make_shared<Connection>();

  // Inspect()'s.
  core::Instant inspected_ = core::Instant::InfinitePast();
  uint64_t unix_came_ = 0;
  core::Instant next_unix_end_ = core::Instant::InfinitePast();

  mutable core::Mutex mutex_;
  absl::flat_hash_map<int, ConnectionPtr> by_fd_ ABSL_GUARDED_BY(mutex_);
  // A client may have one from the same port to each of several addresses of ours, which gRPC's
  // names do not tell apart; the calls of them all are those of the last.
  absl::flat_hash_map<std::string, std::vector<ConnectionPtr>> by_name_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, PeerCount> peers_ ABSL_GUARDED_BY(mutex_);
  size_t local_ ABSL_GUARDED_BY(mutex_) = 0;

  core::Mutex told_mutex_;
  core::Instant next_told_ ABSL_GUARDED_BY(told_mutex_) = core::Instant::InfinitePast();
  uint64_t not_told_ ABSL_GUARDED_BY(told_mutex_) = 0;
};

class ConnectionTable::Call {
 public:
  Call(ConnectionTable* table, ConnectionPtr connection)
      : table_(table), connection_(std::move(connection)) {}
  ~Call() { --connection_->calls; }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // A message of so many bytes has come whole, of a call that has a stream of them.
  void NoteMessage(size_t bytes) { connection_->request_bytes += bytes + kBytesOfMessage; }

  // The client cancelled it, or has gone.
  void NoteCancelled();

 private:
  ConnectionTable* const table_;
  const ConnectionPtr connection_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_CONNECTION_TABLE_H_
