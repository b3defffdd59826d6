// SPDX-License-Identifier: Apache-2.0
//
// How requests to gateways fail: by what the gateway answers, by its silence, and
// for want of a gateway.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway_rpcs.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;

// What is published later arrives later: so makes a request that works, and expects
// that `peer` has heard of no other before.
void ExpectNothingBeforeNextRequest(Stub* stub, MqttPeer* peer) {
  ASSERT_TRUE(IsOk(FindGatewayRpc("GetGatewayInfo").Run(stub, kGateway, "", kBound)));
  const auto heard = peer->TakeUpTo(OnTopic(absl::StrCat("gw-request/get_gw_info/", kGateway)));
  ASSERT_TRUE(heard.ok()) << heard.status();
  EXPECT_EQ(heard->size(), 1u) << "such as " << heard->front().topic;
}

class RequestErrorsTest : public SharedStack<RequestErrorsTest> {
 protected:
  static std::string SinkOf(const GatewayRpc& rpc) { return rpc.names_sink ? kSink : ""; }
};

// What the service makes of an answer.
struct Row {
  const char* answer;
  StatusCode code;
};

constexpr Row kTable[] = {
    {"INTERNAL_ERROR", StatusCode::INTERNAL},
    {"INVALID_SINK_ID", StatusCode::NOT_FOUND},
    {"INVALID_ROLE", StatusCode::FAILED_PRECONDITION},
    {"INVALID_NETWORK_ADDRESS", StatusCode::INVALID_ARGUMENT},
    {"INVALID_NETWORK_CHANNEL", StatusCode::INVALID_ARGUMENT},
    {"INVALID_CHANNEL_MAP", StatusCode::INVALID_ARGUMENT},
    {"INVALID_NETWORK_KEYS", StatusCode::INVALID_ARGUMENT},
    {"INVALID_AC_RANGE", StatusCode::INVALID_ARGUMENT},
    {"INVALID_SINK_STATE", StatusCode::FAILED_PRECONDITION},
    {"INVALID_DEST_ADDRESS", StatusCode::INVALID_ARGUMENT},
    {"INVALID_DEST_ENDPOINT", StatusCode::INVALID_ARGUMENT},
    {"INVALID_SRC_ENDPOINT", StatusCode::INVALID_ARGUMENT},
    {"INVALID_QOS", StatusCode::INVALID_ARGUMENT},
    {"INVALID_DATA_PAYLOAD", StatusCode::INVALID_ARGUMENT},
    {"INVALID_SCRATCHPAD", StatusCode::INVALID_ARGUMENT},
    {"INVALID_SCRATCHPAD_SIZE", StatusCode::INVALID_ARGUMENT},
    {"INVALID_SEQUENCE_NUMBER", StatusCode::INVALID_ARGUMENT},
    {"INVALID_REBOOT_DELAY", StatusCode::INVALID_ARGUMENT},
    {"INVALID_DIAG_INTERVAL", StatusCode::INVALID_ARGUMENT},
    {"INVALID_APP_CONFIG", StatusCode::INVALID_ARGUMENT},
    {"INVALID_PARAM", StatusCode::INVALID_ARGUMENT},
    {"NO_SCRATCHPAD_PRESENT", StatusCode::FAILED_PRECONDITION},
    {"ACCESS_DENIED", StatusCode::PERMISSION_DENIED},
    {"REQUEST_NEEDS_SINK_ID", StatusCode::INVALID_ARGUMENT},
    {"INVALID_MAX_HOP_COUNT", StatusCode::INVALID_ARGUMENT},
    {"SINK_OUT_OF_MEMORY", StatusCode::RESOURCE_EXHAUSTED},
    {"SINK_TIMEOUT", StatusCode::DEADLINE_EXCEEDED},
    {"INVALID_SCRATCHPAD_CHUNK_OFFSET", StatusCode::INVALID_ARGUMENT},
    {"INVALID_SCRATCHPAD_CHUNK_SIZE", StatusCode::INVALID_ARGUMENT},
};

TEST_F(RequestErrorsTest, EveryAnswerOfAGatewayHasItsStatus) {
  for (const Row& row : kTable) {
    SCOPED_TRACE(row.answer);
    ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"error_codes", {{"all", row.answer}}}})));
    mesh::ResultCode result = mesh::RESULT_CODE_UNSPECIFIED;
    ASSERT_TRUE(mesh::ResultCode_Parse(absl::StrCat("RESULT_CODE_", row.answer), &result));
    ExpectFailure(FindGatewayRpc("GetScratchpadStatus").Run(stub(), kGateway, kSink, kBound),
                  row.code, {row.answer, kGateway, kSink, result, true});
  }
}

TEST_F(RequestErrorsTest, EveryRpcTellsWhatTheGatewayAnswered) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"error_codes", {{"all", "ACCESS_DENIED"}}}})));
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    SCOPED_TRACE(rpc.name);
    ExpectFailure(rpc.Run(stub(), kGateway, kSink, kBound), StatusCode::PERMISSION_DENIED,
                  {"ACCESS_DENIED", kGateway, SinkOf(rpc), mesh::RESULT_CODE_ACCESS_DENIED, true});
  }
}

TEST_F(RequestErrorsTest, CodeThatTheServiceDoesNotKnowIsUnknown) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_answer", {"otap_status"}}})));
  const auto peer = stack().NewPeer({"gw-request/otap_status/#"});
  AsyncCall<mesh::GetScratchpadStatusResponse> call(
      stub(), &Stub::GetScratchpadStatus, To<mesh::GetScratchpadStatusRequest>(kGateway, kSink));
  const auto request =
      peer->Take(OnTopic(absl::StrCat("gw-request/otap_status/", kGateway, "/", kSink)));
  ASSERT_TRUE(request.ok()) << request.status();

  gw::WirepasMessage answer;
  gw::ResponseHeader* header = answer.mutable_get_scratchpad_status_resp()->mutable_header();
  header->set_req_id(Decoded(request->payload).get_scratchpad_status_req().header().req_id());
  header->set_gw_id(kGateway);
  header->set_sink_id(kSink);
  header->set_res(gw::OK);
  // Proto2 code that knows no 99 cannot set it; on the wire it is the last field of
  // the header, one byte.
  std::string bytes = Encoded(answer);
  const std::string ok_field("\x20\x00", 2);  // field 4, varint 0
  ASSERT_EQ(bytes.substr(bytes.size() - 2), ok_field);
  bytes.back() = 99;
  ASSERT_TRUE(IsOk(
      peer->Publish(absl::StrCat("gw-response/otap_status/", kGateway, "/", kSink), bytes, 2)));
  ExpectFailure(call.Get().status, StatusCode::UNKNOWN,
                {"unknown", kGateway, kSink, mesh::RESULT_CODE_UNKNOWN, true});
}

TEST_F(RequestErrorsTest, UnknownGatewayIsNotFound) {
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    SCOPED_TRACE(rpc.name);
    ExpectFailure(rpc.Run(stub(), "nobody", kSink, kBound), StatusCode::NOT_FOUND,
                  {"not known", "nobody", SinkOf(rpc)});
  }
  const auto cleared =
      Call(stub(), &Stub::ClearGatewayStatus, To<mesh::ClearGatewayStatusRequest>("nobody"));
  EXPECT_TRUE(IsOk(cleared.status));
  EXPECT_FALSE(cleared.response.was_known());
}

TEST_F(RequestErrorsTest, UnknownSinkIsNotFound) {
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    if (!rpc.names_sink) continue;
    SCOPED_TRACE(rpc.name);
    ExpectFailure(rpc.Run(stub(), kGateway, "sink77", kBound), StatusCode::NOT_FOUND,
                  {"INVALID_SINK_ID", kGateway, "sink77", mesh::RESULT_CODE_INVALID_SINK_ID, true});
  }
}

TEST_F(RequestErrorsTest, OfflineGatewayIsUnavailableAndNothingIsSent) {
  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "stop"}})));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(1)));
  const auto peer = stack().NewPeer({"gw-request/#"});
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    SCOPED_TRACE(rpc.name);
    ExpectFailure(rpc.Run(stub(), kOtherGateway, kSink, kBound), StatusCode::UNAVAILABLE,
                  {"offline", kOtherGateway, SinkOf(rpc)});
  }
  ExpectNothingBeforeNextRequest(stub(), peer.get());
  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "start"}})));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(2)));
}

TEST_F(RequestErrorsTest, SilenceEndsAtTheClientsDeadline) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_answer", "all"}})));
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    SCOPED_TRACE(rpc.name);
    // The client's own timer ends the call at the same time, with a bare status: the
    // service aims to be a little earlier, and on a busy machine is not always.
    grpc::Status status;
    const bool told = Eventually([&] {
      const absl::Time start = absl::Now();
      status = rpc.Run(stub(), kGateway, kSink, absl::Milliseconds(800));
      EXPECT_EQ(status.error_code(), StatusCode::DEADLINE_EXCEEDED);
      EXPECT_GE(absl::Now() - start, absl::Milliseconds(700));
      return GatewayErrorOf(status).has_value();
    });
    ASSERT_TRUE(told);
    ExpectFailure(status, StatusCode::DEADLINE_EXCEEDED,
                  {"no answer", kGateway, SinkOf(rpc), mesh::RESULT_CODE_UNSPECIFIED, true});
  }
}

TEST_F(RequestErrorsTest, SilenceEndsAtTheDefaultLimitWithoutADeadline) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_answer", "all"}})));
  const absl::Time start = absl::Now();
  ExpectFailure(FindGatewayRpc("GetScratchpadStatus").Run(stub(), kGateway, kSink, kNoDeadline),
                StatusCode::DEADLINE_EXCEEDED,
                {"no answer", kGateway, kSink, mesh::RESULT_CODE_UNSPECIFIED, true});
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(1900));
}

TEST_F(RequestErrorsTest, LateAnswerWithinTheDeadlineCounts) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"answer_delay_ms", 2500}})));
  // Longer than the default limit.
  EXPECT_TRUE(IsOk(FindGatewayRpc("GetScratchpadStatus").Run(stub(), kGateway, kSink, kBound)));
}

TEST_F(RequestErrorsTest, RepeatedAnswersAndThoseOfOthersDoNotMatter) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"repeated_answer", "all"}})));
  for (int i = 0; i < 20; ++i) {
    for (const GatewayRpc& rpc : GatewayRpcs()) {
      SCOPED_TRACE(rpc.name);
      EXPECT_TRUE(IsOk(rpc.Run(stub(), kGateway, kSink, kBound)));
    }
  }
}

TEST_F(RequestErrorsTest, AnswersThatAreMalformedOrNameAnotherGatewayAreNone) {
  for (const char* fault : {"malformed_answer", "foreign_answer"}) {
    SCOPED_TRACE(fault);
    ASSERT_TRUE(IsOk(stack().ClearFaults()));
    ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{fault, "all"}})));
    ExpectFailure(FindGatewayRpc("GetScratchpadStatus").Run(stub(), kGateway, kSink, kNoDeadline),
                  StatusCode::DEADLINE_EXCEEDED,
                  {"no answer", kGateway, kSink, mesh::RESULT_CODE_UNSPECIFIED, true});
  }
}

TEST_F(RequestErrorsTest, ValuesThatTheSinkRefusesNameTheCode) {
  auto config = To<mesh::SetSinkConfigRequest>(kGateway, kSink);
  config.mutable_update()->set_network_channel(200);
  ExpectFailure(Call(stub(), &Stub::SetSinkConfig, config).status, StatusCode::INVALID_ARGUMENT,
                {"INVALID_NETWORK_CHANNEL", kGateway, kSink,
                 mesh::RESULT_CODE_INVALID_NETWORK_CHANNEL, true});

  config.mutable_update()->Clear();
  config.mutable_update()->mutable_app_config()->mutable_diagnostics_interval()->set_seconds(31);
  ExpectFailure(
      Call(stub(), &Stub::SetSinkConfig, config).status, StatusCode::INVALID_ARGUMENT,
      {"INVALID_DIAG_INTERVAL", kGateway, kSink, mesh::RESULT_CODE_INVALID_DIAG_INTERVAL, true});

  ExpectFailure(
      Call(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink, "")).status,
      StatusCode::INVALID_ARGUMENT,
      {"INVALID_DATA_PAYLOAD", kGateway, kSink, mesh::RESULT_CODE_INVALID_DATA_PAYLOAD, true});
}

TEST_F(RequestErrorsTest, StoppedSinkIsAFailedPrecondition) {
  auto config = To<mesh::SetSinkConfigRequest>(kOtherGateway, kOtherSink);
  config.mutable_update()->set_sink_on(false);
  ASSERT_TRUE(IsOk(Call(stub(), &Stub::SetSinkConfig, config).status));
  ExpectFailure(Call(stub(), &Stub::SendMessage, SendRequest(kOtherGateway, kOtherSink)).status,
                StatusCode::FAILED_PRECONDITION,
                {"INVALID_SINK_STATE", kOtherGateway, kOtherSink,
                 mesh::RESULT_CODE_INVALID_SINK_STATE, true});
  config.mutable_update()->set_sink_on(true);
  ASSERT_TRUE(IsOk(Call(stub(), &Stub::SetSinkConfig, config).status));
  EXPECT_TRUE(
      IsOk(Call(stub(), &Stub::SendMessage, SendRequest(kOtherGateway, kOtherSink)).status));
}

// A gateway that announces nothing.
class FewFeaturesTest : public SharedStack<FewFeaturesTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "0", "--features", "none"};
    return options;
  }
};

TEST_F(FewFeaturesTest, RequestsThatNeedAFeatureAreNotSent) {
  const auto peer = stack().NewPeer({"gw-request/#"});
  for (const char* name : {"GetConfigurationDataItem", "SetConfigurationDataItem"}) {
    SCOPED_TRACE(name);
    ExpectFailure(FindGatewayRpc(name).Run(stub(), kGateway, kSink, kBound),
                  StatusCode::FAILED_PRECONDITION, {"CONFIGURATION_DATA_V1", kGateway, kSink});
  }
  auto config = To<mesh::SetSinkConfigRequest>(kGateway, kSink);
  mesh::SecurityKeys* keys = config.mutable_update()->mutable_network_keys();
  keys->set_cipher_key(std::string(16, 'c'));
  keys->set_authentication_key(std::string(16, 'a'));
  keys->set_sequence(1);
  ExpectFailure(Call(stub(), &Stub::SetSinkConfig, config).status, StatusCode::FAILED_PRECONDITION,
                {"SINK_KEY_MANAGEMENT_V1", kGateway, kSink});
  auto upload = To<mesh::UploadScratchpadRequest>(kGateway, kSink);
  upload.set_sequence(1);
  upload.set_scratchpad("0123456789");
  upload.set_max_chunk_size(5);
  grpc::ClientContext context;
  SetDeadline(&context, kBound);
  ExpectFailure(stub()->UploadScratchpad(&context, upload)->Finish(),
                StatusCode::FAILED_PRECONDITION, {"chunks", kGateway, kSink});
  ExpectNothingBeforeNextRequest(stub(), peer.get());
}

TEST_F(FewFeaturesTest, OlderKeysNeedNoFeature) {
  auto config = To<mesh::SetSinkConfigRequest>(kGateway, kSink);
  mesh::NetworkKeys* keys = config.mutable_update()->mutable_keys();
  keys->set_cipher_key(std::string(16, 'c'));
  keys->set_authentication_key(std::string(16, 'a'));
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::SetSinkConfig, config).status));
}

}  // namespace
}  // namespace wirepas_grpc::integration
