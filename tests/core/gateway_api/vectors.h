// SPDX-License-Identifier: Apache-2.0
//
// The files of tests/vectors: messages as bytes, with all their fields.
#ifndef WIREPAS_GRPC_TESTS_CORE_GATEWAY_API_VECTORS_H_
#define WIREPAS_GRPC_TESTS_CORE_GATEWAY_API_VECTORS_H_

#include <map>
#include <string>
#include <vector>

namespace wirepas_grpc::core {

struct Vector {
  std::string name;
  std::string message;                        // the field of WirepasMessage, "send_packet_req"
  std::string bytes;                          // of the GenericMessage
  std::map<std::string, std::string> fields;  // of that field, as FieldsOf() tells them
};

// Empty when the file cannot be read or is not such a file.
std::vector<Vector> ReadVectors(const std::string& path);

// The content of the file with the Samples() of this project.
std::string SamplesAsVectors();

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_GATEWAY_API_VECTORS_H_
