// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_REFERENCE_MAN_PAGE_H_
#define WIREPAS_GRPC_SERVICE_REFERENCE_MAN_PAGE_H_

#include <string>
#include <vector>

#include "service/reference/command.h"

namespace wirepas_grpc::service::reference {

// The manual page wirepas-grpcd(8), in the man macros of roff. The paths in it are those of the
// Debian package.
std::string ManPage(const std::string& version, const std::vector<ShownOption>& service,
                    const std::vector<ShownOption>& health);

}  // namespace wirepas_grpc::service::reference

#endif  // WIREPAS_GRPC_SERVICE_REFERENCE_MAN_PAGE_H_
