// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_OPTION_CHECKS_H_
#define WIREPAS_GRPC_SERVICE_OPTION_CHECKS_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "service/options.h"

namespace wirepas_grpc::service {

// Looks at options together, once each has been read. `given` has the names of
// those that were given at all. Fills in what depends on others: the port, the
// client id, the password from its file. The error is a whole message that names
// the options.
absl::Status CompleteOptions(const std::set<std::string>& given, ServiceOptions* options);

// What is allowed and rarely meant: TLS without checks, an open control of the
// network. One line each.
std::vector<std::string> OptionWarnings(const ServiceOptions& options);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_OPTION_CHECKS_H_
