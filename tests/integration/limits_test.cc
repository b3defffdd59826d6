// SPDX-License-Identifier: Apache-2.0
//
// Calls that are given up leave nothing behind, and the service's bounds hold.
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway_rpcs.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;

constexpr int kMaxPending = 8;
constexpr int kMaxStreams = 4;
// Far beyond what a test waits for.
constexpr absl::Duration kNever = absl::Minutes(30);

class LimitsTest : public SharedStack<LimitsTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {"--gateways", "2", "--sinks", "1", "--rate", "0"};
    options.service = {"--max_pending_requests",  absl::StrCat(kMaxPending), "--max_streams",
                       absl::StrCat(kMaxStreams), "--max_message_bytes",     "4MiB"};
    return options;
  }

 protected:
  static bool Pending(int count) {
    return stack().service().Metric("wirepas_grpc_pending_requests") == count;
  }

  static void Silence() { ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_answer", "all"}}))); }
};

TEST_F(LimitsTest, CancelledCallOfEachKindLeavesNothing) {
  Silence();
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    SCOPED_TRACE(rpc.name);
    grpc::ClientContext context;
    SetDeadline(&context, kNever);
    grpc::Status status;
    std::thread call([&] { status = rpc.make(stub(), &context, kGateway, kSink); });
    EXPECT_TRUE(Eventually([] { return Pending(1); }));
    context.TryCancel();
    call.join();
    EXPECT_EQ(status.error_code(), StatusCode::CANCELLED);
    EXPECT_TRUE(Eventually([] { return Pending(0); }));
  }
}

TEST_F(LimitsTest, CancelledListingLeavesNothing) {
  Silence();
  mesh::ListSinksRequest request;
  request.set_refresh(true);
  AsyncCall<mesh::ListSinksResponse> call(stub(), &Stub::ListSinks, request);
  EXPECT_TRUE(Eventually([] { return !Pending(0); }));
  call.Cancel();
  EXPECT_EQ(call.Get().status.error_code(), StatusCode::CANCELLED);
  // At the latest by the 2 s that gateways have.
  EXPECT_TRUE(Eventually([] { return Pending(0); }));
}

TEST_F(LimitsTest, CancelledBroadcastLeavesNothing) {
  Silence();
  mesh::BroadcastMessageRequest request;
  request.mutable_scope()->set_network_address(kNetwork);
  *request.mutable_message() = SendRequest("", "").message();
  AsyncCall<mesh::BroadcastMessageResponse> call(stub(), &Stub::BroadcastMessage, request);
  EXPECT_TRUE(Eventually([] { return !Pending(0); }));
  call.Cancel();
  EXPECT_EQ(call.Get().status.error_code(), StatusCode::CANCELLED);
  EXPECT_TRUE(Eventually([] { return Pending(0); }));
}

TEST_F(LimitsTest, PassedDeadlineLeavesNothing) {
  Silence();
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    SCOPED_TRACE(rpc.name);
    // Too short for an answer even without faults, perhaps for the request.
    const grpc::Status status = rpc.Run(stub(), kGateway, kSink, absl::Milliseconds(1));
    EXPECT_EQ(status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  }
  EXPECT_TRUE(Eventually([] { return Pending(0); }));
}

TEST_F(LimitsTest, ClientThatDiesLeavesNothing) {
  Silence();
  grpc::ClientContext context;
  {
    auto dying = mesh::NetworkService::NewStub(stack().service().NewChannel());
    auto request = To<mesh::UploadScratchpadRequest>(kGateway, kSink);
    request.set_sequence(1);
    request.set_scratchpad("x");
    auto reader = dying->UploadScratchpad(&context, request);
    EXPECT_TRUE(Eventually([] { return Pending(1); }));
    context.TryCancel();
    reader->Finish();
  }
  EXPECT_TRUE(Eventually([] { return Pending(0); }));
}

TEST_F(LimitsTest, PendingRequestsAreBounded) {
  Silence();
  std::vector<std::unique_ptr<AsyncCall<mesh::SendMessageResponse>>> calls;
  for (int i = 0; i < kMaxPending; ++i) {
    calls.push_back(std::make_unique<AsyncCall<mesh::SendMessageResponse>>(
        stub(), &Stub::SendMessage, SendRequest(kGateway, kSink), kNever));
  }
  EXPECT_TRUE(Eventually([] { return Pending(kMaxPending); }));
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    SCOPED_TRACE(rpc.name);
    ExpectFailure(rpc.Run(stub(), kOtherGateway, kSink, kBound), StatusCode::RESOURCE_EXHAUSTED,
                  {absl::StrCat(kMaxPending), kOtherGateway, rpc.names_sink ? kSink : ""});
  }
  for (const auto& call : calls) call->Cancel();
  for (const auto& call : calls) {
    EXPECT_EQ(call->Get().status.error_code(), StatusCode::CANCELLED);
  }
  EXPECT_TRUE(Eventually([] { return Pending(0); }));
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, SendRequest(kOtherGateway, kSink)).status));
}

TEST_F(LimitsTest, OpenStreamsAreBounded) {
  using Broker = StreamReader<mesh::WatchBrokerResponse>;
  using Uplinks = StreamReader<mesh::SubscribeUplinkResponse>;
  std::vector<std::unique_ptr<Broker>> open;
  for (int i = 0; i < kMaxStreams; ++i) {
    open.push_back(
        std::make_unique<Broker>(stub(), &Stub::WatchBroker, mesh::WatchBrokerRequest()));
    ASSERT_TRUE(open.back()->Next().has_value());
  }
  Uplinks refused(stub(), &Stub::SubscribeUplink, mesh::SubscribeUplinkRequest());
  ASSERT_TRUE(refused.WaitForEnd().has_value());
  ExpectFailure(*refused.status(), StatusCode::RESOURCE_EXHAUSTED, {"streams"});
  // Unary calls go on.
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::ListGateways, mesh::ListGatewaysRequest()).status));

  open.pop_back();
  EXPECT_TRUE(Eventually([] {
    Uplinks next(stub(), &Stub::SubscribeUplink, mesh::SubscribeUplinkRequest());
    return next.Next().has_value();
  }));
}

TEST_F(LimitsTest, LargerRequestsThanAllowedAreRefused) {
  auto request = SendRequest(kGateway, kSink, std::string(5 << 20, 'x'));
  const auto result = Call(stub(), &Stub::SendMessage, request);
  EXPECT_EQ(result.status.error_code(), StatusCode::RESOURCE_EXHAUSTED)
      << result.status.error_message();
  request.mutable_message()->set_payload(std::string(1 << 20, 'x'));
  const grpc::Status large = Call(stub(), &Stub::SendMessage, request).status;
  EXPECT_EQ(large.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(large.error_message(), testing::HasSubstr("larger than 512 KiB"));
  request.mutable_message()->set_payload(std::string(100 << 10, 'x'));
  ExpectFailure(Call(stub(), &Stub::SendMessage, request).status, StatusCode::INVALID_ARGUMENT,
                {"message.payload", kGateway, kSink});
}

TEST_F(LimitsTest, HeadersAreBounded) {
  const auto own = mesh::NetworkService::NewStub(stack().service().NewChannel());
  for (const int bytes : {4 << 10, 16 << 10}) {
    grpc::ClientContext context;
    SetDeadline(&context, absl::Seconds(30));
    context.AddMetadata("x", std::string(static_cast<size_t>(bytes), 'x'));
    mesh::ListGatewaysResponse response;
    const grpc::Status status =
        stub()->ListGateways(&context, mesh::ListGatewaysRequest(), &response);
    EXPECT_EQ(status.error_code(),
              bytes > (8 << 10) ? StatusCode::RESOURCE_EXHAUSTED : StatusCode::OK)
        << status.error_message();
  }
}

}  // namespace
}  // namespace wirepas_grpc::integration
