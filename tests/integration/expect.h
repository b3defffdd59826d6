// SPDX-License-Identifier: Apache-2.0
//
// What tests say of calls and their failures.
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_EXPECT_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_EXPECT_H_

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"
#include "gtest/gtest.h"
#include "tests/integration/programs.h"
#include "tests/support/failure.h"
#include "wirepas/mesh/v1/error.pb.h"

namespace wirepas_grpc::integration {

using grpc::StatusCode;

// A call's end and, when that is OK, its response.
template <typename Response>
struct Result {
  grpc::Status status;
  Response response;

  bool ok() const { return status.ok(); }
};

void SetDeadline(grpc::ClientContext* context, absl::Duration deadline);

// No deadline: the service's own default limit holds.
inline constexpr absl::Duration kNoDeadline = absl::InfiniteDuration();

// Makes a unary call, with a deadline unless that is infinite.
template <typename Stub, typename Request, typename Response>
Result<Response> Call(Stub* stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request, absl::Duration deadline = kBound) {
  grpc::ClientContext context;
  SetDeadline(&context, deadline);
  Result<Response> result;
  result.status = (stub->*method)(&context, request, &result.response);
  ExpectGoodEnd(result.status);
  ExpectGoodParts(result.response);
  return result;
}

// A unary call on a thread of its own, which can be cancelled.
template <typename Response>
class AsyncCall {
 public:
  template <typename Stub, typename Request>
  AsyncCall(Stub* stub,
            grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
            Request request, absl::Duration deadline = kBound) {
    SetDeadline(&context_, deadline);
    result_ = std::async(std::launch::async, [this, stub, method, request = std::move(request)] {
      Result<Response> result;
      result.status = (stub->*method)(&context_, request, &result.response);
      ExpectGoodEnd(result.status);
      ExpectGoodParts(result.response);
      return result;
    });
  }

  // Once only.
  Result<Response> Get() { return result_.get(); }
  bool done() const {
    return result_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::future<Result<Response>> result_;
};

// What a failure says besides its code.
struct Says {
  std::string part = "";        // of the message
  std::string gateway_id = "";  // of the GatewayError; empty: none is concerned
  std::string sink_id = "";
  mesh::ResultCode result = mesh::RESULT_CODE_UNSPECIFIED;
  bool sent = false;  // the GatewayError has a request_id
  // Of the GatewayError. Unspecified: what goes with the rest; NOT_SENT unless it was sent.
  mesh::RequestOutcome outcome = mesh::REQUEST_OUTCOME_UNSPECIFIED;
  std::optional<mesh::ErrorReason> reason = std::nullopt;  // nothing: any
};

// The GatewayError in the details of a status.
std::optional<mesh::GatewayError> GatewayErrorOf(const grpc::Status& status);

// Fails the test unless the call failed so, and by the service: with a GatewayError.
void ExpectFailure(const grpc::Status& status, StatusCode code, const Says& says);
void ExpectFailure(const mesh::CallError& error, StatusCode code, const Says& says);

// OK, or the status in words.
testing::AssertionResult IsOk(const grpc::Status& status);
testing::AssertionResult IsOk(const absl::Status& status);

// Looks again and again until `condition` is true; false: it did not become so.
bool Eventually(const std::function<bool()>& condition, absl::Duration bound = kBound);

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_EXPECT_H_
