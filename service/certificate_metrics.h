// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_CERTIFICATE_METRICS_H_
#define WIREPAS_GRPC_SERVICE_CERTIFICATE_METRICS_H_

#include <optional>
#include <string>
#include <vector>

#include "service/metric_families.h"
#include "service/options.h"

namespace wirepas_grpc::service {

// A file of certificates that an operator has given.
struct CertificateFile {
  std::string option;  // that names it
  std::string path;
  // It holds those who may sign others' certificates, which are good while one of them is.
  bool authorities = false;
  // As it was when it was read at the start, in seconds since 1970; nothing: it is read again for
  // each connection, and so for each look at it.
  std::optional<double> end;
};

// To be called at the start, when the certificates for clients are read.
std::vector<CertificateFile> CertificateFilesOf(const ServiceOptions& options);

// When each ends. A file that cannot be read has no value.
void AddCertificateMetrics(const std::vector<CertificateFile>& files, MetricFamilies* families);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_CERTIFICATE_METRICS_H_
