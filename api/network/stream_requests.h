// SPDX-License-Identifier: Apache-2.0
//
// The messages of SendMessages as bytes: requests are measured before they are decoded.
#ifndef WIREPAS_GRPC_API_NETWORK_STREAM_REQUESTS_H_
#define WIREPAS_GRPC_API_NETWORK_STREAM_REQUESTS_H_

#include "absl/status/status.h"
#include "api/call/namespaces.h"
#include "grpcpp/support/byte_buffer.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {

// RESOURCE_EXHAUSTED: it is larger, or has more fields, than may be. INVALID_ARGUMENT: it is none.
absl::Status DecodeRequest(grpc::ByteBuffer* bytes, mesh::SendMessagesRequest* request);

grpc::ByteBuffer EncodeResponse(const mesh::SendMessagesResponse& response);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_STREAM_REQUESTS_H_
