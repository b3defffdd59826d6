// SPDX-License-Identifier: Apache-2.0
//
// Interests of the service's own beside those of readers: what their terms mean, and how
// the two meet.
#include <memory>
#include <optional>

#include "core/interest/await_answer.h"
#include "gmock/gmock.h"
#include "tests/core/interest/subscriptions_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TermsTest : public SubscriptionsTest {
 protected:
  static constexpr Subscriptions::Terms kAtOnce = {};
  static constexpr absl::Duration kOwnLinger = absl::Seconds(3);
  const Subscriptions::Terms kOwn = {.linger = kOwnLinger};
  const Subscriptions::Terms kStays = {.linger = kOwnLinger, .stays = true};

  void AwaitGatewayA(absl::Duration limit) {
    AwaitAnswer(
        [this](Subscriptions::Changed changed) {
          return subscriptions_.AcquireUplinks(OfGateway("a"), kOwn, std::move(changed));
        },
        limit, &executor_, &scheduler_, [told = told_] { told->Put(true); });
  }
};

TEST_F(TermsTest, WithoutALingerNothingIsLeft) {
  Connect();
  auto own = Acquire(OfGateway("a"), kAtOnce);
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  own.reset();
  EXPECT_THAT(Filters(), IsEmpty());
  EXPECT_EQ(scheduler_.pending(), 0u);
}

TEST_F(TermsTest, ItDoesNotShortenTheLingerOfOthers) {
  Connect();
  auto own = Acquire(OfGateway("a"), kAtOnce);
  Acquire(OfGateway("a"));
  own.reset();
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  scheduler_.Advance(kLinger - absl::Seconds(1));
  { const auto again = Acquire(OfGateway("a"), kAtOnce); }
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_THAT(Filters(), IsEmpty());
}

TEST_F(TermsTest, ItStaysWhenTheLingerOfOthersEnds) {
  Connect();
  auto own = Acquire(OfGateway("a"), kAtOnce);
  Acquire(OfGateway("a"));
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  own.reset();
  EXPECT_THAT(Filters(), IsEmpty());
}

TEST_F(TermsTest, CoverageHasATimeAndEndsWithTheLinger) {
  Connect();
  const absl::Time begin = scheduler_.Now();
  auto interest = Acquire(OfGateway("a"), kOwn);
  Settle();
  scheduler_.Advance(2 * kOwnLinger);
  EXPECT_EQ(subscriptions_.CoveredFrom(Gateway("a")), begin);
  interest.reset();
  scheduler_.Advance(kOwnLinger - absl::Milliseconds(1));
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  scheduler_.Advance(absl::Milliseconds(1));
  EXPECT_THAT(Filters(), IsEmpty());
  EXPECT_EQ(subscriptions_.CoveredFrom(Gateway("a")), std::nullopt);
}

// Else a filter that nobody may have would be asked for again for the time of the linger.
TEST_F(TermsTest, WhatIsRefusedDoesNotLinger) {
  broker_.RefuseSubscription(Gateway("a"), absl::PermissionDeniedError("no"));
  Connect();
  const auto held = Acquire(OfGateway("a"), kOwn);
  Acquire(OfGateway("a"));  // gone before the answer
  Settle();
  EXPECT_EQ(scheduler_.pending(), 0u);
  EXPECT_TRUE(absl::IsPermissionDenied(held->result().value()));
}

TEST_F(TermsTest, WhatStaysIsAskedForAgainAfterARefusal) {
  broker_.RefuseSubscription(Gateway("a"), absl::PermissionDeniedError("no"));
  Connect();
  const auto interest = Acquire(OfGateway("a"), kStays);
  Settle();
  EXPECT_TRUE(absl::IsPermissionDenied(interest->result().value()));
  scheduler_.Advance(absl::Seconds(1));
  Settle();
  EXPECT_EQ(broker_.subscribe_calls(Gateway("a")), 2);
  EXPECT_EQ(told_->size(), 1u) << "the same answer is no change";
  broker_.RefuseSubscription(Gateway("a"), absl::OkStatus());
  scheduler_.Advance(absl::Seconds(2));
  Settle();
  EXPECT_EQ(interest->result(), absl::OkStatus());
  EXPECT_EQ(told_->size(), 2u);
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(broker_.subscribe_calls(Gateway("a")), 3);
  EXPECT_EQ(scheduler_.pending(), 0u);
}

TEST_F(TermsTest, AnAnswerIsAwaitedUpToTheLimit) {
  AwaitGatewayA(absl::Seconds(2));
  Settle();
  EXPECT_TRUE(told_->empty());
  scheduler_.Advance(absl::Seconds(2));
  Settle();
  EXPECT_EQ(told_->size(), 1u);
  AwaitGatewayA(absl::Seconds(2));
  Connect();
  EXPECT_EQ(told_->size(), 2u);
  AwaitGatewayA(absl::Seconds(2));
  EXPECT_EQ(told_->size(), 3u);
  scheduler_.Advance(absl::Seconds(2));
  Settle();
  EXPECT_EQ(told_->size(), 3u);
  scheduler_.Advance(kOwnLinger);
  EXPECT_THAT(Filters(), IsEmpty());
}

}  // namespace
}  // namespace wirepas_grpc::core
