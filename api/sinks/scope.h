// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_SINKS_SCOPE_H_
#define WIREPAS_GRPC_API_SINKS_SCOPE_H_

#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "api/call/errors.h"
#include "api/call/namespaces.h"
#include "core/base/instant.h"
#include "core/directory/sink_scope.h"
#include "core/network/network.h"
#include "core/requests/places.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"
#include "wirepas/mesh/v1/sink_scope.pb.h"

namespace wirepas_grpc::api {

// Checks the scope of a request, which is its field `scope`: null when that is unset.
// INVALID_ARGUMENT, naming the field, as in "scope.sinks[3].sink_id".
absl::StatusOr<core::SinkScope> ParseScope(const mesh::SinkScope* scope);
template <typename Request>
absl::StatusOr<core::SinkScope> ParseScopeOf(const Request& request) {
  return ParseScope(request.has_scope() ? &request.scope() : nullptr);
}

// What a scope came to.
struct ResolvedScope {
  // Unless OK the RPC ends with it. NOT_FOUND as sink_scope.proto says. UNAVAILABLE:
  // nothing is known, because there has been no broker, or the service shuts down.
  absl::Status status;
  Target target;                        // whom the status concerns
  std::vector<core::ScopedSink> sinks;  // by gateway, then sink; one at least if OK
  core::SinkAnswers answers;            // of gateways that were asked for their sinks
  core::SnapshotPtr snapshot;           // of which they were selected; null unless OK

  grpc::Status grpc_status() const { return ToGrpcStatus(status, target); }
};

struct ScopeOptions {
  // Ask all gateways of the scope for their sinks unless they are offline, also those that told
  // of them.
  bool refresh = false;
  // When the client goes away: none of the waits goes on for longer.
  core::Instant client_end = core::Instant::InfiniteFuture();
  core::AskerPtr asker = nullptr;  // who asks; see AskerOf()
  // Gateways that are asked have half of what is left until then: the rest is for what follows.
  bool ask_half = false;
  // The sinks are also found when there is no broker or the service shuts down, if anything is
  // known: what follows may be known too. What is to be sent is refused then.
  bool for_what_is_known = false;
};

// When the client of a call goes away, as ScopeOptions want it.
core::Instant ClientEnd(const grpc::CallbackServerContext& context);

// Finds the sinks of a scope: waits for the directory, then asks gateways for their
// sinks, 2 s at most for each of the two. Calls `done` once: at once on this thread, or
// later on the executor. Returns what takes that back (`done` is not called any more,
// what was asked is forgotten), from any thread and any number of times.
absl::AnyInvocable<void()> ResolveScope(core::Network* network, core::SinkScope scope,
                                        const ScopeOptions& options,
                                        absl::AnyInvocable<void(ResolvedScope)> done);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_SINKS_SCOPE_H_
