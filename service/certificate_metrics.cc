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

// Of the certificates in a PEM file, the one that ends first.
std::optional<double> FirstEnd(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadSmallFile(path, kMaxFileBytes);
  if (!text.ok()) return std::nullopt;
  const std::unique_ptr<BIO, Free<BIO_free_all>> bio(
      BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
  std::optional<double> first;
  while (true) {
    const std::unique_ptr<X509, Free<X509_free>> certificate(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) break;
    const std::optional<double> end = EndOf(*certificate);
    if (end.has_value()) first = std::min(first.value_or(*end), *end);
  }
  ERR_clear_error();  // the end of the file is one
  return first;
}

}  // namespace

CertificateFiles CertificateFilesOf(const ServiceOptions& options) {
  CertificateFiles files = {{"tls_cert", options.tls_cert},
                            {"tls_client_ca", options.tls_client_ca},
                            {"mqtt_ca_certs", options.mqtt_ca_certs},
                            {"mqtt_client_crt", options.mqtt_client_crt}};
  std::erase_if(files, [](const auto& file) { return file.second.empty(); });
  return files;
}

void AddCertificateMetrics(const CertificateFiles& files, MetricFamilies* families) {
  auto ends = GaugeFamily("wirepas_grpc_certificate_expiry_timestamp_seconds",
                          "When the first certificate in the file ends, in seconds since 1970, by "
                          "the option that names the file");
  for (const auto& [option, path] : files) {
    if (const std::optional<double> end = FirstEnd(path)) {
      AddValue(*end, {{"option", option}}, &ends);
    }
  }
  families->push_back(std::move(ends));
}

}  // namespace wirepas_grpc::service
