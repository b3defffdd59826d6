// SPDX-License-Identifier: Apache-2.0
// What a simulated gateway does wrong on purpose.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_FAULTS_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_FAULTS_H_

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/random/bit_gen_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gateway_api/error.pb.h"
#include "gateway_api/generic_message.pb.h"
#include "nlohmann/json.hpp"
#include "tests/simulator/request.h"

namespace wirepas_grpc::sim {

using RequestSet = std::bitset<kRequestTypeCount>;

// How to use the fields of `Faults` in JSON, for --help.
extern const char kFaultsHelp[];

// All off by default.
struct Faults {
  // Uplinks that are published twice, with the same event id.
  double duplicate_probability = 0;
  uint32_t duplicate_every = 0;  // Every nth; 0: none. The same below.
  // Uplinks whose payload is cut in half.
  uint32_t malformed_every = 0;
  // The networks of sinks cannot be read: uplinks have "None" for it in their topic, and
  // no network address.
  bool unreadable_network = false;
  // The headers of uplinks and answers do not tell when the message was made.
  bool no_times = false;
  // Uplinks whose payload names another gateway than the topic.
  uint32_t foreign_every = 0;
  std::string foreign_gateway_id;  // Empty: the gateway's own id and "-other".

  absl::Duration answer_delay;
  RequestSet no_answer;           // Carried out, never answered.
  RequestSet malformed_answer;    // Answered with a payload cut in half.
  RequestSet foreign_answer;      // Answered with a payload that names another gateway.
  RequestSet repeated_answer;     // Answered twice.
  bool wrong_scratchpad = false;  // otap_status tells of another scratchpad than is stored.
  // Refused with the code and not carried out.
  // Numbers, which need not be values of pb::ErrorCode.
  std::array<std::optional<int>, kRequestTypeCount> error_codes;

  // Changes the fields that `json` names and no other. Changes nothing when it
  // fails.
  absl::Status Update(const nlohmann::json& json);
};

// What happens to one uplink.
struct UplinkFate {
  bool duplicate = false;
  bool malformed = false;
  bool foreign = false;
};

// Decides for the uplinks of one gateway, one after the other. Not thread-safe.
class FaultDice {
 public:
  UplinkFate Roll(const Faults& faults, absl::BitGenRef random);

 private:
  uint64_t uplinks_ = 0;
};

// Makes of an uplink and its topic what they are while the network is not readable.
// Returns the topic.
std::string HideNetwork(std::string topic, pb::GenericMessage* message);

// Takes the time out of the header of an event or response.
void LeaveOutTime(pb::GenericMessage* message);

// Makes an answer to otap_status tell of another scratchpad; leaves others alone.
void TellOfOtherScratchpad(pb::GenericMessage* message);

// Puts another gateway's id into the header of an event or response.
void NameOtherGateway(const Faults& faults, pb::GenericMessage* message);

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_FAULTS_H_
