// SPDX-License-Identifier: Apache-2.0
//
// What the limits of connections, calls and descriptors do, and that the service goes on when
// it has met them.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/instant.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "protocols/reflection_service.grpc.pb.h"
#include "tests/hostile/attack_tools.h"
#include "tests/hostile/http2.h"
#include "tests/hostile/process_figures.h"
#include "tests/integration/expect.h"
#include "tests/integration/programs.h"
#include "tests/support/process.h"

namespace wirepas_grpc::hostile {
namespace {

using grpc::StatusCode;
using integration::Eventually;
using integration::IsOk;
using integration::kBound;
using integration::ServiceProcess;
namespace mesh = integration::mesh;
namespace reflection = grpc::reflection::v1alpha;

// Nobody listens there. The service says so to those who ask, which is an answer.
const std::vector<std::string> kNoBroker = {"--mqtt_hostname", "127.0.0.1", "--mqtt_port", "1",
                                            "--mqtt_force_unsecure"};

std::vector<std::string> With(const std::vector<std::string>& more) {
  std::vector<std::string> arguments = kNoBroker;
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// An HTTP/2 client that makes one call after the other over its connection.
class RawClient {
 public:
  explicit RawClient(int port) : connection_(port) {
    connection_.Send(Preface(), kBound);
    connection_.Send(SettingsAck(), kBound);
  }
  // One more call was answered.
  bool IsServed() {
    connection_.Send(calls_.Whole(), kBound);
    const core::Instant end = core::Instant::Now() + absl::Seconds(10);
    while (core::Instant::Now() < end) {
      received_ += connection_.Receive(absl::Milliseconds(20), 1 << 20);
      for (const FrameHead& frame : Frames(received_)) {
        const bool ends = frame.type == kHeaders && (frame.flags & kEndStream) != 0;
        if (ends && frame.stream == calls_.stream()) return true;
      }
    }
    return false;
  }

 private:
  RawConnection connection_;
  CallWriter calls_{"/grpc.health.v1.Health/Check"};
  std::string received_;
};

double Closed(const ServiceProcess& service, absl::string_view reason) {
  return service.Metric(
      absl::StrCat("wirepas_grpc_connections_closed_total{reason=\"", reason, "\"}"));
}

TEST(DescriptorsTest, AFloodOfConnectionsPassesAndTheServiceGoesOn) {
  auto started = ServiceProcess::Start(kNoBroker, {}, {"prlimit", "--nofile=64:64"});
  ASSERT_TRUE(IsOk(started.status()));
  ServiceProcess& service = **started;
  EXPECT_THAT(service.process().output(),
              testing::HasSubstr("--max_connections: 15 instead of 1000, for want of open files"));
  RawClient connected(service.port());
  EXPECT_TRUE(connected.IsServed());
  {
    // Some bytes of each, so that they do not make room.
    const auto flood = Connect(service.port(), 200, "PRI * ");
    const auto metrics_flood = Connect(service.metrics_port(), 100, "GET ");
    EXPECT_TRUE(connected.IsServed());
  }
  EXPECT_TRUE(Eventually([&] { return RawClient(service.port()).IsServed(); }));
  EXPECT_TRUE(connected.IsServed());
  EXPECT_GE(Closed(service, "limit") + Closed(service, "descriptors"), 1);
  EXPECT_TRUE(Eventually([&] { return service.Metric("wirepas_grpc_connections") <= 2; }));
}

TEST(DescriptorsTest, SilentConnectionsKeepNobodyOut) {
  auto started = ServiceProcess::Start(kNoBroker, {}, {"prlimit", "--nofile=64:64"});
  ASSERT_TRUE(IsOk(started.status()));
  const auto flood = Connect((*started)->port(), 200, "");
  EXPECT_TRUE(RawClient((*started)->port()).IsServed());
  EXPECT_GE(Closed(**started, "room"), 100);
}

TEST(DescriptorsTest, TheSoftLimitIsRaised) {
  auto started =
      ServiceProcess::Start(With({"--log_level", "debug"}), {}, {"prlimit", "--nofile=64:2000"});
  ASSERT_TRUE(IsOk(started.status()));
  EXPECT_THAT((*started)->process().output(),
              testing::HasSubstr("limit of open files raised from 64 to 2000"));
}

TEST(ConnectionsTest, AreBoundedByTheOption) {
  auto started = ServiceProcess::Start(With({"--max_connections", "3"}));
  ASSERT_TRUE(IsOk(started.status()));
  ServiceProcess& service = **started;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(service.port()));
    EXPECT_TRUE(clients.back()->IsServed());
  }
  RawConnection refused(service.port());
  refused.Send("PRI * ", kBound);
  EXPECT_TRUE(refused.AwaitEnd(kBound));
  EXPECT_TRUE(service.process().WaitForLine("as many as --max_connections allows", kBound).ok());
  clients.pop_back();
  EXPECT_TRUE(Eventually([&] { return RawClient(service.port()).IsServed(); }));
}

// gRPC names the peers of calls, and the service knows its connections by the same names.
TEST(CallsTest, BeyondTheBoundEndTheConnectionOverIpv4AndIpv6) {
  auto started = ServiceProcess::Start(With(
      {"--listen", "127.0.0.1:0", "--listen", "[::1]:0", "--max_calls_per_connection", "100"}));
  ASSERT_TRUE(IsOk(started.status()));
  ServiceProcess& service = **started;
  double closed = 0;
  for (const std::string& address : service.addresses()) {
    SCOPED_TRACE(address);
    int port = 0;
    ASSERT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
    RawConnection connection(port, /*ipv6=*/address.front() == '[');
    ASSERT_TRUE(connection.connected());
    connection.Send(Preface(), kBound);  // and no acknowledgement, so that gRPC has no bound
    CallWriter calls("/grpc.health.v1.Health/Watch");
    std::string all;
    for (int i = 0; i < 2000; ++i) absl::StrAppend(&all, calls.Whole());
    connection.Send(all, kBound, /*reading=*/true);
    EXPECT_TRUE(connection.AwaitEnd(kBound));
    EXPECT_TRUE(Eventually([&] { return Closed(service, "calls") == closed + 1; }));
    ++closed;
  }
}

TEST(CallsTest, ClientsAreToldTheBound) {
  auto started = ServiceProcess::Start(With({"--max_streams", "700"}));
  ASSERT_TRUE(IsOk(started.status()));
  RawConnection connection((*started)->port());
  connection.Send(Preface(), kBound);
  constexpr uint16_t kMaxConcurrentStreams = 3;
  std::string received;
  EXPECT_TRUE(Eventually([&] {
    received += connection.Receive(absl::Milliseconds(50), 1000);
    return received.find(Setting(kMaxConcurrentStreams, 1200)) != std::string::npos;
  }));
}

// Reflection is gRPC's own service, and has a thread for each stream.
TEST(ThreadsTest, AreBounded) {
  auto started = ServiceProcess::Start(kNoBroker);
  ASSERT_TRUE(IsOk(started.status()));
  const ProcessFigures figures((*started)->process().pid());
  const auto stub = reflection::ServerReflection::NewStub((*started)->NewChannel());
  struct Open {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReaderWriter<reflection::ServerReflectionRequest,
                                             reflection::ServerReflectionResponse>>
        stream;
  };
  std::vector<std::unique_ptr<Open>> open;
  int served = 0;
  int refused = 0;
  for (int i = 0; i < 100; ++i) {
    auto next = std::make_unique<Open>();
    integration::SetDeadline(&next->context, kBound);
    next->stream = stub->ServerReflectionInfo(&next->context);
    reflection::ServerReflectionRequest request;
    request.set_list_services("*");
    reflection::ServerReflectionResponse response;
    next->stream->Write(request);
    if (next->stream->Read(&response)) {
      ++served;
      open.push_back(std::move(next));
    } else {
      EXPECT_EQ(next->stream->Finish().error_code(), StatusCode::RESOURCE_EXHAUSTED);
      ++refused;
    }
  }
  EXPECT_GE(served, 20);
  EXPECT_GE(refused, 20);
  EXPECT_LT(figures.Threads(), 100);
  // Others are served meanwhile, and reflection again when some have gone.
  EXPECT_TRUE(RawClient((*started)->port()).IsServed());
  for (const auto& each : open) each->context.TryCancel();
  for (const auto& each : open) each->stream->Finish();
  EXPECT_TRUE(Eventually([&] {
    grpc::ClientContext context;
    integration::SetDeadline(&context, kBound);
    const auto stream = stub->ServerReflectionInfo(&context);
    stream->WritesDone();
    return stream->Finish().ok();
  }));
}

// Far below what gRPC counts, where it would end anybody's calls.
TEST(UnixSocketsTest, UnfinishedRequestsAreBounded) {
  const TemporaryDirectory directory;
  const std::string path = directory.File("socket");
  auto started = ServiceProcess::Start(With(
      {"--listen", "unix:" + path, "--max_message_bytes", "4MiB", "--max_call_memory", "64MiB"}));
  ASSERT_TRUE(IsOk(started.status()));
  ServiceProcess& service = **started;
  const auto good = mesh::NetworkService::NewStub(service.NewChannel("unix:" + path));
  const auto upload = [&] {  // complete, and refused for its sequence
    mesh::UploadScratchpadRequest request;
    request.set_gateway_id("gw");
    request.set_sink_id("sink");
    request.set_sequence(1000);
    request.set_scratchpad(std::string(3 << 20, 'x'));
    grpc::ClientContext context;
    integration::SetDeadline(&context, kBound);
    const auto reader = good->UploadScratchpad(&context, request);
    mesh::UploadScratchpadResponse response;
    EXPECT_FALSE(reader->Read(&response));
    return reader->Finish().error_code();
  };
  for (int i = 0; i < 20; ++i) EXPECT_EQ(upload(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Closed(service, "unfinished"), 0);

  constexpr int kConnections = 4;
  constexpr int kStreams = 8;
  std::vector<RawConnection> hostile;
  for (int i = 0; i < kConnections; ++i) {
    hostile.emplace_back(path);
    ASSERT_TRUE(hostile.back().connected());
    hostile.back().Send(absl::StrCat(Preface(), SettingsAck()), kBound);
    CallWriter calls("/wirepas.mesh.v1.NetworkService/UploadScratchpad");
    for (int j = 0; j < kStreams; ++j) {
      std::string half = calls.Open();
      absl::StrAppend(&half, Frame(kData, kNoFlags, calls.stream(), MessageHead(4 << 20)));
      hostile.back().Send(half, kBound, /*reading=*/true);
    }
  }
  const std::string piece(kMaxFramePayload, 'x');
  for (int round = 0; round < 200 && Closed(service, "unfinished") == 0; ++round) {
    for (RawConnection& connection : hostile) {
      for (uint32_t j = 0; j < kStreams; ++j) {
        connection.Send(Frame(kData, kNoFlags, 2 * j + 1, piece), absl::Milliseconds(50), true);
      }
    }
  }
  EXPECT_GE(Closed(service, "unfinished"), 1);
  EXPECT_EQ(upload(), StatusCode::INVALID_ARGUMENT);
}

// It would be unpacked before anybody looks at how much it is.
TEST(ClientLimitsTest, CompressedRequestsAreRefused) {
  auto started = ServiceProcess::Start(With({}));
  ASSERT_TRUE(IsOk(started.status()));
  ServiceProcess& service = **started;
  const ProcessFigures figures(service.process().pid());
  const double before = figures.ResidentMib();
  figures.ForgetPeak();
  mesh::ListSinksRequest request;
  request.add_gateway_ids(std::string(200 << 20, 'x'));
  const auto stub = mesh::NetworkService::NewStub(service.NewChannel());
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  mesh::ListSinksResponse response;
  EXPECT_EQ(stub->ListSinks(&context, request, &response).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_LT(figures.PeakMib() - before, 100);
}

}  // namespace
}  // namespace wirepas_grpc::hostile
