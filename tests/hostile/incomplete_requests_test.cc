// SPDX-License-Identifier: Apache-2.0
//
// Headers that do not get complete are bounded, whatever else goes over the connection, and
// clients who complete theirs are not taken for hostile.
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/instant.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "tests/hostile/attack_tools.h"
#include "tests/hostile/http2.h"
#include "tests/hostile/raw_connection.h"
#include "tests/integration/expect.h"
#include "tests/integration/harness.h"
#include "tests/integration/programs.h"

namespace wirepas_grpc::hostile {
namespace {

using integration::Eventually;
using integration::IsOk;
using integration::kBound;
using integration::ServiceProcess;
namespace mesh = integration::mesh;

constexpr char kUpload[] = "/wirepas.mesh.v1.NetworkService/UploadScratchpad";
constexpr char kSubscribe[] = "/wirepas.mesh.v1.NetworkService/SubscribeUplink";

double Closed(const ServiceProcess& service, absl::string_view reason) {
  return service.Metric(
      absl::StrCat("wirepas_grpc_connections_closed_total{reason=\"", reason, "\"}"));
}

absl::StatusOr<std::unique_ptr<ServiceProcess>> StartService(
    const std::vector<std::string>& more = {}) {
  // Nobody listens there.
  std::vector<std::string> arguments = {"--mqtt_hostname", "127.0.0.1", "--mqtt_port", "1",
                                        "--mqtt_force_unsecure"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return ServiceProcess::Start(arguments);
}

TEST(IncompleteRequestsTest, HeadersThatGoOnEndAlsoWhileTheServiceSends) {
  integration::Stack::Options options;
  options.simulator = {"--gateways", "2", "--sinks", "2", "--rate", "2000"};
  options.service = {"--max_message_bytes", "4MiB"};
  integration::Stack stack(options);
  ASSERT_TRUE(IsOk(stack.Start()));
  constexpr size_t kMostSent = 48 << 20;
  RawConnection connection(stack.service().port());
  connection.Send(absl::StrCat(Preface(), SettingsAck(), WideWindows()), kBound);
  CallWriter calls(kSubscribe);
  connection.Send(calls.Whole(), kBound);
  EXPECT_FALSE(connection.Receive(kBound, 10'000).empty());
  // One header of 2 GiB.
  const std::string first = absl::StrCat("\x83\x86\x40\x01", "a", "\x7f\x80\xff\xff\xff\x07");
  connection.Send(Frame(kHeaders, kNoFlags, 3, first), kBound);
  const std::string more =
      Times(Frame(kContinuation, kNoFlags, 3, std::string(kMaxFramePayload, 'x')), 128 << 10);
  size_t sent = 0;
  size_t went = more.size();
  while (went == more.size() && sent < kMostSent) {
    went = connection.Send(more, absl::Seconds(10), /*reading=*/true);
    sent += went;
  }
  EXPECT_TRUE(Eventually([&] { return Closed(stack.service(), "traffic") == 1; }));
  EXPECT_LT(sent, kMostSent);
}

// The call has begun, and its request has not come yet.
class BegunCall {
 public:
  explicit BegunCall(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(channel), stream_(stub_.PrepareCall(&context_, kUpload, &queue_)) {
    stream_->StartCall(this);
    Next();
  }
  ~BegunCall() {
    context_.TryCancel();
    grpc::Status status;
    stream_->Finish(&status, this);
    Next();
  }

 private:
  void Next() {
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  const std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

// Each below the bound of headers, all together far above that of incomplete requests.
TEST(CompleteRequestsTest, MayHaveLargeHeaders) {
  constexpr int kCalls = 10'000;
  constexpr int kAtOnce = 500;
  auto started = StartService();
  ASSERT_TRUE(IsOk(started.status()));
  const auto stub = mesh::NetworkService::NewStub((*started)->NewChannel());
  struct Calling {
    grpc::ClientContext context;
    mesh::SendMessageRequest request;
    mesh::SendMessageResponse response;
  };
  std::vector<Calling> calls(kCalls);
  std::atomic<int> begun = 0;
  std::atomic<int> ended = 0;
  std::atomic<int> failed = 0;
  const std::function<void()> next = [&] {
    const int i = begun++;
    if (i >= kCalls) return;
    Calling& call = calls[static_cast<size_t>(i)];
    call.context.AddMetadata("x-token", absl::StrCat(i, std::string(4 << 10, 'x')));
    stub->async()->SendMessage(&call.context, &call.request, &call.response,
                               [&](const grpc::Status& status) {
                                 if (status.error_code() != grpc::StatusCode::INVALID_ARGUMENT)
                                   ++failed;
                                 next();
                                 ++ended;
                               });
  };
  for (int i = 0; i < kAtOnce; ++i) next();
  EXPECT_TRUE(Eventually([&] { return ended == kCalls; }));
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(Closed(**started, "unfinished") + Closed(**started, "traffic"), 0);
}

TEST(CompleteRequestsTest, MayBeManyMessagesBesideOneThatIsOnItsWay) {
  constexpr int kMessages = 100'000;
  auto started = StartService();
  ASSERT_TRUE(IsOk(started.status()));
  const auto channel = (*started)->NewChannel();
  const BegunCall begun(channel);
  const auto stub = mesh::NetworkService::NewStub(channel);
  grpc::ClientContext context;
  integration::SetDeadline(&context, 2 * kBound);
  const auto stream = stub->SendMessages(&context);
  std::thread reader([&] {
    mesh::SendMessagesResponse response;
    int answers = 0;
    while (stream->Read(&response)) ++answers;
    EXPECT_EQ(answers, kMessages);
  });
  mesh::SendMessagesRequest request;
  request.mutable_request()->mutable_sink()->set_gateway_id("gateway");
  request.mutable_request()->mutable_sink()->set_sink_id("sink");
  request.mutable_request()->mutable_message()->set_payload(std::string(1400, 'x'));
  for (int i = 0; i < kMessages && stream->Write(request); ++i) {
  }
  stream->WritesDone();
  reader.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(Closed(**started, "unfinished") + Closed(**started, "traffic"), 0);
}

}  // namespace
}  // namespace wirepas_grpc::hostile
