// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Response>
class Watch {
 public:
  template <typename Request>
  Watch(mesh::NetworkService::Stub* stub,
        std::unique_ptr<grpc::ClientReader<Response>> (mesh::NetworkService::Stub::*method)(
            grpc::ClientContext*, const Request&),
        const Request& request)
      : reader_((stub->*method)(&context_, request)) {}
  ~Watch() {
    context_.TryCancel();
    if (!finished_) reader_->Finish();
  }
  Response Read() {
    Response response;
    EXPECT_TRUE(reader_->Read(&response));
    return response;
  }
  grpc::Status Finish() {
    finished_ = true;
    return reader_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<Response>> reader_;
  bool finished_ = false;
};

class WatchTest : public ServiceTest {
 protected:
  using NetworkWatch = Watch<mesh::WatchNetworkResponse>;
  using BrokerWatch = Watch<mesh::WatchBrokerResponse>;

  NetworkWatch WatchNetwork(const mesh::WatchNetworkRequest& request = {}) {
    return NetworkWatch(stub_.get(), &mesh::NetworkService::Stub::WatchNetwork, request);
  }
  BrokerWatch WatchBroker() {
    return BrokerWatch(stub_.get(), &mesh::NetworkService::Stub::WatchBroker,
                       mesh::WatchBrokerRequest());
  }
  static std::vector<std::string> Events(const mesh::WatchNetworkResponse& response) {
    std::vector<std::string> events;
    for (const mesh::NetworkEvent& event : response.events()) {
      const std::string type = mesh::NetworkEventType_Name(event.type()).substr(19);
      events.push_back(event.has_sink() ? absl::StrCat(type, " ", event.sink().gateway_id(), "/",
                                                       event.sink().sink_id())
                                        : absl::StrCat(type, " ", event.gateway().gateway_id()));
    }
    return events;
  }
};

TEST_F(WatchTest, NetworkStartsWithASnapshotAndGoesOnWithChanges) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  NetworkWatch watch = WatchNetwork();
  const mesh::WatchNetworkResponse snapshot = watch.Read();
  EXPECT_THAT(Events(snapshot), ElementsAre("GATEWAY_PRESENT gw1", "SINK_PRESENT gw1/a"));
  EXPECT_TRUE(snapshot.snapshot_complete());
  Retain("gw1", Status("gw1", {}, /*online=*/false));
  const mesh::WatchNetworkResponse change = watch.Read();
  EXPECT_THAT(Events(change), ElementsAre("GATEWAY_OFFLINE gw1"));
  EXPECT_FALSE(change.snapshot_complete());
  EXPECT_FALSE(change.events(0).gateway().online());
  broker_.Retain("gw-event/status/gw1", "");
  EXPECT_THAT(Events(watch.Read()), ElementsAre("SINK_REMOVED gw1/a", "GATEWAY_REMOVED gw1"));
}

TEST_F(WatchTest, NetworkSnapshotDoesNotWaitForTheBroker) {
  NetworkWatch watch = WatchNetwork();
  const mesh::WatchNetworkResponse snapshot = watch.Read();
  EXPECT_THAT(Events(snapshot), IsEmpty());
  EXPECT_TRUE(snapshot.snapshot_complete());
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  EXPECT_THAT(Events(watch.Read()), ElementsAre("GATEWAY_ONLINE gw1", "SINK_ADDED gw1/a"));
}

TEST_F(WatchTest, NetworkOfManyComesInBoundedResponses) {
  for (int i = 0; i < 700; ++i) AddGateway(absl::StrCat("gw", 1000 + i), {"a"});
  ConnectAndSync();
  NetworkWatch watch = WatchNetwork();
  int events = 0;
  for (bool complete = false; !complete;) {
    const mesh::WatchNetworkResponse response = watch.Read();
    ASSERT_LE(response.events_size(), 500);
    events += response.events_size();
    complete = response.snapshot_complete();
  }
  EXPECT_EQ(events, 1400);
}

TEST_F(WatchTest, NetworkFilterThatIsWrong) {
  mesh::WatchNetworkRequest request;
  request.set_network_address(0x1000000);
  NetworkWatch watch = WatchNetwork(request);
  ExpectStatus(watch.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"network_address:"});
}

TEST_F(WatchTest, BrokerTellsStatesAsTheyCome) {
  BrokerWatch watch = WatchBroker();
  EXPECT_FALSE(watch.Read().state().connected());
  broker_.FailAttempt(core::DisconnectReason::kUnknownHost);
  const mesh::BrokerState failed = watch.Read().state();
  EXPECT_EQ(failed.reason(), mesh::BROKER_DISCONNECT_REASON_UNKNOWN_HOST);
  EXPECT_EQ(failed.attempts(), 1u);
  broker_.Connect();
  const mesh::BrokerState connected = watch.Read().state();
  EXPECT_TRUE(connected.connected());
  EXPECT_EQ(connected.endpoint(), "broker.test:1883");
  broker_.Disconnect();
  EXPECT_EQ(watch.Read().state().reason(), mesh::BROKER_DISCONNECT_REASON_CONNECTION_LOST);
}

TEST_F(WatchTest, BrokerTellsOfSubscriptionsThatItRefusesOrLowers) {
  broker_.AnswerSubscription("gw-event/status/+", 0x97);
  broker_.Connect();
  broker_.Flush();
  BrokerWatch watch = WatchBroker();
  const mesh::BrokerState refused = watch.Read().state();
  EXPECT_TRUE(refused.connected());
  ASSERT_EQ(refused.impaired_subscriptions_size(), 1);
  const mesh::ImpairedSubscription& subscription = refused.impaired_subscriptions(0);
  EXPECT_EQ(subscription.topic_filter(), "gw-event/status/+");
  EXPECT_EQ(subscription.asked_qos(), 1u);
  EXPECT_EQ(subscription.refusal().code(), 0x97u);
  EXPECT_THAT(subscription.refusal().detail(), testing::HasSubstr("quota exceeded"));
  EXPECT_TRUE(subscription.refusal().asked_again());
  EXPECT_TRUE(subscription.has_since());
  broker_.AnswerSubscription("gw-event/status/+", 0);
  Advance(absl::Seconds(1));
  const mesh::BrokerState lowered = watch.Read().state();
  ASSERT_EQ(lowered.impaired_subscriptions_size(), 1);
  EXPECT_TRUE(lowered.impaired_subscriptions(0).has_granted_qos());
  EXPECT_EQ(lowered.impaired_subscriptions(0).granted_qos(), 0u);
  broker_.Disconnect();
  const mesh::BrokerState lost = watch.Read().state();
  EXPECT_FALSE(lost.connected());
  EXPECT_EQ(lost.impaired_subscriptions_size(), 0);
}

TEST_F(WatchTest, ShutdownEndsWatchesAndRefusesNewOnes) {
  BrokerWatch broker = WatchBroker();
  broker.Read();
  NetworkWatch network = WatchNetwork();
  network.Read();
  service_.Drain();
  ExpectStatus(broker.Finish(), grpc::StatusCode::UNAVAILABLE, {"shutting down"});
  ExpectStatus(network.Finish(), grpc::StatusCode::UNAVAILABLE, {"shutting down"});
  BrokerWatch late = WatchBroker();
  ExpectStatus(late.Finish(), grpc::StatusCode::UNAVAILABLE, {"shutting down"});
}

}  // namespace
}  // namespace wirepas_grpc::api
