// SPDX-License-Identifier: Apache-2.0
//
// SendMessage with a request id, SendMessages and BroadcastMessage, beyond the plain
// success.
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;
using SendCall = AsyncCall<mesh::SendMessageResponse>;

uint64_t RandomId() {
  absl::BitGen random;
  return absl::Uniform<uint64_t>(absl::IntervalClosed, random, 1, ~uint64_t{0});
}

class SendingTest : public SharedStack<SendingTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    // Many messages are under way at once, and none may be lost by the broker.
    options.broker.max_queued_messages = 100000;
    options.broker.max_inflight = 1000;
    options.simulator = {"--gateways", "2", "--sinks", "2", "--rate", "0"};
    return options;
  }

 protected:
  static bool NothingPending() {
    return stack().service().Metric("wirepas_grpc_pending_requests") == 0;
  }

  // How many send_data requests carried this id, until one with another id, which
  // this makes.
  static int CountSent(MqttPeer* spy, uint64_t request_id) {
    auto marker = SendRequest(kOtherGateway, kSink);
    marker.set_request_id(RandomId());
    EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, marker).status));
    const auto heard = spy->TakeUpTo([&](const MqttPeer::Message& message) {
      return Decoded(message.payload).send_packet_req().header().req_id() == marker.request_id();
    });
    EXPECT_TRUE(heard.ok()) << heard.status();
    if (!heard.ok()) return -1;
    int count = 0;
    for (const MqttPeer::Message& message : *heard) {
      if (Decoded(message.payload).send_packet_req().header().req_id() == request_id) ++count;
    }
    return count;
  }
};

TEST_F(SendingTest, RepeatedIdGivesTheFirstResultAndSendsNothing) {
  const auto spy = stack().NewPeer({"gw-request/send_data/#"});
  auto request = SendRequest(kGateway, kSink);
  request.set_request_id(RandomId());
  const auto first = Call(stub(), &Stub::SendMessage, request);
  ASSERT_TRUE(IsOk(first.status));
  for (int i = 0; i < 3; ++i) {
    const auto again = Call(stub(), &Stub::SendMessage, request);
    ASSERT_TRUE(IsOk(again.status));
    EXPECT_EQ(again.response.ShortDebugString(), first.response.ShortDebugString());
  }
  EXPECT_EQ(CountSent(spy.get(), request.request_id()), 1);
}

TEST_F(SendingTest, RepeatedIdGivesTheFirstRefusalToo) {
  ASSERT_TRUE(
      IsOk(stack().SetFaults(kGateway, {{"error_codes", {{"send_data", "ACCESS_DENIED"}}}})));
  auto request = SendRequest(kGateway, kSink);
  request.set_request_id(RandomId());
  const Says says = {"ACCESS_DENIED", kGateway, kSink, mesh::RESULT_CODE_ACCESS_DENIED, true};
  ExpectFailure(Call(stub(), &Stub::SendMessage, request).status, StatusCode::PERMISSION_DENIED,
                says);
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  ExpectFailure(Call(stub(), &Stub::SendMessage, request).status, StatusCode::PERMISSION_DENIED,
                says);
}

TEST_F(SendingTest, RepetitionGetsAnAnswerThatCameTooLateForTheFirst) {
  const auto spy = stack().NewPeer({"gw-request/send_data/#"});
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"answer_delay_ms", 3000}})));
  auto request = SendRequest(kGateway, kSink);
  request.set_request_id(RandomId());
  const auto first = Call(stub(), &Stub::SendMessage, request, kNoDeadline);
  ExpectFailure(first.status, StatusCode::DEADLINE_EXCEEDED,
                {"no answer", kGateway, kSink, mesh::RESULT_CODE_UNSPECIFIED, true});
  EXPECT_EQ(GatewayErrorOf(first.status)->request_id(), request.request_id());
  const auto again = Call(stub(), &Stub::SendMessage, request);
  ASSERT_TRUE(IsOk(again.status));
  EXPECT_EQ(again.response.sent().request_id(), request.request_id());
  EXPECT_GE(again.response.sent().gateway_time().seconds(), 2);
  EXPECT_EQ(CountSent(spy.get(), request.request_id()), 1);
}

TEST_F(SendingTest, RepetitionsWaitTogetherForOneAnswer) {
  const auto spy = stack().NewPeer({"gw-request/send_data/#"});
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"answer_delay_ms", 500}})));
  auto request = SendRequest(kGateway, kSink);
  request.set_request_id(RandomId());
  std::vector<std::unique_ptr<SendCall>> calls;
  for (int i = 0; i < 5; ++i) {
    calls.push_back(std::make_unique<SendCall>(stub(), &Stub::SendMessage, request));
  }
  for (const auto& call : calls) {
    const auto result = call->Get();
    ASSERT_TRUE(IsOk(result.status));
    EXPECT_EQ(result.response.sent().request_id(), request.request_id());
  }
  EXPECT_EQ(CountSent(spy.get(), request.request_id()), 1);
}

TEST_F(SendingTest, IdOfAnotherMessageIsRefused) {
  auto request = SendRequest(kGateway, kSink);
  request.set_request_id(RandomId());
  ASSERT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, request).status));
  auto other_payload = request;
  other_payload.mutable_message()->set_payload("something else");
  auto other_sink = request;
  other_sink.mutable_sink()->set_sink_id(kOtherSink);
  auto other_gateway = request;
  other_gateway.mutable_sink()->set_gateway_id(kOtherGateway);
  for (const auto& other : {other_payload, other_sink, other_gateway}) {
    ExpectFailure(Call(stub(), &Stub::SendMessage, other).status, StatusCode::INVALID_ARGUMENT,
                  {"request_id", other.sink().gateway_id(), other.sink().sink_id()});
  }
}

TEST_F(SendingTest, IdOfWhatWasNotSentCanBeSent) {
  auto request = SendRequest("not-yet-there", kSink);
  request.set_request_id(RandomId());
  ExpectFailure(Call(stub(), &Stub::SendMessage, request).status, StatusCode::NOT_FOUND,
                {"not known", "not-yet-there", kSink});
  request.mutable_sink()->set_gateway_id(kGateway);
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, request).status));
}

// A stream of requests with its answers by correlation id.
class MessageStream {
 public:
  explicit MessageStream(Stub* stub) {
    SetDeadline(&context_, 4 * kBound);
    stream_ = stub->SendMessages(&context_);
    reader_ = std::thread([this] {
      mesh::SendMessagesResponse response;
      while (stream_->Read(&response)) answers_.emplace(response.correlation_id(), response);
    });
  }
  ~MessageStream() {
    if (reader_.joinable()) {
      context_.TryCancel();
      reader_.join();
    }
  }

  void Send(uint64_t correlation_id, const mesh::SendMessageRequest& request) {
    mesh::SendMessagesRequest wrapped;
    wrapped.set_correlation_id(correlation_id);
    *wrapped.mutable_request() = request;
    ASSERT_TRUE(stream_->Write(wrapped));
  }
  void SendNothing(uint64_t correlation_id) {
    mesh::SendMessagesRequest empty;
    empty.set_correlation_id(correlation_id);
    ASSERT_TRUE(stream_->Write(empty));
  }

  // Says that there are no more, reads what is left and returns the end.
  grpc::Status Finish() {
    stream_->WritesDone();
    reader_.join();
    return stream_->Finish();
  }
  grpc::Status Cancel() {
    context_.TryCancel();
    reader_.join();
    return stream_->Finish();
  }

  // After Finish().
  const std::multimap<uint64_t, mesh::SendMessagesResponse>& answers() const { return answers_; }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<mesh::SendMessagesRequest, mesh::SendMessagesResponse>>
      stream_;
  std::thread reader_;
  std::multimap<uint64_t, mesh::SendMessagesResponse> answers_;
};

TEST_F(SendingTest, ThousandsOfMessagesInOneStreamEachWithItsOwnResult) {
  ASSERT_TRUE(
      IsOk(stack().SetFaults(kOtherGateway, {{"error_codes", {{"send_data", "ACCESS_DENIED"}}}})));
  constexpr uint64_t kMessages = 2400;
  MessageStream stream(stub());
  for (uint64_t i = 0; i < kMessages; ++i) {
    switch (i % 6) {
      case 0:
        stream.Send(i, SendRequest("nobody", kSink));
        break;
      case 1:
        stream.Send(i, SendRequest(kGateway, "a/b"));
        break;
      case 2:
        stream.Send(i, SendRequest(kOtherGateway, kSink));
        break;
      case 3:
        stream.SendNothing(i);
        break;
      default:
        stream.Send(i, SendRequest(kGateway, i % 2 == 0 ? kSink : kOtherSink));
    }
  }
  ASSERT_TRUE(IsOk(stream.Finish()));
  EXPECT_EQ(stream.answers().size(), kMessages);
  std::set<uint64_t> request_ids;
  uint64_t expected_id = 0;
  for (const auto& [id, answer] : stream.answers()) {
    ASSERT_EQ(id, expected_id++);
    if (id % 6 == 0) {
      ExpectFailure(answer.error(), StatusCode::NOT_FOUND, {"not known", "nobody", kSink});
    } else if (id % 6 == 1) {
      ExpectFailure(answer.error(), StatusCode::INVALID_ARGUMENT, {"sink_id", kGateway});
    } else if (id % 6 == 2) {
      ExpectFailure(answer.error(), StatusCode::PERMISSION_DENIED,
                    {"ACCESS_DENIED", kOtherGateway, kSink, mesh::RESULT_CODE_ACCESS_DENIED, true});
    } else if (id % 6 == 3) {
      ExpectFailure(answer.error(), StatusCode::INVALID_ARGUMENT, {"request"});
    } else {
      EXPECT_TRUE(answer.has_sent()) << answer.ShortDebugString();
      EXPECT_TRUE(request_ids.insert(answer.sent().sent().request_id()).second);
    }
    if (HasFailure()) break;
  }
  EXPECT_TRUE(Eventually(NothingPending));
}

TEST_F(SendingTest, SilentGatewayFailsItsMessagesOfAStreamAlone) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_answer", {"send_data"}}})));
  constexpr uint64_t kMessages = 400;
  MessageStream stream(stub());
  for (uint64_t i = 0; i < kMessages; ++i) {
    stream.Send(i, SendRequest(i % 2 == 0 ? kGateway : kOtherGateway, kSink));
  }
  ASSERT_TRUE(IsOk(stream.Finish()));
  ASSERT_EQ(stream.answers().size(), kMessages);
  for (const auto& [id, answer] : stream.answers()) {
    if (id % 2 == 0) {
      ExpectFailure(answer.error(), StatusCode::DEADLINE_EXCEEDED,
                    {"no answer", kGateway, kSink, mesh::RESULT_CODE_UNSPECIFIED, true});
    } else {
      EXPECT_TRUE(answer.has_sent()) << answer.ShortDebugString();
    }
    if (HasFailure()) break;
  }
}

TEST_F(SendingTest, CancelledStreamGivesUpWhatIsPending) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_answer", {"send_data"}}})));
  constexpr int kMessages = 1000;
  {
    MessageStream stream(stub());
    for (uint64_t i = 0; i < kMessages; ++i) stream.Send(i, SendRequest(kGateway, kSink));
    EXPECT_TRUE(Eventually([] { return !NothingPending(); }));
    EXPECT_EQ(stream.Cancel().error_code(), StatusCode::CANCELLED);
  }
  EXPECT_TRUE(Eventually(NothingPending));
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink)).status));
}

TEST_F(SendingTest, BroadcastHasAResultForEverySinkGoodOrBad) {
  ASSERT_TRUE(
      IsOk(stack().SetFaults(kGateway, {{"error_codes", {{"send_data", "INVALID_SINK_STATE"}}}})));
  mesh::BroadcastMessageRequest request;
  request.mutable_scope()->set_network_address(kNetwork);
  *request.mutable_message() = SendRequest("", "").message();
  auto result = Call(stub(), &Stub::BroadcastMessage, request);
  ASSERT_TRUE(IsOk(result.status));
  ASSERT_EQ(result.response.results_size(), 4);
  for (int i = 0; i < 4; ++i) {
    const mesh::SinkSendResult& each = result.response.results(i);
    EXPECT_EQ(each.sink().gateway_id(), i < 2 ? kGateway : kOtherGateway);
    EXPECT_EQ(each.sink().sink_id(), i % 2 == 0 ? kSink : kOtherSink);
    if (i < 2) {
      ExpectFailure(each.error(), StatusCode::FAILED_PRECONDITION,
                    {"INVALID_SINK_STATE", kGateway, each.sink().sink_id(),
                     mesh::RESULT_CODE_INVALID_SINK_STATE, true});
    } else {
      EXPECT_TRUE(each.has_sent()) << each.ShortDebugString();
    }
  }
}

TEST_F(SendingTest, BroadcastDoesNotWaitLongForTheSilent) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_answer", {"send_data"}}})));
  mesh::BroadcastMessageRequest request;
  request.mutable_scope()->set_network_address(kNetwork);
  *request.mutable_message() = SendRequest("", "").message();
  const auto result = Call(stub(), &Stub::BroadcastMessage, request, absl::Seconds(1));
  ASSERT_TRUE(IsOk(result.status));
  ASSERT_EQ(result.response.results_size(), 4);
  ExpectFailure(result.response.results(1).error(), StatusCode::DEADLINE_EXCEEDED,
                {"no answer", kGateway, kOtherSink, mesh::RESULT_CODE_UNSPECIFIED, true});
  EXPECT_TRUE(result.response.results(2).has_sent());
}

TEST_F(SendingTest, BroadcastWithoutASinkIsNotFound) {
  mesh::BroadcastMessageRequest request;
  request.mutable_scope()->set_network_address(4711);
  *request.mutable_message() = SendRequest("", "").message();
  ExpectFailure(Call(stub(), &Stub::BroadcastMessage, request).status, StatusCode::NOT_FOUND,
                {"4711"});
  request.mutable_scope()->set_network_address(kNetwork);
  request.mutable_scope()->add_gateway_ids("nobody");
  ExpectFailure(Call(stub(), &Stub::BroadcastMessage, request).status, StatusCode::NOT_FOUND,
                {"not known", "nobody"});
}

}  // namespace
}  // namespace wirepas_grpc::integration
