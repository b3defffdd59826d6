// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_REFERENCE_COMPLETION_H_
#define WIREPAS_GRPC_SERVICE_REFERENCE_COMPLETION_H_

#include <string>
#include <vector>

#include "service/reference/command.h"

namespace wirepas_grpc::service::reference {

// What makes a shell complete the command lines of wirepas-grpcd: names of options, values that
// are few words, names of files, folders, hosts and groups, and the health command.

// For bash. Needs nothing of the package bash-completion, which loads it if it is there.
std::string BashCompletion(const std::vector<ShownOption>& service,
                           const std::vector<ShownOption>& health);

// For zsh, as a function to be loaded.
std::string ZshCompletion(const std::vector<ShownOption>& service,
                          const std::vector<ShownOption>& health);

std::string FishCompletion(const std::vector<ShownOption>& service,
                           const std::vector<ShownOption>& health);

}  // namespace wirepas_grpc::service::reference

#endif  // WIREPAS_GRPC_SERVICE_REFERENCE_COMPLETION_H_
