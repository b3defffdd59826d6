// SPDX-License-Identifier: Apache-2.0
//
// Questions that cannot be put for who would have put them.
#include <memory>
#include <string>
#include <vector>

#include "core/base/instant.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/network/busy.h"
#include "tests/core/network/sink_refresh_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SharesTest : public SinkRefreshTest {
 protected:
  SharesTest() : SinkRefreshTest(NinePlaces()) {}
  static Network::Options NinePlaces() {
    Network::Options options;
    options.max_pending_requests = 9;
    return options;
  }
  RequestLimit Of(const std::string& asker) {
    RequestLimit limit = absl::Seconds(2);
    limit.asker = network_.tracker().places().Named(asker);
    return limit;
  }
  // Of one who has no place left.
  RequestLimit Full() {
    RequestLimit limit = Of("full");
    for (int i = 0; i < 8; ++i) share_.push_back(*network_.tracker().places().Take(limit.asker));
    return limit;
  }

 private:
  std::vector<RequestPlaces::PlacePtr> share_;
};

TEST_F(SharesTest, TheRefusalOfOneIsNotThatOfThoseWhoAskWithIt) {
  StartSynced();
  const RequestLimit full = Full();
  const Answers refused = MakeAnswers();
  const Answers also_refused = MakeAnswers();
  const Answers answered = MakeAnswers();
  {
    const Busy busy(&executor_);
    Refresh(refused, full, {"g"});
    Refresh(also_refused, full, {"g"});
    Refresh(answered, Of("other"), {"g"});
  }
  EXPECT_THAT(Failed(Take(refused)), ElementsAre("g RESOURCE_EXHAUSTED unsent"));
  EXPECT_THAT(Failed(Take(also_refused)), ElementsAre("g RESOURCE_EXHAUSTED unsent"));
  AnswerConfigs("g", AskedOnce("g"));
  const SinkAnswers got = Take(answered);
  EXPECT_THAT(got.failed, IsEmpty());
  EXPECT_THAT(got.silent, IsEmpty());
}

TEST_F(SharesTest, TheTimeOfAllWhoAreRefusedGrowsWithTheirNumberOnly) {
  StartSynced();
  const RequestLimit full = Full();
  constexpr int kMany = 50000;
  const Answers refused = MakeAnswers();
  {
    const Busy busy(&executor_);
    for (int i = 0; i < kMany; ++i) Refresh(refused, full, {"g"});
  }
  const Instant begin = Instant::Now();
  for (int i = 0; i < kMany; ++i) {
    ASSERT_THAT(Failed(Take(refused)), ElementsAre("g RESOURCE_EXHAUSTED unsent"));
  }
  EXPECT_LT(Instant::Now() - begin, absl::Seconds(15));
}

// Their ends are about to come when their time is over: of a question that nobody could put.
TEST_F(SharesTest, ThoseWhoseTimeEndsWithARefusalEndOnce) {
  StartSynced();
  const RequestLimit full = Full();
  const Answers first = MakeAnswers();
  const Answers overdue = MakeAnswers();
  const Answers cancelled = MakeAnswers();
  const Answers answered = MakeAnswers();
  uint64_t to_cancel = 0;
  auto stop = std::make_shared<Inbox<bool>>();
  auto put = std::make_shared<Inbox<bool>>();
  {
    const Busy busy(&executor_);
    RequestLimit brief = full;
    brief.timeout = absl::Milliseconds(1);
    Refresh(first, full, {"g", "h"});  // it puts both; what comes of that waits behind `stop`
    executor_.Post([stop, put] {
      put->Put(true);
      stop->Take();
    });
    Refresh(overdue, brief, {"g", "h"});
    to_cancel = Refresh(cancelled, full, {"g", "h"});
    Refresh(answered, Of("other"), {"g"});
  }
  put->Take();
  scheduler_.Advance(absl::Milliseconds(1));
  network_.CancelRefresh(to_cancel);
  EXPECT_TRUE(overdue->empty());
  stop->Put(true);
  EXPECT_THAT(Failed(Take(first)),
              ElementsAre("g RESOURCE_EXHAUSTED unsent", "h RESOURCE_EXHAUSTED unsent"));
  EXPECT_THAT(Failed(Take(overdue)), ElementsAre("g UNAVAILABLE unsent", "h UNAVAILABLE unsent"));
  EXPECT_THAT(Failed(Take(cancelled)), ElementsAre("g CANCELLED unsent", "h CANCELLED unsent"));
  AnswerConfigs("g", AskedOnce("g"));
  EXPECT_THAT(Failed(Take(answered)), IsEmpty());
  EXPECT_EQ(network_.sink_refresh().waiting(), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::core
