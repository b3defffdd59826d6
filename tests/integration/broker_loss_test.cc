// SPDX-License-Identifier: Apache-2.0
//
// The broker goes away and comes back, or is not there at all: streams stay open,
// WatchBroker and health tell, and everything goes on by itself.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
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
using BrokerWatch = StreamReader<mesh::WatchBrokerResponse>;
namespace health = grpc::health::v1;
using HealthWatch = StreamReader<health::HealthCheckResponse>;

// Waits until the watcher is told this; returns the state.
std::optional<mesh::BrokerState> AwaitState(BrokerWatch* watch, bool connected) {
  while (std::optional<mesh::WatchBrokerResponse> response = watch->Next()) {
    EXPECT_TRUE(response->state().has_since());
    if (response->state().connected() == connected) return response->state();
  }
  ADD_FAILURE() << "not told that connected is " << connected;
  return std::nullopt;
}

bool AwaitHealth(HealthWatch* watch, health::HealthCheckResponse::ServingStatus wanted) {
  while (std::optional<health::HealthCheckResponse> response = watch->Next()) {
    if (response->status() == wanted) return true;
  }
  return false;
}

class BrokerLossTest : public testing::Test {
 protected:
  void Start(Stack::Options options) {
    options.broker.persistence = true;
    options.broker.max_queued_messages = 1'000'000;
    options.service.insert(options.service.end(), {"--mqtt_reconnect_min_delay", "100ms",
                                                   "--mqtt_reconnect_max_delay", "500ms"});
    stack_ = std::make_unique<Stack>(std::move(options));
  }
  void StartAll(Stack::Options options = Stack::Options()) {
    Start(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
    OpenHealth();
  }
  void OpenHealth() { health_ = health::Health::NewStub(stack_->service().NewChannel()); }
  // For the service by name; empty: for the server as a whole.
  std::unique_ptr<HealthWatch> WatchHealth(const std::string& service) {
    health::HealthCheckRequest request;
    request.set_service(service);
    return std::make_unique<HealthWatch>(health_.get(), &health::Health::Stub::Watch, request);
  }
  Stub* stub() { return stack_->stub(); }
  void Rate(int packets_per_second) {
    ASSERT_TRUE(IsOk(
        stack_->Control("all", {{"command", "rate"}, {"packets_per_second", packets_per_second}})));
  }

  // Before the stub: streams of tests end before the service.
  std::unique_ptr<Stack> stack_;
  std::unique_ptr<health::Health::Stub> health_;
};

TEST_F(BrokerLossTest, RestartInTheMiddleOfTraffic) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  BrokerWatch broker(stub(), &Stub::WatchBroker, mesh::WatchBrokerRequest());
  StreamReader<mesh::WatchNetworkResponse> network(stub(), &Stub::WatchNetwork,
                                                   mesh::WatchNetworkRequest());
  StreamReader<mesh::SubscribeDownlinkResponse> downlinks(stub(), &Stub::SubscribeDownlink,
                                                          mesh::SubscribeDownlinkRequest());
  const auto overall = WatchHealth("");
  const auto named = WatchHealth(mesh::NetworkService::service_full_name());
  UplinkStream uplinks(stub());
  ASSERT_TRUE(AwaitState(&broker, true).has_value());
  ASSERT_TRUE(downlinks.Next().has_value());
  ASSERT_TRUE(AwaitHealth(overall.get(), health::HealthCheckResponse::SERVING));
  ASSERT_TRUE(AwaitHealth(named.get(), health::HealthCheckResponse::SERVING));
  Rate(200);
  uplinks.Take(50);

  stack_->broker().Kill();
  const auto lost = AwaitState(&broker, false);
  ASSERT_TRUE(lost.has_value());
  EXPECT_EQ(lost->reason(), mesh::BROKER_DISCONNECT_REASON_CONNECTION_LOST);
  EXPECT_NE(lost->detail(), "");
  EXPECT_EQ(lost->endpoint(), absl::StrCat("127.0.0.1:", stack_->broker().port()));
  EXPECT_TRUE(AwaitHealth(overall.get(), health::HealthCheckResponse::NOT_SERVING));
  EXPECT_TRUE(AwaitHealth(named.get(), health::HealthCheckResponse::NOT_SERVING));
  // Attempts that fail are told too.
  std::optional<mesh::BrokerState> failed = AwaitState(&broker, false);
  while (failed.has_value() && failed->attempts() < 2) failed = AwaitState(&broker, false);
  ASSERT_TRUE(failed.has_value());
  EXPECT_EQ(failed->reason(), mesh::BROKER_DISCONNECT_REASON_REFUSED);
  EXPECT_EQ(failed->since().ShortDebugString(), lost->since().ShortDebugString());
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    SCOPED_TRACE(rpc.name);
    ExpectFailure(rpc.Run(stub(), kGateway, kSink, kBound), StatusCode::UNAVAILABLE,
                  {"not connected", kGateway, rpc.names_sink ? kSink : ""});
  }
  // What is known stays known.
  EXPECT_EQ(Call(stub(), &Stub::ListGateways, mesh::ListGatewaysRequest()).response.gateways_size(),
            2);

  ASSERT_TRUE(IsOk(stack_->broker().Restart()));
  const auto back = AwaitState(&broker, true);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->attempts(), 0u);
  EXPECT_EQ(back->reason(), mesh::BROKER_DISCONNECT_REASON_UNSPECIFIED);
  EXPECT_TRUE(AwaitHealth(overall.get(), health::HealthCheckResponse::SERVING));
  EXPECT_TRUE(AwaitHealth(named.get(), health::HealthCheckResponse::SERVING));
  const auto gap = uplinks.AwaitGap();
  ASSERT_TRUE(gap.has_value());
  EXPECT_EQ(gap->reason(), mesh::GAP_REASON_BROKER_DISCONNECTED);
  EXPECT_FALSE(gap->has_lost_packets());
  EXPECT_EQ(uplinks.Take(50).size(), 50u);
  const auto downlink_gap = downlinks.Next();
  ASSERT_TRUE(downlink_gap.has_value());
  EXPECT_EQ(downlink_gap->gap().reason(), mesh::GAP_REASON_BROKER_DISCONNECTED);

  // Everything works again, over the streams and calls alike.
  ASSERT_TRUE(IsOk(stack_->WaitForGateways(2)));
  EXPECT_TRUE(Eventually(
      [&] { return Call(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink)).ok(); }));
  std::optional<mesh::SubscribeDownlinkResponse> downlink;
  do {
    downlink = downlinks.Next();
  } while (downlink.has_value() && downlink->downlinks_size() == 0);
  EXPECT_TRUE(downlink.has_value());
  EXPECT_FALSE(network.status().has_value());
}

TEST_F(BrokerLossTest, RequestThatWasSentEndsWithDeadlineExceeded) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  ASSERT_TRUE(IsOk(stack_->SetFaults(kGateway, {{"no_answer", "all"}})));
  AsyncCall<mesh::GetScratchpadStatusResponse> call(
      stub(), &Stub::GetScratchpadStatus, To<mesh::GetScratchpadStatusRequest>(kGateway, kSink),
      absl::Minutes(30));
  ASSERT_TRUE(
      Eventually([&] { return stack_->service().Metric("wirepas_grpc_pending_requests") == 1; }));
  // Sent for certain: the gateway has it.
  ASSERT_TRUE(IsOk(stack_->broker().WaitForLog("gw-request/otap_status/sim-gw-0", kBound)));
  stack_->broker().Stop();
  ExpectFailure(call.Get().status, StatusCode::DEADLINE_EXCEEDED,
                {"", kGateway, kSink, mesh::RESULT_CODE_UNSPECIFIED, true});
  EXPECT_EQ(stack_->service().Metric("wirepas_grpc_pending_requests"), 0);
}

TEST_F(BrokerLossTest, UnaryCallsOfAllKindsAreUnavailableWithoutTheBroker) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  // At once: a broker that stops in order first tells that its gateways are gone.
  stack_->broker().Kill();
  ASSERT_TRUE(
      Eventually([&] { return stack_->service().Metric("wirepas_grpc_broker_connected") == 0; }));
  mesh::BroadcastMessageRequest broadcast;
  broadcast.mutable_scope()->set_network_address(kNetwork);
  *broadcast.mutable_message() = SendRequest("", "").message();
  ExpectFailure(Call(stub(), &Stub::BroadcastMessage, broadcast).status, StatusCode::UNAVAILABLE,
                {"not connected"});
  ExpectFailure(
      Call(stub(), &Stub::ClearGatewayStatus, To<mesh::ClearGatewayStatusRequest>(kGateway)).status,
      StatusCode::UNAVAILABLE, {"not connected", kGateway});
  mesh::ListSinksRequest refresh;
  refresh.set_refresh(true);
  refresh.set_require_all(true);
  ExpectFailure(Call(stub(), &Stub::ListSinks, refresh).status, StatusCode::UNAVAILABLE,
                {"not connected", kGateway});
  // Read from memory, without refresh.
  EXPECT_EQ(Call(stub(), &Stub::ListSinks, mesh::ListSinksRequest()).response.sinks_size(), 4);
}

TEST_F(BrokerLossTest, ServiceStaysUpWithoutABrokerAndWorksOnceItComes) {
  ASSERT_NO_FATAL_FAILURE(Start(Stack::Options()));
  ASSERT_TRUE(IsOk(stack_->StartBroker()));
  stack_->broker().Stop();  // the port is known, nobody listens
  ASSERT_TRUE(IsOk(stack_->StartService()));
  OpenHealth();
  const auto overall = WatchHealth("");
  ASSERT_TRUE(AwaitHealth(overall.get(), health::HealthCheckResponse::NOT_SERVING));
  BrokerWatch broker(stub(), &Stub::WatchBroker, mesh::WatchBrokerRequest());
  std::optional<mesh::BrokerState> state = AwaitState(&broker, false);
  while (state.has_value() && state->attempts() == 0) {
    EXPECT_EQ(state->reason(), mesh::BROKER_DISCONNECT_REASON_NOT_TRIED_YET);
    state = AwaitState(&broker, false);
  }
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->reason(), mesh::BROKER_DISCONNECT_REASON_REFUSED);
  ExpectFailure(Call(stub(), &Stub::ListGateways, mesh::ListGatewaysRequest()).status,
                StatusCode::UNAVAILABLE, {"not connected"});
  ExpectFailure(FindGatewayRpc("SendMessage").Run(stub(), kGateway, kSink, kBound),
                StatusCode::UNAVAILABLE, {"not connected", kGateway, kSink});
  // A stream may be opened already, and waits. An empty snapshot does not wait.
  StreamReader<mesh::SubscribeUplinkResponse> uplinks(stub(), &Stub::SubscribeUplink,
                                                      mesh::SubscribeUplinkRequest());
  StreamReader<mesh::WatchNetworkResponse> network(stub(), &Stub::WatchNetwork,
                                                   mesh::WatchNetworkRequest());
  const auto snapshot = network.Next();
  ASSERT_TRUE(snapshot.has_value());
  EXPECT_TRUE(snapshot->snapshot_complete());
  EXPECT_EQ(snapshot->events_size(), 0);

  ASSERT_TRUE(IsOk(stack_->broker().Restart()));
  ASSERT_TRUE(IsOk(stack_->ReconnectControl()));
  ASSERT_TRUE(AwaitState(&broker, true).has_value());
  EXPECT_TRUE(AwaitHealth(overall.get(), health::HealthCheckResponse::SERVING));
  EXPECT_TRUE(uplinks.Next().has_value());
  ASSERT_TRUE(IsOk(stack_->StartSimulator()));
  ASSERT_TRUE(IsOk(stack_->WaitForGateways(2)));
  EXPECT_TRUE(network.Next().has_value());
  Rate(50);
  const auto packets = uplinks.Next();
  ASSERT_TRUE(packets.has_value());
  EXPECT_GT(packets->uplinks_size(), 0);
  EXPECT_TRUE(IsOk(FindGatewayRpc("SendMessage").Run(stub(), kGateway, kSink, kBound)));
}

// A broker that forgets everything, retained statuses too.
TEST_F(BrokerLossTest, GatewaysComeBackAfterABrokerThatForgot) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  stack_->broker().Kill();  // before it has written anything to its disk
  ASSERT_TRUE(IsOk(stack_->broker().Restart()));
  ASSERT_TRUE(IsOk(stack_->WaitForGateways(2)));
  EXPECT_TRUE(Eventually([&] {
    return FindGatewayRpc("SendMessage").Run(stub(), kOtherGateway, kSink, kBound).ok();
  }));
}

// The network between service and broker fails while the broker keeps the session:
// what comes meanwhile is not lost, and what comes twice is given once.
TEST_F(BrokerLossTest, PersistentSessionLosesNothing) {
  Stack::Options options;
  options.broker.max_inflight = 1000;
  options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "0"};
  options.service = {"--mqtt_persist_session", "--mqtt_client_id", "the-service"};
  ASSERT_NO_FATAL_FAILURE(Start(std::move(options)));
  ASSERT_TRUE(IsOk(stack_->StartBroker()));
  auto relay = TcpRelay::Start(stack_->broker().port());
  ASSERT_TRUE(IsOk(relay.status()));
  stack_->SetBrokerPort((*relay)->port());
  ASSERT_TRUE(IsOk(stack_->StartSimulator()));
  ASSERT_TRUE(IsOk(stack_->StartService()));
  ASSERT_TRUE(IsOk(stack_->WaitForGateways(1)));

  BrokerWatch broker(stub(), &Stub::WatchBroker, mesh::WatchBrokerRequest());
  ASSERT_TRUE(AwaitState(&broker, true).has_value());
  UplinkStream uplinks(stub());
  SequenceCheck check;
  Rate(500);
  for (int i = 0; i < 3; ++i) {
    check.Add(uplinks.Take(200));
    (*relay)->SetDown(true);
    ASSERT_TRUE(AwaitState(&broker, false).has_value());
    const auto burst = stack_->Control("all", {{"command", "burst"}, {"count", 100}});
    ASSERT_TRUE(IsOk(burst));
    (*relay)->SetDown(false);
    ASSERT_TRUE(AwaitState(&broker, true).has_value());
  }
  check.Add(uplinks.Take(500));
  // The relay takes connections while it is down: after a CONNECT without an answer the
  // service cannot know that nothing is missing.
  for (const mesh::Gap& gap : uplinks.gaps()) {
    EXPECT_EQ(gap.reason(), mesh::GAP_REASON_BROKER_DISCONNECTED);
  }
}

// The service itself is away, too.
TEST_F(BrokerLossTest, PersistentSessionKeepsWhatComesWhileTheServiceIsDown) {
  Stack::Options options;
  options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "0"};
  options.service = {"--mqtt_persist_session", "--mqtt_client_id", "the-service", "--uplink_linger",
                     "10m"};
  ASSERT_NO_FATAL_FAILURE(StartAll(std::move(options)));
  SequenceCheck check;
  const nlohmann::json burst = {{"command", "burst"}, {"count", 100}};
  {
    UplinkStream uplinks(stub());
    ASSERT_TRUE(IsOk(stack_->Control("all", burst)));
    check.Add(uplinks.Take(100));
  }
  health_.reset();
  stack_->StopService();
  ASSERT_TRUE(IsOk(stack_->Control("all", burst)));
  ASSERT_TRUE(IsOk(stack_->StartService()));
  mesh::SubscribeUplinkRequest oldest;
  oldest.set_oldest(true);
  UplinkStream uplinks(stub(), oldest);
  check.Add(uplinks.Take(100));
  ASSERT_TRUE(IsOk(stack_->Control("all", burst)));
  check.Add(uplinks.Take(100));
}

}  // namespace
}  // namespace wirepas_grpc::integration
