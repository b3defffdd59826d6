// SPDX-License-Identifier: Apache-2.0
//
// Proto2 keeps the number of an enum value that it does not know among the unknown fields of the
// message: here it is read from there.
#ifndef WIREPAS_GRPC_CORE_GATEWAY_API_UNKNOWN_VALUES_H_
#define WIREPAS_GRPC_CORE_GATEWAY_API_UNKNOWN_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "gateway_api/gateway.pb.h"
#include "gateway_api/header.pb.h"
#include "google/protobuf/message.h"

namespace wirepas_grpc::core {

// The most numbers of features that are kept.
inline constexpr size_t kMaxUnknownFeatures = 100;

// The last number that came in the enum field `field`; nothing when all that came are known.
std::optional<int32_t> UnknownValue(const google::protobuf::Message& message, int field);
// The numbers that came in it, ascending, each once; of more than `most`, the least.
std::vector<int32_t> UnknownValues(const google::protobuf::Message& message, int field,
                                   size_t most);

// The code of an answer that is UNKNOWN_ERROR_CODE, as it came; nothing for other answers.
std::optional<int32_t> UnknownCode(const wirepas::proto::gateway_api::ResponseHeader& header);
// Features that are announced and not known, ascending, at most kMaxUnknownFeatures.
std::vector<int32_t> UnknownFeatures(const wirepas::proto::gateway_api::StatusEvent& status);
std::vector<int32_t> UnknownFeatures(const wirepas::proto::gateway_api::GatewayInfo& info);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_GATEWAY_API_UNKNOWN_VALUES_H_
