// SPDX-License-Identifier: Apache-2.0
#include "service/connection_table.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

// The part of the connections that is not for peers on this machine.
constexpr size_t kShareOfOthers = 10;

constexpr absl::Duration kTellInterval = absl::Seconds(10);

}  // namespace

ConnectionTable::ConnectionTable(const Limits& limits, StreamCounter* streams)
    : limits_(limits), streams_(streams) {
  unix_->peer.name = std::string(kUnixPeer);
}

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
  size_t most = limits_.connections;
  if (peer.local) {
    const bool full = local_ >= limits_.connections - limits_.connections / kShareOfOthers;
    if (full) return Room::kLocalFull;
    most += limits_.more_for_local;
  } else {
    const auto found = peers_.find(peer.address);
    const bool full =
        found != peers_.end() && found->second.connections >= limits_.connections_per_peer;
    if (full) return Room::kPeerFull;
  }
  return by_fd_.size() >= most ? Room::kFull : Room::kFree;
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
  if (absl::StartsWith(peer_name, kUnixPeer)) return unix_;
  core::MutexLock lock(&mutex_);
  const auto found = by_name_.find(peer_name);
  return found == by_name_.end() ? nullptr : found->second.back();
}

ConnectionTable::CallPtr ConnectionTable::BeginCall(absl::string_view peer_name) {
  ConnectionPtr connection = Find(peer_name);
  if (connection == nullptr) return nullptr;
  ++connection->calls_begun;
  const bool bounded = connection != unix_;
  if (++connection->calls > limits_.calls && bounded)
    ShutDown(connection.get(), CloseReason::kCalls);
  return std::make_unique<Call>(this, std::move(connection));
}

void ConnectionTable::NoteRequest(absl::string_view peer_name, size_t bytes) {
  if (const ConnectionPtr connection = Find(peer_name)) connection->request_bytes += bytes;
}

void ConnectionTable::Call::NoteCancelled() {
  if (connection_ == table_->unix_) return;
  if (++connection_->resets <= table_->limits_.calls) return;
  table_->ShutDown(connection_.get(), CloseReason::kResets);
}

size_t ConnectionTable::size() const {
  core::MutexLock lock(&mutex_);
  return by_fd_.size();
}

}  // namespace wirepas_grpc::service
