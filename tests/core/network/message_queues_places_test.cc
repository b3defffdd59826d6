// SPDX-License-Identifier: Apache-2.0
//
// Messages that wait, where there are few places for requests.
#include <string>

#include "core/network/message_queues.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/network/message_queues_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FewPendingTest : public MessageQueuesTest {
 protected:
  FewPendingTest() : MessageQueuesTest(FewPending()) {}

  static Network::Options FewPending() {
    Network::Options options;
    options.max_pending_requests = 3;
    return options;
  }
};

TEST_F(FewPendingTest, AsManyMayWaitAsMayBePending) {
  StartSynced();
  const RequestId first = Send("1");
  PublishedNow();
  Refuse(first);
  Send("2");
  Send("3");
  EXPECT_TRUE(NothingEnded());
  Send("4");
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.status));
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("the bound is 3"));
  EXPECT_FALSE(outcome.answer.has_value());
}

TEST_F(FewPendingTest, TheBoundCountsWhatWaitsForOtherSinks) {
  StartSynced();
  SendRefused("1");
  Send("2");
  Send("3");
  Send("4", absl::Seconds(2), "t");
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.status)) << outcome.status;
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("the bound is 3"));
  EXPECT_THAT(PublishedNow(), IsEmpty());
}

TEST_F(FewPendingTest, WhatWaitsKeepsItsPlace) {
  StartSynced();
  const RequestId id = Send("1");
  PublishedNow();
  Refuse(id);
  NetworkFixture::Send("h", absl::Minutes(1));
  NetworkFixture::Send("h", absl::Minutes(1));
  EXPECT_EQ(PublishedNow().size(), 2u);
  NetworkFixture::Send("h", absl::Minutes(1));
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, 0u);
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  Take(id);
  EXPECT_THAT(EndedNow(), ElementsAre(kOk));
  NetworkFixture::Send("h", absl::Minutes(1));
  EXPECT_EQ(PublishedNow().size(), 1u);
}

TEST_F(FewPendingTest, WhenTheBrokerTakesNoMoreOneThatWaitsGoesOnWaiting) {
  StartSynced();
  const RequestId id = Send("1", absl::Milliseconds(300));
  PublishedNow();
  Refuse(id);
  broker_.set_publish_error(absl::ResourceExhaustedError("too many messages wait"));
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), IsEmpty());
  EXPECT_TRUE(NothingEnded());
  broker_.set_publish_error(absl::OkStatus());
  scheduler_.Advance(kSecond);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  Refuse(id);
  scheduler_.Advance(absl::Milliseconds(300));
  const RequestOutcome outcome = Ended();
  EXPECT_EQ(outcome.answer, gw::SINK_OUT_OF_MEMORY);
  EXPECT_EQ(outcome.request_id, id);
}

}  // namespace
}  // namespace wirepas_grpc::core
