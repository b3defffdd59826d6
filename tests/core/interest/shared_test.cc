// SPDX-License-Identifier: Apache-2.0
//
// Interests of the service's own: shared, and without the linger of subscribers.
#include "core/interest/shared.h"

#include "gmock/gmock.h"
#include "tests/core/interest/uplink_demand_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SharedInterestTest : public UplinkDemandTest {
 protected:
  static constexpr absl::Duration kOwnLinger = absl::Seconds(3);

  SharedInterest::Options OfGatewayA(bool always = false) {
    SharedInterest::Options options;
    options.filter = OfGateway("a");
    options.linger = kOwnLinger;
    options.always = always;
    return options;
  }
  UplinkDemand::InterestPtr AcquireOwn() {
    return demand_.Acquire(
        OfGateway("a"), [] {}, UplinkDemand::Leaving::kAtOnce);
  }
};

TEST_F(SharedInterestTest, OneThatLeavesAtOnceLeavesNothing) {
  Connect();
  auto own = AcquireOwn();
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  own.reset();
  EXPECT_THAT(Filters(), IsEmpty());
}

TEST_F(SharedInterestTest, ItDoesNotShortenTheLingerOfOthers) {
  Connect();
  auto own = AcquireOwn();
  Acquire(OfGateway("a"));
  own.reset();
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  scheduler_.Advance(kLinger - absl::Seconds(1));
  { const auto again = AcquireOwn(); }
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_THAT(Filters(), IsEmpty());
}

TEST_F(SharedInterestTest, ItStaysWhenTheLingerOfOthersEnds) {
  Connect();
  auto own = AcquireOwn();
  Acquire(OfGateway("a"));
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  own.reset();
  EXPECT_THAT(Filters(), IsEmpty());
}

TEST_F(SharedInterestTest, StaysForItsLingerAfterTheLastHolder) {
  SharedInterest interest(OfGatewayA(), &demand_, &executor_, &scheduler_);
  Connect();
  interest.Start();
  EXPECT_THAT(Filters(), IsEmpty());
  EXPECT_FALSE(interest.result().has_value());
  auto hold = interest.Acquire([] {});
  interest.Touch();
  scheduler_.Advance(2 * kOwnLinger);
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  EXPECT_TRUE(interest.granted_since().has_value());
  hold.reset();
  scheduler_.Advance(kOwnLinger - absl::Milliseconds(1));
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  scheduler_.Advance(absl::Milliseconds(1));
  EXPECT_THAT(Filters(), IsEmpty());
  EXPECT_FALSE(interest.granted_since().has_value());
}

TEST_F(SharedInterestTest, HoldersAreToldOfTheGrant) {
  SharedInterest interest(OfGatewayA(), &demand_, &executor_, &scheduler_);
  auto told = std::make_shared<Inbox<bool>>();
  const auto hold = interest.Acquire([told] { told->Put(true); });
  Settle();
  EXPECT_TRUE(told->empty());
  Connect();
  EXPECT_EQ(told->size(), 1u);
  EXPECT_TRUE(interest.result()->ok());
}

TEST_F(SharedInterestTest, ARefusalIsToldAndTheNextHolderAsksAgain) {
  broker_.RefuseSubscription(Gateway("a"), absl::PermissionDeniedError("no"));
  SharedInterest interest(OfGatewayA(), &demand_, &executor_, &scheduler_);
  Connect();
  const auto hold = interest.Acquire([] {});
  Settle();
  EXPECT_TRUE(absl::IsPermissionDenied(*interest.result()));
  broker_.RefuseSubscription(Gateway("a"), absl::OkStatus());
  interest.Touch();
  Settle();
  EXPECT_TRUE(interest.result()->ok());
}

TEST_F(SharedInterestTest, AlwaysIsAskedForAgainAfterARefusal) {
  broker_.RefuseSubscription(Gateway("a"), absl::PermissionDeniedError("no"));
  SharedInterest interest(OfGatewayA(/*always=*/true), &demand_, &executor_, &scheduler_);
  Connect();
  interest.Start();
  Settle();
  EXPECT_TRUE(absl::IsPermissionDenied(*interest.result()));
  broker_.RefuseSubscription(Gateway("a"), absl::OkStatus());
  scheduler_.Advance(absl::Minutes(1));
  Settle();
  EXPECT_TRUE(interest.result()->ok());
  interest.Touch();
  scheduler_.Advance(absl::Hours(1));
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
}

TEST_F(SharedInterestTest, AQuestionIsAnsweredByTheGrantOrTheLimit) {
  SharedInterest interest(OfGatewayA(), &demand_, &executor_, &scheduler_);
  auto told = std::make_shared<Inbox<bool>>();
  const auto then = [told] { told->Put(true); };
  interest.TouchThen(absl::Seconds(2), then);
  Settle();
  EXPECT_TRUE(told->empty());
  scheduler_.Advance(absl::Seconds(2));
  Settle();
  EXPECT_EQ(told->size(), 1u);
  interest.TouchThen(absl::Seconds(2), then);
  Connect();
  EXPECT_EQ(told->size(), 2u);
  interest.TouchThen(absl::Seconds(2), then);
  EXPECT_EQ(told->size(), 3u);
  scheduler_.Advance(absl::Seconds(2));
  Settle();
  EXPECT_EQ(told->size(), 3u);
}

}  // namespace
}  // namespace wirepas_grpc::core
