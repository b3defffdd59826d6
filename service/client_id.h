// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_CLIENT_ID_H_
#define WIREPAS_GRPC_SERVICE_CLIENT_ID_H_

#include <string>

#include "absl/strings/string_view.h"

namespace wirepas_grpc::service {

// An MQTT client id that nobody else has: 23 characters, which every broker takes.
std::string RandomClientId();

// The same for each service on this host, of letters, digits, - and _: what every broker
// takes. NATS refuses a dot.
std::string HostClientId(absl::string_view host_name);

// Of the connection for requests, beside the one whose session the broker keeps: how it
// begins.
std::string RequestsClientId(const std::string& client_id);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_CLIENT_ID_H_
