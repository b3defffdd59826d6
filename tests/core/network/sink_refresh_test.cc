// SPDX-License-Identifier: Apache-2.0
#include "core/network/sink_refresh.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/network/network.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/network/busy.h"
#include "tests/core/network/sink_refresh_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(SinkRefreshTest, AsksAllAtOnceAndTellsWhoWasSilent) {
  StartSynced();
  const Answers answers = MakeAnswers();
  Refresh(answers);
  const auto asked = AskedNow();
  EXPECT_EQ(asked.size(), 2u);
  AnswerConfigs("g", asked.find("g")->second);
  EXPECT_TRUE(IsOpen(answers));
  scheduler_.Advance(absl::Seconds(2));
  const SinkAnswers got = Take(answers);
  EXPECT_THAT(got.silent, ElementsAre("h"));
  EXPECT_THAT(got.failed, IsEmpty());
  EXPECT_EQ(network_.directory().Find("g")->sinks.size(), 1u);
  EXPECT_EQ(network_.directory().Find("h")->sinks.size(), 2u);
  Settle();
  EXPECT_EQ(network_.tracker().pending(), 0u) << "nobody waits for the silent one any more";
}

TEST_F(SinkRefreshTest, OfNobodyItEndsAtOnce) {
  StartSynced();
  const Answers answers = MakeAnswers();
  EXPECT_NE(Refresh(answers, absl::Seconds(2), {}), 0u);
  EXPECT_THAT(Take(answers).silent, IsEmpty());
}

TEST_F(SinkRefreshTest, OneNamedTwiceIsAskedOnce) {
  StartSynced();
  const Answers answers = MakeAnswers();
  Refresh(answers, absl::Seconds(2), {"g", "g"});
  AnswerConfigs("g", AskedOnce("g"));
  EXPECT_THAT(Take(answers).silent, IsEmpty());
}

TEST_F(SinkRefreshTest, OneToWhichNothingIsSentIsNotSilent) {
  StartSynced();
  const Answers answers = MakeAnswers();
  Refresh(answers, absl::Seconds(2), {"off"});
  const SinkAnswers got = Take(answers);
  EXPECT_THAT(got.silent, IsEmpty());
  EXPECT_THAT(Failed(got), ElementsAre("off UNAVAILABLE unsent"));
  EXPECT_THAT(std::string(got.failed[0].second.status.message()), HasSubstr("'off'"));
}

TEST_F(SinkRefreshTest, WithoutABrokerNobodyIsSilent) {
  StartSynced();
  broker_.Disconnect();
  Settle();
  const Answers answers = MakeAnswers();
  Refresh(answers);
  const SinkAnswers got = Take(answers);
  EXPECT_THAT(got.silent, IsEmpty());
  EXPECT_THAT(Failed(got), ElementsAre("g UNAVAILABLE unsent", "h UNAVAILABLE unsent"));
}

TEST_F(SinkRefreshTest, WhenTheBrokerIsLostMeanwhileNobodyIsSilent) {
  StartSynced();
  const Answers answers = MakeAnswers();
  Refresh(answers);
  AskedNow();
  broker_.Disconnect();
  const SinkAnswers got = Take(answers);
  EXPECT_THAT(got.silent, IsEmpty());
  EXPECT_THAT(Failed(got), ElementsAre("g DEADLINE_EXCEEDED sent", "h DEADLINE_EXCEEDED sent"));
}

TEST_F(SinkRefreshTest, WhatDidNotGoOutInTimeIsNotSilent) {
  StartSynced();
  broker_.HoldGrants(true);
  const Answers answers = MakeAnswers();
  Refresh(answers);
  scheduler_.Advance(absl::Seconds(2));
  const SinkAnswers got = Take(answers);
  EXPECT_THAT(got.silent, IsEmpty());
  EXPECT_THAT(Failed(got), ElementsAre("g UNAVAILABLE unsent", "h UNAVAILABLE unsent"));
  EXPECT_THAT(std::string(got.failed[0].second.status.message()), HasSubstr("nothing was sent"));
  broker_.HoldGrants(false);
  EXPECT_THAT(AskedNow(), IsEmpty());
}

TEST_F(SinkRefreshTest, OneThatAnswersWithAnErrorIsNotSilent) {
  StartSynced();
  const Answers answers = MakeAnswers();
  Refresh(answers, absl::Seconds(2), {"g"});
  AnswerConfigs("g", AskedOnce("g"), gw::ACCESS_DENIED);
  const SinkAnswers got = Take(answers);
  EXPECT_THAT(got.silent, IsEmpty());
  EXPECT_THAT(Failed(got), ElementsAre("g PERMISSION_DENIED sent"));
  EXPECT_EQ(got.failed[0].second.answer, gw::ACCESS_DENIED);
}

TEST_F(SinkRefreshTest, ThoseWhoAskTogetherShareAQuestion) {
  StartSynced();
  const Answers first = MakeAnswers();
  const Answers second = MakeAnswers();
  Refresh(first, absl::Seconds(2), {"g"});
  const RequestId id = AskedOnce("g");
  scheduler_.Advance(SinkRefresh::kJoined);
  Refresh(second, absl::Seconds(2), {"g", "h"});
  const auto asked = AskedNow();
  EXPECT_EQ(asked.size(), 1u) << "the other gateway";
  EXPECT_EQ(network_.tracker().places().taken(), 2u);
  AnswerConfigs("g", id);
  EXPECT_THAT(Take(first).silent, IsEmpty());
  EXPECT_TRUE(IsOpen(second));
  AnswerConfigs("h", asked.find("h")->second);
  EXPECT_THAT(Take(second).silent, IsEmpty());
}

TEST_F(SinkRefreshTest, EachWhoAsksHasItsOwnTime) {
  StartSynced();
  const Answers brief = MakeAnswers();
  const Answers longer = MakeAnswers();
  Refresh(brief, absl::Milliseconds(500), {"g"});
  Refresh(longer, absl::Seconds(2), {"g"});
  const RequestId id = AskedOnce("g");
  scheduler_.Advance(absl::Milliseconds(500));
  EXPECT_THAT(Take(brief).silent, ElementsAre("g"));
  EXPECT_TRUE(IsOpen(longer)) << "its own time is not over";
  scheduler_.Advance(absl::Milliseconds(1400));
  AnswerConfigs("g", id);
  EXPECT_THAT(Take(longer).silent, IsEmpty());
}

TEST_F(SinkRefreshTest, OneWhoIsCancelledLeavesTheQuestionToTheOther) {
  StartSynced();
  const Answers first = MakeAnswers();
  const Answers second = MakeAnswers();
  const uint64_t cancelled = Refresh(first, absl::Seconds(2), {"g"});
  Refresh(second, absl::Seconds(2), {"g"});
  const RequestId id = AskedOnce("g");
  network_.CancelRefresh(cancelled);
  network_.CancelRefresh(cancelled);
  EXPECT_THAT(Failed(Take(first)), ElementsAre("g CANCELLED sent"));
  EXPECT_TRUE(IsOpen(second));
  AnswerConfigs("g", id);
  EXPECT_THAT(Take(second).silent, IsEmpty());
}

TEST_F(SinkRefreshTest, WithTheLastWhoIsCancelledTheQuestionGoes) {
  StartSynced();
  const Answers answers = MakeAnswers();
  const uint64_t id = Refresh(answers);
  EXPECT_EQ(AskedNow().size(), 2u);
  network_.CancelRefresh(id);
  EXPECT_EQ(Take(answers).failed.size(), 2u);
  Settle();
  EXPECT_EQ(network_.tracker().pending(), 0u);
  // The next one asks anew.
  Refresh(answers);
  EXPECT_EQ(AskedNow().size(), 2u);
}

TEST_F(SinkRefreshTest, AQuestionThatIsOutForLongIsPutAgain) {
  StartSynced();
  const Answers first = MakeAnswers();
  const Answers second = MakeAnswers();
  Refresh(first, absl::Seconds(5), {"g"});
  const RequestId lost = AskedOnce("g");
  scheduler_.Advance(SinkRefresh::kJoined + absl::Milliseconds(1));
  Refresh(second, absl::Seconds(5), {"g"});
  const RequestId id = AskedOnce("g");
  EXPECT_NE(id, lost);
  AnswerConfigs("g", id);
  EXPECT_THAT(Take(second).silent, IsEmpty());
  EXPECT_TRUE(IsOpen(first));
  AnswerConfigs("g", lost);
  EXPECT_THAT(Take(first).silent, IsEmpty());
}

class FewPlacesTest : public SinkRefreshTest {
 protected:
  FewPlacesTest() : SinkRefreshTest(OnePlace()) {}
  static Network::Options OnePlace() {
    Network::Options options;
    options.max_pending_requests = 1;
    return options;
  }
};

TEST_F(FewPlacesTest, OneThatWasNotAskedForWantOfAPlaceIsNotSilent) {
  StartSynced();
  const Answers answers = MakeAnswers();
  Refresh(answers);
  AnswerConfigs("g", AskedOnce("g"));
  const SinkAnswers got = Take(answers);
  EXPECT_THAT(got.silent, IsEmpty());
  EXPECT_THAT(Failed(got), ElementsAre("h RESOURCE_EXHAUSTED unsent"));
}

TEST_F(SinkRefreshTest, ForOneWhoIsCancelledNothingMoreIsAsked) {
  StartSynced();
  const Answers answers = MakeAnswers();
  {
    const Busy busy(&executor_);
    network_.CancelRefresh(Refresh(answers));
  }
  EXPECT_THAT(Failed(Take(answers)), ElementsAre("g CANCELLED unsent", "h CANCELLED unsent"));
  EXPECT_THAT(AskedNow(), IsEmpty());
  EXPECT_EQ(network_.tracker().pending(), 0u);
}

TEST_F(SinkRefreshTest, ForOneWhoseTimeIsOverNothingMoreIsAsked) {
  StartSynced();
  const Answers answers = MakeAnswers();
  {
    const Busy busy(&executor_);
    Refresh(answers, absl::ZeroDuration());
    scheduler_.Advance(absl::ZeroDuration());
  }
  EXPECT_THAT(Failed(Take(answers)), ElementsAre("g UNAVAILABLE unsent", "h UNAVAILABLE unsent"));
  EXPECT_THAT(AskedNow(), IsEmpty());
}

TEST_F(SinkRefreshTest, WhatHadNoTurnOnTheConnectionWasNotAsked) {
  StartSynced();
  broker_.HoldOutgoing(true);
  const Answers answers = MakeAnswers();
  Refresh(answers);
  Settle();
  scheduler_.Advance(absl::Seconds(2));
  const SinkAnswers got = Take(answers);
  EXPECT_THAT(got.silent, IsEmpty());
  EXPECT_THAT(Failed(got), ElementsAre("g UNAVAILABLE unsent", "h UNAVAILABLE unsent"));
  broker_.HoldOutgoing(false);
  EXPECT_THAT(AskedNow(), IsEmpty());
}

TEST_F(SinkRefreshTest, ThereIsABoundOnThoseWhoWait) {
  StartSynced();
  SinkRefresh small(&network_, &executor_, 3);
  const auto gateways = network_.directory().Snapshot()->gateways;  // "g", "h" and "off"
  const std::vector<GatewayPtr> both(gateways.begin(), gateways.begin() + 2);
  const Answers first = MakeAnswers();
  const Answers second = MakeAnswers();
  const auto start = [&](const Answers& answers) {
    return small.Start(both, absl::Seconds(2),
                       [answers](SinkAnswers got) { answers->Put(std::move(got)); });
  };
  start(first);
  const uint64_t joined = start(second);
  const auto asked = AskedNow();
  EXPECT_EQ(asked.size(), 2u);
  small.Cancel(joined);
  EXPECT_THAT(Failed(Take(second)), ElementsAre("g CANCELLED sent", "h RESOURCE_EXHAUSTED unsent"));
  AnswerConfigs("g", asked.find("g")->second);
  start(second);  // there is room for both now
  AnswerConfigs("g", AskedOnce("g"));
  AnswerConfigs("h", asked.find("h")->second);
  EXPECT_THAT(Failed(Take(first)), IsEmpty());
  EXPECT_THAT(Failed(Take(second)), IsEmpty());
  network_.Stop();
  executor_.Stop();
}

}  // namespace
}  // namespace wirepas_grpc::core
