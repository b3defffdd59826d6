// SPDX-License-Identifier: Apache-2.0
//
// The topic tree that gateways and backends share.
#ifndef WIREPAS_GRPC_CORE_GATEWAY_API_TOPICS_H_
#define WIREPAS_GRPC_CORE_GATEWAY_API_TOPICS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/gateway_api/ids.h"

namespace wirepas_grpc::core {

// What a backend can ask. The name of each is a level of the topics of the request
// and of its response.
enum class RequestKind {
  kGetConfigs,
  kGetGatewayInfo,
  kSetConfig,
  kSendData,
  kOtapStatus,
  kOtapLoadScratchpad,
  kOtapProcessScratchpad,
  kOtapSetTarget,
  kSetConfigurationDataItem,
  kGetConfigurationDataItem,
};
inline constexpr size_t kRequestKinds =
    static_cast<size_t>(RequestKind::kGetConfigurationDataItem) + 1;

// "send_data", ...
absl::string_view RequestKindName(RequestKind kind);

// The mesh's network addresses are 24 bits, though the wire has room for 64.
inline constexpr uint32_t kMaxNetworkAddress = 0xFFFFFF;

// Filters to subscribe with.
inline constexpr char kStatusFilter[] = "gw-event/status/+";
inline constexpr char kUplinkFilter[] = "gw-event/received_data/#";
inline constexpr char kUplinkTopicPrefix[] = "gw-event/received_data/";
inline constexpr char kResponseFilter[] = "gw-response/#";
inline constexpr char kSendDataRequestFilter[] = "gw-request/send_data/#";

// Topics to publish on. `sink` is null for requests to the gateway itself.
std::string RequestTopic(RequestKind kind, const GatewayId& gateway, const SinkId* sink);
std::string StatusTopic(const GatewayId& gateway);
// Whether it is the topic of one gateway's status.
bool IsStatusTopic(absl::string_view topic);

// A topic of the tree, taken apart. The views point into the topic.
struct Topic {
  enum class Type { kStatus, kUplink, kRequest, kResponse };
  Type type = Type::kStatus;
  RequestKind request_kind = RequestKind::kGetConfigs;  // kRequest and kResponse
  absl::string_view gateway_id;
  absl::string_view sink_id;                     // empty where the topic has none
  std::optional<uint32_t> network_address;       // kUplink; nothing: the gateway does not know it
  std::optional<uint32_t> source_endpoint;       // kUplink
  std::optional<uint32_t> destination_endpoint;  // kUplink
};

// INVALID_ARGUMENT: not a topic of the tree: wrong depth, an empty or invalid level,
// a number out of range. NOT_FOUND: well-formed, of a kind this service does not
// know. The sink level of get_configs and get_gw_info responses is optional, as
// some gateways add it.
absl::StatusOr<Topic> ParseTopic(absl::string_view topic);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_GATEWAY_API_TOPICS_H_
