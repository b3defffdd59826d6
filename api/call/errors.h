// SPDX-License-Identifier: Apache-2.0
//
// From the statuses of core and the answers of gateways to what clients see of them.
#ifndef WIREPAS_GRPC_API_CALL_ERRORS_H_
#define WIREPAS_GRPC_API_CALL_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "api/call/namespaces.h"
#include "core/base/reason.h"
#include "core/requests/tracker.h"
#include "gateway_api/error.pb.h"
#include "grpcpp/support/status.h"
#include "wirepas/mesh/v1/error.pb.h"

namespace wirepas_grpc::api {

// Whom a failure concerns. Both empty: no gateway.
struct Target {
  std::string gateway_id;
  std::string sink_id;
};

// What a request names, as far as these are ids: others concern no gateway.
Target TargetOf(absl::string_view gateway_id, absl::string_view sink_id);

mesh::ResultCode ToResultCode(gw::ErrorCode code);

using core::InPart;
using core::InvalidField;

// The status of an RPC. It has a google.rpc.Status as its details, with a GatewayError: clients
// take one without it for unknown, since gRPC itself makes those. Beside it the ErrorInfo,
// BadRequest and RetryInfo that the status's payloads make (core/base/reason.h). UNAVAILABLE always
// says that nothing was sent. What may have been sent is DEADLINE_EXCEEDED here, if it was
// UNAVAILABLE.
//
// A mere status is one of which nothing was sent.
grpc::Status ToGrpcStatus(const absl::Status& status, const Target& target = {});
grpc::Status ToGrpcStatus(const core::RequestOutcome& outcome, const Target& target);

// The same for one part of an RPC. The status must not be OK.
mesh::CallError ToCallError(const absl::Status& status, const Target& target);
mesh::CallError ToCallError(const core::RequestOutcome& outcome, const Target& target);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_ERRORS_H_
