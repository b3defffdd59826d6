// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_GATEWAY_API_FIELDS_H_
#define WIREPAS_GRPC_TESTS_CORE_GATEWAY_API_FIELDS_H_

#include <functional>
#include <map>
#include <string>

#include "google/protobuf/message.h"

namespace wirepas_grpc::core {

// Every field that is set, as text, by its path: "header.req_id" -> "7",
// "configs[1].sink_id" -> "sink1". Numbers and enums in decimal, bytes in hex. Two
// messages with equal fields are equal, also to a reader in another language.
std::map<std::string, std::string> FieldsOf(const google::protobuf::Message& message);

// Calls `visit` with each message that is set inside `message`, itself first, and its
// path ("" for itself).
void VisitMessages(
    google::protobuf::Message* message,
    const std::function<void(google::protobuf::Message*, const std::string& path)>& visit);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_GATEWAY_API_FIELDS_H_
