// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_CLIENT_ID_H_
#define WIREPAS_GRPC_SERVICE_CLIENT_ID_H_

#include <string>

namespace wirepas_grpc::service {

// An MQTT client id that nobody else has: 23 characters, which every broker takes.
std::string RandomClientId();

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_CLIENT_ID_H_
