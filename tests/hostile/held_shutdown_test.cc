// SPDX-License-Identifier: Apache-2.0
//
// A client that takes nothing can hold up the end of the service for its grace, and nobody else.
#include <signal.h>

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/base/instant.h"
#include "gtest/gtest.h"
#include "tests/hostile/http2.h"
#include "tests/hostile/raw_connection.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"

namespace wirepas_grpc::hostile {
namespace {

using integration::AsyncCall;
using integration::Eventually;
using integration::IsOk;
using integration::kBound;
using integration::kGateway;
using integration::kSink;
using integration::Stack;
namespace mesh = integration::mesh;

constexpr absl::Duration kGrace = absl::Seconds(4);

// An upload over a connection with a window of 0: the gateway has it, and its end cannot be told.
void UploadAndTakeNothing(RawConnection* connection) {
  constexpr uint16_t kInitialWindowSize = 4;
  mesh::UploadScratchpadRequest request;
  request.set_gateway_id(kGateway);
  request.set_sink_id(kSink);
  request.set_sequence(7);
  request.set_scratchpad("a scratchpad");
  const std::string bytes = request.SerializeAsString();
  CallWriter calls("/wirepas.mesh.v1.NetworkService/UploadScratchpad");
  const std::string open = calls.Open();
  connection->Send(
      absl::StrCat(Preface(), SettingsAck(),
                   Frame(kSettings, kNoFlags, 0, Setting(kInitialWindowSize, 0)), open,
                   Frame(kData, kEndStream, calls.stream(),
                         absl::StrCat(MessageHead(static_cast<uint32_t>(bytes.size())), bytes))),
      kBound);
}

TEST(HeldShutdownTest, EndsWithTheGraceAndOthersAreAnswered) {
  Stack::Options options;
  options.service = {"--shutdown_grace", absl::FormatDuration(kGrace)};
  Stack stack(std::move(options));
  ASSERT_TRUE(IsOk(stack.Start()));
  const auto peer = stack.NewPeer({"gw-request/#"});
  const auto sent = [&](const std::string& name) {
    return Eventually([&] {
      for (const auto& message : peer->messages()) {
        if (absl::StrContains(message.topic, name)) return true;
      }
      return false;
    });
  };
  RawConnection holding(stack.service().port());
  UploadAndTakeNothing(&holding);
  ASSERT_TRUE(sent("/otap_load_scratchpad/"));
  ASSERT_TRUE(IsOk(stack.SetFaults("all", {{"answer_delay_ms", 1000}})));
  AsyncCall<mesh::SendMessageResponse> call(stack.stub(), &mesh::NetworkService::Stub::SendMessage,
                                            integration::SendRequest(kGateway, kSink));
  ASSERT_TRUE(sent("/send_data/"));
  const core::Instant begin = core::Instant::Now();
  stack.service().process().Signal(SIGTERM);
  EXPECT_TRUE(IsOk(call.Get().status));
  EXPECT_EQ(stack.service().process().Wait(kBound), 0);
  const absl::Duration took = core::Instant::Now() - begin;
  // It was held. Beyond the grace the service promises 4 s; 20 more are for a busy machine.
  EXPECT_GE(took, kGrace - absl::Seconds(1));
  EXPECT_LT(took, kGrace + absl::Seconds(4 + 20));
}

}  // namespace
}  // namespace wirepas_grpc::hostile
