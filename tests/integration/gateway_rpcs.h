// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_GATEWAY_RPCS_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_GATEWAY_RPCS_H_

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/integration/expect.h"
#include "tests/integration/programs.h"

namespace wirepas_grpc::integration {

// An RPC that asks one gateway, with a request that is good but for whom it names:
// for what holds for all of them.
struct GatewayRpc {
  using Make =
      std::function<grpc::Status(mesh::NetworkService::Stub*, grpc::ClientContext*,
                                 const std::string& gateway_id, const std::string& sink_id)>;

  std::string name;     // of the RPC
  std::string request;  // on the broker, and in the simulator's faults
  bool names_sink = false;
  Make make;

  grpc::Status Run(mesh::NetworkService::Stub* stub, const std::string& gateway_id,
                   const std::string& sink_id, absl::Duration deadline) const {
    grpc::ClientContext context;
    SetDeadline(&context, deadline);
    grpc::Status status = make(stub, &context, gateway_id, sink_id);
    ExpectGoodEnd(status);
    return status;
  }
};

// As gtest prints it.
inline void PrintTo(const GatewayRpc& rpc, std::ostream* out) { *out << rpc.name; }

// All that are answered by a gateway, streams included as far as they are one request
// (UploadScratchpad, in one chunk).
const std::vector<GatewayRpc>& GatewayRpcs();
const GatewayRpc& FindGatewayRpc(const std::string& name);

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_GATEWAY_RPCS_H_
