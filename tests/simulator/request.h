// SPDX-License-Identifier: Apache-2.0
// A backend's request as it comes from the broker: topic and payload, checked
// against each other.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_REQUEST_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_REQUEST_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gateway_api/generic_message.pb.h"

namespace wirepas_grpc::sim {

namespace pb = ::wirepas::proto::gateway_api;

enum class RequestType {
  kGetConfigs,
  kGetGatewayInfo,
  kSetConfig,
  kSendData,
  kScratchpadStatus,
  kLoadScratchpad,
  kProcessScratchpad,
  kSetTarget,
  kSetConfigurationData,
  kGetConfigurationData,
};

inline constexpr size_t kRequestTypeCount = 10;

// Every type, in the order of the enum.
const std::array<RequestType, kRequestTypeCount>& AllRequestTypes();

// The topic level that names the type, such as "send_data".
std::string_view RequestTypeName(RequestType type);
std::optional<RequestType> FindRequestType(std::string_view name);

// Whether the type is about one sink, so that its topic ends with a sink id.
bool NeedsSink(RequestType type);

// Levels of "gw-request/<type>/<gateway>[/<sink>]".
struct RequestTopic {
  RequestType type = RequestType::kGetConfigs;
  std::string_view gateway_id;
  std::string_view sink_id;  // Empty: the topic names none.
};

// Unset when the topic is no request that this version knows.
std::optional<RequestTopic> ParseRequestTopic(std::string_view topic);

struct Request {
  RequestType type = RequestType::kGetConfigs;
  std::string sink_id;  // Empty: named neither by topic nor by header.
  pb::WirepasMessage message;

  const pb::RequestHeader& header() const;
};

// Fails when the payload is no message, lacks a required field, is not of the
// topic's type, or names another sink than the topic does.
absl::StatusOr<Request> DecodeRequest(const RequestTopic& topic, std::string_view payload);

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_REQUEST_H_
