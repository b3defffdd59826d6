// SPDX-License-Identifier: Apache-2.0
#include "service/client_bounds.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "grpcpp/resource_quota.h"
#include "service/file_limit.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

// For those of gRPC's services that have one for each call, as reflection has. Calls beyond
// are refused with RESOURCE_EXHAUSTED.
constexpr int kMaxCallThreads = 32;

// For TLS and the first frames, once something has come.
constexpr int kHandshakeTimeoutMs = 20 * 1000;

// Keep-alive for streams that are quiet for hours: middleboxes forget idle
// connections, and a dead peer should free what it holds.
void SetKeepAlive(grpc::ServerBuilder* builder) {
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60 * 1000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20 * 1000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Clients may ping as often as every 10 s without being sent away.
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10 * 1000);
}

}  // namespace

ConnectionTable::Limits ConnectionLimitsOf(const ServiceOptions& options) {
  ConnectionTable::Limits limits;
  const OtherFiles other{!options.metrics_listen.empty(), !options.state_dir.empty()};
  const size_t all = ConnectionsThatFit(FileLimit(), other);
  limits.more_for_local = std::min(limits.more_for_local, all / 10);
  const size_t fit = all - limits.more_for_local;
  limits.connections = static_cast<size_t>(options.max_connections);
  if (fit < limits.connections) {
    spdlog::warn("--max_connections: {} instead of {}, for want of open files (the limit is {})",
                 fit, limits.connections, FileLimit());
    limits.connections = fit;
  }
  limits.connections_per_peer = static_cast<size_t>(options.max_connections_per_peer);
  // Clients that keep to their bound have been seen to have 800 more, on their way out.
  constexpr size_t kLeastSpare = 1000;
  const auto calls = static_cast<size_t>(options.max_calls_per_connection);
  limits.calls = calls + std::max(calls, kLeastSpare);
  limits.message_bytes = static_cast<uint64_t>(options.max_message_bytes);
  // Above what gRPC counts it ends anybody's calls and connections: an address is to be cut
  // off long before it has taken that. Two of the largest requests, and frames around them.
  const uint64_t largest = limits.message_bytes / 8 * 9;
  limits.unfinished_bytes =
      std::clamp(static_cast<uint64_t>(options.max_call_memory) / 6, largest, 2 * largest);
  limits.unix_unfinished_bytes =
      std::max(static_cast<uint64_t>(options.max_call_memory) / 2, 2 * largest);
  return limits;
}

void BoundClients(const ServiceOptions& options, grpc::ServerBuilder* builder) {
  grpc::ResourceQuota quota("clients");
  quota.Resize(static_cast<size_t>(options.max_call_memory));
  quota.SetMaxThreads(kMaxCallThreads);
  builder->SetResourceQuota(quota);
  SetKeepAlive(builder);
  // gRPC looks at the size of what was compressed only when it has unpacked it: a thousand times
  // as much as came.
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder->AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_calls_per_connection);
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
}

}  // namespace wirepas_grpc::service
