// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/control.h"

#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace wirepas_grpc::sim {

const char kControlHelp[] =
    R"(Control: publish a JSON object to sim-control/<gateway>, or to sim-control/all.
It is answered on sim-control-ack/<the same> when done: {"command", "ok", "error" if
not ok, "id" as given, "acknowledged" after a burst}.
  {"command": "faults", "faults": {...}}       change faults
  {"command": "clear_faults"}                  be a good gateway again
  {"command": "disconnect", "seconds": 2}      break the connection without a word, so
                                               that the last will fires; come back after
                                               the time, or without it at "start"
  {"command": "stop"}                          OFFLINE status, then a clean end
  {"command": "remove"}                        empty retained status, then a clean end
  {"command": "start"}                         come (back) online
  {"command": "status"}                        publish the status now
  {"command": "rate", "packets_per_second": 5} new rate of all gateways; only to "all"
  {"command": "burst", "count": 100, "sink": "sink0"}
                                               exactly so many uplinks from each gateway,
                                               as fast as the broker takes them; without
                                               "sink" all sinks take turns
  {"command": "uplink", ...}                   one uplink; fields, all optional: sink,
                                               source_address, destination_address,
                                               source_endpoint, destination_endpoint, qos,
                                               payload (hex), hidden, hop_count,
                                               travel_time_ms, event_id, names_network
"id" may be added to each and is handed back.)";

namespace {

using Json = nlohmann::json;

struct KindName {
  const char* name;
  ControlKind kind;
};

constexpr std::array<KindName, 10> kKinds = {{
    {"faults", ControlKind::kFaults},
    {"clear_faults", ControlKind::kClearFaults},
    {"disconnect", ControlKind::kDisconnect},
    {"stop", ControlKind::kStop},
    {"start", ControlKind::kStart},
    {"remove", ControlKind::kRemove},
    {"status", ControlKind::kStatus},
    {"rate", ControlKind::kRate},
    {"burst", ControlKind::kBurst},
    {"uplink", ControlKind::kUplink},
}};

// Takes fields out of an object and remembers the first that is wrong.
class Fields {
 public:
  explicit Fields(Json object) : object_(std::move(object)) {}

  bool Has(const std::string& name) const { return object_.contains(name); }

  Json Take(const std::string& name) {
    if (!Has(name)) return nullptr;
    Json value = std::move(object_[name]);
    object_.erase(name);
    return value;
  }

  void Text(const std::string& name, std::string* value) {
    if (!Has(name)) return;
    const Json json = Take(name);
    if (!json.is_string()) return Complain(name, "a string");
    *value = json.get<std::string>();
  }

  void Flag(const std::string& name, bool* value) {
    if (!Has(name)) return;
    const Json json = Take(name);
    if (!json.is_boolean()) return Complain(name, "true or false");
    *value = json.get<bool>();
  }

  void Number(const std::string& name, double* value) {
    if (!Has(name)) return;
    const Json json = Take(name);
    if (!json.is_number() || json.get<double>() < 0 || json.get<double>() > 1e9) {
      return Complain(name, "a number from 0 up");
    }
    *value = json.get<double>();
  }

  // Into a uint32_t, a uint64_t or an optional of one.
  template <typename T>
  void Count(const std::string& name, T* value, uint64_t max) {
    if (!Has(name)) return;
    const Json json = Take(name);
    if (!json.is_number_unsigned() || json.get<uint64_t>() > max) {
      return Complain(name, "a whole number in range");
    }
    *value = static_cast<decltype(Plain(*value))>(json.get<uint64_t>());
  }

  void Bytes(const std::string& name, std::string* value) {
    std::string hex;
    Text(name, &hex);
    if (hex.size() % 2 != 0) return Complain(name, "an even number of hex digits");
    std::string bytes;
    for (size_t i = 0; i < hex.size(); i += 2) {
      const std::string pair = hex.substr(i, 2);
      if (pair.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
        return Complain(name, "an even number of hex digits");
      }
      bytes.push_back(static_cast<char>(std::stoi(pair, nullptr, 16)));
    }
    *value = bytes;
  }

  void Complain(const std::string& name, const char* expected) {
    if (error_.empty()) error_ = absl::StrCat(name, " must be ", expected);
  }

  // After everything that is known was taken.
  absl::Status Finish() {
    if (!error_.empty()) return absl::InvalidArgumentError(error_);
    if (object_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("this command has no field ", object_.begin().key()));
  }

 private:
  static uint32_t Plain(uint32_t v) { return v; }
  static uint64_t Plain(uint64_t v) { return v; }
  static uint32_t Plain(const std::optional<uint32_t>&) { return 0; }
  static uint64_t Plain(const std::optional<uint64_t>&) { return 0; }

  Json object_;
  std::string error_;
};

void TakeUplink(Fields* fields, RawUplink* uplink) {
  constexpr uint64_t kMax32 = std::numeric_limits<uint32_t>::max();
  fields->Count("source_address", &uplink->source_address, kMax32);
  fields->Count("destination_address", &uplink->destination_address, kMax32);
  fields->Count("source_endpoint", &uplink->source_endpoint, kMax32);
  fields->Count("destination_endpoint", &uplink->destination_endpoint, kMax32);
  fields->Count("qos", &uplink->qos, kMax32);
  fields->Bytes("payload", &uplink->payload);
  fields->Flag("hidden", &uplink->hidden);
  fields->Flag("names_network", &uplink->names_network);
  fields->Count("hop_count", &uplink->hop_count, kMax32);
  fields->Count("travel_time_ms", &uplink->travel_time_ms, kMax32);
  fields->Count("event_id", &uplink->event_id, std::numeric_limits<uint64_t>::max());
}

void TakeArguments(Fields* fields, ControlCommand* command) {
  switch (command->kind) {
    case ControlKind::kFaults:
      if (!fields->Has("faults")) fields->Complain("faults", "an object");
      command->faults = fields->Take("faults");
      break;
    case ControlKind::kDisconnect:
      if (fields->Has("seconds")) {
        double seconds = 0;
        fields->Number("seconds", &seconds);
        command->pause = absl::Seconds(seconds);
      }
      break;
    case ControlKind::kRate:
      if (!fields->Has("packets_per_second")) {
        fields->Complain("packets_per_second", "a number from 0 up");
      }
      fields->Number("packets_per_second", &command->rate);
      break;
    case ControlKind::kBurst:
      fields->Count("count", &command->count, std::numeric_limits<uint32_t>::max());
      if (command->count == 0) fields->Complain("count", "a whole number from 1 up");
      fields->Text("sink", &command->sink_id);
      break;
    case ControlKind::kUplink:
      fields->Text("sink", &command->sink_id);
      TakeUplink(fields, &command->uplink);
      break;
    case ControlKind::kClearFaults:
    case ControlKind::kStop:
    case ControlKind::kStart:
    case ControlKind::kRemove:
    case ControlKind::kStatus:
      break;
  }
}

}  // namespace

absl::Status ParseControl(std::string_view payload, ControlCommand* command) {
  constexpr bool kNoExceptions = false;
  Json json = Json::parse(payload.begin(), payload.end(), nullptr, kNoExceptions);
  if (!json.is_object()) return absl::InvalidArgumentError("not a JSON object");
  Fields fields(std::move(json));
  command->id = fields.Take("id");
  fields.Text("command", &command->name);
  const KindName* found = nullptr;
  for (const KindName& kind : kKinds) {
    if (command->name == kind.name) found = &kind;
  }
  if (found == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("no command is called \"", command->name, "\""));
  }
  command->kind = found->kind;
  TakeArguments(&fields, command);
  return fields.Finish();
}

}  // namespace wirepas_grpc::sim
