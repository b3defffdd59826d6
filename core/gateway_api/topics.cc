// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/topics.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace wirepas_grpc::core {
namespace {

struct KindName {
  RequestKind kind;
  absl::string_view name;
  bool to_gateway;  // the topic has no sink level
};

constexpr std::array<KindName, 10> kKinds = {{
    {RequestKind::kGetConfigs, "get_configs", true},
    {RequestKind::kGetGatewayInfo, "get_gw_info", true},
    {RequestKind::kSetConfig, "set_config", false},
    {RequestKind::kSendData, "send_data", false},
    {RequestKind::kOtapStatus, "otap_status", false},
    {RequestKind::kOtapLoadScratchpad, "otap_load_scratchpad", false},
    {RequestKind::kOtapProcessScratchpad, "otap_process_scratchpad", false},
    {RequestKind::kOtapSetTarget, "otap_set_target_scratchpad", false},
    {RequestKind::kSetConfigurationDataItem, "set_configuration_data_item", false},
    {RequestKind::kGetConfigurationDataItem, "get_configuration_data_item", false},
}};

// What the reference gateway writes for the network of a sink that it cannot read.
constexpr absl::string_view kNoNetwork = "None";

// The deepest topic of the tree, received_data, has seven levels.
constexpr size_t kMaxLevels = 7;

// At most kMaxLevels levels; 0 when there are more.
size_t Split(absl::string_view topic, std::array<absl::string_view, kMaxLevels>* levels) {
  size_t count = 0;
  while (true) {
    if (count == kMaxLevels) return 0;
    const size_t slash = topic.find('/');
    (*levels)[count++] = topic.substr(0, slash);
    if (slash == absl::string_view::npos) return count;
    topic.remove_prefix(slash + 1);
  }
}

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("topic: ", what));
}

absl::Status ParseNumber(absl::string_view level, uint32_t max, std::optional<uint32_t>* out) {
  // SimpleAtoi() also takes signs, spaces around the number and leading zeros.
  const bool plain = std::all_of(level.begin(), level.end(), absl::ascii_isdigit) &&
                     (level.size() == 1 || !absl::StartsWith(level, "0"));
  uint32_t value;
  if (!plain || !absl::SimpleAtoi(level, &value) || value > max) {
    return Malformed("a level is not a number in range");
  }
  *out = value;
  return absl::OkStatus();
}

absl::Status ParseUplink(const std::array<absl::string_view, kMaxLevels>& levels, size_t count,
                         Topic* topic) {
  if (count != 7) return Malformed("received_data with a wrong number of levels");
  topic->type = Topic::Type::kUplink;
  topic->sink_id = levels[3];
  if (!IsValidId(topic->sink_id)) return Malformed("invalid sink id");
  if (levels[4] != kNoNetwork) {
    const absl::Status s = ParseNumber(levels[4], kMaxNetworkAddress, &topic->network_address);
    if (!s.ok()) return s;
  }
  if (absl::Status s = ParseNumber(levels[5], 255, &topic->source_endpoint); !s.ok()) return s;
  return ParseNumber(levels[6], 255, &topic->destination_endpoint);
}

absl::Status ParseRequest(const std::array<absl::string_view, kMaxLevels>& levels, size_t count,
                          Topic* topic) {
  for (const KindName& known : kKinds) {
    if (known.name != levels[1]) continue;
    topic->request_kind = known.kind;
    if (count == 3 && known.to_gateway) return absl::OkStatus();
    if (count != 4) return Malformed("request or response with a wrong number of levels");
    topic->sink_id = levels[3];
    return IsValidId(topic->sink_id) ? absl::OkStatus() : Malformed("invalid sink id");
  }
  return absl::NotFoundError(absl::StrCat("topic: unknown kind '", Printable(levels[1]), "'"));
}

}  // namespace

absl::string_view RequestKindName(RequestKind kind) {
  for (const KindName& known : kKinds) {
    if (known.kind == kind) return known.name;
  }
  return "unknown";
}

std::string RequestTopic(RequestKind kind, const GatewayId& gateway, const SinkId* sink) {
  std::string topic = absl::StrCat("gw-request/", RequestKindName(kind), "/", gateway.value());
  if (sink != nullptr) absl::StrAppend(&topic, "/", sink->value());
  return topic;
}

std::string StatusTopic(const GatewayId& gateway) {
  return absl::StrCat("gw-event/status/", gateway.value());
}

bool IsStatusTopic(absl::string_view topic) {
  const absl::StatusOr<Topic> parsed = ParseTopic(topic);
  return parsed.ok() && parsed->type == Topic::Type::kStatus;
}

absl::StatusOr<Topic> ParseTopic(absl::string_view text) {
  std::array<absl::string_view, kMaxLevels> levels;
  const size_t count = Split(text, &levels);
  if (count < 3) return Malformed("wrong number of levels");
  Topic topic;
  topic.gateway_id = levels[2];
  if (!IsValidId(topic.gateway_id)) return Malformed("invalid gateway id");

  absl::Status status = absl::OkStatus();
  if (levels[0] == "gw-event" && levels[1] == "status") {
    if (count != 3) status = Malformed("status with a wrong number of levels");
  } else if (levels[0] == "gw-event" && levels[1] == "received_data") {
    status = ParseUplink(levels, count, &topic);
  } else if (levels[0] == "gw-request" || levels[0] == "gw-response") {
    topic.type = levels[0] == "gw-request" ? Topic::Type::kRequest : Topic::Type::kResponse;
    status = ParseRequest(levels, count, &topic);
  } else {
    status = absl::NotFoundError("topic: not of the gateway tree");
  }
  if (!status.ok()) return status;
  return topic;
}

}  // namespace wirepas_grpc::core
