// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_UPLINK_ENCODER_H_
#define WIREPAS_GRPC_API_CONVERT_UPLINK_ENCODER_H_

#include <optional>
#include <string>

#include "core/traffic/gap.h"
#include "core/traffic/uplink.h"
#include "core/uplink_log/arrival_times.h"

namespace wirepas_grpc::api {

// The bytes of one element of SubscribeUplinkResponse.uplinks, its tag and length
// included: the concatenation of several, and of EncodeCursorAndGap(), is a response.
// Written by hand, since every packet passes here: a packet is encoded once,
// straight from core's type, for all subscribers. `arrival_time` is not before 1970.
std::string EncodeUplink(const core::Uplink& uplink, absl::Time arrival_time);

// The same, made by the first who asks and kept with the packet. When the wall clock was set since,
// so that the packet's arrival has another time by now, it is made anew, in *scratch.
const std::string& EncodedUplink(const core::Uplink& uplink, const core::ArrivalTimes& times,
                                 std::string* scratch);

// The rest of a response.
std::string EncodeCursorAndGap(const std::string& cursor, const std::optional<core::Gap>& gap);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_UPLINK_ENCODER_H_
