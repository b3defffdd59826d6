// SPDX-License-Identifier: Apache-2.0
#include "core/base/reason.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace wirepas_grpc::core {
namespace {

// The keys of the payloads. Facts have one each, behind this prefix.
constexpr absl::string_view kReason = "wirepas/reason";
constexpr absl::string_view kField = "wirepas/field";
constexpr absl::string_view kRetryDelay = "wirepas/retry-delay";
constexpr absl::string_view kFactPrefix = "wirepas/fact/";

std::optional<std::string> Payload(const absl::Status& status, absl::string_view key) {
  const auto payload = status.GetPayload(key);
  if (!payload.has_value()) return std::nullopt;
  return std::string(*payload);
}

absl::Status WithPayloadsOf(const absl::Status& from, absl::Status status) {
  from.ForEachPayload([&status](absl::string_view key, const absl::Cord& payload) {
    status.SetPayload(key, payload);
  });
  return status;
}

}  // namespace

absl::Status WithReason(absl::Status status, Reason reason) {
  status.SetPayload(kReason, absl::Cord(absl::StrCat(static_cast<int>(reason))));
  return status;
}

Reason ReasonOf(const absl::Status& status) {
  int number;
  const auto payload = Payload(status, kReason);
  if (!payload.has_value() || !absl::SimpleAtoi(*payload, &number)) return Reason::kUnspecified;
  return static_cast<Reason>(number);
}

absl::Status WithFact(absl::Status status, absl::string_view key, absl::string_view value) {
  const std::string name = absl::StrCat(kFactPrefix, key);
  if (!status.GetPayload(name).has_value()) status.SetPayload(name, absl::Cord(value));
  return status;
}

std::map<std::string, std::string> FactsOf(const absl::Status& status) {
  std::map<std::string, std::string> facts;
  status.ForEachPayload([&facts](absl::string_view key, const absl::Cord& payload) {
    if (absl::ConsumePrefix(&key, kFactPrefix)) facts[std::string(key)] = std::string(payload);
  });
  return facts;
}

absl::Status WithNetwork(absl::Status status, uint32_t network_address) {
  return WithFact(std::move(status), "network_address", absl::StrCat(network_address));
}

absl::Status WithNode(absl::Status status, uint32_t node_address) {
  return WithFact(std::move(status), "node_address", absl::StrCat(node_address));
}

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  status.SetPayload(kRetryDelay, absl::Cord(absl::StrCat(absl::ToInt64Nanoseconds(delay))));
  return status;
}

std::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  int64_t nanoseconds;
  const auto payload = Payload(status, kRetryDelay);
  if (!payload.has_value() || !absl::SimpleAtoi(*payload, &nanoseconds)) return std::nullopt;
  return absl::Nanoseconds(nanoseconds);
}

absl::Status InvalidField(absl::string_view field, absl::string_view problem) {
  absl::Status status = WithReason(absl::InvalidArgumentError(absl::StrCat(field, ": ", problem)),
                                   Reason::kInvalidField);
  status.SetPayload(kField, absl::Cord(field));
  return status;
}

std::string FieldOf(const absl::Status& status) { return Payload(status, kField).value_or(""); }

absl::Status InPart(absl::string_view part, const absl::Status& status) {
  const std::string field = FieldOf(status);
  if (field.empty()) return status;
  absl::Status moved = WithMessage(status, absl::StrCat(part, ".", status.message()));
  moved.SetPayload(kField, absl::Cord(absl::StrCat(part, ".", field)));
  return moved;
}

absl::Status WithMessage(const absl::Status& status, absl::string_view message) {
  return WithPayloadsOf(status, absl::Status(status.code(), message));
}

absl::Status WithCode(const absl::Status& status, absl::StatusCode code) {
  return WithPayloadsOf(status, absl::Status(code, status.message()));
}

}  // namespace wirepas_grpc::core
