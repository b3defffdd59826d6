// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/payload_limits.h"

namespace wirepas_grpc::core {

size_t MaxPayloadSize(const Topic& topic) {
  switch (topic.type) {
    case Topic::Type::kStatus:
      return kMaxSinkListPayload;
    case Topic::Type::kUplink:
    case Topic::Type::kRequest:  // send_data: the only one that is listened to
      return kMaxPacketPayload;
    case Topic::Type::kResponse:
      return topic.request_kind == RequestKind::kGetConfigs ? kMaxSinkListPayload
                                                            : kMaxAnswerPayload;
  }
  return kMaxPacketPayload;
}

}  // namespace wirepas_grpc::core
