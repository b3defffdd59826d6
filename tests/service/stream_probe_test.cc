// SPDX-License-Identifier: Apache-2.0
#include "service/stream_probe.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpcpp/channel.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "tests/support/process.h"

namespace wirepas_grpc::service {
namespace {

// An empty request, to which there is an answer.
bool Check(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const grpc::Slice nothing("");
  const grpc::ByteBuffer request(&nothing, 1);
  const auto call =
      stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok && status.ok();
}

// What the service sends is no reason to trust the client.
TEST(StreamProbeTest, CountsTheMessagesOfTheClientAlone) {
  const TemporaryDirectory directory;
  const std::string address = absl::StrCat("unix:", directory.File("socket"));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::CallbackGenericService others;  // a server needs a service beside that of its health
  grpc::ServerBuilder builder;
  builder.RegisterCallbackGenericService(&others);
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ASSERT_NE(server, nullptr);
  const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Check(channel));
  StreamProbe probe;
  probe.BeginRound();
  const std::optional<StreamCounts> counts = probe.Look(kUnixPeer);
  ASSERT_TRUE(counts.has_value());
  EXPECT_EQ(counts->messages, 3);
}

}  // namespace
}  // namespace wirepas_grpc::service
