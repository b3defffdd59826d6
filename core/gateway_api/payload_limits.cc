// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/payload_limits.h"

namespace wirepas_grpc::core {

namespace {

size_t MaxAnswerSize(RequestKind kind) {
  switch (kind) {
    case RequestKind::kGetConfigs:
      return kMaxSinkListPayload;
    case RequestKind::kGetGatewayInfo:
    case RequestKind::kSetConfig:
    case RequestKind::kGetConfigurationDataItem:
      return kMaxAnswerPayload;
    case RequestKind::kSendData:
    case RequestKind::kOtapStatus:
    case RequestKind::kOtapLoadScratchpad:
    case RequestKind::kOtapProcessScratchpad:
    case RequestKind::kOtapSetTarget:
    case RequestKind::kSetConfigurationDataItem:
      break;
  }
  return kMaxShortAnswerPayload;
}

}  // namespace

size_t MaxPayloadSize(const Topic& topic) {
  switch (topic.type) {
    case Topic::Type::kStatus:
      return kMaxSinkListPayload;
    case Topic::Type::kUplink:
    case Topic::Type::kRequest:  // send_data: the only one that is listened to
      return kMaxPacketPayload;
    case Topic::Type::kResponse:
      return MaxAnswerSize(topic.request_kind);
  }
  return kMaxPacketPayload;
}

}  // namespace wirepas_grpc::core
