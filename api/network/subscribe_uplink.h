// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_NETWORK_SUBSCRIBE_UPLINK_H_
#define WIREPAS_GRPC_API_NETWORK_SUBSCRIBE_UPLINK_H_

#include "api/call/engine.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace wirepas_grpc::api {

// SubscribeUplink, on the bytes of its messages: a response is put together from
// packets that are encoded already (uplink_encoder.h).
grpc::ServerWriteReactor<grpc::ByteBuffer>* SubscribeUplink(Engine* engine,
                                                            const grpc::ByteBuffer& request);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_SUBSCRIBE_UPLINK_H_
