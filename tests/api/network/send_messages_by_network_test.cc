// SPDX-License-Identifier: Apache-2.0
//
// SendMessages by network, and how long its responses may be quiet.
#include <map>
#include <thread>

#include "tests/api/network/network_sending_fixture.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::api {
namespace {

using testing::SizeIs;

class SendMessagesByNetworkTest : public NetworkSendingTest {
 protected:
  void SetUp() override {
    NetworkSendingTest::SetUp();
    stream_ = stub_->SendMessages(&context_);
  }
  void TearDown() override {
    context_.TryCancel();
    if (!finished_) stream_->Finish();
  }
  grpc::Status Finish() {
    finished_ = true;
    return stream_->Finish();
  }

  static mesh::SendMessagesRequest Numbered(uint64_t correlation_id,
                                            const mesh::SendMessageRequest& request) {
    mesh::SendMessagesRequest numbered;
    numbered.set_correlation_id(correlation_id);
    *numbered.mutable_request() = request;
    return numbered;
  }
  mesh::SendMessagesResponse Read() {
    mesh::SendMessagesResponse response;
    EXPECT_TRUE(stream_->Read(&response)) << "the stream has ended";
    return response;
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<mesh::SendMessagesRequest, mesh::SendMessagesResponse>>
      stream_;
  bool finished_ = false;
};

TEST_F(SendMessagesByNetworkTest, EachMessageFindsItsSinksAndFailsAlone) {
  Listen();
  Hear("gw2", "c");
  ASSERT_TRUE(stream_->Write(Numbered(1, ByNetwork())));
  const Incoming to_node = NextRequest();
  EXPECT_EQ(to_node.topic, "gw-request/send_data/gw2/c");
  ASSERT_TRUE(stream_->Write(Numbered(2, ByNetwork(8))));
  mesh::SendMessagesResponse response = Read();
  EXPECT_EQ(response.correlation_id(), 2u);
  EXPECT_EQ(response.error().code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(response.error().reason(), mesh::ERROR_REASON_NODE_NOT_HEARD);
  ASSERT_TRUE(stream_->Write(Numbered(3, ByNetwork(0xFFFFFFFF))));
  for (int i = 0; i < 3; ++i) AnswerSend(NextRequest());
  response = Read();
  EXPECT_EQ(response.correlation_id(), 3u);
  EXPECT_THAT(response.sent().results(), SizeIs(3));
  AnswerSend(to_node);
  response = Read();
  EXPECT_EQ(response.correlation_id(), 1u);
  EXPECT_EQ(response.sent().sink().sink_id(), "c");
  ASSERT_TRUE(stream_->WritesDone());
  mesh::SendMessagesResponse none;
  EXPECT_FALSE(stream_->Read(&none));
  EXPECT_TRUE(Finish().ok());
}

TEST_F(SendMessagesByNetworkTest, CancelledItGivesUpWhatIsPending) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(stream_->Write(Numbered(i, ByNetwork(0xFFFFFFFF))));
  }
  for (int i = 0; i < 30; ++i) NextRequest();
  context_.TryCancel();
  Await([&] { return network_.tracker().pending() == 0 && service_.open_streams() == 0; });
}

// The responses of a stream that goes on until its requests end.
class QuietStreamTest : public SendMessagesByNetworkTest {
 protected:
  void SetUp() override {
    SendMessagesByNetworkTest::SetUp();
    reader_ = std::thread([this] {
      mesh::SendMessagesResponse response;
      while (stream_->Read(&response)) responses_.Put(response);
    });
  }
  void TearDown() override {
    stream_->WritesDone();
    reader_.join();
    EXPECT_TRUE(Finish().ok());
    SendMessagesByNetworkTest::TearDown();
  }

  // The next one, while time passes.
  mesh::SendMessagesResponse Next() {
    Await([&] {
      if (responses_.empty()) Advance(absl::Milliseconds(250));
      return !responses_.empty();
    });
    return responses_.Take().value_or(mesh::SendMessagesResponse());
  }
  mesh::SendMessagesResponse NextWithResult() {
    mesh::SendMessagesResponse response = Next();
    while (IsEmpty(response)) response = Next();
    return response;
  }
  static bool IsEmpty(const mesh::SendMessagesResponse& response) {
    return response.result_case() == mesh::SendMessagesResponse::RESULT_NOT_SET;
  }

  core::Inbox<mesh::SendMessagesResponse> responses_;
  std::thread reader_;
};

TEST_F(QuietStreamTest, TellsThatItIsThere) {
  Listen();
  Hear("gw2", "c");
  const core::Instant start = scheduler_.MonotonicNow();
  mesh::SendMessagesRequest first = Numbered(1, ByNetwork());
  first.mutable_progress_interval()->set_seconds(5);
  ASSERT_TRUE(stream_->Write(first));
  const Incoming incoming = NextRequest();
  Advance(absl::Seconds(1));
  AnswerSend(incoming);
  EXPECT_EQ(NextWithResult().correlation_id(), 1u);
  for (int i = 0; i < 2; ++i) {
    const mesh::SendMessagesResponse empty = Next();
    EXPECT_TRUE(IsEmpty(empty)) << empty.ShortDebugString();
    EXPECT_EQ(empty.correlation_id(), 0u);
  }
  EXPECT_GE(scheduler_.MonotonicNow() - start, absl::Seconds(1 + 2 * 5))
      << "it counts from the last response";
}

TEST_F(QuietStreamTest, TheFirstRequestSaysForHowLong) {
  Listen();
  Hear("gw2", "c");
  mesh::SendMessagesRequest first = Numbered(1, ByNetwork(8));
  first.mutable_progress_interval()->set_seconds(5);
  ASSERT_TRUE(stream_->Write(first));
  EXPECT_EQ(NextWithResult().error().reason(), mesh::ERROR_REASON_NODE_NOT_HEARD);
  // Another one is wrong; the same is not, and none neither.
  mesh::SendMessagesRequest other = Numbered(2, ByNetwork());
  other.mutable_progress_interval()->set_seconds(6);
  ASSERT_TRUE(stream_->Write(other));
  mesh::SendMessagesResponse refused = NextWithResult();
  EXPECT_EQ(refused.correlation_id(), 2u);
  EXPECT_EQ(refused.error().code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(refused.error().field(), "progress_interval");
  for (const uint64_t number : {3, 4}) {
    mesh::SendMessagesRequest good = Numbered(number, ByNetwork());
    if (number == 3) good.mutable_progress_interval()->set_seconds(5);
    ASSERT_TRUE(stream_->Write(good));
    AnswerSend(NextRequest());
    const mesh::SendMessagesResponse sent = NextWithResult();
    EXPECT_EQ(sent.correlation_id(), number);
    EXPECT_TRUE(sent.has_sent()) << sent.ShortDebugString();
  }
}

TEST_F(QuietStreamTest, AnIntervalOutOfRangeFailsItsRequest) {
  mesh::SendMessagesRequest first = Numbered(1, ByNetwork(8));
  first.mutable_progress_interval()->set_nanos(999'999'999);
  ASSERT_TRUE(stream_->Write(first));
  EXPECT_EQ(NextWithResult().error().field(), "progress_interval");
}

// Two sinks and more compete for the places that there are.
class FewPlacesByNetworkTest : public ServiceTest {
 protected:
  static constexpr size_t kPlaces = 4;

  FewPlacesByNetworkTest() : ServiceTest({}, FewPlaces()) {}
  static core::Network::Options FewPlaces() {
    core::Network::Options options;
    options.max_pending_requests = kPlaces;
    return options;
  }
};

TEST_F(FewPlacesByNetworkTest, ManyMessagesThroughMoreSinksThanPlacesAllEnd) {
  AddGateway("gw1", {"a", "b", "c", "d", "e", "f"});
  ConnectAndSync();
  broker_.set_on_publish([this](const core::FakeBroker::Published& published) {
    gw::GenericMessage message;
    ASSERT_TRUE(message.ParseFromString(published.payload));
    gw::WirepasMessage answer;
    answer.mutable_send_packet_resp();
    Answer(
        {published.topic, message.wirepas(), message.wirepas().send_packet_req().header().req_id()},
        answer);
  });
  constexpr int kStreams = 3;
  static constexpr int kRequests = 50;
  std::vector<std::thread> clients;
  for (int client = 0; client < kStreams; ++client) {
    clients.emplace_back([this] {
      grpc::ClientContext context;
      const auto stream = stub_->SendMessages(&context);
      std::thread writer([&] {
        mesh::SendMessagesRequest request;
        request.mutable_request()->set_network_address(12);
        request.mutable_request()->mutable_message()->set_destination_address(0xFFFFFFFF);
        for (int i = 0; i < kRequests; ++i) {
          request.set_correlation_id(i);
          ASSERT_TRUE(stream->Write(request));
        }
        stream->WritesDone();
      });
      mesh::SendMessagesResponse response;
      int answers = 0;
      while (stream->Read(&response)) {
        EXPECT_THAT(response.sent().results(), SizeIs(6)) << response.ShortDebugString();
        for (const mesh::SinkSendResult& result : response.sent().results()) {
          EXPECT_TRUE(result.has_sent()) << result.ShortDebugString();
        }
        ++answers;
      }
      writer.join();
      EXPECT_EQ(answers, kRequests);
      EXPECT_TRUE(stream->Finish().ok());
    });
  }
  for (std::thread& client : clients) client.join();
  Await([&] { return network_.tracker().places().taken() == 0; });
  EXPECT_EQ(network_.tracker().places().waiting(), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::api
