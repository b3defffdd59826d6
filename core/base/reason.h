// SPDX-License-Identifier: Apache-2.0
//
// What a failed status says to programs, beside its code and its words: why, which field, whom it
// concerns, how long to wait. It travels with the status as payloads.
#ifndef WIREPAS_GRPC_CORE_BASE_REASON_H_
#define WIREPAS_GRPC_CORE_BASE_REASON_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace wirepas_grpc::core {

// Why something failed. The numbers and meanings are those of ErrorReason in
// wirepas/mesh/v1/error.proto.
enum class Reason {
  kUnspecified = 0,
  kInvalidField = 1,
  kGatewayNotKnown = 2,
  kSinkNotKnown = 3,
  kNoSinks = 4,
  kNodeNotHeard = 5,
  kLoadNotFound = 6,
  kBrokerNotConnected = 7,
  kGatewayOffline = 8,
  kShuttingDown = 9,
  kOutOfTime = 10,
  kNoAnswer = 11,
  kSinkSilent = 12,
  kConnectionLost = 13,
  kGatewayRefused = 14,
  kSinkBusy = 15,
  kFeatureMissing = 16,
  kBrokerDenies = 17,
  kTooMany = 18,
  kTooLarge = 19,
  kSinkInUse = 20,
  kNotBegun = 21,
  kRequestIdInUse = 22,
  kStartExpired = 23,
  kServiceRestarted = 24,
  kSinkNotReady = 25,
  kAppConfigNotTlv = 26,
  kAppConfigTooLarge = 27,
  kOtherScratchpad = 28,
  kNoSequenceLeft = 29,
  kCancelled = 30,
  kMalformedRequest = 31,
  kInternal = 32,
  kStorageFailed = 33,
};

// The status with its reason. A reason that it has already is replaced. OK stays OK.
absl::Status WithReason(absl::Status status, Reason reason);
// kUnspecified when it has none.
Reason ReasonOf(const absl::Status& status);

// The status with a fact that programs may want: an id that it concerns. Of a key that it has
// already, the first value stays.
absl::Status WithFact(absl::Status status, absl::string_view key, absl::string_view value);
std::map<std::string, std::string> FactsOf(const absl::Status& status);
// Of a failure that concerns a network, or a node of one.
absl::Status WithNetwork(absl::Status status, uint32_t network_address);
absl::Status WithNode(absl::Status status, uint32_t node_address);

// The status with how long to wait before a retry.
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);

// INVALID_ARGUMENT, kInvalidField: "<field>: <problem>". The field is a path, as in
// "scope.sinks[2].sink_id".
absl::Status InvalidField(absl::string_view field, absl::string_view problem);
// The path of the field, empty when the status has none.
std::string FieldOf(const absl::Status& status);
// What failed in a part of the request, as in "message": the path is then "message.<field>", also
// in the words. A status without a field stays as it is.
absl::Status InPart(absl::string_view part, const absl::Status& status);

// The same status, payloads and all, with other words, or with another code.
absl::Status WithMessage(const absl::Status& status, absl::string_view message);
absl::Status WithCode(const absl::Status& status, absl::StatusCode code);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_REASON_H_
