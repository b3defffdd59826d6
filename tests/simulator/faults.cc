// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/faults.h"

#include <limits>
#include <vector>

#include "absl/random/distributions.h"
#include "absl/strings/str_cat.h"

namespace wirepas_grpc::sim {

const char kFaultsHelp[] =
    R"(Faults are a JSON object; what it does not name stays as it is:
  duplicate_probability  0..1: share of uplinks published twice
  duplicate_every        every nth uplink is published twice (0: none)
  malformed_every        every nth uplink has a payload cut in half
  unreadable_network     true: uplinks have "None" in the place of the network in their
                         topic, and no network address
  no_times               true: uplinks and answers do not tell when they were made
  foreign_every          every nth uplink names another gateway than its topic
  foreign_gateway_id     the id named there (default: own id + "-other")
  answer_delay_ms        responses come this much later
  no_answer              requests that are carried out and never answered
  malformed_answer       requests answered with a payload cut in half
  foreign_answer         requests answered under another gateway's id
  repeated_answer        requests answered twice
  wrong_scratchpad       true: otap_status tells of a stored scratchpad that is a byte
                         longer and has another checksum
  error_codes            {"<request>": "<code>"}: refused with the code; "all" for every
                         request, null to stop it
Requests are a list of names, or "all": get_configs get_gw_info set_config
send_data otap_status otap_load_scratchpad otap_process_scratchpad
otap_set_target_scratchpad set_configuration_data_item get_configuration_data_item.
Codes are the names of ErrorCode, such as "SINK_TIMEOUT", or numbers,
also such as are none of them.)";

namespace {

using Json = nlohmann::json;

absl::Status Wrong(const std::string& field, const char* expected) {
  return absl::InvalidArgumentError(absl::StrCat(field, " must be ", expected));
}

absl::Status ReadCount(const std::string& field, const Json& json, uint32_t* value) {
  if (!json.is_number_unsigned() || json.get<uint64_t>() > std::numeric_limits<uint32_t>::max()) {
    return Wrong(field, "a whole number from 0 up");
  }
  *value = json.get<uint32_t>();
  return absl::OkStatus();
}

absl::Status ReadFlag(const std::string& field, const Json& json, bool* value) {
  if (!json.is_boolean()) return Wrong(field, "true or false");
  *value = json.get<bool>();
  return absl::OkStatus();
}

absl::Status ReadRequests(const std::string& field, const Json& json, RequestSet* value) {
  RequestSet requests;
  if (json == "all") {
    *value = requests.set();
    return absl::OkStatus();
  }
  if (!json.is_array()) return Wrong(field, "a list of requests or \"all\"");
  for (const Json& name : json) {
    const auto type =
        name.is_string() ? FindRequestType(name.get_ref<const std::string&>()) : std::nullopt;
    if (!type.has_value()) return Wrong(field, "a list of requests or \"all\"");
    requests.set(static_cast<size_t>(*type));
  }
  *value = requests;
  return absl::OkStatus();
}

absl::Status ReadCode(const Json& json, std::optional<int>* value) {
  if (json.is_null()) {
    value->reset();
    return absl::OkStatus();
  }
  pb::ErrorCode code = pb::UNKNOWN_ERROR_CODE;
  if (json.is_number_integer()) {
    *value = json.get<int>();
    return absl::OkStatus();
  }
  if (!json.is_string() || !pb::ErrorCode_Parse(json.get_ref<const std::string&>(), &code)) {
    return Wrong("error_codes", "an object from request to the name of an error code");
  }
  *value = code;
  return absl::OkStatus();
}

absl::Status ReadCodes(const Json& json, Faults* faults) {
  if (!json.is_object()) {
    return Wrong("error_codes", "an object from request to the name of an error code");
  }
  for (const auto& [name, value] : json.items()) {
    std::optional<int> code;
    if (absl::Status status = ReadCode(value, &code); !status.ok()) return status;
    if (name == "all") {
      faults->error_codes.fill(code);
      continue;
    }
    const auto type = FindRequestType(name);
    if (!type.has_value()) return Wrong("error_codes", "about requests that exist, or \"all\"");
    faults->error_codes[static_cast<size_t>(*type)] = code;
  }
  return absl::OkStatus();
}

absl::Status ReadField(const std::string& field, const Json& json, Faults* faults) {
  if (field == "duplicate_probability") {
    if (!json.is_number() || json.get<double>() < 0 || json.get<double>() > 1) {
      return Wrong(field, "a number from 0 to 1");
    }
    faults->duplicate_probability = json.get<double>();
    return absl::OkStatus();
  }
  if (field == "foreign_gateway_id") {
    if (!json.is_string()) return Wrong(field, "a string");
    faults->foreign_gateway_id = json.get<std::string>();
    return absl::OkStatus();
  }
  if (field == "answer_delay_ms") {
    uint32_t milliseconds = 0;
    absl::Status status = ReadCount(field, json, &milliseconds);
    if (status.ok()) faults->answer_delay = absl::Milliseconds(milliseconds);
    return status;
  }
  if (field == "wrong_scratchpad") return ReadFlag(field, json, &faults->wrong_scratchpad);
  if (field == "unreadable_network") return ReadFlag(field, json, &faults->unreadable_network);
  if (field == "no_times") return ReadFlag(field, json, &faults->no_times);
  if (field == "duplicate_every") return ReadCount(field, json, &faults->duplicate_every);
  if (field == "malformed_every") return ReadCount(field, json, &faults->malformed_every);
  if (field == "foreign_every") return ReadCount(field, json, &faults->foreign_every);
  if (field == "no_answer") return ReadRequests(field, json, &faults->no_answer);
  if (field == "malformed_answer") return ReadRequests(field, json, &faults->malformed_answer);
  if (field == "foreign_answer") return ReadRequests(field, json, &faults->foreign_answer);
  if (field == "repeated_answer") return ReadRequests(field, json, &faults->repeated_answer);
  if (field == "error_codes") return ReadCodes(json, faults);
  return absl::InvalidArgumentError(absl::StrCat("no fault is called ", field));
}

bool EveryNth(uint64_t count, uint32_t n) { return n != 0 && count % n == 0; }

}  // namespace

absl::Status Faults::Update(const nlohmann::json& json) {
  if (!json.is_object()) return absl::InvalidArgumentError("faults must be a JSON object");
  Faults updated = *this;
  for (const auto& [field, value] : json.items()) {
    if (absl::Status status = ReadField(field, value, &updated); !status.ok()) return status;
  }
  *this = updated;
  return absl::OkStatus();
}

UplinkFate FaultDice::Roll(const Faults& faults, absl::BitGenRef random) {
  ++uplinks_;
  UplinkFate fate;
  fate.duplicate =
      EveryNth(uplinks_, faults.duplicate_every) ||
      (faults.duplicate_probability > 0 && absl::Bernoulli(random, faults.duplicate_probability));
  fate.malformed = EveryNth(uplinks_, faults.malformed_every);
  fate.foreign = EveryNth(uplinks_, faults.foreign_every);
  return fate;
}

std::string HideNetwork(std::string topic, pb::GenericMessage* message) {
  message->mutable_wirepas()->mutable_packet_received_event()->clear_network_address();
  // gw-event/received_data/<gateway>/<sink>/<network>/...
  size_t start = 0;
  for (int levels = 0; levels < 4; ++levels) start = topic.find('/', start) + 1;
  return topic.replace(start, topic.find('/', start) - start, "None");
}

void TellOfOtherScratchpad(pb::GenericMessage* message) {
  if (!message->wirepas().has_get_scratchpad_status_resp()) return;
  pb::ScratchpadInfo* stored =
      message->mutable_wirepas()->mutable_get_scratchpad_status_resp()->mutable_stored_scratchpad();
  stored->set_len(stored->len() + 1);
  stored->set_crc(stored->crc() ^ 1);
}

namespace {

// Calls `change` (with a pointer to an EventHeader or ResponseHeader) with the header of the
// message. Every message that a gateway sends has it in field 1.
template <typename Change>
void ChangeHeader(pb::GenericMessage* message, Change&& change) {
  pb::WirepasMessage* wirepas = message->mutable_wirepas();
  const google::protobuf::Reflection* reflection = wirepas->GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(*wirepas, &fields);
  for (const auto* field : fields) {
    google::protobuf::Message* body = reflection->MutableMessage(wirepas, field);
    const auto* header_field = body->GetDescriptor()->FindFieldByNumber(1);
    google::protobuf::Message* header = body->GetReflection()->MutableMessage(body, header_field);
    if (auto* event = dynamic_cast<pb::EventHeader*>(header)) change(event);
    if (auto* response = dynamic_cast<pb::ResponseHeader*>(header)) change(response);
  }
}

}  // namespace

void NameOtherGateway(const Faults& faults, pb::GenericMessage* message) {
  ChangeHeader(message, [&](auto* header) {
    header->set_gw_id(faults.foreign_gateway_id.empty() ? header->gw_id() + "-other"
                                                        : faults.foreign_gateway_id);
  });
}

void LeaveOutTime(pb::GenericMessage* message) {
  ChangeHeader(message, [](auto* header) { header->clear_time_ms_epoch(); });
}

}  // namespace wirepas_grpc::sim
