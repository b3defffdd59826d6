// SPDX-License-Identifier: Apache-2.0
//
// The end of the service by SIGTERM: what was sent ends with its answer or with what is
// known, what was not says so, and nothing is sent that comes too late.
#include <signal.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/completion_queue.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway_rpcs.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/otap_calls.h"
#include "tests/integration/stream_reader.h"
#include "wirepas/mesh/v1/app_config_service.grpc.pb.h"

namespace wirepas_grpc::integration {
namespace {

using testing::HasSubstr;
using Stub = mesh::NetworkService::Stub;
using Uplinks = StreamReader<mesh::SubscribeUplinkResponse>;
using BrokerWatch = StreamReader<mesh::WatchBrokerResponse>;
namespace health = grpc::health::v1;

constexpr auto kUnknown = mesh::REQUEST_OUTCOME_UNKNOWN;

// SendMessage, so many times at once, on one thread.
class ManySends {
 public:
  ManySends(Stub* stub, int count) {
    for (int i = 0; i < count; ++i) {
      auto call = std::make_unique<Call>();
      SetDeadline(&call->context, absl::Hours(1));
      call->reader = stub->AsyncSendMessage(&call->context, SendRequest(kGateway, kSink), &queue_);
      call->reader->Finish(&call->response, &call->status, nullptr);
      calls_.push_back(std::move(call));
    }
  }
  ~ManySends() {
    for (const auto& call : calls_) call->context.TryCancel();
    Finish();
    queue_.Shutdown();
  }

  // Waits for all of them.
  std::vector<grpc::Status> Finish() {
    void* tag;
    bool ok;
    for (; finished_ < calls_.size(); ++finished_) queue_.Next(&tag, &ok);
    std::vector<grpc::Status> statuses;
    for (const auto& call : calls_) statuses.push_back(call->status);
    return statuses;
  }

 private:
  struct Call {
    grpc::ClientContext context;
    mesh::SendMessageResponse response;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<mesh::SendMessageResponse>> reader;
  };

  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Call>> calls_;
  size_t finished_ = 0;
};

class ShutdownTest : public testing::Test {
 protected:
  void Start(const std::string& grace, std::vector<std::string> simulator = {
                                           "--gateways", "2", "--sinks", "2", "--rate", "0"}) {
    Stack::Options options;
    // Hundreds of messages are under way at once, and none may be lost by the broker.
    options.broker.max_queued_messages = 100000;
    options.broker.max_inflight = 1000;
    options.simulator = std::move(simulator);
    options.service = {"--shutdown_grace", grace};
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
    peer_ = stack_->NewPeer({"gw-request/#"});
  }
  Stub* stub() { return stack_->stub(); }
  void SetFaults(const nlohmann::json& faults) {
    ASSERT_TRUE(IsOk(stack_->SetFaults("all", faults)));
  }
  // Waits until so many requests have gone out to gateways.
  bool Seen(size_t count) {
    return Eventually([&] { return peer_->messages().size() >= count; });
  }
  // Signals, and waits until the service takes nothing new.
  void Terminate() {
    BrokerWatch watch(stub(), &Stub::WatchBroker, mesh::WatchBrokerRequest());
    ASSERT_TRUE(watch.Next().has_value());
    stack_->service().process().Signal(SIGTERM);
    const auto status = watch.WaitForEnd();
    ASSERT_TRUE(status.has_value());
    ExpectFailure(*status, StatusCode::UNAVAILABLE, {"shutting down"});
  }
  void ExpectGoodEnd() { EXPECT_EQ(stack_->service().process().Wait(kBound), 0); }

  std::unique_ptr<Stack> stack_;
  std::unique_ptr<MqttPeer> peer_;  // hears what goes to gateways
};

TEST_F(ShutdownTest, StreamsThatReadEndAndCallsFinish) {
  ASSERT_NO_FATAL_FAILURE(Start("30s"));
  Uplinks uplinks(stub(), &Stub::SubscribeUplink, mesh::SubscribeUplinkRequest());
  StreamReader<mesh::SubscribeDownlinkResponse> downlinks(stub(), &Stub::SubscribeDownlink,
                                                          mesh::SubscribeDownlinkRequest());
  StreamReader<mesh::WatchNetworkResponse> network(stub(), &Stub::WatchNetwork,
                                                   mesh::WatchNetworkRequest());
  BrokerWatch broker(stub(), &Stub::WatchBroker, mesh::WatchBrokerRequest());
  const auto healths = health::Health::NewStub(stack_->service().NewChannel());
  StreamReader<health::HealthCheckResponse> serving(healths.get(), &health::Health::Stub::Watch,
                                                    health::HealthCheckRequest());
  grpc::ClientContext context;
  const auto messages = stub()->SendMessages(&context);
  messages->WaitForInitialMetadata();
  ASSERT_TRUE(uplinks.Next().has_value());
  ASSERT_TRUE(downlinks.Next().has_value());
  ASSERT_TRUE(network.Next().has_value());
  ASSERT_TRUE(broker.Next().has_value());
  EXPECT_EQ(serving.Next()->status(), health::HealthCheckResponse::SERVING);
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"answer_delay_ms", 1500}}));
  AsyncCall<mesh::GetGatewayInfoResponse> call(stub(), &Stub::GetGatewayInfo,
                                               To<mesh::GetGatewayInfoRequest>(kGateway));
  ASSERT_TRUE(Seen(1));

  stack_->service().process().Signal(SIGTERM);
  for (const auto& status :
       {uplinks.WaitForEnd(), downlinks.WaitForEnd(), network.WaitForEnd(), broker.WaitForEnd()}) {
    ASSERT_TRUE(status.has_value());
    ExpectFailure(*status, StatusCode::UNAVAILABLE, {"shutting down"});
  }
  EXPECT_EQ(serving.Next()->status(), health::HealthCheckResponse::NOT_SERVING);
  ExpectFailure(messages->Finish(), StatusCode::UNAVAILABLE, {"shutting down"});
  EXPECT_TRUE(IsOk(call.Get().status));
  serving.Cancel();
  stack_->StopService();  // which ends with 0
}

TEST_F(ShutdownTest, WhatGatewaysHaveSeenAndDoNotAnswerIsUnknown) {
  ASSERT_NO_FATAL_FAILURE(Start("2s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"no_answer", "all"}}));
  constexpr int kCalls = 500;
  ManySends sends(stub(), kCalls);
  ASSERT_TRUE(Seen(kCalls));
  stack_->service().process().Signal(SIGTERM);
  std::set<uint64_t> ids;
  for (const grpc::Status& status : sends.Finish()) {
    ExpectFailure(status, StatusCode::DEADLINE_EXCEEDED,
                  {"shut down", kGateway, kSink, mesh::RESULT_CODE_UNSPECIFIED, true, kUnknown});
    const auto detail = GatewayErrorOf(status);
    if (detail.has_value()) ids.insert(detail->request_id());
  }
  EXPECT_EQ(ids.size(), kCalls);
  ExpectGoodEnd();
  EXPECT_EQ(peer_->messages().size(), kCalls);
}

TEST_F(ShutdownTest, WhatGatewaysAnswerWithinTheGraceSucceeds) {
  ASSERT_NO_FATAL_FAILURE(Start("30s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"answer_delay_ms", 1500}}));
  constexpr int kCalls = 500;
  ManySends sends(stub(), kCalls);
  ASSERT_TRUE(Seen(kCalls));
  stack_->service().process().Signal(SIGTERM);
  for (const grpc::Status& status : sends.Finish()) EXPECT_TRUE(IsOk(status));
}

TEST_F(ShutdownTest, SendMessagesAnswersWhatItHasRead) {
  ASSERT_NO_FATAL_FAILURE(Start("30s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"answer_delay_ms", 1000}}));
  constexpr int kMessages = 300;
  grpc::ClientContext context;
  const auto stream = stub()->SendMessages(&context);
  mesh::SendMessagesRequest request;
  *request.mutable_request() = SendRequest(kGateway, kSink);
  for (int i = 0; i < kMessages; ++i) {
    request.set_correlation_id(i);
    ASSERT_TRUE(stream->Write(request));
  }
  ASSERT_TRUE(Seen(kMessages));
  ASSERT_NO_FATAL_FAILURE(Terminate());
  for (int i = 0; i < 10; ++i) {
    request.set_correlation_id(kMessages + i);
    stream->Write(request);
  }
  std::set<uint64_t> sent;
  mesh::SendMessagesResponse response;
  while (stream->Read(&response)) {
    if (response.has_sent()) {
      sent.insert(response.correlation_id());
      continue;
    }
    // What the service was about to read.
    EXPECT_GE(response.correlation_id(), kMessages);
    ExpectFailure(response.error(), StatusCode::UNAVAILABLE, {"shutting down", kGateway, kSink});
  }
  EXPECT_EQ(sent.size(), kMessages);
  // Nothing is to repeat the whole stream by itself.
  ExpectFailure(stream->Finish(), StatusCode::DEADLINE_EXCEEDED,
                {"what has no response was not sent", "", "", mesh::RESULT_CODE_UNSPECIFIED, false,
                 kUnknown});
  EXPECT_EQ(peer_->messages().size(), kMessages);
}

TEST_F(ShutdownTest, NothingThatComesLaterIsSent) {
  ASSERT_NO_FATAL_FAILURE(Start("60s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"answer_delay_ms", 5000}}));
  AsyncCall<mesh::GetGatewayInfoResponse> call(stub(), &Stub::GetGatewayInfo,
                                               To<mesh::GetGatewayInfoRequest>(kGateway));
  ASSERT_TRUE(Seen(1));
  ASSERT_NO_FATAL_FAILURE(Terminate());
  // On the connection that is there.
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    SCOPED_TRACE(rpc.name);
    Says says = {"shutting down", kGateway, rpc.names_sink ? kSink : ""};
    if (rpc.name == "UploadScratchpad") says = {"shutting down"};  // as all streams
    ExpectFailure(rpc.Run(stub(), kGateway, kSink, kBound), StatusCode::UNAVAILABLE, says);
  }
  EXPECT_TRUE(IsOk(call.Get().status));
  ExpectGoodEnd();
  EXPECT_EQ(peer_->messages().size(), 1u);
}

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

TEST_F(ShutdownTest, WithoutAGraceWhatWasSentIsUnknownAllTheSame) {
  ASSERT_NO_FATAL_FAILURE(Start("0s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"no_answer", "all"}}));
  constexpr int kCalls = 20;
  ManySends sends(stub(), kCalls);
  ASSERT_TRUE(Seen(kCalls));
  stack_->service().process().Signal(SIGTERM);
  for (const grpc::Status& status : sends.Finish()) {
    ExpectFailure(status, StatusCode::DEADLINE_EXCEEDED,
                  {"shut down", kGateway, kSink, mesh::RESULT_CODE_UNSPECIFIED, true, kUnknown});
  }
  ExpectGoodEnd();
}

// The second message waits behind one for which the sink has no room.
TEST_F(ShutdownTest, WhatWaitsUnsentAtTheEndOfTheGraceIsNotSent) {
  ASSERT_NO_FATAL_FAILURE(Start("3s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"error_codes", {{"all", "SINK_OUT_OF_MEMORY"}}}}));
  AsyncCall<mesh::SendMessageResponse> first(stub(), &Stub::SendMessage,
                                             SendRequest(kGateway, kSink), absl::Hours(1));
  ASSERT_TRUE(Seen(2));  // tried again: those that come later wait behind it
  AsyncCall<mesh::SendMessageResponse> second(
      stub(), &Stub::SendMessage, SendRequest(kGateway, kSink, "second"), absl::Hours(1));
  ASSERT_TRUE(
      Eventually([&] { return stack_->service().Metric("wirepas_grpc_messages_waiting") == 2; }));
  stack_->service().process().Signal(SIGTERM);
  ExpectFailure(second.Get().status, StatusCode::UNAVAILABLE, {"shut", kGateway, kSink});
  const grpc::Status refused = first.Get().status;
  EXPECT_FALSE(refused.ok());
  ExpectGoodEnd();
  for (const MqttPeer::Message& message : peer_->messages()) {
    EXPECT_NE(Decoded(message.payload).send_packet_req().payload(), "second");
  }
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

// Long before the grace is over: no call is open but those that the service would wait for in
// vain. The bound is generous and far below the grace.
TEST_F(ShutdownTest, WhatNobodyWaitsForDoesNotHoldItUp) {
  ASSERT_NO_FATAL_FAILURE(Start("300s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"no_answer", "all"}}));
  // Its answer is listened for, though its call has ended.
  auto request = SendRequest(kGateway, kSink);
  request.set_request_id(0xABCDEF0123456789);
  EXPECT_FALSE(Call(stub(), &Stub::SendMessage, request, kNoDeadline).status.ok());
  // A stream whose client does not read.
  grpc::ClientContext context;
  const auto uplinks = stub()->SubscribeUplink(&context, mesh::SubscribeUplinkRequest());
  mesh::SubscribeUplinkResponse response;
  ASSERT_TRUE(uplinks->Read(&response));
  ASSERT_TRUE(IsOk(stack_->Control("all", {{"command", "burst"}, {"count", 20000}})));
  // And calls that are not this service's.
  const auto healths = health::Health::NewStub(stack_->service().NewChannel());
  StreamReader<health::HealthCheckResponse> serving(healths.get(), &health::Health::Stub::Watch,
                                                    health::HealthCheckRequest());
  ASSERT_TRUE(serving.Next().has_value());
  const absl::Time begin = absl::Now();
  stack_->service().process().Signal(SIGTERM);
  ExpectGoodEnd();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(60));
  context.TryCancel();
  uplinks->Finish();
}

// What docs/options.md says of the end, and twenty seconds for a machine that is busy.
TEST_F(ShutdownTest, TheProcessEndsSoonAfterTheGrace) {
  ASSERT_NO_FATAL_FAILURE(Start("3s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"no_answer", "all"}}));
  grpc::ClientContext sending;  // takes no answer and does not end
  const auto messages = stub()->SendMessages(&sending);
  mesh::SendMessagesRequest request;
  *request.mutable_request() = SendRequest(kGateway, kSink);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(messages->Write(request));
  ManySends sends(stub(), 100);
  ASSERT_TRUE(Seen(200));
  const absl::Time begin = absl::Now();
  stack_->service().process().Signal(SIGTERM);
  ExpectGoodEnd();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(3 + 4 + 20));
  sends.Finish();
  sending.TryCancel();
  messages->Finish();
}

// A client of gRPC's C++ library that makes no call does not notice that it should close.
TEST_F(ShutdownTest, ConnectionsWithoutCallsDoNotHoldItUp) {
  ASSERT_NO_FATAL_FAILURE(Start("5m"));
  ASSERT_TRUE(IsOk(Call(stub(), &Stub::ListSinks, mesh::ListSinksRequest()).status));
  stack_->service().process().Signal(SIGTERM);
  ExpectGoodEnd();  // long before the end of the grace
}

// While a call is waited for, whoever comes is told in words.
TEST_F(ShutdownTest, WhileAMessageWaitsForRoomNewCallsAreToldWhy) {
  ASSERT_NO_FATAL_FAILURE(Start("60s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"error_codes", {{"all", "SINK_OUT_OF_MEMORY"}}}}));
  AsyncCall<mesh::SendMessageResponse> first(stub(), &Stub::SendMessage,
                                             SendRequest(kGateway, kSink), absl::Hours(1));
  ASSERT_TRUE(Seen(4));  // by now the pauses between two tries are long
  ASSERT_NO_FATAL_FAILURE(Terminate());
  for (int i = 0; i < 20; ++i) {
    ExpectFailure(Call(stub(), &Stub::SendMessage, SendRequest(kOtherGateway, kSink)).status,
                  StatusCode::UNAVAILABLE, {"shutting down", kOtherGateway, kSink});
    absl::SleepFor(absl::Milliseconds(50));
  }
  ASSERT_TRUE(IsOk(stack_->ClearFaults()));
  EXPECT_TRUE(IsOk(first.Get().status));
  ExpectGoodEnd();
}

TEST_F(ShutdownTest, InterruptIsAsGood) {
  ASSERT_NO_FATAL_FAILURE(Start("100ms"));
  stack_->service().process().Signal(SIGINT);
  ExpectGoodEnd();
}

TEST_F(ShutdownTest, BrokerIsLeftInOrder) {
  ASSERT_NO_FATAL_FAILURE(Start("5s"));
  stack_->StopService();
  // Not "exceeded timeout" nor "closed its connection".
  EXPECT_TRUE(IsOk(stack_->broker().WaitForLog("disconnected.", kBound)));
  EXPECT_THAT(stack_->broker().log(), HasSubstr("Received DISCONNECT from wirepas-grpc-"));
}

}  // namespace
}  // namespace wirepas_grpc::integration
