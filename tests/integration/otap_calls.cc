// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/otap_calls.h"

#include "tests/simulator/scratchpad_header.h"

namespace wirepas_grpc::integration {

std::string OtapFile(size_t size) {
  std::string content(size - sim::ScratchpadFile("").size(), '\0');
  uint32_t state = 12345;
  for (char& byte : content) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return sim::ScratchpadFile(content);
}

std::map<SinkId, mesh::SinkLoad> Loaded::sinks() const {
  std::map<SinkId, mesh::SinkLoad> sinks;
  for (const mesh::SinkLoad& sink : summary.sinks()) sinks[IdOf(sink.sink())] = sink;
  return sinks;
}

Loaded ReadLoad(LoadReader* reader) {
  Loaded loaded;
  while (std::optional<mesh::LoadScratchpadResponse> response = reader->Next()) {
    if (response->has_summary()) loaded.summary = response->summary();
    loaded.responses.push_back(*std::move(response));
  }
  loaded.status = reader->WaitForEnd().value_or(grpc::Status(StatusCode::ABORTED, "no end"));
  return loaded;
}

Loaded Load(OtapStub* stub, const mesh::LoadScratchpadRequest& request) {
  LoadReader reader(stub, &OtapStub::LoadScratchpad, request);
  return ReadLoad(&reader);
}

uint64_t ReadUntilUnderWay(LoadReader* reader) {
  while (const std::optional<mesh::LoadScratchpadResponse> response = reader->Next()) {
    for (const mesh::SinkLoad& sink : response->sinks()) {
      if (sink.accepted_bytes() > 0) return response->load_id();
    }
  }
  ADD_FAILURE() << "no sink has a chunk";
  return 0;
}

std::map<SinkId, mesh::SinkScratchpad> Scratchpads(OtapStub* stub) {
  const auto result =
      Call(stub, &OtapStub::ListScratchpads, OfNetwork<mesh::ListScratchpadsRequest>());
  EXPECT_TRUE(IsOk(result.status));
  std::map<SinkId, mesh::SinkScratchpad> sinks;
  for (const mesh::SinkScratchpad& sink : result.response.sinks()) sinks[IdOf(sink.sink())] = sink;
  return sinks;
}

}  // namespace wirepas_grpc::integration
