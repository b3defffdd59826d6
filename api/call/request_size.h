// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_REQUEST_SIZE_H_
#define WIREPAS_GRPC_API_CALL_REQUEST_SIZE_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/zero_copy_stream.h"

namespace wirepas_grpc::api {

// The bytes of a request but for its payload: what it has in a field of bytes that is there
// once, as a scratchpad is. The largest lists that requests may have are half of it.
inline constexpr size_t kMaxRequestBytes = 512 << 10;
// The fields of a request, those of messages in it included. Each costs memory when it is
// decoded, up to a hundred times of what it is on the wire.
inline constexpr size_t kMaxRequestFields = 65536;
// The same of a message of a stream of requests.
inline constexpr size_t kMaxStreamedFields = 1024;

// About how much memory the request takes when it is decoded, in bytes. RESOURCE_EXHAUSTED: it
// is beyond the bounds, which are looked at without decoding it. What is no request at
// all is measured as far as it goes; decoding finds out.
absl::StatusOr<size_t> MeasureRequest(const google::protobuf::Descriptor& type, size_t size,
                                      google::protobuf::io::ZeroCopyInputStream* bytes,
                                      size_t max_fields = kMaxRequestFields);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_REQUEST_SIZE_H_
