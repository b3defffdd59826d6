// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/request.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace wirepas_grpc::sim {
namespace {

constexpr std::string_view kRequestPrefix = "gw-request/";

constexpr std::array<std::string_view, kRequestTypeCount> kNames = {
    "get_configs",
    "get_gw_info",
    "set_config",
    "send_data",
    "otap_status",
    "otap_load_scratchpad",
    "otap_process_scratchpad",
    "otap_set_target_scratchpad",
    "set_configuration_data_item",
    "get_configuration_data_item",
};

// Null when the message holds something else than the type.
const pb::RequestHeader* FindHeader(RequestType type, const pb::WirepasMessage& message) {
  switch (type) {
    case RequestType::kGetConfigs:
      return message.has_get_configs_req() ? &message.get_configs_req().header() : nullptr;
    case RequestType::kGetGatewayInfo:
      return message.has_get_gateway_info_req() ? &message.get_gateway_info_req().header()
                                                : nullptr;
    case RequestType::kSetConfig:
      return message.has_set_config_req() ? &message.set_config_req().header() : nullptr;
    case RequestType::kSendData:
      return message.has_send_packet_req() ? &message.send_packet_req().header() : nullptr;
    case RequestType::kScratchpadStatus:
      return message.has_get_scratchpad_status_req() ? &message.get_scratchpad_status_req().header()
                                                     : nullptr;
    case RequestType::kLoadScratchpad:
      return message.has_upload_scratchpad_req() ? &message.upload_scratchpad_req().header()
                                                 : nullptr;
    case RequestType::kProcessScratchpad:
      return message.has_process_scratchpad_req() ? &message.process_scratchpad_req().header()
                                                  : nullptr;
    case RequestType::kSetTarget:
      return message.has_set_scratchpad_target_and_action_req()
                 ? &message.set_scratchpad_target_and_action_req().header()
                 : nullptr;
    case RequestType::kSetConfigurationData:
      return message.has_set_configuration_data_item_req()
                 ? &message.set_configuration_data_item_req().header()
                 : nullptr;
    case RequestType::kGetConfigurationData:
      return message.has_get_configuration_data_item_req()
                 ? &message.get_configuration_data_item_req().header()
                 : nullptr;
  }
  return nullptr;
}

// Takes the next level off the front of `rest`.
std::string_view TakeLevel(std::string_view* rest) {
  const size_t slash = rest->find('/');
  const std::string_view level = rest->substr(0, slash);
  rest->remove_prefix(slash == std::string_view::npos ? rest->size() : slash + 1);
  return level;
}

}  // namespace

const std::array<RequestType, kRequestTypeCount>& AllRequestTypes() {
  static constexpr auto kAll = [] {
    std::array<RequestType, kRequestTypeCount> all{};
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<RequestType>(i);
    return all;
  }();
  return kAll;
}

std::string_view RequestTypeName(RequestType type) { return kNames[static_cast<size_t>(type)]; }

std::optional<RequestType> FindRequestType(std::string_view name) {
  for (RequestType type : AllRequestTypes()) {
    if (RequestTypeName(type) == name) return type;
  }
  return std::nullopt;
}

bool NeedsSink(RequestType type) {
  return type != RequestType::kGetConfigs && type != RequestType::kGetGatewayInfo;
}

std::optional<RequestTopic> ParseRequestTopic(std::string_view topic) {
  if (topic.substr(0, kRequestPrefix.size()) != kRequestPrefix) return std::nullopt;
  topic.remove_prefix(kRequestPrefix.size());
  const std::optional<RequestType> type = FindRequestType(TakeLevel(&topic));
  if (!type.has_value()) return std::nullopt;
  RequestTopic parsed;
  parsed.type = *type;
  parsed.gateway_id = TakeLevel(&topic);
  parsed.sink_id = TakeLevel(&topic);
  if (parsed.gateway_id.empty() || !topic.empty()) return std::nullopt;
  return parsed;
}

const pb::RequestHeader& Request::header() const { return *FindHeader(type, message); }

absl::StatusOr<Request> DecodeRequest(const RequestTopic& topic, std::string_view payload) {
  pb::GenericMessage generic;
  if (!generic.ParsePartialFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return absl::InvalidArgumentError("no message");
  }
  if (!generic.IsInitialized()) {
    return absl::InvalidArgumentError(
        absl::StrCat("without ", generic.InitializationErrorString()));
  }
  Request request;
  request.type = topic.type;
  request.message = std::move(*generic.mutable_wirepas());
  const pb::RequestHeader* header = FindHeader(request.type, request.message);
  if (header == nullptr)
    return absl::InvalidArgumentError("message of another type than its topic");

  request.sink_id = std::string(topic.sink_id);
  if (!NeedsSink(request.type)) return request;
  if (request.sink_id.empty()) request.sink_id = header->sink_id();
  if ((header->has_sink_id() && header->sink_id() != request.sink_id) ||
      (request.type == RequestType::kSetConfig &&
       request.message.set_config_req().config().sink_id() != request.sink_id)) {
    return absl::InvalidArgumentError("message for another sink than its topic");
  }
  return request;
}

}  // namespace wirepas_grpc::sim
