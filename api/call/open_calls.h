// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_OPEN_CALLS_H_
#define WIREPAS_GRPC_API_CALL_OPEN_CALLS_H_

#include "absl/time/time.h"

namespace wirepas_grpc::api {

// How many unary calls wait for something, of all services of the process: what its end waits
// for, as it does for the streams of a StreamRegistry. Thread-safe.
class OpenCalls {
 public:
  static void Add();
  static void Remove();
  // Waits until there are none. False: there are after `limit`.
  static bool AwaitNone(absl::Duration limit);
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_OPEN_CALLS_H_
