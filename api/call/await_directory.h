// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_AWAIT_DIRECTORY_H_
#define WIREPAS_GRPC_API_CALL_AWAIT_DIRECTORY_H_

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/network/network.h"

namespace wirepas_grpc::api {

// Runs `then` once, when the directory has read the statuses that the broker keeps,
// `limit` is over or the service shuts down: at once on this thread, else on the executor.
// Returns what takes the wait back; null when `then` has run.
absl::AnyInvocable<void()> AwaitDirectory(core::Network* network, absl::Duration limit,
                                          absl::AnyInvocable<void()> then);

// After that wait: UNAVAILABLE, with the cause, when nothing can be told of gateways
// because there has been no broker, or the service shuts down.
absl::Status CheckDirectory(core::Network* network);

// UNAVAILABLE, with the cause, while there is no broker, or when the service shuts down.
absl::Status CheckBroker(core::Network* network);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_AWAIT_DIRECTORY_H_
