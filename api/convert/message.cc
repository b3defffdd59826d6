// SPDX-License-Identifier: Apache-2.0
#include "api/convert/message.h"

#include "absl/strings/str_cat.h"
#include "api/call/errors.h"
#include "api/call/validate.h"
#include "api/convert/time.h"
#include "core/gateway_api/epoch_time.h"

namespace wirepas_grpc::api {
namespace {

constexpr size_t kMaxPayload = 1500;
constexpr uint32_t kMaxQos = 1;
constexpr uint32_t kMaxHopLimit = 15;

absl::Status Check(absl::string_view prefix, const mesh::Message& message) {
  const auto field = [&](absl::string_view name) { return absl::StrCat(prefix, ".", name); };
  if (message.destination_address() == 0) {
    return InvalidField(field("destination_address"), "missing, 0 is nobody's address");
  }
  absl::Status status = CheckAtMost(field("source_endpoint"), message.source_endpoint(), 255);
  status.Update(CheckAtMost(field("destination_endpoint"), message.destination_endpoint(), 255));
  status.Update(CheckAtMost(field("qos"), message.qos(), kMaxQos));
  status.Update(CheckAtMost(field("hop_limit"), message.hop_limit(), kMaxHopLimit));
  if (message.payload().size() > kMaxPayload) {
    status.Update(InvalidField(
        field("payload"),
        absl::StrCat(message.payload().size(), " bytes, at most ", kMaxPayload, " are possible")));
  }
  return status;
}

}  // namespace

absl::StatusOr<gw::SendPacketReq> ToGateway(absl::string_view prefix,
                                            const mesh::Message& message) {
  if (absl::Status status = Check(prefix, message); !status.ok()) return status;
  gw::SendPacketReq request;
  request.set_destination_address(message.destination_address());
  request.set_source_endpoint(message.source_endpoint());
  request.set_destination_endpoint(message.destination_endpoint());
  request.set_qos(message.qos());
  request.set_payload(message.payload());
  if (message.has_initial_delay()) {
    const absl::StatusOr<uint32_t> delay =
        WholeUnits(absl::StrCat(prefix, ".initial_delay"), message.initial_delay(),
                   absl::Milliseconds(1), FinerPart::kCutOff);
    if (!delay.ok()) return delay.status();
    if (*delay > 0) request.set_initial_delay_ms(*delay);
  }
  if (message.unacknowledged_csma_ca()) request.set_is_unack_csma_ca(true);
  if (message.hop_limit() > 0) request.set_hop_limit(message.hop_limit());
  return request;
}

mesh::Downlink ToProto(const core::Downlink& downlink) {
  mesh::Downlink proto;
  proto.set_gateway_id(downlink.gateway_id);
  proto.set_sink_id(downlink.sink_id);
  proto.set_request_id(downlink.request_id);
  *proto.mutable_send_time() = ToTimestamp(downlink.send_time);
  const absl::Time publish_time = core::TimeOfEpochMs(downlink.request.header().time_ms_epoch());
  if (publish_time != absl::InfinitePast()) {
    *proto.mutable_publish_time() = ToTimestamp(publish_time);
  }

  const gw::SendPacketReq& request = downlink.request;
  mesh::Message& message = *proto.mutable_message();
  message.set_destination_address(request.destination_address());
  message.set_source_endpoint(request.source_endpoint());
  message.set_destination_endpoint(request.destination_endpoint());
  message.set_payload(request.payload());
  message.set_qos(request.qos());
  if (request.initial_delay_ms() > 0) {
    *message.mutable_initial_delay() = ToDuration(absl::Milliseconds(request.initial_delay_ms()));
  }
  message.set_unacknowledged_csma_ca(request.is_unack_csma_ca());
  message.set_hop_limit(request.hop_limit());

  if (downlink.answer.has_value()) {
    mesh::DownlinkAnswer& answer = *proto.mutable_answer();
    answer.set_result(ToResultCode(*downlink.answer));
    answer.set_raw_result(downlink.unknown_answer.value_or(*downlink.answer));
    *answer.mutable_gateway_time() = ToDuration(downlink.gateway_time);
    if (downlink.answer_time != absl::InfinitePast()) {
      *answer.mutable_answer_time() = ToTimestamp(downlink.answer_time);
    }
  } else {
    proto.mutable_no_answer();
  }
  return proto;
}

}  // namespace wirepas_grpc::api
