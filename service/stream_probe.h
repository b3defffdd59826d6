// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_STREAM_PROBE_H_
#define WIREPAS_GRPC_SERVICE_STREAM_PROBE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace wirepas_grpc::service {

// What gRPC counts of a connection. Calls whose request is not complete are among its streams,
// and known nowhere else.
struct StreamCounts {
  int64_t open = 0;
  int64_t messages = 0;  // received whole
};

// All Unix sockets are asked for as one: gRPC calls them alike.
inline constexpr absl::string_view kUnixPeer = "unix";

// Who knows them. One thread at a time.
class StreamCounter {
 public:
  virtual ~StreamCounter() = default;
  // Many questions may follow: connections that have come since are found once more.
  virtual void BeginRound() {}
  // `peer_name` as grpc::ServerContext::peer() calls it, or kUnixPeer. Nothing: there is no such
  // connection, or it is in its handshake.
  virtual std::optional<StreamCounts> Look(absl::string_view peer_name) = 0;
};

// Asks gRPC, through channelz. For few questions: an answer takes some 20 microseconds, and
// finding new connections 1 ms for a thousand. For the one server of the process.
class StreamProbe final : public StreamCounter {
 public:
  void BeginRound() override { searched_ = false; }
  std::optional<StreamCounts> Look(absl::string_view peer_name) override;

 private:
  void Search();
  static std::optional<StreamCounts> CountsOf(int64_t socket);

  bool searched_ = false;
  // Channelz's ids by peer names.
  absl::flat_hash_map<std::string, std::vector<int64_t>> sockets_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_STREAM_PROBE_H_
