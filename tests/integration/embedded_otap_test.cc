// SPDX-License-Identifier: Apache-2.0
//
// Scratchpads for a gateway made with wpc_proto of c-mesh-api: it states how much it
// takes in a request, and no features.
#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/otap_calls.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;
using UploadReader = StreamReader<mesh::UploadScratchpadResponse>;

constexpr size_t kRequestSize = 1024;
constexpr size_t kSize = 5000;

class EmbeddedOtapTest : public SharedStack<EmbeddedOtapTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {"--profile", "embedded", "--gateways", "2", "--sinks", "1", "--rate", "0"};
    return options;
  }

 protected:
  static OtapStub* otap() { return stack().service().otap_stub(); }
};

TEST_F(EmbeddedOtapTest, OneSinkIsLoadedInChunks) {
  const auto spy = stack().NewPeer({"gw-request/otap_load_scratchpad/#"});
  const std::string file = OtapFile(kSize);
  auto request = To<mesh::UploadScratchpadRequest>(kGateway, kSink);
  request.set_sequence(42);
  request.set_scratchpad(file);
  UploadReader reader(stub(), &Stub::UploadScratchpad, request);
  while (reader.Next().has_value()) {
  }
  ASSERT_TRUE(IsOk(reader.WaitForEnd().value_or(grpc::Status(StatusCode::ABORTED, "no end"))));
  std::string sent;
  while (sent.size() < file.size()) {
    const auto message = spy->Take([](const MqttPeer::Message&) { return true; });
    ASSERT_TRUE(message.ok()) << message.status();
    const gw::WirepasMessage chunk = Decoded(message->payload);
    EXPECT_LE(chunk.upload_scratchpad_req().scratchpad().size(), kRequestSize);
    sent += chunk.upload_scratchpad_req().scratchpad();
  }
  EXPECT_EQ(sent, file);
  EXPECT_EQ(Scratchpads(otap())[SinkId(kGateway, kSink)].status().stored().sequence(), 42u);
}

TEST_F(EmbeddedOtapTest, AllSinksAreLoadedInChunks) {
  auto request = OfNetwork<mesh::LoadScratchpadRequest>();
  request.set_scratchpad(OtapFile(kSize));
  request.set_sequence(43);
  const Loaded loaded = Load(otap(), request);
  ASSERT_TRUE(IsOk(loaded.status));
  EXPECT_EQ(loaded.summary.done_count(), 2u) << loaded.summary.ShortDebugString();
  for (const auto& [id, sink] : Scratchpads(otap())) {
    EXPECT_EQ(sink.status().stored().sequence(), 43u) << id.first;
    EXPECT_EQ(sink.status().stored().length(), kSize) << id.first;
  }
}

// What fits goes in one request.
TEST_F(EmbeddedOtapTest, SmallScratchpadNeedsNoChunks) {
  const auto spy = stack().NewPeer({"gw-request/otap_load_scratchpad/#"});
  auto request = To<mesh::UploadScratchpadRequest>(kOtherGateway, kSink);
  request.set_sequence(44);
  request.set_scratchpad(OtapFile(kRequestSize));
  UploadReader reader(stub(), &Stub::UploadScratchpad, request);
  while (reader.Next().has_value()) {
  }
  ASSERT_TRUE(IsOk(reader.WaitForEnd().value_or(grpc::Status(StatusCode::ABORTED, "no end"))));
  const auto message = spy->Take([](const MqttPeer::Message&) { return true; });
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(Decoded(message->payload).upload_scratchpad_req().scratchpad().size(), kRequestSize);
}

}  // namespace
}  // namespace wirepas_grpc::integration
