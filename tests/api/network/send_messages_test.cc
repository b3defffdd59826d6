// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <map>

#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

class SendMessagesTest : public ServiceTest {
 protected:
  explicit SendMessagesTest(core::Network::Options options = {})
      : ServiceTest({}, std::move(options)) {}

  void SetUp() override {
    AddGateway("gw1", {"a"});
    ConnectAndSync();
    stream_ = stub_->SendMessages(&context_);
  }

  // Answers requests like a gateway, as they come.
  void AnswerAll() {
    broker_.set_on_publish([this](const core::FakeBroker::Published& published) {
      gw::GenericMessage message;
      ASSERT_TRUE(message.ParseFromString(published.payload));
      gw::WirepasMessage answer;
      answer.mutable_send_packet_resp();
      Answer({published.topic, message.wirepas(),
              message.wirepas().send_packet_req().header().req_id()},
             answer);
    });
  }

  static mesh::SendMessagesRequest Request(uint64_t correlation_id) {
    mesh::SendMessagesRequest request;
    request.set_correlation_id(correlation_id);
    request.mutable_request()->mutable_sink()->set_gateway_id("gw1");
    request.mutable_request()->mutable_sink()->set_sink_id("a");
    request.mutable_request()->mutable_message()->set_destination_address(5);
    return request;
  }

  void TearDown() override {
    context_.TryCancel();
    if (!finished_) stream_->Finish();
  }
  grpc::Status Finish() {
    finished_ = true;
    return stream_->Finish();
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<mesh::SendMessagesRequest, mesh::SendMessagesResponse>>
      stream_;
  bool finished_ = false;
};

TEST_F(SendMessagesTest, AnswersComeInAnyOrderWithTheirNumbers) {
  ASSERT_TRUE(stream_->Write(Request(100)) && stream_->Write(Request(200)));
  const Incoming first = NextRequest();
  const Incoming second = NextRequest();
  gw::WirepasMessage answer;
  answer.mutable_send_packet_resp();
  Answer(second, answer);
  mesh::SendMessagesResponse response;
  ASSERT_TRUE(stream_->Read(&response));
  const uint64_t other = response.correlation_id() == 100 ? 200 : 100;
  EXPECT_EQ(response.sent().sent().request_id(), second.id);
  Answer(first, answer, gw::ACCESS_DENIED);
  ASSERT_TRUE(stream_->Read(&response));
  EXPECT_EQ(response.correlation_id(), other);
  EXPECT_EQ(response.error().code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(response.error().gateway_error().result(), mesh::RESULT_CODE_ACCESS_DENIED);
}

TEST_F(SendMessagesTest, ABadRequestFailsAlone) {
  AnswerAll();
  mesh::SendMessagesRequest bad = Request(1);
  bad.mutable_request()->mutable_message()->set_qos(9);
  mesh::SendMessagesRequest empty;
  empty.set_correlation_id(2);
  ASSERT_TRUE(stream_->Write(bad) && stream_->Write(empty) && stream_->Write(Request(3)));
  std::map<uint64_t, mesh::SendMessagesResponse> responses;
  for (int i = 0; i < 3; ++i) {
    mesh::SendMessagesResponse response;
    ASSERT_TRUE(stream_->Read(&response));
    responses[response.correlation_id()] = response;
  }
  EXPECT_EQ(responses[1].error().code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(responses[1].error().gateway_error().gateway_id(), "gw1");
  EXPECT_THAT(responses[2].error().message(), testing::HasSubstr("request: missing"));
  EXPECT_EQ(responses[2].error().gateway_error().outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  EXPECT_TRUE(responses[3].has_sent());
}

// Decoded they would take a hundred times as much as they are.
TEST_F(SendMessagesTest, ARequestOfVeryManyFieldsEndsTheStream) {
  AnswerAll();
  mesh::SendMessagesRequest many = Request(2);
  for (int i = 0; i < 2000; ++i) {
    many.GetReflection()->MutableUnknownFields(&many)->AddVarint(1000, 0);
  }
  ASSERT_TRUE(stream_->Write(Request(1)) && stream_->Write(many));
  mesh::SendMessagesResponse response;
  ASSERT_TRUE(stream_->Read(&response));
  EXPECT_EQ(response.correlation_id(), 1u);
  EXPECT_FALSE(stream_->Read(&response));
  ExpectStatus(Finish(), grpc::StatusCode::RESOURCE_EXHAUSTED, {"more than 1024 fields"});
}

TEST_F(SendMessagesTest, EndsWithOkAfterTheLastAnswer) {
  AnswerAll();
  constexpr int kRequests = 25000;  // more than are read ahead
  std::thread writer([&] {
    for (int i = 1; i <= kRequests; ++i) ASSERT_TRUE(stream_->Write(Request(i)));
    stream_->WritesDone();
  });
  std::vector<bool> seen(kRequests + 1);
  mesh::SendMessagesResponse response;
  int responses = 0;
  while (stream_->Read(&response)) {
    ASSERT_TRUE(response.has_sent()) << response.ShortDebugString();
    ASSERT_FALSE(seen[response.correlation_id()]);
    seen[response.correlation_id()] = true;
    ++responses;
  }
  writer.join();
  EXPECT_EQ(responses, kRequests);
  EXPECT_TRUE(Finish().ok());
}

TEST_F(SendMessagesTest, ReadsAheadABoundedNumberOnly) {
  // It goes on publishing when this function has ended.
  const auto published = std::make_shared<std::atomic<int>>(0);
  broker_.set_on_publish([published](const auto&) { ++*published; });
  std::thread writer([&] {
    for (int i = 1; i <= 30000 && stream_->Write(Request(i)); ++i) {
    }
  });
  Await([&] { return *published == 10000; });
  EXPECT_EQ(network_.tracker().pending(), 10000u);
  // What is pending ends by its own limit, which begins when the broker has taken it, and so
  // the stream reads on.
  core::Drain(&executor_, 2);
  broker_.Flush();
  Advance(absl::Seconds(2));
  mesh::SendMessagesResponse response;
  int answers = 0;
  while (answers < 10000 && stream_->Read(&response)) {
    EXPECT_EQ(response.error().code(), grpc::StatusCode::DEADLINE_EXCEEDED);
    ++answers;
  }
  EXPECT_EQ(answers, 10000);
  Await([&] { return network_.tracker().pending() == 10000; });
  context_.TryCancel();
  writer.join();
  Await([&] { return network_.tracker().pending() == 0; });
}

TEST_F(SendMessagesTest, CancelledItGivesUpWhatIsPending) {
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(stream_->Write(Request(i)));
  for (int i = 0; i < 100; ++i) NextRequest();
  EXPECT_EQ(network_.tracker().pending(), 100u);
  context_.TryCancel();
  Await([&] { return network_.tracker().pending() == 0 && service_.open_streams() == 0; });
}

TEST_F(SendMessagesTest, ShutdownAnswersWhatWasReadAndEndsTheStream) {
  ASSERT_TRUE(stream_->Write(Request(1)));
  ASSERT_TRUE(stream_->Write(Request(2)));
  const Incoming first = NextRequest();
  NextRequest();
  // Once the answer to this one has come, the next read is under way.
  mesh::SendMessagesRequest empty;
  empty.set_correlation_id(9);
  ASSERT_TRUE(stream_->Write(empty));
  mesh::SendMessagesResponse response;
  ASSERT_TRUE(stream_->Read(&response));
  EXPECT_EQ(response.correlation_id(), 9u);
  service_.Drain();
  // What that read gives is answered and not sent.
  ASSERT_TRUE(stream_->Write(Request(3)));
  ASSERT_TRUE(stream_->Read(&response));
  EXPECT_EQ(response.correlation_id(), 3u);
  EXPECT_EQ(response.error().code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(response.error().gateway_error().outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  gw::WirepasMessage answer;
  answer.mutable_send_packet_resp();
  Answer(first, answer);
  ASSERT_TRUE(stream_->Read(&response));
  EXPECT_TRUE(response.has_sent());
  service_.EndCalls();
  ASSERT_TRUE(stream_->Read(&response));
  EXPECT_EQ(response.error().code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(response.error().gateway_error().outcome(), mesh::REQUEST_OUTCOME_UNKNOWN);
  EXPECT_FALSE(stream_->Read(&response));
  const grpc::Status status = Finish();
  // Some was sent: whoever repeats what is UNAVAILABLE must not repeat it all.
  ExpectStatus(status, grpc::StatusCode::DEADLINE_EXCEEDED,
               {"shutting down", "what has no response was not sent"});
  EXPECT_EQ(DetailOf(status).outcome(), mesh::REQUEST_OUTCOME_UNKNOWN);
  EXPECT_EQ(broker_.published_count(), 0u);
  grpc::ClientContext context;
  auto refused = stub_->SendMessages(&context);
  EXPECT_FALSE(refused->Read(&response));
  ExpectStatus(refused->Finish(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(SendMessagesTest, AStreamThatHasSentNothingSaysSoAtTheShutdown) {
  mesh::SendMessagesRequest wrong;
  ASSERT_TRUE(stream_->Write(wrong));
  mesh::SendMessagesResponse response;
  ASSERT_TRUE(stream_->Read(&response));
  service_.Drain();
  const grpc::Status status = Finish();
  ExpectStatus(status, grpc::StatusCode::UNAVAILABLE, {"shutting down"});
  EXPECT_EQ(DetailOf(status).outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
}

class FewPlacesTest : public SendMessagesTest {
 protected:
  static constexpr size_t kPlaces = 90;

  FewPlacesTest() : SendMessagesTest(FewPlaces()) {}
  static core::Network::Options FewPlaces() {
    core::Network::Options options;
    options.max_pending_requests = kPlaces;
    return options;
  }

  core::RequestPlaces& places() { return network_.tracker().places(); }
  // Writes more than there are places, as far as it gets until the stream's end.
  template <typename Stream>
  static std::thread WriteMany(Stream* stream) {
    return std::thread([stream] {
      for (int i = 1; i <= 200 && stream->Write(Request(i)); ++i) {
      }
    });
  }
  static constexpr size_t kShare = kPlaces * 8 / 9;
};

TEST_F(FewPlacesTest, TheStreamReadsOnlyWhileThereArePlaces) {
  std::atomic<size_t> published = 0;
  broker_.set_on_publish([&](const auto&) { ++published; });
  constexpr int kRequests = 1000;
  std::thread writer([&] {
    for (int i = 1; i <= kRequests; ++i) ASSERT_TRUE(stream_->Write(Request(i)));
    stream_->WritesDone();
  });
  Await([&] { return published == kShare; });
  EXPECT_EQ(places().taken(), kShare);
  // As places come free, so the requests go out: none is refused.
  core::Drain(&executor_, 2);
  broker_.Flush();
  AnswerAll();
  Advance(absl::Seconds(2));
  mesh::SendMessagesResponse response;
  int late = 0;
  int sent = 0;
  while (stream_->Read(&response)) {
    if (response.has_sent()) {
      ++sent;
    } else {
      ++late;
      EXPECT_EQ(response.error().code(), grpc::StatusCode::DEADLINE_EXCEEDED)
          << response.ShortDebugString();
    }
  }
  writer.join();
  EXPECT_EQ(late, static_cast<int>(kShare)) << "what went out before there was anybody to answer";
  EXPECT_EQ(sent + late, kRequests);
  EXPECT_TRUE(Finish().ok());
  Await([&] { return places().taken() == 0; });
}

TEST_F(FewPlacesTest, OneClientsStreamsLeavePlacesForOthers) {
  broker_.set_on_publish([](const auto&) {});
  grpc::ClientContext other_context;
  const auto other = stub_->SendMessages(&other_context);
  std::thread writer = WriteMany(stream_.get());
  std::thread other_writer = WriteMany(other.get());
  Await([&] { return places().taken() == kShare; });
  // One and the same client's call beyond its share says whose bound it is.
  mesh::SendMessageRequest request = Request(0).request();
  Call refused(stub_.get(), &mesh::NetworkService::Stub::SendMessage, request);
  ExpectStatus(refused.Finish(), grpc::StatusCode::RESOURCE_EXHAUSTED,
               {"'gw1'", "80 are its share of the bound of 90", "nothing was sent"});
  EXPECT_EQ(DetailOf(refused.Finish()).request_id(), 0u);
  mesh::ListSinksRequest listing;
  listing.set_refresh(true);
  Call listed(stub_.get(), &mesh::NetworkService::Stub::ListSinks, listing);
  ASSERT_TRUE(listed.Finish().ok());
  ASSERT_EQ(listed.response().errors_size(), 1);
  EXPECT_EQ(listed.response().errors(0).code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  // Another finds room.
  EXPECT_TRUE(places().Take(places().Named("another")).ok());
  other_context.TryCancel();
  context_.TryCancel();
  other_writer.join();
  writer.join();
  other->Finish();
  Await([&] { return places().taken() == 0; });
}

TEST_F(FewPlacesTest, AStreamThatWaitsForAPlaceCanBeCancelled) {
  broker_.set_on_publish([](const auto&) {});
  std::thread writer = WriteMany(stream_.get());
  Await([&] { return places().taken() == kShare; });
  context_.TryCancel();
  Await([&] { return places().taken() == 0 && service_.open_streams() == 0; });
  writer.join();
}

TEST_F(FewPlacesTest, WhatWaitsForAPlaceIsEndedByShutdown) {
  broker_.set_on_publish([](const auto&) {});
  std::thread writer = WriteMany(stream_.get());
  Await([&] { return places().taken() == kShare; });
  service_.Drain();
  service_.EndCalls();
  Advance(absl::Seconds(2));
  Await([&] { return places().taken() == 0; });
  context_.TryCancel();
  writer.join();
}

// It was read before: it is answered like all that was.
TEST_F(FewPlacesTest, WhatWaitsForAPlaceWhenTheServiceDrainsIsSent) {
  broker_.set_on_publish([](const auto&) {});
  for (size_t i = 1; i <= kShare + 1; ++i) ASSERT_TRUE(stream_->Write(Request(i)));
  Await([&] { return places().waiting() == 1; });
  core::Drain(&executor_, 2);
  broker_.Flush();
  service_.Drain();
  AnswerAll();
  Advance(absl::Seconds(2));  // for the answers to those before it
  mesh::SendMessagesResponse response;
  size_t late = 0;
  size_t sent = 0;
  while (stream_->Read(&response)) {
    if (response.has_sent()) {
      EXPECT_EQ(response.correlation_id(), kShare + 1);
      ++sent;
    } else {
      EXPECT_EQ(response.error().code(), grpc::StatusCode::DEADLINE_EXCEEDED)
          << response.ShortDebugString();
      ++late;
    }
  }
  EXPECT_EQ(sent, 1u);
  EXPECT_EQ(late, kShare);
  ExpectStatus(Finish(), grpc::StatusCode::DEADLINE_EXCEEDED, {"shutting down"});
}

TEST_F(FewPlacesTest, WhatWaitsForAPlaceAtTheEndOfCallsIsNotSent) {
  broker_.set_on_publish([](const auto&) {});
  for (size_t i = 1; i <= kShare + 1; ++i) ASSERT_TRUE(stream_->Write(Request(i)));
  Await([&] { return places().waiting() == 1; });
  core::Drain(&executor_, 2);
  broker_.Flush();
  service_.Drain();
  network_.EndRequests();
  mesh::SendMessagesResponse response;
  size_t late = 0;
  size_t unsent = 0;
  while (stream_->Read(&response)) {
    if (response.error().code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
      ++late;
      continue;
    }
    ++unsent;
    EXPECT_EQ(response.correlation_id(), kShare + 1);
    EXPECT_EQ(response.error().code(), grpc::StatusCode::UNAVAILABLE)
        << response.ShortDebugString();
    EXPECT_EQ(response.error().gateway_error().outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  }
  EXPECT_EQ(unsent, 1u);
  EXPECT_EQ(late, kShare);
}

}  // namespace
}  // namespace wirepas_grpc::api
