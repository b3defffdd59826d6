// SPDX-License-Identifier: Apache-2.0
//
// Many clients at once who come, ask, give up and go while gateways and the broker
// do the same. What must hold is little: every call ends, nothing stays pending, and
// afterwards the service works as before. Worth most under the sanitizers.
#include <atomic>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway_rpcs.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"
#include "tests/integration/tcp_relay.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;

constexpr int kClients = 6;
constexpr int kRounds = 60;

// One client with its own connection, who does a random thing in each round.
class RestlessClient {
 public:
  RestlessClient(ServiceProcess* service, unsigned seed)
      : stub_(mesh::NetworkService::NewStub(service->NewChannel())), random_(seed) {}

  void Run() {
    for (int round = 0; round < kRounds; ++round) {
      switch (Random(6)) {
        case 0:
          Ask();
          break;
        case 1:
          AskAndCancel();
          break;
        case 2:
          List();
          break;
        case 3:
          Listen(&Stub::SubscribeUplink, mesh::SubscribeUplinkRequest());
          break;
        case 4:
          Listen(&Stub::WatchNetwork, mesh::WatchNetworkRequest());
          Listen(&Stub::SubscribeDownlink, mesh::SubscribeDownlinkRequest());
          break;
        default:
          SendMany();
      }
    }
  }

 private:
  unsigned Random(unsigned below) { return static_cast<unsigned>(random_() % below); }
  std::string AnyGateway() { return absl::StrCat("sim-gw-", Random(5)); }  // the last is none
  const GatewayRpc& AnyRpc() { return GatewayRpcs()[Random(GatewayRpcs().size())]; }

  void Ask() {
    const absl::Duration deadlines[] = {absl::Milliseconds(1), absl::Milliseconds(100), kBound};
    AnyRpc().Run(stub_.get(), AnyGateway(), kSink, deadlines[Random(3)]);
  }

  void AskAndCancel() {
    grpc::ClientContext context;
    SetDeadline(&context, kBound);
    const GatewayRpc& rpc = AnyRpc();
    std::thread call(
        [&, gateway = AnyGateway()] { rpc.make(stub_.get(), &context, gateway, kSink); });
    if (Random(2) == 0) std::this_thread::yield();
    context.TryCancel();
    call.join();
  }

  void List() {
    mesh::ListSinksRequest request;
    request.set_refresh(Random(2) == 0);
    request.set_page_size(3);
    Call(stub_.get(), &Stub::ListSinks, request, absl::Milliseconds(1 + Random(200)));
    Call(stub_.get(), &Stub::ListGateways, mesh::ListGatewaysRequest());
  }

  template <typename Request, typename Response>
  void Listen(std::unique_ptr<grpc::ClientReader<Response>> (Stub::*open)(grpc::ClientContext*,
                                                                          const Request&),
              const Request& request) {
    StreamReader<Response> reader(stub_.get(), open, request);
    reader.Next(absl::Milliseconds(Random(100)));
  }

  void SendMany() {
    grpc::ClientContext context;
    SetDeadline(&context, kBound);
    const auto stream = stub_->SendMessages(&context);
    for (uint64_t i = 0; i < 50; ++i) {
      mesh::SendMessagesRequest request;
      request.set_correlation_id(i);
      *request.mutable_request() = SendRequest(AnyGateway(), kSink);
      if (!stream->Write(request)) break;
    }
    const bool patient = Random(2) == 0;
    if (patient) stream->WritesDone();
    mesh::SendMessagesResponse response;
    for (unsigned i = Random(50); i > 0 && stream->Read(&response); --i) {
    }
    context.TryCancel();
    stream->Finish();
  }

  const std::unique_ptr<Stub> stub_;
  std::mt19937 random_;
};

TEST(StressTest, RestlessClientsAndABrokenNetworkLeaveNothingBehind) {
  Stack::Options options;
  options.broker.max_queued_messages = 100'000;
  options.simulator = {"--gateways", "4", "--sinks", "2", "--rate", "200"};
  options.service = {"--mqtt_reconnect_min_delay",
                     "100ms",
                     "--mqtt_reconnect_max_delay",
                     "200ms",
                     "--uplink_linger",
                     "0s",
                     "--response_linger",
                     "0s",
                     "--uplink_log_bytes",
                     "1MiB",
                     "--max_streams",
                     "20"};
  Stack stack(std::move(options));
  ASSERT_TRUE(IsOk(stack.StartBroker()));
  const auto relay = TcpRelay::Start(stack.broker().port());
  ASSERT_TRUE(IsOk(relay.status()));
  stack.SetBrokerPort((*relay)->port());
  ASSERT_TRUE(IsOk(stack.StartSimulator()));
  ASSERT_TRUE(IsOk(stack.StartService()));
  ASSERT_TRUE(IsOk(stack.WaitForGateways(4)));
  ASSERT_TRUE(IsOk(stack.SetFaults("sim-gw-1", {{"no_answer", "all"}})));
  ASSERT_TRUE(IsOk(stack.SetFaults("sim-gw-2", {{"answer_delay_ms", 30}})));

  std::atomic<int> running = kClients;
  std::vector<std::thread> clients;
  for (unsigned i = 0; i < kClients; ++i) {
    clients.emplace_back([&, i] {
      RestlessClient(&stack.service(), i).Run();
      --running;
    });
  }
  // The rest of the world is no quieter.
  while (running > 0) {
    EXPECT_TRUE(IsOk(stack.Control("sim-gw-3", {{"command", "disconnect"}, {"seconds", 0.1}})));
    (*relay)->BreakConnections();
    Eventually([&] { return running == 0; }, absl::Milliseconds(500));
  }
  for (std::thread& client : clients) client.join();

  ASSERT_TRUE(IsOk(stack.ClearFaults()));
  EXPECT_TRUE(Eventually([&] {
    return stack.service().Metric("wirepas_grpc_pending_requests") == 0 &&
           stack.service().Metric("wirepas_grpc_broker_connected") == 1;
  }));
  ASSERT_TRUE(IsOk(stack.WaitForGateways(4)));
  UplinkStream uplinks(stack.stub());
  EXPECT_EQ(uplinks.Take(20).size(), 20u);
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    SCOPED_TRACE(rpc.name);
    EXPECT_TRUE(IsOk(rpc.Run(stack.stub(), kGateway, kSink, kBound)));
  }
}

}  // namespace
}  // namespace wirepas_grpc::integration
