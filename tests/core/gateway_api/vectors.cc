// SPDX-License-Identifier: Apache-2.0
#include "tests/core/gateway_api/vectors.h"

#include <fstream>

#include "absl/strings/escaping.h"
#include "core/gateway_api/codec.h"
#include "nlohmann/json.hpp"
#include "tests/core/gateway_api/fields.h"
#include "tests/core/gateway_api/samples.h"

namespace wirepas_grpc::core {

std::vector<Vector> ReadVectors(const std::string& path) {
  std::ifstream file(path);
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  std::vector<Vector> vectors;
  if (!json.is_array()) return vectors;
  for (const nlohmann::json& entry : json) {
    Vector vector;
    vector.name = entry.at("name");
    vector.message = entry.at("message");
    vector.bytes = absl::HexStringToBytes(std::string(entry.at("hex")));
    vector.fields = entry.at("fields");
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

std::string SamplesAsVectors() {
  nlohmann::ordered_json vectors = nlohmann::ordered_json::array();
  for (const Sample& sample : Samples()) {
    const auto& reflection = *sample.message.GetReflection();
    std::vector<const google::protobuf::FieldDescriptor*> set;
    reflection.ListFields(sample.message, &set);
    nlohmann::ordered_json entry;
    entry["name"] = sample.name;
    entry["message"] = set.at(0)->name();
    entry["hex"] = absl::BytesToHexString(Encode(sample.message));
    entry["fields"] = FieldsOf(reflection.GetMessage(sample.message, set.at(0)));
    vectors.push_back(std::move(entry));
  }
  return vectors.dump(1) + "\n";
}

}  // namespace wirepas_grpc::core
