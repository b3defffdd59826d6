// SPDX-License-Identifier: Apache-2.0
//
// What a failure of the service has to say to programs, whatever it is. What tests make calls with
// looks at how each ends, so that none goes without a reason.
#ifndef WIREPAS_GRPC_TESTS_SUPPORT_FAILURE_H_
#define WIREPAS_GRPC_TESTS_SUPPORT_FAILURE_H_

#include <optional>
#include <string>

#include "google/protobuf/message.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/support/status.h"
#include "wirepas/mesh/v1/error.pb.h"

namespace wirepas_grpc {

// The details of a failed status, as far as they are there.
struct FailureDetails {
  bool is_rpc_status = false;  // the bytes are a google.rpc.Status
  int code = 0;                // as it has them
  std::string message;
  std::optional<wirepas::mesh::v1::GatewayError> gateway_error;
  std::optional<google::rpc::ErrorInfo> info;
  std::optional<google::rpc::BadRequest> bad_request;
  std::optional<google::rpc::RetryInfo> retry;
  int others = 0;  // details of other types

  // ERROR_REASON_UNSPECIFIED: there is none, or it is no value of ErrorReason.
  wirepas::mesh::v1::ErrorReason reason() const;
  // The path of the one field that is wrong; empty: there is not exactly one.
  std::string field() const;
};
FailureDetails DetailsOf(const grpc::Status& status);

// Fails the test unless the failure is one of the service and says all that each has to say: a
// GatewayError with an outcome, an ErrorInfo with a reason, the field where the reason is a field,
// and what UNAVAILABLE promises. OK is no failure.
void ExpectGoodFailure(const grpc::Status& status);
void ExpectGoodFailure(const wirepas::mesh::v1::CallError& error);

// The same of the end of a call, which may also be gRPC's own: then it has no details.
void ExpectGoodEnd(const grpc::Status& status);
// The same of all parts of a response that failed.
void ExpectGoodParts(const google::protobuf::Message& response);

// The same, and that this is the reason.
void ExpectReason(const grpc::Status& status, wirepas::mesh::v1::ErrorReason reason);
void ExpectReason(const wirepas::mesh::v1::CallError& error, wirepas::mesh::v1::ErrorReason reason);

// That a field of the request is wrong, and which.
void ExpectInvalidField(const grpc::Status& status, const std::string& field);

}  // namespace wirepas_grpc

#endif  // WIREPAS_GRPC_TESTS_SUPPORT_FAILURE_H_
