// SPDX-License-Identifier: Apache-2.0
#include "service/connection_table.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

// The part of the connections that is not for peers on this machine.
constexpr size_t kShareOfOthers = 10;

constexpr absl::Duration kUnfinishedLookInterval = absl::Milliseconds(100);
constexpr absl::Duration kTellInterval = absl::Seconds(10);

void Subtract(uint64_t* from, uint64_t value) { *from -= std::min(*from, value); }

}  // namespace

absl::string_view CloseReasonName(CloseReason reason) {
  switch (reason) {
    case CloseReason::kLimit:
      return "limit";
    case CloseReason::kPeerLimit:
      return "peer_limit";
    case CloseReason::kDescriptors:
      return "descriptors";
    case CloseReason::kSilence:
      return "silence";
    case CloseReason::kRoom:
      return "room";
    case CloseReason::kCalls:
      return "calls";
    case CloseReason::kResets:
      return "resets";
    case CloseReason::kTraffic:
      return "traffic";
    case CloseReason::kUnfinished:
      return "unfinished";
    case CloseReason::kCount:
      break;
  }
  return "unknown";
}

ConnectionTable::Room ConnectionTable::RoomFor(const Peer& peer) const {
  core::MutexLock lock(&mutex_);
  if (peer.local) {
    const bool full = local_ >= limits_.connections - limits_.connections / kShareOfOthers;
    if (full) return Room::kLocalFull;
  } else {
    const auto found = peers_.find(peer.address);
    const bool full =
        found != peers_.end() && found->second.connections >= limits_.connections_per_peer;
    if (full) return Room::kPeerFull;
  }
  return by_fd_.size() >= limits_.connections ? Room::kFull : Room::kFree;
}

void ConnectionTable::Add(int fd, const Peer& peer) {
  const std::optional<SocketId> id = IdOf(fd);
  if (!id.has_value()) return;
  auto connection = std::make_shared<Connection>();
  connection->fd = fd;
  connection->id = *id;
  connection->peer = peer;
  ++added_;
  core::MutexLock lock(&mutex_);
  // One that had the descriptor before, and was not missed yet.
  if (const auto old = by_fd_.find(fd); old != by_fd_.end()) RemoveLocked(old->second);
  ++peers_[peer.address].connections;
  if (peer.local) ++local_;
  if (!peer.name.empty()) by_name_[peer.name].push_back(connection);
  by_fd_.emplace(fd, std::move(connection));
}

void ConnectionTable::RemoveLocked(const ConnectionPtr& connection) {
  const ConnectionPtr kept = connection;  // the argument may be in what is erased
  by_fd_.erase(kept->fd);
  if (const auto named = by_name_.find(kept->peer.name); named != by_name_.end()) {
    std::erase(named->second, kept);
    if (named->second.empty()) by_name_.erase(named);
  }
  if (kept->peer.local) --local_;
  const auto peer = peers_.find(kept->peer.address);
  if (--peer->second.connections == 0) peers_.erase(peer);
}

void ConnectionTable::Remove(int fd) {
  core::MutexLock lock(&mutex_);
  if (const auto found = by_fd_.find(fd); found != by_fd_.end()) RemoveLocked(found->second);
}

std::vector<ConnectionTable::ConnectionPtr> ConnectionTable::All() const {
  core::MutexLock lock(&mutex_);
  std::vector<ConnectionPtr> all;
  all.reserve(by_fd_.size());
  for (const auto& [fd, connection] : by_fd_) all.push_back(connection);
  return all;
}

void ConnectionTable::Sweep() {
  std::vector<ConnectionPtr> gone = All();
  std::erase_if(gone, [](const ConnectionPtr& each) { return IdOf(each->fd) == each->id; });
  core::MutexLock lock(&mutex_);
  for (const ConnectionPtr& connection : gone) {
    const auto found = by_fd_.find(connection->fd);
    if (found != by_fd_.end() && found->second == connection) RemoveLocked(connection);
  }
}

bool ConnectionTable::Inspect(core::Instant now) {
  Sweep();
  // The first look is worth a second.
  const double seconds = std::clamp(absl::ToDoubleSeconds(now - inspected_), 0.0, 1.0);
  inspected_ = now;
  streams_->BeginRound();
  bool soon = false;
  absl::flat_hash_map<std::string, std::vector<ConnectionPtr>> unfinished;
  for (const ConnectionPtr& connection : All()) {
    soon |= InspectOne(connection.get(), now, seconds);
    if (connection->unfinished > kFewUnfinishedBytes && !connection->shut) {
      unfinished[connection->peer.address].push_back(connection);
    }
  }
  for (auto& [address, connections] : unfinished) EndLargest(std::move(connections));
  return soon;
}

bool ConnectionTable::InspectOne(Connection* connection, core::Instant now, double seconds) {
  const size_t resets = connection->resets;
  connection->resets -= std::min(resets, static_cast<size_t>(kResetsPerSecond * seconds));
  // Should the descriptor be another's by now, ShutDown() finds that out.
  const std::optional<uint64_t> bytes = BytesReceived(connection->fd);
  if (!bytes.has_value()) return false;
  const uint64_t came = *bytes - std::min(*bytes, std::exchange(connection->bytes_before, *bytes));
  const uint64_t begun = connection->calls_begun;
  const uint64_t calls = begun - std::exchange(connection->begun_before, begun);
  if (calls != 0) connection->idle_bytes = 0;
  uint64_t& idle = connection->idle_bytes;
  idle += came;
  Subtract(&idle, static_cast<uint64_t>(kIdleBytesPerSecond * seconds));
  if (idle > kMostIdleBytes) LookInto(connection);
  CountUnfinished(connection, came, calls, now, seconds);
  return idle > kMostIdleBytes / 4 || connection->unfinished > limits_.unfinished_bytes / 8;
}

void ConnectionTable::CountUnfinished(Connection* connection, uint64_t came, uint64_t calls,
                                      core::Instant now, double seconds) {
  uint64_t& unfinished = connection->unfinished;
  unfinished += came;
  const uint64_t told = connection->request_bytes;
  const uint64_t request_bytes = told - std::exchange(connection->request_bytes_before, told);
  Subtract(&unfinished, calls * kBytesOfCall + request_bytes / 8 * 9 +
                            static_cast<uint64_t>(kUnfinishedBytesPerSecond * seconds));
  if (unfinished <= kFewUnfinishedBytes) {
    connection->slow_since = core::Instant::InfiniteFuture();
    return;
  }
  if (now >= connection->next_look) {
    connection->next_look = now + kUnfinishedLookInterval;
    if (!HasUnfinished(connection)) unfinished = 0;
  }
  EndIfSlow(connection, came, now);
}

// Asks gRPC, and allows for the messages that it knows of.
bool ConnectionTable::HasUnfinished(Connection* connection) {
  const std::optional<StreamCounts> counts = streams_->Look(connection->peer.name);
  if (!counts.has_value()) return false;  // in its handshake
  const auto messages = static_cast<uint64_t>(std::max<int64_t>(
      counts->messages - std::exchange(connection->unfinished_messages_before, counts->messages),
      0));
  Subtract(&connection->unfinished, messages * kBytesOfMessage);
  return counts->open > static_cast<int64_t>(connection->calls);
}

void ConnectionTable::EndIfSlow(Connection* connection, uint64_t came, core::Instant now) {
  if (connection->unfinished == 0 || connection->slow_since == core::Instant::InfiniteFuture()) {
    connection->slow_since = connection->unfinished == 0 ? core::Instant::InfiniteFuture() : now;
    connection->bytes_since = 0;
    return;
  }
  connection->bytes_since += came;
  if (now - connection->slow_since < kPatience) return;
  const double least = kLeastBytesPerSecond * absl::ToDoubleSeconds(kPatience);
  if (static_cast<double>(connection->bytes_since) < least) {
    ShutDown(connection, CloseReason::kUnfinished);
  }
  connection->slow_since = now;
  connection->bytes_since = 0;
}

void ConnectionTable::EndLargest(std::vector<ConnectionPtr> of_peer) {
  const uint64_t most = limits_.unfinished_bytes * (of_peer.front()->peer.local ? 2 : 1);
  uint64_t all = 0;
  for (const ConnectionPtr& each : of_peer) all += each->unfinished;
  if (all <= most) return;
  std::sort(of_peer.begin(), of_peer.end(), [](const ConnectionPtr& a, const ConnectionPtr& b) {
    return a->unfinished > b->unfinished;
  });
  for (const ConnectionPtr& each : of_peer) {
    if (all <= most) return;
    all -= each->unfinished;
    ShutDown(each.get(), CloseReason::kUnfinished);
  }
}

void ConnectionTable::LookInto(Connection* connection) {
  const std::optional<StreamCounts> counts = streams_->Look(connection->peer.name);
  const int64_t open = counts.has_value() ? counts->open : 0;
  if (open > static_cast<int64_t>(limits_.calls)) {
    ShutDown(connection, CloseReason::kCalls);
    return;
  }
  if (counts.has_value() &&
      std::exchange(connection->messages_before, counts->messages) != counts->messages) {
    connection->idle_bytes = 0;
    return;
  }
  const auto under_way = static_cast<uint64_t>(std::clamp<int64_t>(open, 0, kMostMessages));
  // TLS and frames add less than an eighth.
  const uint64_t most = kMostIdleBytes + under_way * (limits_.message_bytes / 8 * 9);
  if (connection->idle_bytes > most) ShutDown(connection, CloseReason::kTraffic);
}

void ConnectionTable::ShutDown(Connection* connection, CloseReason reason) {
  if (connection->shut.exchange(true)) return;
  if (ShutDownSocket(connection->fd, connection->id)) {
    CountClosed(reason);
    Tell(*connection, reason);
  } else {
    connection->shut = false;  // gone, or the next call is the next attempt
  }
}

void ConnectionTable::Tell(const Connection& connection, CloseReason reason) {
  uint64_t more;
  {
    core::MutexLock lock(&told_mutex_);
    const core::Instant now = core::Instant::Now();
    if (now < next_told_) {
      ++not_told_;
      return;
    }
    next_told_ = now + kTellInterval;
    more = std::exchange(not_told_, 0);
  }
  spdlog::warn("closed a connection of {}: {} ({} more were not logged)", connection.peer.address,
               std::string(CloseReasonName(reason)), more);
}

ConnectionTable::ConnectionPtr ConnectionTable::Find(absl::string_view peer_name) const {
  core::MutexLock lock(&mutex_);
  const auto found = by_name_.find(peer_name);
  return found == by_name_.end() ? nullptr : found->second.back();
}

ConnectionTable::CallPtr ConnectionTable::BeginCall(absl::string_view peer_name) {
  ConnectionPtr connection = Find(peer_name);
  if (connection == nullptr) return nullptr;
  ++connection->calls_begun;
  if (++connection->calls > limits_.calls) ShutDown(connection.get(), CloseReason::kCalls);
  return std::make_unique<Call>(this, std::move(connection));
}

void ConnectionTable::NoteRequest(absl::string_view peer_name, size_t bytes) {
  if (const ConnectionPtr connection = Find(peer_name)) connection->request_bytes += bytes;
}

void ConnectionTable::Call::NoteCancelled() {
  if (++connection_->resets <= table_->limits_.calls) return;
  table_->ShutDown(connection_.get(), CloseReason::kResets);
}

size_t ConnectionTable::size() const {
  core::MutexLock lock(&mutex_);
  return by_fd_.size();
}

}  // namespace wirepas_grpc::service
