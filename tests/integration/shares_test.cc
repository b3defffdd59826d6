// SPDX-License-Identifier: Apache-2.0
//
// The places for pending requests are divided among the clients' addresses: what comes over
// loopback is one, what comes over Unix sockets another.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/integration/expect.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/support/process.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;

constexpr int kPlaces = 90;
constexpr int kShare = kPlaces * 8 / 9;  // of one who wants all

class SharesTest : public testing::Test {
 protected:
  void SetUp() override {
    Stack::Options options;
    options.simulator = {"--gateways", "2", "--sinks", "1", "--rate", "0"};
    options.service = {"--max_pending_requests",
                       absl::StrCat(kPlaces),
                       "--listen",
                       "127.0.0.1:0",
                       "--listen",
                       absl::StrCat("unix:", directory_.File("socket"))};
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
    for (const std::string& address : stack_->service().addresses()) {
      stubs_.push_back(mesh::NetworkService::NewStub(stack_->service().NewChannel(address)));
    }
    ASSERT_EQ(stubs_.size(), 2u);
  }

  const TemporaryDirectory directory_;
  std::unique_ptr<Stack> stack_;
  std::vector<std::unique_ptr<Stub>> stubs_;  // loopback, Unix socket
};

TEST_F(SharesTest, TwoStreamsOfOneClientLeavePlacesForOthersAndLoseNothing) {
  ASSERT_TRUE(IsOk(stack_->SetFaults(kGateway, {{"answer_delay_ms", 300}})));
  constexpr int kMessages = 400;
  struct Stream {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReaderWriter<mesh::SendMessagesRequest, mesh::SendMessagesResponse>>
        stream;
    std::thread writer;
  };
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 2; ++i) {
    auto each = std::make_unique<Stream>();
    SetDeadline(&each->context, kBound);
    each->stream = stubs_[0]->SendMessages(&each->context);
    each->writer = std::thread([stream = each->stream.get()] {
      mesh::SendMessagesRequest request;
      *request.mutable_request() = SendRequest(kGateway, kSink);
      for (int n = 1; n <= kMessages; ++n) {
        request.set_correlation_id(n);
        if (!stream->Write(request)) break;
      }
      stream->WritesDone();
    });
    streams.push_back(std::move(each));
  }
  EXPECT_TRUE(Eventually(
      [&] { return stack_->service().Metric("wirepas_grpc_pending_requests") >= kShare; }));
  // Another finds room, while all of those are waiting.
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(
        IsOk(Call(stubs_[1].get(), &Stub::SendMessage, SendRequest(kOtherGateway, kSink)).status));
  }
  EXPECT_LE(stack_->service().Metric("wirepas_grpc_pending_requests"), kPlaces);
  for (const auto& each : streams) {
    mesh::SendMessagesResponse response;
    int sent = 0;
    while (each->stream->Read(&response)) {
      EXPECT_TRUE(response.has_sent()) << response.ShortDebugString();
      ++sent;
    }
    each->writer.join();
    EXPECT_TRUE(IsOk(each->stream->Finish()));
    EXPECT_EQ(sent, kMessages);
  }
}

TEST_F(SharesTest, ACallBeyondTheShareSaysWhoseBoundItWas) {
  ASSERT_TRUE(IsOk(stack_->SetFaults(kGateway, {{"no_answer", "all"}})));
  std::vector<std::unique_ptr<AsyncCall<mesh::SendMessageResponse>>> calls;
  for (int i = 0; i < kShare; ++i) {
    calls.push_back(std::make_unique<AsyncCall<mesh::SendMessageResponse>>(
        stubs_[0].get(), &Stub::SendMessage, SendRequest(kGateway, kSink), kBound));
  }
  EXPECT_TRUE(Eventually(
      [&] { return stack_->service().Metric("wirepas_grpc_pending_requests") == kShare; }));
  const auto beyond = Call(stubs_[0].get(), &Stub::SendMessage, SendRequest(kOtherGateway, kSink));
  ExpectFailure(beyond.status, StatusCode::RESOURCE_EXHAUSTED,
                {"too many requests of loopback", kOtherGateway, kSink});
  EXPECT_TRUE(
      IsOk(Call(stubs_[1].get(), &Stub::SendMessage, SendRequest(kOtherGateway, kSink)).status));
  for (const auto& call : calls) call->Cancel();
}

}  // namespace
}  // namespace wirepas_grpc::integration
