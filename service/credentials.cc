// SPDX-License-Identifier: Apache-2.0
#include "service/credentials.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/option_values.h"

namespace wirepas_grpc::service {
namespace {

constexpr size_t kMaxPemBytes = 4 << 20;

template <typename T, void (*kFree)(T*)>
struct Deleter {
  void operator()(T* object) const { kFree(object); }
};
using Certificate = std::unique_ptr<X509, Deleter<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY, EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO, BIO_free_all>>;

absl::Status Bad(absl::string_view option, const std::string& path, absl::string_view what) {
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::StrCat("--", option, ": ", ShownValue(path), " ", what));
}

absl::StatusOr<std::string> Read(absl::string_view option, const std::string& path) {
  absl::StatusOr<std::string> content = ReadSmallFile(path, kMaxPemBytes);
  if (content.ok()) return content;
  return absl::InvalidArgumentError(absl::StrCat("--", option, ": ", content.status().message()));
}

// OpenSSL asks on the terminal for the password of an encrypted key unless told
// not to.
int NoPassword(char*, int, int, void*) { return -1; }

Bio MemoryBio(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// The first certificate of a PEM text, or null.
Certificate FirstCertificate(const std::string& pem) {
  return Certificate(PEM_read_bio_X509(MemoryBio(pem).get(), nullptr, NoPassword, nullptr));
}

absl::Status CheckPair(const ServiceOptions& options, const std::string& cert,
                       const std::string& key) {
  const Certificate certificate = FirstCertificate(cert);
  if (certificate == nullptr) {
    return Bad("tls_cert", options.tls_cert, "has no certificate, expected PEM");
  }
  const Key private_key(
      PEM_read_bio_PrivateKey(MemoryBio(key).get(), nullptr, NoPassword, nullptr));
  if (private_key == nullptr) {
    return Bad("tls_key", options.tls_key,
               "has no key that can be read, expected PEM without a password");
  }
  if (X509_check_private_key(certificate.get(), private_key.get()) != 1) {
    return Bad("tls_key", options.tls_key,
               absl::StrCat("is not the key of the certificate in ", ShownValue(options.tls_cert)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const ServiceOptions& options) {
  if (options.tls_cert.empty()) return grpc::InsecureServerCredentials();
  absl::StatusOr<std::string> cert = Read("tls_cert", options.tls_cert);
  if (!cert.ok()) return cert.status();
  absl::StatusOr<std::string> key = Read("tls_key", options.tls_key);
  if (!key.ok()) return key.status();
  if (absl::Status status = CheckPair(options, *cert, *key); !status.ok()) return status;

  grpc::SslServerCredentialsOptions ssl;
  ssl.pem_key_cert_pairs.push_back({*std::move(key), *std::move(cert)});
  if (!options.tls_client_ca.empty()) {
    absl::StatusOr<std::string> client_ca = Read("tls_client_ca", options.tls_client_ca);
    if (!client_ca.ok()) return client_ca.status();
    if (FirstCertificate(*client_ca) == nullptr) {
      return Bad("tls_client_ca", options.tls_client_ca, "has no certificate, expected PEM");
    }
    ssl.pem_root_certs = *std::move(client_ca);
    ssl.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return grpc::SslServerCredentials(ssl);
}

}  // namespace wirepas_grpc::service
