// SPDX-License-Identifier: Apache-2.0
//
// Short names for the two worlds of messages that meet in this folder.
#ifndef WIREPAS_GRPC_API_CALL_NAMESPACES_H_
#define WIREPAS_GRPC_API_CALL_NAMESPACES_H_

namespace wirepas::mesh::v1 {}
namespace wirepas::proto::gateway_api {}

namespace wirepas_grpc::api {

namespace mesh = ::wirepas::mesh::v1;          // what clients speak
namespace gw = ::wirepas::proto::gateway_api;  // what gateways speak

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_NAMESPACES_H_
