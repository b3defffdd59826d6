// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_HEALTH_COMMAND_H_
#define WIREPAS_GRPC_SERVICE_HEALTH_COMMAND_H_

namespace wirepas_grpc::service {

// `wirepas-grpcd health`: asks a running service for its health, for probes that run a command:
// over TCP, TLS or a Unix socket. `argv[0]` is "health". Prints the state. The exit code is 0 when
// it serves, 1 when it does not or cannot be asked, 2 for a wrong option.
int RunHealthCommand(int argc, char** argv);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_HEALTH_COMMAND_H_
