// SPDX-License-Identifier: Apache-2.0
//
// The end of the service by SIGTERM for what goes on in steps: uploads, loads, changes of many
// sinks.
#include <signal.h>

#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/otap_calls.h"
#include "tests/integration/shutdown_fixture.h"
#include "tests/integration/stream_reader.h"
#include "wirepas/mesh/v1/app_config_service.grpc.pb.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;

constexpr auto kUnknown = mesh::REQUEST_OUTCOME_UNKNOWN;

class ShutdownUploadTest : public ShutdownTest {
 protected:
  void Start(const std::string& grace) {
    ASSERT_NO_FATAL_FAILURE(ShutdownTest::Start(grace, {"--gateways", "1", "--sinks", "2", "--rate",
                                                        "0", "--max_scratchpad_size", "1000"}));
    // Slow enough that the end comes in the middle.
    ASSERT_NO_FATAL_FAILURE(SetFaults({{"answer_delay_ms", 500}}));
  }
};

TEST_F(ShutdownUploadTest, AnUploadUnderWayIsDoneWithinTheGrace) {
  ASSERT_NO_FATAL_FAILURE(Start("60s"));
  auto request = To<mesh::UploadScratchpadRequest>(kGateway, kSink);
  request.set_sequence(42);
  request.set_scratchpad(OtapFile(4500));
  StreamReader<mesh::UploadScratchpadResponse> upload(stub(), &Stub::UploadScratchpad, request);
  ASSERT_TRUE(upload.Next().has_value());
  stack_->service().process().Signal(SIGTERM);
  std::optional<mesh::UploadScratchpadResponse> last;
  while (auto response = upload.Next()) last = response;
  ASSERT_TRUE(last.has_value());
  EXPECT_TRUE(last->done());
  EXPECT_TRUE(IsOk(*upload.WaitForEnd()));
  EXPECT_EQ(peer_->messages().size(), 5u);
  ExpectGoodEnd();
}

TEST_F(ShutdownUploadTest, AnUploadBeyondTheGraceIsUnknown) {
  ASSERT_NO_FATAL_FAILURE(Start("1s"));
  auto request = To<mesh::UploadScratchpadRequest>(kGateway, kSink);
  request.set_sequence(42);
  request.set_scratchpad(OtapFile(50000));
  StreamReader<mesh::UploadScratchpadResponse> upload(stub(), &Stub::UploadScratchpad, request);
  ASSERT_TRUE(upload.Next().has_value());
  stack_->service().process().Signal(SIGTERM);
  const auto status = upload.WaitForEnd();
  ASSERT_TRUE(status.has_value());
  ExpectFailure(*status, StatusCode::DEADLINE_EXCEEDED,
                {"shut", kGateway, kSink, mesh::RESULT_CODE_UNSPECIFIED, true, kUnknown});
  ExpectGoodEnd();
}

TEST_F(ShutdownUploadTest, ALoadBeyondTheGraceTellsItsSummary) {
  ASSERT_NO_FATAL_FAILURE(Start("2s"));
  auto request = OfNetwork<mesh::LoadScratchpadRequest>();
  request.set_scratchpad(OtapFile(50000));
  request.set_sequence(42);
  request.set_max_concurrent(1);
  LoadReader load(stack_->service().otap_stub(), &OtapStub::LoadScratchpad, request);
  ASSERT_NE(ReadUntilUnderWay(&load), 0u);
  stack_->service().process().Signal(SIGTERM);
  const Loaded loaded = ReadLoad(&load);
  ExpectFailure(loaded.status, StatusCode::DEADLINE_EXCEEDED,
                {"shut down", "", "", mesh::RESULT_CODE_UNSPECIFIED, false, kUnknown});
  ASSERT_EQ(loaded.summary.sinks_size(), 2);
  EXPECT_GT(loaded.summary.sinks(0).accepted_bytes(), 0u);
  EXPECT_EQ(loaded.summary.sinks(1).accepted_bytes(), 0u);
  ExpectGoodEnd();
}

TEST_F(ShutdownTest, AnUpdateOfAppConfigsGoesOn) {
  ASSERT_NO_FATAL_FAILURE(Start("60s", {"--gateways", "40", "--sinks", "1", "--rate", "0"}));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"answer_delay_ms", 700}}));
  auto request = OfNetwork<mesh::UpdateAppConfigRequest>();
  request.set_override_non_tlv(true);
  mesh::AppConfigEntry* entry = request.add_set_entries();
  entry->set_type(7);
  entry->set_value("Y");
  const auto stub = mesh::AppConfigService::NewStub(stack_->service().NewChannel());
  AsyncCall<mesh::UpdateAppConfigResponse> update(
      stub.get(), &mesh::AppConfigService::Stub::UpdateAppConfig, request, absl::Hours(1));
  // As many as are changed at a time; the others' turn comes later.
  ASSERT_TRUE(Eventually([&] {
    size_t changes = 0;
    for (const MqttPeer::Message& message : peer_->messages()) {
      changes += message.topic.find("/set_config/") != std::string::npos ? 1 : 0;
    }
    return changes > 0;
  }));
  stack_->service().process().Signal(SIGTERM);
  const auto result = update.Get();
  ASSERT_TRUE(IsOk(result.status));
  EXPECT_EQ(result.response.changes_size(), 40);
  EXPECT_TRUE(result.response.complete()) << result.response.ShortDebugString();
  ExpectGoodEnd();
}

}  // namespace
}  // namespace wirepas_grpc::integration
