// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_LOG_LIMITS_H_
#define WIREPAS_GRPC_API_CALL_LOG_LIMITS_H_

#include <cstddef>

namespace wirepas_grpc::api {

// What a response carries of a log at most; a single entry may be larger. Enough to
// make the cost of a response small against that of its entries, and far below the
// 4 MiB that clients take by default.
inline constexpr int kMaxEntries = 512;
inline constexpr size_t kMaxBytes = 256 << 10;

// How many entries a stream looks at before others have their turn.
inline constexpr size_t kMaxScan = 4096;

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_LOG_LIMITS_H_
