// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_UPLINK_ENCODER_H_
#define WIREPAS_GRPC_API_CONVERT_UPLINK_ENCODER_H_

#include <optional>
#include <string>

#include "core/traffic/gap.h"
#include "core/traffic/uplink.h"

namespace wirepas_grpc::api {

// The bytes of one element of SubscribeUplinkResponse.uplinks, its tag and length
// included: the concatenation of several, and of EncodeCursorAndGap(), is a response.
// Written by hand, since every packet passes here: a packet is encoded once,
// straight from core's type, for all subscribers.
std::string EncodeUplink(const core::Uplink& uplink);

// The same, made by the first who asks and kept with the packet.
const std::string& EncodedUplink(const core::Uplink& uplink);

// The rest of a response.
std::string EncodeCursorAndGap(const std::string& cursor, const std::optional<core::Gap>& gap);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_UPLINK_ENCODER_H_
