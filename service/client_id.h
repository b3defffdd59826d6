// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_CLIENT_ID_H_
#define WIREPAS_GRPC_SERVICE_CLIENT_ID_H_

#include <string>

namespace wirepas_grpc::service {

// An MQTT client id that nobody else has: 23 characters, which every broker takes.
std::string RandomClientId();

// Of the connection for requests, beside the one whose session the broker keeps.
std::string RequestsClientId(const std::string& client_id);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_CLIENT_ID_H_
