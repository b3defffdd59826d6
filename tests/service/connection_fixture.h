// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_SERVICE_CONNECTION_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_SERVICE_CONNECTION_FIXTURE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "service/connection_table.h"
#include "tests/service/socket_pair.h"

namespace wirepas_grpc::service {

inline Peer Remote(const std::string& address, int port) {
  return Peer{address, absl::StrCat("ipv4:", address, ":", port), false};
}

inline Peer Local(int port) {
  return Peer{"127.0.0.1", absl::StrCat("ipv4:127.0.0.1:", port), true};
}

inline ConnectionTable::Limits SmallLimits() {
  ConnectionTable::Limits limits;
  limits.connections = 3;
  limits.connections_per_peer = 2;
  limits.calls = 4;
  limits.message_bytes = 1 << 20;
  limits.unfinished_bytes = 2 << 20;
  limits.unix_unfinished_bytes = 3 << 20;
  return limits;
}

class FakeStreamCounter final : public StreamCounter {
 public:
  std::optional<StreamCounts> Look(absl::string_view peer_name) override {
    const auto found = counts.find(std::string(peer_name));
    return found == counts.end() ? std::nullopt : std::optional<StreamCounts>(found->second);
  }

  std::map<std::string, StreamCounts> counts;
};

class ConnectionTableTest : public testing::Test {
 protected:
  ConnectionTableTest() { table_.Inspect(now_); }

  // Closed() is what gRPC's end of a connection looks like from here.
  SocketPair* Add(const Peer& peer) { return Add(peer, std::make_unique<TcpPair>()); }
  SocketPair* AddUnix() {
    auto pair = std::make_unique<UnixPair>();
    CountBytesRead(pair->server());
    return Add({.address = "unix", .name = "", .local = true}, std::move(pair));
  }

  void InspectAfter(absl::Duration time) {
    now_ += time;
    table_.Inspect(now_);
  }

  FakeStreamCounter streams_;
  ConnectionTable table_{SmallLimits(), &streams_};
  core::Instant now_ = core::Instant::Now();
  std::vector<std::unique_ptr<SocketPair>> pairs_;

 private:
  SocketPair* Add(const Peer& peer, std::unique_ptr<SocketPair> pair) {
    table_.Add(pair->server(), peer);
    pairs_.push_back(std::move(pair));
    return pairs_.back().get();
  }
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_TESTS_SERVICE_CONNECTION_FIXTURE_H_
