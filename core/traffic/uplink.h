// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_TRAFFIC_UPLINK_H_
#define WIREPAS_GRPC_CORE_TRAFFIC_UPLINK_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/instant.h"
#include "core/gateway_api/drop_counters.h"
#include "core/gateway_api/topics.h"
#include "gateway_api/generic_message.pb.h"
#include "gateway_api/uplink.pb.h"

namespace wirepas_grpc::core {

// Room for one derived form of an immutable value, made by whoever wants it first
// and shared by all others. What it depends on beside the value has a version, which is kept with
// it. Thread-safe.
class EncodedOnce {
 public:
  struct Form {
    std::string bytes;
    uint64_t version = 0;
  };

  // `make` gives a Form.
  template <typename Make>
  const Form& Get(Make&& make) const {
    std::call_once(once_, [&] { form_ = make(); });
    return form_;
  }

 private:
  mutable std::once_flag once_;  // not abseil's, whose order ThreadSanitizer does not see
  mutable Form form_;
};

// A packet that a sink received from its mesh. Never changed after decoding.
struct Uplink {
  std::string gateway_id;
  std::string sink_id;
  // Nothing: the gateway could not read it from the sink.
  std::optional<uint32_t> network_address;
  uint32_t source_address = 0;
  uint32_t destination_address = 0;
  uint8_t source_endpoint = 0;
  uint8_t destination_endpoint = 0;
  uint32_t qos = 0;
  bool payload_hidden = false;
  std::string payload;
  uint32_t payload_size = 0;  // also when hidden
  std::optional<uint32_t> hop_count;
  absl::Duration travel_time;
  absl::Time receive_time;  // at the sink, by the gateway's clock
  // When the gateway made the message, by its clock; InfinitePast: it does not tell.
  absl::Time publish_time = absl::InfinitePast();
  uint64_t event_id = 0;   // the gateway's own; comes again after it restarts
  uint64_t packet_id = 0;  // see PacketId()
  // When the service took it; InfinitePast: in this run it did not, it was read from the disk.
  Instant arrival = Instant::InfinitePast();
  // The same by the clock of the log, whoever took it; set by the log. See ArrivalTimes.
  absl::Time moment = absl::InfinitePast();

  EncodedOnce encoded;  // for the API layer, which encodes a packet at most once

  // What the packet takes in memory with its encoded form, about.
  size_t MemorySize() const;
};

// Makes an uplink, but for its packet id, of an event and the topic it came on. The topic counts
// where the event leaves something out; where they contradict, it is kMismatch: brokers guard
// topics, not payloads. Null with a reason when the event is not good.
std::unique_ptr<Uplink> MakeUplink(const Topic& topic,
                                   wirepas::proto::gateway_api::PacketReceivedEvent* event,
                                   DropReason* reason);

// Decodes what came on a topic of uplinks, or was stored. `parsed` is the topic taken apart.
// `scratch` is replaced. Null with a reason when it is not a good uplink.
std::unique_ptr<Uplink> DecodeUplink(const Topic& parsed, absl::string_view topic,
                                     absl::string_view payload,
                                     wirepas::proto::gateway_api::GenericMessage* scratch,
                                     DropReason* reason);
std::unique_ptr<Uplink> DecodeUplink(absl::string_view topic, absl::string_view payload,
                                     wirepas::proto::gateway_api::GenericMessage* scratch,
                                     DropReason* reason);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_TRAFFIC_UPLINK_H_
