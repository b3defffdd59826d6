// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_LIBRARY_LOGS_H_
#define WIREPAS_GRPC_SERVICE_LIBRARY_LOGS_H_

namespace wirepas_grpc::service {

// What gRPC, protobuf and the MQTT library print goes to the log instead, at a bounded rate. What
// gRPC calls an error is a warning here: mostly a client that does not speak its protocol.
// GRPC_VERBOSITY says how much gRPC has to say; without it, errors. Once, after SetUpLogging().
void RouteLibraryLogs();

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_LIBRARY_LOGS_H_
