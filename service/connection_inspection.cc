// SPDX-License-Identifier: Apache-2.0
//
// ConnectionTable's looks at what comes over the connections.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "service/connection_table.h"

namespace wirepas_grpc::service {
namespace {

constexpr absl::Duration kTimeToParse = absl::Milliseconds(20);
constexpr uint64_t kFloodBytes = 4 << 20;
constexpr absl::Duration kUnfinishedLookInterval = absl::Milliseconds(100);
// Periods of kPatience with little in each, while the address has room.
constexpr int kSlowPeriods = 10;
// Of all Unix sockets together, as far as they are not asked about.
constexpr uint64_t kFewUnfinishedOfUnix = 1 << 20;

void Subtract(uint64_t* from, uint64_t value) { *from -= std::min(*from, value); }

}  // namespace

void ConnectionTable::Inspect(core::Instant now) {
  Sweep();
  const core::Instant before = std::exchange(inspected_, now);
  streams_->BeginRound();
  const std::vector<ConnectionPtr> all = All();
  for (const ConnectionPtr& connection : all) InspectOne(connection.get(), now, before);
  BoundUnfinished(all);
  InspectUnix(all, now);
}

void ConnectionTable::InspectSome(const absl::flat_hash_set<int>& fds, core::Instant now) {
  streams_->BeginRound();
  const std::vector<ConnectionPtr> all = All();
  for (const ConnectionPtr& connection : all) {
    if (fds.contains(connection->fd)) InspectOne(connection.get(), now, inspected_);
  }
  BoundUnfinished(all);
  InspectUnix(all, now);
}

void ConnectionTable::InspectOne(Connection* connection, core::Instant now, core::Instant before) {
  // One that has come since is younger than the look before. The first look is worth a second.
  const core::Instant last = std::max(std::exchange(connection->inspected, now), before);
  const double seconds = std::clamp(absl::ToDoubleSeconds(now - last), 0.0, 1.0);
  const size_t resets = connection->resets;
  connection->resets -= std::min(resets, static_cast<size_t>(kResetsPerSecond * seconds));
  // Should the descriptor be another's by now, ShutDown() finds that out.
  const std::optional<uint64_t> read = BytesRead(connection->fd);
  if (!read.has_value()) return;
  const bool is_unix = connection->peer.name.empty();
  uint64_t& before_bytes = connection->bytes_before;
  if (is_unix && *read < before_bytes) before_bytes = 0;  // the count began anew
  const uint64_t came = *read - std::min(*read, before_bytes);
  before_bytes += came;
  if (is_unix) {
    unix_came_ += came;
    connection->unfinished += came;
    return;
  }
  const uint64_t calls = CallsBegun(connection);
  if (calls != 0) connection->idle_bytes = 0;
  uint64_t& idle = connection->idle_bytes;
  idle += came;
  Subtract(&idle, static_cast<uint64_t>(kIdleBytesPerSecond * seconds));
  if (connection->shut) return;
  if (idle > kMostIdleBytes) {
    LookInto(connection, now);
  } else {
    connection->over_since = core::Instant::InfiniteFuture();
  }
  CountUnfinished(connection, came, calls, seconds);
  if (connection->unfinished > kFewUnfinishedBytes) LookForUnfinished(connection, now);
  CountSlowPeriods(connection, came, now);
}

uint64_t ConnectionTable::CallsBegun(Connection* connection) {
  const uint64_t begun = connection->calls_begun;
  return begun - std::exchange(connection->begun_before, begun);
}

void ConnectionTable::CountUnfinished(Connection* connection, uint64_t came, uint64_t calls,
                                      double seconds) {
  const uint64_t told = connection->request_bytes;
  const uint64_t request_bytes = told - std::exchange(connection->request_bytes_before, told);
  // What has come and stays is not forgotten.
  const uint64_t other = std::min(came, static_cast<uint64_t>(kOtherBytesPerSecond * seconds));
  connection->unfinished += came;
  Subtract(&connection->unfinished, calls * kBytesOfCall + request_bytes / 8 * 9 + other);
}

// Asks gRPC whether there is a call that is not known yet.
void ConnectionTable::LookForUnfinished(Connection* connection, core::Instant now) {
  if (now < connection->next_look) return;
  connection->next_look = now + kUnfinishedLookInterval;
  const std::optional<StreamCounts> counts = streams_->Look(connection->peer.name);
  if (!counts.has_value()) {  // in its handshake
    connection->unfinished = 0;
    return;
  }
  if (counts->open <= static_cast<int64_t>(connection->calls)) connection->unfinished = 0;
}

void ConnectionTable::CountSlowPeriods(Connection* connection, uint64_t came, core::Instant now) {
  if (connection->unfinished <= kFewUnfinishedBytes) {
    connection->slow_since = core::Instant::InfiniteFuture();
    connection->slow_periods = 0;
    return;
  }
  if (connection->slow_since == core::Instant::InfiniteFuture()) {
    connection->slow_since = now;
    connection->bytes_since = 0;
    return;
  }
  connection->bytes_since += came;
  if (now - connection->slow_since < kPatience) return;
  const double least = kLeastBytesPerSecond * absl::ToDoubleSeconds(kPatience);
  const bool slow = static_cast<double>(connection->bytes_since) < least;
  connection->slow_periods = slow ? connection->slow_periods + 1 : 0;
  connection->slow_since = now;
  connection->bytes_since = 0;
}

void ConnectionTable::BoundUnfinished(const std::vector<ConnectionPtr>& all) {
  absl::flat_hash_map<std::string, std::vector<ConnectionPtr>> by_address;
  for (const ConnectionPtr& each : all) {
    if (each->peer.name.empty() || each->unfinished <= kFewUnfinishedBytes || each->shut) continue;
    by_address[each->peer.address].push_back(each);
  }
  for (auto& [address, connections] : by_address) {
    const uint64_t most = limits_.unfinished_bytes * (connections.front()->peer.local ? 2 : 1);
    uint64_t sum = 0;
    for (const ConnectionPtr& each : connections) sum += each->unfinished;
    const int patience = sum > most / 2 ? 1 : kSlowPeriods;
    for (const ConnectionPtr& each : connections) {
      if (each->slow_periods < patience) continue;
      Subtract(&sum, each->unfinished);
      ShutDown(each.get(), CloseReason::kUnfinished);
    }
    if (sum > most) EndLargest(std::move(connections), sum, most);
  }
}

void ConnectionTable::InspectUnix(const std::vector<ConnectionPtr>& all, core::Instant now) {
  uint64_t& unfinished = unix_->unfinished;
  CountUnfinished(unix_.get(), std::exchange(unix_came_, 0), CallsBegun(unix_.get()), 0);
  // While one comes to its end, calls of its streams may be known that gRPC has no more.
  const bool steady = now >= next_unix_end_;
  if (unfinished > kFewUnfinishedOfUnix && steady) LookForUnfinished(unix_.get(), now);
  std::vector<ConnectionPtr> of_unix;
  uint64_t sum = 0;
  for (const ConnectionPtr& each : all) {
    if (!each->peer.name.empty() || each->shut) continue;
    if (unfinished == 0) each->unfinished = 0;
    sum += each->unfinished;
    of_unix.push_back(each);
  }
  unfinished = std::min(unfinished, sum);  // that of others has gone with them
  const uint64_t most = limits_.unix_unfinished_bytes;
  if (unfinished > most && (steady || unfinished > most / 4 * 5)) {
    EndLargestOfUnix(of_unix, now);
  }
}

// What came over it may have been complete, and that of the others not: theirs stays counted until
// gRPC has told that there is nothing. It does so when it has seen the end of this one, if this
// one was it.
void ConnectionTable::EndLargestOfUnix(const std::vector<ConnectionPtr>& connections,
                                       core::Instant now) {
  const auto largest = std::max_element(
      connections.begin(), connections.end(),
      [](const ConnectionPtr& a, const ConnectionPtr& b) { return a->unfinished < b->unfinished; });
  ShutDown(largest->get(), CloseReason::kUnfinished);
  next_unix_end_ = now + kUnixPause;
}

// Until all together have no more than `most`.
void ConnectionTable::EndLargest(std::vector<ConnectionPtr> connections, uint64_t sum,
                                 uint64_t most) {
  std::sort(
      connections.begin(), connections.end(),
      [](const ConnectionPtr& a, const ConnectionPtr& b) { return a->unfinished > b->unfinished; });
  for (const ConnectionPtr& each : connections) {
    if (sum <= most || each->unfinished == 0) break;
    if (each->shut) continue;
    Subtract(&sum, each->unfinished);
    ShutDown(each.get(), CloseReason::kUnfinished);
  }
}

void ConnectionTable::LookInto(Connection* connection, core::Instant now) {
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
  if (connection->idle_bytes <= most) {
    connection->over_since = core::Instant::InfiniteFuture();
    return;
  }
  // What gRPC has read it may not have looked at yet.
  connection->over_since = std::min(connection->over_since, now);
  const bool flood = connection->idle_bytes > most + kFloodBytes;
  if (flood || now - connection->over_since >= kTimeToParse) {
    ShutDown(connection, CloseReason::kTraffic);
  }
}

}  // namespace wirepas_grpc::service
