// SPDX-License-Identifier: Apache-2.0
#include "core/requests/request_counters.h"

namespace wirepas_grpc::core {

absl::string_view RequestEndName(RequestEnd end) {
  switch (end) {
    case RequestEnd::kAnswered:
      return "answered";
    case RequestEnd::kRefused:
      return "refused";
    case RequestEnd::kUnanswered:
      return "unanswered";
    case RequestEnd::kLost:
      return "connection_lost";
    case RequestEnd::kCancelled:
      return "cancelled";
    case RequestEnd::kNotSent:
      return "not_sent";
    case RequestEnd::kCount:
      break;
  }
  return "unknown";
}

}  // namespace wirepas_grpc::core
