// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_CLIENT_BOUNDS_H_
#define WIREPAS_GRPC_SERVICE_CLIENT_BOUNDS_H_

#include "grpcpp/server_builder.h"
#include "service/connection_table.h"
#include "service/options.h"

namespace wirepas_grpc::service {

// What clients can take of this process, whatever they do.

// Says in the log when the system allows fewer connections than the options.
ConnectionTable::Limits ConnectionLimitsOf(const ServiceOptions& options);

// What gRPC sees to.
void BoundClients(const ServiceOptions& options, grpc::ServerBuilder* builder);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_CLIENT_BOUNDS_H_
