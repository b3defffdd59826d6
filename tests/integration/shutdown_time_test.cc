// SPDX-License-Identifier: Apache-2.0
//
// How long the process takes to end after a signal, and with what.
#include <signal.h>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/shutdown_fixture.h"
#include "tests/integration/stream_reader.h"

namespace wirepas_grpc::integration {
namespace {

using testing::HasSubstr;
using Stub = mesh::NetworkService::Stub;
namespace health = grpc::health::v1;

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
