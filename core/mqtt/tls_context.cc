// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/tls_context.h"

#include <openssl/err.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace wirepas_grpc::core {
namespace {

absl::Status Unusable(absl::string_view what, const std::string& named) {
  const std::string said = TakeSslErrorText();
  return absl::InvalidArgumentError(
      absl::StrCat("cannot use ", what, " ", named, ": ", said.empty() ? "unknown error" : said));
}

// Without it OpenSSL asks on the terminal for the password of an encrypted key.
int NoPassword(char*, int, int, void*) { return 0; }

}  // namespace

std::string TakeSslErrorText() {
  std::string text;
  while (const unsigned long error = ERR_get_error()) {  // NOLINT: OpenSSL's type
    // What failed first is nearest to the cause; the rest says who asked for it.
    if (!text.empty()) continue;
    const char* reason = ERR_reason_error_string(error);
    text = reason != nullptr ? reason : absl::StrCat("error ", absl::Hex(error));
  }
  return text;
}

std::string CipherList(const BrokerOptions& options) {
  if (!options.at_least_tls12) return options.ciphers;
  // Paho does not set a version where OpenSSL is 1.1 or newer. Without a cipher that they know,
  // older versions cannot be agreed on.
  return absl::StrCat(options.ciphers.empty() ? "DEFAULT" : options.ciphers, ":!SSLv3:!TLSv1.0");
}

absl::StatusOr<SslContext> MakeSslContext(const BrokerOptions& options) {
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return absl::InternalError(TakeSslErrorText());
  SSL_CTX* ssl = context.get();
  if (options.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(ssl);
  } else if (SSL_CTX_load_verify_locations(ssl, options.ca_file.c_str(), nullptr) != 1) {
    return Unusable("the CA file", options.ca_file);
  }
  if (options.client_cert.empty() != options.client_key.empty()) {
    return absl::InvalidArgumentError("a client certificate and its key go together");
  }
  if (!options.client_cert.empty()) {
    SSL_CTX_set_default_passwd_cb(ssl, NoPassword);
    if (SSL_CTX_use_certificate_chain_file(ssl, options.client_cert.c_str()) != 1) {
      return Unusable("the client certificate", options.client_cert);
    }
    if (SSL_CTX_use_PrivateKey_file(ssl, options.client_key.c_str(), SSL_FILETYPE_PEM) != 1) {
      return Unusable("the client key", options.client_key);
    }
  }
  const std::string ciphers = CipherList(options);
  if (!ciphers.empty() && SSL_CTX_set_cipher_list(ssl, ciphers.c_str()) != 1) {
    return Unusable("the ciphers", ciphers);
  }
  SSL_CTX_set_verify(ssl, options.allow_untrusted ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  return context;
}

}  // namespace wirepas_grpc::core
