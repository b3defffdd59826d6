// SPDX-License-Identifier: Apache-2.0
// One simulated gateway without its connection: which answer a request gets,
// and the statuses and responses that the gateway sends by itself.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_GATEWAY_MODEL_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_GATEWAY_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "gateway_api/gateway.pb.h"
#include "gateway_api/generic_message.pb.h"
#include "tests/simulator/event_ids.h"
#include "tests/simulator/profile.h"
#include "tests/simulator/request.h"
#include "tests/simulator/sink_model.h"

namespace wirepas_grpc::sim {

struct GatewaySettings {
  std::string gateway_id;
  Profile profile = Profile::kPolite;  // To be that of its sinks too.
  std::string model;
  std::string version;
  std::optional<uint32_t> max_scratchpad_size;  // Bytes; unset: no limit.
  std::vector<pb::GatewayFeature> features;
  std::vector<int> unknown_features;  // Numbers that are no values of it.
  // As gateways before sink configs were part of the status.
  bool old = false;
  // Linux: events of packets are counted from 0 at each start.
  bool counts_event_ids = false;
  std::vector<SinkSettings> sinks;
};

// A message and the topic it belongs on.
struct Outgoing {
  std::string topic;
  pb::GenericMessage message;
};

// A remote API request that reached the network of a sink.
struct NodeQuery {
  size_t sink = 0;
  uint32_t destination_address = 0;
  absl::Duration delay;
};

struct Reaction {
  Outgoing response;
  bool answered = true;                // False: the response stays unsent.
  std::optional<size_t> changed_sink;  // The gateway now has news of this sink.
  std::optional<NodeQuery> query;
};

// Not thread-safe.
class GatewayModel {
 public:
  // Events are numbered from `first_event_id` up, or as the profile has it.
  GatewayModel(const GatewaySettings& settings, uint64_t first_event_id);

  const std::string& id() const { return settings_.gateway_id; }
  Profile profile() const { return settings_.profile; }
  bool old() const { return settings_.old; }
  size_t sink_count() const { return sinks_.size(); }
  const SinkModel& sink(size_t index) const { return sinks_[index]; }
  std::optional<size_t> FindSink(std::string_view sink_id) const;

  // Whether the gateway has subscribed to requests of this type.
  bool Understands(RequestType type) const;

  // Carries the request out. `now` is the gateway's wall clock.
  Reaction Handle(const Request& request, absl::Time now);

  // Answers with `code` and does nothing.
  // The code need not be a value of pb::ErrorCode.
  Outgoing Refuse(const Request& request, int code, absl::Time now) const;

  // The retained status; without configs when offline or old. The Linux gateway's last
  // will has model and version only.
  Outgoing Status(bool online, absl::Time now);

  // What older backends wait for: responses that nobody asked for, with request id 0.
  Outgoing UnaskedConfigs(absl::Time now) const;
  Outgoing UnaskedSinkConfig(size_t sink, absl::Time now) const;

  // Of a packet.
  uint64_t NextEventId() { return event_ids_.OfPacket(); }

  // The gateway's process ends, and another one begins; sinks keep their state.
  void Restart() { event_ids_.Restart(); }

 private:
  bool HasFeature(pb::GatewayFeature feature) const;
  // A response of the type with nothing but its header and what is required.
  Outgoing MakeResponse(RequestType type, uint64_t request_id, std::string_view sink_id,
                        pb::ErrorCode code, absl::Time now) const;
  // Carries out a request for an existing sink. Fills the response and `reaction`.
  pb::ErrorCode Apply(const Request& request, size_t sink_index, pb::WirepasMessage* response,
                      Reaction* reaction);
  // Whether the gateway fails by itself, without a word to anybody.
  bool Overwhelms(const Request& request) const;
  pb::ErrorCode Send(const pb::SendPacketReq& packet, size_t sink_index, Reaction* reaction) const;
  void FillConfigs(pb::GetConfigsResp* response) const;
  void FillInfo(pb::GatewayInfo* info, absl::Time now) const;

  const GatewaySettings settings_;
  std::vector<SinkModel> sinks_;
  EventIds event_ids_;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_GATEWAY_MODEL_H_
