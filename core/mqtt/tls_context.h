// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_TLS_CONTEXT_H_
#define WIREPAS_GRPC_CORE_MQTT_TLS_CONTEXT_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/mqtt/broker_options.h"

namespace wirepas_grpc::core {

struct SslContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextDeleter>;

// What TLS up to 1.2 may use, as an OpenSSL list; empty: OpenSSL's own.
std::string CipherList(const BrokerOptions& options);

// Loads the certificates and the key that the options name, and limits the ciphers to
// theirs. INVALID_ARGUMENT says which of them is missing or unusable, and why.
absl::StatusOr<SslContext> MakeSslContext(const BrokerOptions& options);

// The newest text of this thread's OpenSSL error queue, which is emptied; "" if
// there is none.
std::string TakeSslErrorText();

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_TLS_CONTEXT_H_
