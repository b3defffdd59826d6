// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_CERTIFICATE_METRICS_H_
#define WIREPAS_GRPC_SERVICE_CERTIFICATE_METRICS_H_

#include <string>
#include <utility>
#include <vector>

#include "service/metric_families.h"
#include "service/options.h"

namespace wirepas_grpc::service {

// The files of certificates that an operator has given, by the name of their option.
using CertificateFiles = std::vector<std::pair<std::string, std::string>>;
CertificateFiles CertificateFilesOf(const ServiceOptions& options);

// When the first certificate of each file ends, as the file is now. Reads the files; one that
// cannot be read has no value.
void AddCertificateMetrics(const CertificateFiles& files, MetricFamilies* families);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_CERTIFICATE_METRICS_H_
