// SPDX-License-Identifier: Apache-2.0
#include "core/sinks/change_run.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

// Sends changes to the sinks "s" and "t" of "g" and "h", which answer when the test says so.
class ChangeRunTest : public NetworkFixture {
 protected:
  ChangeRunTest() { StartSynced(); }
  ~ChangeRunTest() override {
    network_.Stop();
    executor_.Stop();
  }

  void Start(const ChangeOptions& options, bool in_parts = false) {
    std::vector<PlannedChange> changes;
    for (const char* gateway : {"g", "h"}) {
      for (const char* sink : {"s", "t"}) {
        PlannedChange change{{{*GatewayId::Parse(gateway), *SinkId::Parse(sink)},
                              network_.directory().Find(gateway),
                              std::make_shared<SinkConfig>(),
                              false,
                              absl::OkStatus()},
                             {RequestKind::kSetConfig,
                              [sink] {
                                gw::WirepasMessage message;
                                auto* config = message.mutable_set_config_req()->mutable_config();
                                config->set_sink_id(sink);
                                config->set_network_channel(7);
                                return message;
                              },
                              in_parts}};
        changes.push_back(std::move(change));
      }
    }
    fan_out_ = SendChanges(
        &network_, std::move(changes), options,
        [this](size_t index, const RequestOutcome& outcome) {
          MutexLock lock(&mutex_);
          outcomes_[index] = outcome;
        },
        [this] {
          MutexLock lock(&mutex_);
          ended_ = true;
        });
    Settle();
    Settle();
  }

  // Answers the next request.
  void Answer(gw::ErrorCode code = gw::OK) {
    const Published request = NextPublished();
    gw::WirepasMessage answer;
    gw::SetConfigResp* response = answer.mutable_set_config_resp();
    response->mutable_config()->set_sink_id(request.message.set_config_req().config().sink_id());
    response->mutable_header()->set_req_id(request.message.set_config_req().header().req_id());
    response->mutable_header()->set_gw_id(request.raw.topic.substr(22, 1));
    response->mutable_header()->set_res(code);
    broker_.Deliver(absl::StrCat("gw-response/", request.raw.topic.substr(11)), Encode(answer));
    Settle();
    Settle();
  }

  std::map<size_t, RequestOutcome> outcomes() {
    MutexLock lock(&mutex_);
    return outcomes_;
  }
  bool ended() {
    MutexLock lock(&mutex_);
    return ended_;
  }

  SinkFanOut::Ptr fan_out_;
  Mutex mutex_;
  std::map<size_t, RequestOutcome> outcomes_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

TEST_F(ChangeRunTest, OneThatFailsDoesNotKeepTheOthersFromBeingChanged) {
  Start({.max_concurrent = 1});
  EXPECT_EQ(broker_.published_count(), 1u);
  Answer(gw::INVALID_NETWORK_CHANNEL);
  EXPECT_TRUE(absl::IsInvalidArgument(outcomes().at(0).status));
  EXPECT_EQ(outcomes().at(0).fate(), RequestFate::kRefused);
  for (int i = 0; i < 3; ++i) Answer();
  EXPECT_TRUE(ended());
  for (size_t i = 1; i < 4; ++i) EXPECT_TRUE(outcomes().at(i).status.ok()) << i;
}

TEST_F(ChangeRunTest, ARefusalOfSeveralChangesMayComeAfterSomeOfThem) {
  Start({.max_concurrent = 1}, /*in_parts=*/true);
  Answer(gw::INVALID_NETWORK_CHANNEL);
  EXPECT_EQ(outcomes().at(0).fate(), RequestFate::kUnknown);
  Answer(gw::INVALID_SINK_ID);
  EXPECT_EQ(outcomes().at(1).fate(), RequestFate::kRefused);
}

TEST_F(ChangeRunTest, TheLimitCountsFromEachSinksTurn) {
  Start({.max_concurrent = 1, .sink_limit = absl::Seconds(5)});
  scheduler_.Advance(absl::Seconds(5));
  Settle();
  EXPECT_TRUE(absl::IsDeadlineExceeded(outcomes().at(0).status));
  scheduler_.Advance(absl::Seconds(5) - absl::Milliseconds(1));
  Settle();
  EXPECT_EQ(outcomes().size(), 1u);
  scheduler_.Advance(absl::Milliseconds(1));
  Settle();
  EXPECT_EQ(outcomes().size(), 2u);
}

TEST_F(ChangeRunTest, WhoseTurnComesWhenNoTimeIsLeftIsNotSent) {
  Start({.max_concurrent = 2, .sink_limit = absl::Seconds(5), .limit = absl::Seconds(3)});
  scheduler_.Advance(absl::Seconds(3));
  Settle();
  EXPECT_TRUE(ended());
  for (size_t i = 0; i < 2; ++i) EXPECT_TRUE(absl::IsDeadlineExceeded(outcomes().at(i).status));
  for (size_t i = 2; i < 4; ++i) {
    EXPECT_TRUE(absl::IsUnavailable(outcomes().at(i).status));
    EXPECT_EQ(ReasonOf(outcomes().at(i).status), Reason::kOutOfTime);
    EXPECT_EQ(outcomes().at(i).fate(), RequestFate::kNotSent);
  }
  EXPECT_EQ(broker_.published_count(), 2u);
}

TEST_F(ChangeRunTest, StoppingSendsNothingFurther) {
  Start({.max_concurrent = 1});
  fan_out_->Stop();
  Settle();
  EXPECT_TRUE(ended());
  EXPECT_EQ(broker_.published_count(), 1u);
  for (size_t i = 0; i < 4; ++i) EXPECT_TRUE(absl::IsCancelled(outcomes().at(i).status)) << i;
  EXPECT_EQ(network_.tracker().pending(), 0u);
}

TEST_F(ChangeRunTest, DrainingGoesOnAndTheEndOfRequestsTellsWhatWasSent) {
  Start({.max_concurrent = 1});
  network_.Drain();
  Answer();
  EXPECT_TRUE(outcomes().at(0).status.ok());
  network_.EndRequests();
  Settle();
  EXPECT_TRUE(ended());
  EXPECT_EQ(outcomes().at(1).fate(), RequestFate::kUnknown);
  for (size_t i = 2; i < 4; ++i) {
    EXPECT_TRUE(absl::IsUnavailable(outcomes().at(i).status)) << outcomes().at(i).status;
    EXPECT_EQ(outcomes().at(i).fate(), RequestFate::kNotSent);
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
