// SPDX-License-Identifier: Apache-2.0
//
// Which gateways a network takes for gone at a real broker. Its clock is the test's, which goes
// on by kTick for every few real milliseconds.
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "core/gateway_api/codec.h"
#include "core/gateway_api/topics.h"
#include "core/network/network.h"
#include "gtest/gtest.h"
#include "tests/core/directory/directory_fixture.h"
#include "tests/core/mqtt/broker_fixture.h"
#include "tests/support/fake_scheduler.h"

namespace wirepas_grpc::core {
namespace {

// The network's client: a new one for each connection, which the test makes and ends.
class SwitchedClient final : public BrokerClient {
 public:
  explicit SwitchedClient(BrokerOptions options) : options_(std::move(options)) {}

  void Connect() {
    client_ = std::make_unique<PahoBrokerClient>(options_);
    client_->Start(handler_);
  }
  void Disconnect() {
    client_->Stop();
    held_.clear();
  }
  // Of single gateways. On the test's thread alone, as the scheduler is.
  const std::set<std::string>& held() const { return held_; }

  void Start(Handler* handler) override {
    handler_ = handler;
    Connect();
  }
  void Stop() override { client_->Stop(); }
  void Subscribe(const std::string& filter, int qos) override {
    if (IsStatusTopic(filter)) held_.insert(filter);
    client_->Subscribe(filter, qos);
  }
  void Unsubscribe(const std::string& filter) override {
    held_.erase(filter);
    client_->Unsubscribe(filter);
  }
  absl::Status Enqueue(Outgoing publish) override { return client_->Enqueue(std::move(publish)); }

 private:
  const BrokerOptions options_;
  Handler* handler_ = nullptr;
  std::unique_ptr<PahoBrokerClient> client_;
  std::set<std::string> held_;
};

class AbsenceBrokerTest : public BrokerTest {
 protected:
  ~AbsenceBrokerTest() override {
    if (network_ != nullptr) network_->Stop();
    executor_.Stop();
  }

  void StartAll(Mosquitto::Options options = {}) {
    ASSERT_NO_FATAL_FAILURE(StartBroker(std::move(options)));
    ASSERT_NO_FATAL_FAILURE(StartConnected(LocalOptions(broker_->port())));
    BrokerOptions of_network = LocalOptions(broker_->port());
    of_network.client_id = "network";
    switched_ = std::make_unique<SwitchedClient>(of_network);
    network_ =
        std::make_unique<Network>(Network::Options(), switched_.get(), &executor_, &scheduler_);
  }
  static std::string Id(int number) { return absl::StrFormat("g%05d", number); }
  static std::string TopicOf(int number) { return "gw-event/status/" + Id(number); }
  void Retain(int from, int to) {
    PublishResults results;
    for (int i = from; i < to; ++i) {
      gw::WirepasMessage message;
      *message.mutable_status_event() = StatusOf(Id(i), gw::ON, {"s"});
      ASSERT_TRUE(client_->Publish(TopicOf(i), Encode(message), 1, true, results.Done()).ok());
    }
    ASSERT_TRUE(results.WaitFor(to - from));
    for (const absl::Status& status : results.statuses()) ASSERT_TRUE(status.ok()) << status;
  }
  std::set<std::string> Known() const {
    std::set<std::string> ids;
    for (const GatewayPtr& gateway : network_->directory().Snapshot()->gateways) {
      ids.insert(gateway->id);
    }
    return ids;
  }
  bool Pump(const std::function<bool()>& done) {
    const absl::Time limit = absl::Now() + kTestWait;
    while (!done()) {
      if (absl::Now() > limit) return false;
      scheduler_.Advance(AbsenceCheck::kTick);
      absl::SleepFor(absl::Milliseconds(5));
    }
    return true;
  }
  // Until single statuses have been asked for, and none is again after a pause.
  void AwaitPass() {
    ASSERT_TRUE(Pump([&] { return !switched_->held().empty(); }));
    int none = 0;
    ASSERT_TRUE(Pump([&] {
      none = switched_->held().empty() ? none + 1 : 0;
      return none * AbsenceCheck::kTick > 2 * AbsenceCheck::kPause;
    }));
  }
  // To the beginning of the second time.
  void AwaitSecondPass() {
    for (absl::Duration passed; passed < AbsenceCheck::kApart && switched_->held().empty();
         passed += AbsenceCheck::kTick) {
      scheduler_.Advance(AbsenceCheck::kTick);
    }
    AwaitPass();
  }

  FakeScheduler scheduler_;
  Executor executor_{1};
  std::unique_ptr<SwitchedClient> switched_;
  std::unique_ptr<Network> network_;
};

// By its defaults it keeps 1,020 messages for a client: it sends the same ones for each
// subscription to all statuses.
TEST_F(AbsenceBrokerTest, WhoWasClearedMeanwhileIsRemovedAndNobodyElse) {
  constexpr int kGateways = 1500;
  ASSERT_NO_FATAL_FAILURE(StartAll());
  network_->Start();
  ASSERT_TRUE(Pump([&] { return network_->directory().synced(); }));
  ASSERT_NO_FATAL_FAILURE(Retain(0, kGateways));
  ASSERT_TRUE(Pump([&] { return Known().size() == kGateways; }));
  std::set<std::string> expected = Known();
  switched_->Disconnect();
  for (const int number : {3, 1019, 1020, 1400, 1499}) {
    ASSERT_TRUE(PublishAndWait(TopicOf(number), "", 1, true).ok());
    expected.erase(Id(number));
  }
  switched_->Connect();
  ASSERT_NO_FATAL_FAILURE(AwaitPass());
  EXPECT_EQ(Known().size(), kGateways) << "they may come back";
  ASSERT_NO_FATAL_FAILURE(AwaitSecondPass());
  EXPECT_EQ(Known(), expected);
}

TEST_F(AbsenceBrokerTest, ABrokerThatLostAllItRetainedRemovesNobodyWhoComesBack) {
  constexpr int kGateways = 20;
  ASSERT_NO_FATAL_FAILURE(StartAll());
  ASSERT_NO_FATAL_FAILURE(Retain(0, kGateways));
  network_->Start();
  ASSERT_TRUE(Pump([&] { return Known().size() == kGateways; }));
  std::set<std::string> expected = Known();
  switched_->Disconnect();
  const size_t states = handler_.states().size();
  broker_->Stop();
  ASSERT_TRUE(broker_->Restart().ok());
  ASSERT_TRUE(handler_.WaitForConnected(states));
  ASSERT_NO_FATAL_FAILURE(Retain(0, 1));
  const uint64_t version = network_->directory().Snapshot()->version;
  switched_->Connect();
  ASSERT_NO_FATAL_FAILURE(AwaitPass());
  EXPECT_EQ(Known(), expected);
  ASSERT_NO_FATAL_FAILURE(Retain(1, kGateways - 1));
  ASSERT_NO_FATAL_FAILURE(AwaitSecondPass());
  expected.erase(Id(kGateways - 1));  // it did not come back
  EXPECT_EQ(Known(), expected);
  EXPECT_EQ(network_->directory().Snapshot()->version, version + 1) << "nothing flaps";
}

}  // namespace
}  // namespace wirepas_grpc::core
