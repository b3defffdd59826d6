// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_FILE_LIMIT_H_
#define WIREPAS_GRPC_SERVICE_FILE_LIMIT_H_

#include <cstddef>

namespace wirepas_grpc::service {

// How many descriptors the process may have open.
size_t FileLimit();

// Raises that to the most that the process may set itself, and says so in a line of the log.
void RaiseFileLimit();

// What else takes descriptors.
struct OtherFiles {
  bool metrics = false;
  bool state = false;
};

// The connections of clients that `file_limit` leaves room for beside the rest: the broker's,
// the log, and what `other` says. A quarter of the limit, at least, where it is very low; what
// the rest then lacks it lacks.
size_t ConnectionsThatFit(size_t file_limit, const OtherFiles& other);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_FILE_LIMIT_H_
