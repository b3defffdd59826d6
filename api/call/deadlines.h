// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_DEADLINES_H_
#define WIREPAS_GRPC_API_CALL_DEADLINES_H_

#include <optional>

#include "absl/time/time.h"
#include "grpcpp/server_context.h"

namespace wirepas_grpc::api {

// How long a gateway may take with its answer, when the client waits for
// `remaining` longer. A little less, so that our status, with its details, reaches
// the client before its own timer ends the call with a bare one.
absl::Duration LimitWithin(absl::Duration remaining);

// The same for a call. Nothing: the client has set no deadline.
std::optional<absl::Duration> ClientLimit(const grpc::CallbackServerContext& context);

// The client's limit, else `default_limit`.
absl::Duration LimitOr(const grpc::CallbackServerContext& context, absl::Duration default_limit);

// `limit`, shortened by the client's.
absl::Duration LimitAtMost(const grpc::CallbackServerContext& context, absl::Duration limit);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_DEADLINES_H_
