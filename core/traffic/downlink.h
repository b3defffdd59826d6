// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_TRAFFIC_DOWNLINK_H_
#define WIREPAS_GRPC_CORE_TRAFFIC_DOWNLINK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "gateway_api/error.pb.h"
#include "gateway_api/send_packet.pb.h"

namespace wirepas_grpc::core {

// A message that some backend sent into a mesh, and what came of it. Immutable
// once it is in the log.
struct Downlink {
  std::string gateway_id;
  std::string sink_id;
  uint64_t request_id = 0;
  wirepas::proto::gateway_api::SendPacketReq request;
  absl::Time send_time;  // when it was seen here
  // Nothing: no answer was seen in time.
  std::optional<wirepas::proto::gateway_api::ErrorCode> answer;
  std::optional<int32_t> unknown_answer;  // the number of one that is not known, as it came
  absl::Duration gateway_time;            // until the answer
  // When the gateway made the answer, by its clock; InfinitePast: it does not tell.
  absl::Time answer_time = absl::InfinitePast();
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_TRAFFIC_DOWNLINK_H_
