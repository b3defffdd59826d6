// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_MESSAGE_H_
#define WIREPAS_GRPC_API_CONVERT_MESSAGE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "api/call/namespaces.h"
#include "core/traffic/downlink.h"
#include "gateway_api/send_packet.pb.h"
#include "wirepas/mesh/v1/downlink.pb.h"
#include "wirepas/mesh/v1/message.pb.h"

namespace wirepas_grpc::api {

// Checks a message and makes the request of it, all but its header.
// INVALID_ARGUMENT, naming the field under `prefix`, as in "message.qos".
absl::StatusOr<gw::SendPacketReq> ToGateway(absl::string_view prefix, const mesh::Message& message);

mesh::Downlink ToProto(const core::Downlink& downlink);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_MESSAGE_H_
