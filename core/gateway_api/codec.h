// SPDX-License-Identifier: Apache-2.0
//
// The messages between gateways and backends, to bytes and back.
#ifndef WIREPAS_GRPC_CORE_GATEWAY_API_CODEC_H_
#define WIREPAS_GRPC_CORE_GATEWAY_API_CODEC_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "core/gateway_api/drop_counters.h"
#include "gateway_api/generic_message.pb.h"

namespace wirepas_grpc::core {

namespace gw = ::wirepas::proto::gateway_api;

// The largest payload that Decode() looks at, in bytes: that of a scratchpad chunk. What comes
// from the broker has smaller bounds, by its topic: see payload_limits.h.
inline constexpr size_t kMaxPayloadSize = 4 << 20;

// The version of the message definitions that this service speaks; a status of
// another one is dropped.
inline constexpr uint32_t kProtocolVersion = 1;

// Decodes a payload. A message that lacks a required field is malformed as a
// whole, with one leniency: an enum value that this service does not know, in a
// required field, reads as the enum's own "unknown" where it has one (an error
// code), and otherwise takes the optional part it stands in with it. Everything
// else of such a message, from a newer gateway, is still good.
//
// kNone: `message` holds exactly one field of WirepasMessage.
DropReason Decode(absl::string_view payload, gw::GenericMessage* message);

// The bytes of a message whose required fields are set.
std::string Encode(const gw::WirepasMessage& message);

// The header of whichever response `message` holds; null when it holds none.
const gw::ResponseHeader* FindResponseHeader(const gw::WirepasMessage& message);

// The header of whichever request `message` holds, to be filled in; null when it
// holds none.
gw::RequestHeader* MutableRequestHeader(gw::WirepasMessage* message);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_GATEWAY_API_CODEC_H_
