// SPDX-License-Identifier: Apache-2.0
#include "service/connection_table.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace wirepas_grpc::service {

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
    case CloseReason::kCount:
      break;
  }
  return "unknown";
}

ConnectionTable::Room ConnectionTable::RoomFor(const Peer& peer) const {
  core::MutexLock lock(&mutex_);
  if (!peer.local) {
    const auto found = peers_.find(peer.address);
    const bool full =
        found != peers_.end() && found->second->connections >= limits_.connections_per_peer;
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
  // One that had the descriptor or the port before, and was not missed yet.
  if (const auto old = by_fd_.find(fd); old != by_fd_.end()) RemoveLocked(old->second);
  std::shared_ptr<PeerCount>& of_peer = peers_[peer.address];
  if (of_peer == nullptr) of_peer = std::make_shared<PeerCount>();
  ++of_peer->connections;
  connection->of_peer = of_peer;
  if (!peer.name.empty()) by_name_[peer.name] = connection;
  by_fd_.emplace(fd, std::move(connection));
}

void ConnectionTable::RemoveLocked(const ConnectionPtr& connection) {
  const ConnectionPtr kept = connection;  // the argument may be in what is erased
  by_fd_.erase(kept->fd);
  const auto named = by_name_.find(kept->peer.name);
  if (named != by_name_.end() && named->second == kept) by_name_.erase(named);
  if (--kept->of_peer->connections == 0) peers_.erase(kept->peer.address);
}

void ConnectionTable::Remove(int fd) {
  core::MutexLock lock(&mutex_);
  if (const auto found = by_fd_.find(fd); found != by_fd_.end()) RemoveLocked(found->second);
}

void ConnectionTable::Sweep() {
  core::MutexLock lock(&mutex_);
  std::vector<ConnectionPtr> gone;
  for (const auto& [fd, connection] : by_fd_) {
    if (IdOf(fd) != connection->id) gone.push_back(connection);
  }
  for (const ConnectionPtr& connection : gone) RemoveLocked(connection);
}

bool ConnectionTable::Inspect(core::Instant now) {
  Sweep();
  core::MutexLock lock(&mutex_);
  // The first look is worth a second.
  const double seconds = std::clamp(absl::ToDoubleSeconds(now - inspected_), 0.0, 1.0);
  inspected_ = now;
  streams_->BeginRound();
  bool soon = false;
  for (const auto& [fd, connection] : by_fd_) soon |= InspectOne(connection.get(), seconds);
  return soon;
}

bool ConnectionTable::InspectOne(Connection* connection, double seconds) {
  const size_t resets = connection->resets;
  connection->resets -= std::min(resets, static_cast<size_t>(kResetsPerSecond * seconds));
  // Should the descriptor be another's by now, ShutDown() finds that out.
  const std::optional<uint64_t> bytes = BytesReceived(connection->fd);
  if (!bytes.has_value()) return false;
  const uint64_t came = *bytes - std::min(*bytes, std::exchange(connection->bytes_before, *bytes));
  const uint64_t begun = connection->calls_begun;
  if (std::exchange(connection->begun_before, begun) != begun) connection->idle_bytes = 0;
  uint64_t& idle = connection->idle_bytes;
  idle += came;
  idle -= std::min(idle, static_cast<uint64_t>(kIdleBytesPerSecond * seconds));
  if (idle > kMostIdleBytes) LookInto(connection);
  return idle > kMostIdleBytes / 4;
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
  } else {
    connection->shut = false;  // gone, or the next call is the next attempt
  }
}

ConnectionTable::CallPtr ConnectionTable::BeginCall(absl::string_view peer_name) {
  ConnectionPtr connection;
  {
    core::MutexLock lock(&mutex_);
    const auto found = by_name_.find(peer_name);
    if (found == by_name_.end()) return nullptr;
    connection = found->second;
  }
  ++connection->calls_begun;
  const size_t calls = ++connection->calls;
  const size_t of_peer = ++connection->of_peer->calls;
  if (calls > limits_.calls || (!connection->peer.local && of_peer > limits_.calls)) {
    ShutDown(connection.get(), CloseReason::kCalls);
  }
  return std::make_unique<Call>(this, std::move(connection));
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
