// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_DIRECTORY_SINK_SCOPE_H_
#define WIREPAS_GRPC_CORE_DIRECTORY_SINK_SCOPE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/directory/directory.h"
#include "core/gateway_api/ids.h"
#include "core/requests/tracker.h"

namespace wirepas_grpc::core {

// What came of asking gateways for their sinks, besides what the directory has learned.
struct SinkAnswers {
  // The gateways that were asked and did not answer in the time they were given. Sorted.
  std::vector<std::string> silent;
  // Those that told nothing for another reason, and how their question ended: nothing was
  // sent (the gateway went offline, there is no broker, there was no place for the request,
  // the broker did not get ready in time), the connection was lost before an answer came, it
  // answered with an error, or the wait was cancelled. Sorted by id.
  std::vector<std::pair<std::string, RequestOutcome>> failed;

  bool IsSilent(absl::string_view gateway_id) const;
  // Null: it is none of them.
  const RequestOutcome* FindFailed(absl::string_view gateway_id) const;
};

// Names a sink.
struct SinkPath {
  GatewayId gateway;
  SinkId sink;
  friend bool operator==(const SinkPath& a, const SinkPath& b) = default;
  friend auto operator<=>(const SinkPath& a, const SinkPath& b) = default;
};

// Which sinks a request works on: those of a network, or those that are named, or
// those of the named that are in the network.
struct SinkScope {
  std::optional<uint32_t> network_address;  // nothing: any; `sinks` is not empty then
  std::set<GatewayId> gateways;             // of these only; empty: of any
  std::set<SinkPath> sinks;                 // these only; empty: all
  bool skip_offline = false;                // pass over sinks of offline gateways
  bool allow_unknown_gateway = false;       // named gateways need not be known
};

// The most sinks that a scope can have: there is a result for each in one response, which
// clients take up to 4 MiB. The second bound is for sinks with long ids.
inline constexpr size_t kMaxScopeSinks = 10000;
inline constexpr size_t kMaxResultBytes = 7 << 19;

// What a result of a sink takes at most, in bytes: its ids stand in it, in the text of its
// error and in the error's details. Ten thousand have room if they have 34 bytes each.
inline size_t ResultBytesOf(absl::string_view gateway_id, absl::string_view sink_id) {
  return 264 + 3 * (gateway_id.size() + sink_id.size());
}
// RESOURCE_EXHAUSTED: more sinks, or more bytes of results, than one response has room for.
// `whose`: "the scope".
absl::Status CheckResults(absl::string_view whose, size_t sinks, size_t bytes);

// A sink of a scope, as the directory knows it.
struct ScopedSink {
  SinkPath path;
  GatewayPtr gateway;  // never null; has nothing but the id when it is not known
  // Never null. Has nothing but the id when the gateway has not told of the sink,
  // which is so for named ones only.
  std::shared_ptr<const SinkConfig> config;
  // The gateway was asked for its sinks just now and did not answer: `config` is what
  // was known before.
  bool silent = false;
  // OK: it can be asked. UNAVAILABLE: its gateway is offline. Of one that its gateway never
  // told of: DEADLINE_EXCEEDED when that is silent, or why it told nothing. The message names
  // gateway and sink.
  absl::Status status;
};

struct SinkSelection {
  // NOT_FOUND: there is no sink in the scope, or it names a gateway or sink that is not
  // known and must be, or a sink that is not in the network. RESOURCE_EXHAUSTED: see
  // CheckResults().
  absl::Status status;
  std::string gateway_id;         // whom that concerns; empty: no single one
  std::string sink_id;            // likewise
  std::vector<ScopedSink> sinks;  // by gateway, then sink
};

// The sinks of a scope, after its gateways were asked as `answers` says.
SinkSelection SelectSinks(const DirectorySnapshot& snapshot, const SinkScope& scope,
                          const SinkAnswers& answers);

// A sink of the scope's network that the scope passes over.
struct SkippedSink {
  SinkPath path;
  bool in_scope = false;  // its gateway is offline, and the scope skips those; else it is not in it
};

// The first `max` of them, by gateway, then sink, or as many as have `max_bytes` of ids. Empty when
// the scope has no network.
std::vector<SkippedSink> SkippedSinks(const DirectorySnapshot& snapshot, const SinkScope& scope,
                                      size_t max, size_t max_bytes);

// The gateways to ask before that: those not offline in which sinks of the scope may be
// and that have not told their sinks; with `refresh` also those that have told of one.
std::vector<GatewayPtr> GatewaysToAsk(const DirectorySnapshot& snapshot, const SinkScope& scope,
                                      bool refresh);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_DIRECTORY_SINK_SCOPE_H_
