// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/gateway_rpcs.h"

#include <algorithm>
#include <cstdlib>

#include "tests/integration/messages.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;

// `complete` fills in what the request needs besides the ids.
template <typename Request, typename Response>
GatewayRpc Unary(
    const std::string& name, const std::string& on_broker,
    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
    std::function<void(Request*)> complete = [](Request*) {}) {
  constexpr bool kNamesSink = requires(Request request) { request.set_sink_id(""); } ||
                              requires(Request request) { request.mutable_sink(); };
  const auto make = [method, complete](Stub* stub, grpc::ClientContext* context,
                                       const std::string& gateway_id, const std::string& sink_id) {
    Request request;
    if constexpr (kNamesSink) {
      request = To<Request>(gateway_id, sink_id);
    } else {
      request = To<Request>(gateway_id);
    }
    complete(&request);
    Response response;
    return (stub->*method)(context, request, &response);
  };
  return {name, on_broker, kNamesSink, make};
}

grpc::Status Upload(Stub* stub, grpc::ClientContext* context, const std::string& gateway_id,
                    const std::string& sink_id) {
  auto request = To<mesh::UploadScratchpadRequest>(gateway_id, sink_id);
  request.set_sequence(17);
  request.set_scratchpad("a scratchpad");
  const auto reader = stub->UploadScratchpad(context, request);
  mesh::UploadScratchpadResponse response;
  while (reader->Read(&response)) {
  }
  return reader->Finish();
}

std::vector<GatewayRpc> MakeRpcs() {
  return {
      Unary("GetGatewayInfo", "get_gw_info", &Stub::GetGatewayInfo),
      Unary<mesh::SetSinkConfigRequest>(
          "SetSinkConfig", "set_config", &Stub::SetSinkConfig,
          [](auto* request) { request->mutable_update()->set_network_channel(7); }),
      Unary("GetConfigurationDataItem", "get_configuration_data_item",
            &Stub::GetConfigurationDataItem),
      Unary<mesh::SetConfigurationDataItemRequest>(
          "SetConfigurationDataItem", "set_configuration_data_item",
          &Stub::SetConfigurationDataItem,
          [](auto* request) { request->mutable_item()->set_payload("x"); }),
      Unary<mesh::SendMessageRequest>(
          "SendMessage", "send_data", &Stub::SendMessage,
          [](auto* request) { *request->mutable_message() = SendRequest("", "").message(); }),
      Unary("GetScratchpadStatus", "otap_status", &Stub::GetScratchpadStatus),
      {"UploadScratchpad", "otap_load_scratchpad", true, Upload},
      Unary("ProcessScratchpad", "otap_process_scratchpad", &Stub::ProcessScratchpad),
      Unary<mesh::SetTargetScratchpadRequest>(
          "SetTargetScratchpad", "otap_set_target_scratchpad", &Stub::SetTargetScratchpad,
          [](auto* request) {
            request->mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_NO_OTAP);
          }),
  };
}

}  // namespace

const std::vector<GatewayRpc>& GatewayRpcs() {
  static const auto* const rpcs = new std::vector<GatewayRpc>(MakeRpcs());
  return *rpcs;
}

const GatewayRpc& FindGatewayRpc(const std::string& name) {
  const auto found = std::find_if(GatewayRpcs().begin(), GatewayRpcs().end(),
                                  [&](const GatewayRpc& rpc) { return rpc.name == name; });
  if (found == GatewayRpcs().end()) abort();
  return *found;
}

}  // namespace wirepas_grpc::integration
