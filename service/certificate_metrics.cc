// SPDX-License-Identifier: Apache-2.0
#include "service/certificate_metrics.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "service/option_values.h"

namespace wirepas_grpc::service {
namespace {

// A system's whole set of certificates is half of it.
constexpr size_t kMaxFileBytes = 1 << 20;

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

std::optional<double> EndOf(const X509& certificate) {
  tm end = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &end) != 1) return std::nullopt;
  return static_cast<double>(timegm(&end));
}

// When those in a PEM file end: the first of a chain, the last of authorities.
std::optional<double> EndOf(const CertificateFile& file) {
  const absl::StatusOr<std::string> text = ReadSmallFile(file.path, kMaxFileBytes);
  if (!text.ok()) return std::nullopt;
  const std::unique_ptr<BIO, Free<BIO_free_all>> bio(
      BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
  std::optional<double> all;
  while (true) {
    const std::unique_ptr<X509, Free<X509_free>> certificate(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) break;
    const std::optional<double> end = EndOf(*certificate);
    if (!end.has_value()) continue;
    const double so_far = all.value_or(*end);
    all = file.authorities ? std::max(so_far, *end) : std::min(so_far, *end);
  }
  ERR_clear_error();  // the end of the file is one
  return all;
}

}  // namespace

std::vector<CertificateFile> CertificateFilesOf(const ServiceOptions& options) {
  std::vector<CertificateFile> files = {{"tls_cert", options.tls_cert, false, {}},
                                        {"tls_client_ca", options.tls_client_ca, true, {}},
                                        {"mqtt_ca_certs", options.mqtt_ca_certs, true, {}},
                                        {"mqtt_client_crt", options.mqtt_client_crt, false, {}}};
  std::erase_if(files, [](const auto& file) { return file.path.empty(); });
  for (CertificateFile& file : files) {
    if (absl::StartsWith(file.option, "tls_")) file.end = EndOf(file);
  }
  return files;
}

void AddCertificateMetrics(const std::vector<CertificateFile>& files, MetricFamilies* families) {
  auto ends = GaugeFamily(
      "wirepas_grpc_certificate_expiry_timestamp_seconds",
      "When the certificates that the service uses end, in seconds since 1970, by the option that "
      "names their file: the first of a chain, the last of authorities");
  for (const CertificateFile& file : files) {
    const std::optional<double> end = file.end.has_value() ? file.end : EndOf(file);
    if (end.has_value()) AddValue(*end, {{"option", file.option}}, &ends);
  }
  families->push_back(std::move(ends));
}

}  // namespace wirepas_grpc::service
