// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/gateway_model.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "tests/simulator/node_group.h"

namespace wirepas_grpc::sim {
namespace {

constexpr uint32_t kMessageVersion = 1;

uint32_t ApiVersion(Profile profile) { return profile == Profile::kPolite ? 1 : 2; }

absl::string_view Absl(std::string_view text) { return {text.data(), text.size()}; }

// The header of the response of this type, which comes into being by the call.
pb::ResponseHeader* MutableHeader(RequestType type, pb::WirepasMessage* message) {
  switch (type) {
    case RequestType::kGetConfigs:
      return message->mutable_get_configs_resp()->mutable_header();
    case RequestType::kGetGatewayInfo:
      return message->mutable_get_gateway_info_resp()->mutable_header();
    case RequestType::kSetConfig:
      return message->mutable_set_config_resp()->mutable_header();
    case RequestType::kSendData:
      return message->mutable_send_packet_resp()->mutable_header();
    case RequestType::kScratchpadStatus:
      return message->mutable_get_scratchpad_status_resp()->mutable_header();
    case RequestType::kLoadScratchpad:
      return message->mutable_upload_scratchpad_resp()->mutable_header();
    case RequestType::kProcessScratchpad:
      return message->mutable_process_scratchpad_resp()->mutable_header();
    case RequestType::kSetTarget:
      return message->mutable_set_scratchpad_target_and_action_resp()->mutable_header();
    case RequestType::kSetConfigurationData:
      return message->mutable_set_configuration_data_item_resp()->mutable_header();
    case RequestType::kGetConfigurationData:
      return message->mutable_get_configuration_data_item_resp()->mutable_header();
  }
  return nullptr;
}

// A number that no value of the enum has: only so can a message of this class have it.
void AddUnknown(int field, int number, google::protobuf::Message* message) {
  message->GetReflection()->MutableUnknownFields(message)->AddVarint(
      field, static_cast<uint64_t>(int64_t{number}));
}

std::vector<SinkModel> MakeSinks(const GatewaySettings& settings) {
  std::vector<SinkModel> sinks;
  sinks.reserve(settings.sinks.size());
  for (const SinkSettings& sink : settings.sinks) sinks.emplace_back(sink);
  return sinks;
}

}  // namespace

GatewayModel::GatewayModel(const GatewaySettings& settings, uint64_t first_event_id)
    : settings_(settings),
      sinks_(MakeSinks(settings)),
      event_ids_(settings.profile, settings.counts_event_ids, first_event_id) {}

std::optional<size_t> GatewayModel::FindSink(std::string_view sink_id) const {
  for (size_t i = 0; i < sinks_.size(); ++i) {
    if (sinks_[i].sink_id() == sink_id) return i;
  }
  return std::nullopt;
}

bool GatewayModel::HasFeature(pb::GatewayFeature feature) const {
  return std::find(settings_.features.begin(), settings_.features.end(), feature) !=
         settings_.features.end();
}

bool GatewayModel::Understands(RequestType type) const {
  return (type != RequestType::kSetConfigurationData &&
          type != RequestType::kGetConfigurationData) ||
         HasFeature(pb::CONFIGURATION_DATA_V1);
}

Outgoing GatewayModel::MakeResponse(RequestType type, uint64_t request_id, std::string_view sink_id,
                                    pb::ErrorCode code, absl::Time now) const {
  Outgoing out;
  out.topic = absl::StrCat("gw-response/", Absl(RequestTypeName(type)), "/", id());
  pb::WirepasMessage* message = out.message.mutable_wirepas();
  pb::ResponseHeader* header = MutableHeader(type, message);
  header->set_req_id(request_id);
  header->set_gw_id(id());
  header->set_res(code);
  header->set_time_ms_epoch(static_cast<uint64_t>(absl::ToUnixMillis(now)));
  if (NeedsSink(type)) {
    absl::StrAppend(&out.topic, "/", Absl(sink_id));
    if (!sink_id.empty()) header->set_sink_id(std::string(sink_id));
  }
  if (type == RequestType::kSetConfig) {
    message->mutable_set_config_resp()->mutable_config()->set_sink_id(std::string(sink_id));
  } else if (type == RequestType::kGetGatewayInfo) {
    FillInfo(message->mutable_get_gateway_info_resp()->mutable_info(), now);
  }
  return out;
}

Reaction GatewayModel::Handle(const Request& request, absl::Time now) {
  Reaction reaction;
  reaction.response =
      MakeResponse(request.type, request.header().req_id(), request.sink_id, pb::OK, now);
  pb::WirepasMessage* response = reaction.response.message.mutable_wirepas();
  if (request.type == RequestType::kGetConfigs) {
    FillConfigs(response->mutable_get_configs_resp());
    return reaction;
  }
  if (request.type == RequestType::kGetGatewayInfo) return reaction;
  if (Overwhelms(request)) {
    reaction.answered = false;
    return reaction;
  }

  const std::optional<size_t> sink = FindSink(request.sink_id);
  pb::ErrorCode code = pb::INVALID_SINK_ID;
  if (request.sink_id.empty()) {
    code = pb::REQUEST_NEEDS_SINK_ID;
  } else if (sink.has_value()) {
    code = Apply(request, *sink, response, &reaction);
  }
  MutableHeader(request.type, response)->set_res(code);
  return reaction;
}

bool GatewayModel::Overwhelms(const Request& request) const {
  if (profile() == Profile::kLinux) {
    return request.type == RequestType::kGetConfigurationData &&
           !FindSink(request.sink_id).has_value();
  }
  return profile() == Profile::kEmbedded && request.type == RequestType::kLoadScratchpad &&
         settings_.max_scratchpad_size.has_value() &&
         request.message.upload_scratchpad_req().scratchpad().size() >
             *settings_.max_scratchpad_size;
}

pb::ErrorCode GatewayModel::Apply(const Request& request, size_t sink_index,
                                  pb::WirepasMessage* response, Reaction* reaction) {
  const pb::WirepasMessage& message = request.message;
  SinkModel& sink = sinks_[sink_index];
  const auto changed = [&](pb::ErrorCode code) {
    if (code == pb::OK) reaction->changed_sink = sink_index;
    return code;
  };
  switch (request.type) {
    case RequestType::kSetConfig: {
      const pb::ErrorCode code = changed(sink.SetConfig(message.set_config_req().config()));
      // Some of it may be done although the rest was refused.
      if (profile() != Profile::kPolite) reaction->changed_sink = sink_index;
      *response->mutable_set_config_resp()->mutable_config() = sink.Config();
      return code;
    }
    case RequestType::kSendData:
      return Send(message.send_packet_req(), sink_index, reaction);
    case RequestType::kScratchpadStatus:
      sink.FillScratchpadStatus(response->mutable_get_scratchpad_status_resp());
      return pb::OK;
    case RequestType::kLoadScratchpad: {
      const size_t version = sink.scratchpads().version();
      const pb::ErrorCode code = sink.UploadScratchpad(message.upload_scratchpad_req());
      // Chunks before the last change nothing that is reported.
      return sink.scratchpads().version() != version ? changed(code) : code;
    }
    case RequestType::kProcessScratchpad:
      return changed(sink.ProcessScratchpad());
    case RequestType::kSetTarget:
      return changed(
          sink.SetTarget(message.set_scratchpad_target_and_action_req().target_and_action()));
    case RequestType::kSetConfigurationData:
      return changed(sink.SetConfigurationData(
          message.set_configuration_data_item_req().configuration_data_item()));
    case RequestType::kGetConfigurationData: {
      pb::ConfigurationDataItem item;
      const pb::ErrorCode code =
          sink.GetConfigurationData(message.get_configuration_data_item_req().endpoint(), &item);
      if (code == pb::OK) {
        *response->mutable_get_configuration_data_item_resp()->mutable_configuration_data_item() =
            item;
      }
      return code;
    }
    case RequestType::kGetConfigs:
    case RequestType::kGetGatewayInfo:
      break;
  }
  return pb::INTERNAL_ERROR;
}

pb::ErrorCode GatewayModel::Send(const pb::SendPacketReq& packet, size_t sink_index,
                                 Reaction* reaction) const {
  const pb::ErrorCode code = sinks_[sink_index].CheckPacket(packet);
  if (code == pb::OK && IsScratchpadStatusQuery(packet.source_endpoint(),
                                                packet.destination_endpoint(), packet.payload())) {
    reaction->query = NodeQuery{sink_index, packet.destination_address(),
                                absl::Milliseconds(packet.initial_delay_ms())};
  }
  return code;
}

Outgoing GatewayModel::Refuse(const Request& request, int code, absl::Time now) const {
  const bool known = pb::ErrorCode_IsValid(code);
  Outgoing out =
      MakeResponse(request.type, request.header().req_id(), request.sink_id,
                   known ? static_cast<pb::ErrorCode>(code) : pb::UNKNOWN_ERROR_CODE, now);
  if (!known) {
    pb::ResponseHeader* header = MutableHeader(request.type, out.message.mutable_wirepas());
    header->clear_res();
    AddUnknown(pb::ResponseHeader::kResFieldNumber, code, header);
  }
  const std::optional<size_t> sink = FindSink(request.sink_id);
  if (request.type == RequestType::kSetConfig && sink.has_value()) {
    *out.message.mutable_wirepas()->mutable_set_config_resp()->mutable_config() =
        sinks_[*sink].Config();
  }
  return out;
}

Outgoing GatewayModel::Status(bool online, absl::Time now) {
  Outgoing out;
  out.topic = absl::StrCat("gw-event/status/", id());
  pb::StatusEvent* status = out.message.mutable_wirepas()->mutable_status_event();
  status->mutable_header()->set_gw_id(id());
  status->mutable_header()->set_event_id(event_ids_.OfStatus());
  status->mutable_header()->set_time_ms_epoch(static_cast<uint64_t>(absl::ToUnixMillis(now)));
  status->set_version(kMessageVersion);
  status->set_state(online ? pb::ON : pb::OFF);
  if (!settings_.model.empty()) status->set_gw_model(settings_.model);
  if (!settings_.version.empty()) status->set_gw_version(settings_.version);
  if (!online && profile() == Profile::kLinux) return out;
  if (settings_.max_scratchpad_size.has_value()) {
    status->set_max_scratchpad_size(*settings_.max_scratchpad_size);
  }
  for (pb::GatewayFeature feature : settings_.features) status->add_gw_features(feature);
  for (int feature : settings_.unknown_features) {
    AddUnknown(pb::StatusEvent::kGwFeaturesFieldNumber, feature, status);
  }
  if (online && !settings_.old) {
    for (const SinkModel& sink : sinks_) *status->add_configs() = sink.Config();
  }
  return out;
}

Outgoing GatewayModel::UnaskedConfigs(absl::Time now) const {
  Outgoing out = MakeResponse(RequestType::kGetConfigs, 0, "", pb::OK, now);
  FillConfigs(out.message.mutable_wirepas()->mutable_get_configs_resp());
  return out;
}

Outgoing GatewayModel::UnaskedSinkConfig(size_t sink, absl::Time now) const {
  Outgoing out = MakeResponse(RequestType::kSetConfig, 0, sinks_[sink].sink_id(), pb::OK, now);
  *out.message.mutable_wirepas()->mutable_set_config_resp()->mutable_config() =
      sinks_[sink].Config();
  return out;
}

void GatewayModel::FillConfigs(pb::GetConfigsResp* response) const {
  for (const SinkModel& sink : sinks_) *response->add_configs() = sink.Config();
}

void GatewayModel::FillInfo(pb::GatewayInfo* info, absl::Time now) const {
  info->set_current_time_s_epoch(static_cast<uint64_t>(
      profile() == Profile::kEmbedded ? absl::ToUnixMillis(now) : absl::ToUnixSeconds(now)));
  if (!settings_.model.empty()) info->set_gw_model(settings_.model);
  if (!settings_.version.empty()) info->set_gw_version(settings_.version);
  info->set_implemented_api_version(ApiVersion(profile()));
  if (settings_.max_scratchpad_size.has_value()) {
    info->set_max_scratchpad_size(*settings_.max_scratchpad_size);
  }
  for (pb::GatewayFeature feature : settings_.features) info->add_gw_features(feature);
  for (int feature : settings_.unknown_features) {
    AddUnknown(pb::GatewayInfo::kGwFeaturesFieldNumber, feature, info);
  }
}

}  // namespace wirepas_grpc::sim
