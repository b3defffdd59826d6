// SPDX-License-Identifier: Apache-2.0
//
// Calls of OtapService and what comes of them, made short.
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_OTAP_CALLS_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_OTAP_CALLS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/expect.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"
#include "wirepas/mesh/v1/otap_service.grpc.pb.h"

namespace wirepas_grpc::integration {

using OtapStub = mesh::OtapService::Stub;
using LoadReader = StreamReader<mesh::LoadScratchpadResponse>;

// Gateway and sink: by it, results are found.
using SinkId = std::pair<std::string, std::string>;

inline SinkId IdOf(const mesh::SinkRef& sink) { return {sink.gateway_id(), sink.sink_id()}; }

// A request for all sinks of the simulator's network.
template <typename Request>
Request OfNetwork() {
  Request request;
  request.mutable_scope()->set_network_address(kNetwork);
  return request;
}

// A scratchpad file of so many bytes, header included.
std::string OtapFile(size_t size);

// A load that was read to its end.
struct Loaded {
  std::vector<mesh::LoadScratchpadResponse> responses;
  mesh::LoadSummary summary;  // empty when there was none
  grpc::Status status;

  std::map<SinkId, mesh::SinkLoad> sinks() const;
};
Loaded ReadLoad(LoadReader* reader);
Loaded Load(OtapStub* stub, const mesh::LoadScratchpadRequest& request);

// Reads on until some sink has a chunk; the load's id, 0 when none has.
uint64_t ReadUntilUnderWay(LoadReader* reader);

// What the sinks of the network report.
std::map<SinkId, mesh::SinkScratchpad> Scratchpads(OtapStub* stub);

// The codes of results by sink; 0 is OK.
template <typename Results>
std::map<SinkId, int> CodesOf(const Results& results) {
  std::map<SinkId, int> codes;
  for (const mesh::SinkResult& result : results) codes[IdOf(result.sink())] = result.error().code();
  return codes;
}

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_OTAP_CALLS_H_
