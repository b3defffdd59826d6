// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_CREDENTIALS_H_
#define WIREPAS_GRPC_SERVICE_CREDENTIALS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "grpcpp/security/server_credentials.h"
#include "service/options.h"

namespace wirepas_grpc::service {

// Credentials for every listening address, as tls_cert, tls_key and tls_client_ca
// say; without tls_cert connections are not encrypted. With tls_client_ca a client
// must present a certificate that leads to one of it.
//
// The files are read once, here. Fails, naming option and file, when one cannot be
// read, is no PEM of its kind, is encrypted, or the key is not the certificate's:
// gRPC itself would only fail handshakes later, without a word.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const ServiceOptions& options);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_CREDENTIALS_H_
