// SPDX-License-Identifier: Apache-2.0
#include "core/nodes/listening.h"

#include <memory>
#include <vector>

#include "core/gateway_api/topics.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

class NetworkListeningTest : public NetworkFixture {
 protected:
  static constexpr absl::Duration kLinger = absl::Seconds(60);

  void SetUp() override { StartSynced(); }
  ~NetworkListeningTest() override {
    network_.Stop();
    executor_.Stop();
  }
  bool Wanted(uint32_t network) {
    Settle();
    return broker_.wanted().contains(NetworkListening::TopicFilter(network));
  }
  bool AllWanted() {
    Settle();
    return broker_.wanted().contains(kUplinkFilter);
  }

  NetworkListening listening_{
      {.linger = kLinger, .max_networks = 2}, &network_.subscriptions(), &scheduler_};
};

TEST_F(NetworkListeningTest, ListensFromTheFirstUseToTheLingerAfterTheLast) {
  EXPECT_FALSE(Wanted(7));
  NetworkListening::UsePtr first = listening_.Begin(7);
  EXPECT_TRUE(Wanted(7));
  NetworkListening::UsePtr second = listening_.Begin(7);
  EXPECT_EQ(listening_.interests(), 1u);
  first.reset();
  scheduler_.Advance(10 * kLinger);
  EXPECT_TRUE(Wanted(7)) << "somebody still sends";
  second.reset();
  scheduler_.Advance(kLinger - absl::Seconds(1));
  EXPECT_TRUE(Wanted(7));
  listening_.Begin(7).reset();  // the linger begins anew
  scheduler_.Advance(kLinger - absl::Seconds(1));
  EXPECT_TRUE(Wanted(7));
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_FALSE(Wanted(7));
  EXPECT_EQ(listening_.interests(), 0u);
}

TEST_F(NetworkListeningTest, NetworksBeyondTheBoundAreHeardWithAll) {
  std::vector<NetworkListening::UsePtr> uses;
  for (const uint32_t network : {7, 8}) uses.push_back(listening_.Begin(network));
  EXPECT_TRUE(Wanted(7) && Wanted(8));
  EXPECT_FALSE(AllWanted());
  for (const uint32_t network : {9, 10, 11}) uses.push_back(listening_.Begin(network));
  EXPECT_TRUE(AllWanted());
  EXPECT_EQ(listening_.interests(), 3u) << "one for all of them";
  uses.clear();
  scheduler_.Advance(kLinger);
  EXPECT_FALSE(AllWanted());
  EXPECT_EQ(listening_.interests(), 0u);
}

TEST_F(NetworkListeningTest, StoppedItEndsAllAndBeginsNone) {
  NetworkListening::UsePtr use = listening_.Begin(7);
  EXPECT_TRUE(Wanted(7));
  listening_.Stop();
  EXPECT_FALSE(Wanted(7));
  EXPECT_EQ(listening_.Begin(8), nullptr);
  EXPECT_FALSE(Wanted(8));
  use.reset();  // later than what it is of
  scheduler_.Advance(kLinger);
}

}  // namespace
}  // namespace wirepas_grpc::core
