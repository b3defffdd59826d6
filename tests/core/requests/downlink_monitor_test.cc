// SPDX-License-Identifier: Apache-2.0
#include "core/requests/downlink_monitor.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

// What the log holds of one request, as text: "id answer" or "id none".
std::string TextOf(const Downlink& downlink) {
  return absl::StrCat(downlink.request_id, " ",
                      downlink.answer ? gw::ErrorCode_Name(*downlink.answer) : "none");
}

class DownlinkMonitorTest : public testing::Test {
 protected:
  static DownlinkMonitor::Options SmallOptions() {
    DownlinkMonitor::Options options;
    options.answer_timeout = absl::Seconds(10);
    options.max_waiting = 5;
    return options;
  }

  void Request(uint64_t id, const std::string& gateway = "g", size_t payload_size = 3) {
    gw::SendPacketReq request;
    request.mutable_header()->set_req_id(id);
    request.set_destination_address(42);
    request.set_source_endpoint(1);
    request.set_destination_endpoint(2);
    request.set_qos(1);
    request.set_payload(std::string(payload_size, 'p'));
    monitor_.OnRequest(*ParseTopic(absl::StrCat("gw-request/send_data/", gateway, "/s")), &request);
  }

  void Response(uint64_t id, gw::ErrorCode code = gw::OK, const std::string& gateway = "g") {
    gw::SendPacketResp response;
    response.mutable_header()->set_req_id(id);
    response.mutable_header()->set_res(code);
    monitor_.OnResponse(*ParseTopic(absl::StrCat("gw-response/send_data/", gateway, "/s")),
                        response);
  }

  // What came since the last call; a gap marker is "gap".
  std::vector<std::string> News() {
    std::vector<std::string> texts;
    while (true) {
      std::vector<std::string> read;
      const auto result = monitor_.log().Read(next_, 1000, [&](const Downlink& downlink) {
        read.push_back(TextOf(downlink));
        return true;
      });
      if (result.next == next_) return texts;
      if (result.gap.has_value()) texts.push_back("gap");
      texts.insert(texts.end(), read.begin(), read.end());
      next_ = result.next;
    }
  }

  using Texts = std::vector<std::string>;

  FakeScheduler scheduler_;
  Executor executor_{1};
  DownlinkMonitor monitor_{SmallOptions(), &executor_, &scheduler_};
  DownlinkLog::Sequence next_ = 1;
};

TEST_F(DownlinkMonitorTest, KeepsTheTimesOfBothHeaders) {
  gw::SendPacketReq request;
  request.mutable_header()->set_req_id(7);
  request.mutable_header()->set_time_ms_epoch(1'700'000'000'001);
  monitor_.OnRequest(*ParseTopic("gw-request/send_data/g/s"), &request);
  gw::SendPacketResp response;
  response.mutable_header()->set_req_id(7);
  response.mutable_header()->set_res(gw::OK);
  response.mutable_header()->set_time_ms_epoch(1'700'000'000'002);
  monitor_.OnResponse(*ParseTopic("gw-response/send_data/g/s"), response);
  Request(8);
  Response(8);
  std::vector<absl::Time> answer_times;
  std::vector<uint64_t> publish_times;
  monitor_.log().Read(1, 10, [&](const Downlink& downlink) {
    answer_times.push_back(downlink.answer_time);
    publish_times.push_back(downlink.request.header().time_ms_epoch());
    return true;
  });
  EXPECT_EQ(answer_times, (std::vector<absl::Time>{absl::FromUnixMillis(1'700'000'000'002),
                                                   absl::InfinitePast()}));
  EXPECT_EQ(publish_times, (std::vector<uint64_t>{1'700'000'000'001, 0}));
}

TEST_F(DownlinkMonitorTest, PairsARequestWithItsAnswer) {
  const absl::Time sent = scheduler_.Now();
  Request(7);
  EXPECT_EQ(News(), Texts{}) << "not before it is known what came of it";
  scheduler_.Advance(absl::Milliseconds(300));
  Response(7, gw::SINK_OUT_OF_MEMORY);
  int seen = 0;
  monitor_.log().Read(1, 10, [&](const Downlink& downlink) {
    ++seen;
    EXPECT_EQ(downlink.gateway_id, "g");
    EXPECT_EQ(downlink.sink_id, "s");
    EXPECT_EQ(downlink.request_id, 7u);
    EXPECT_EQ(downlink.request.destination_address(), 42u);
    EXPECT_EQ(downlink.request.payload(), "ppp");
    EXPECT_EQ(downlink.send_time, sent);
    EXPECT_EQ(downlink.answer, gw::SINK_OUT_OF_MEMORY);
    EXPECT_EQ(downlink.gateway_time, absl::Milliseconds(300));
    return true;
  });
  EXPECT_EQ(seen, 1);
}

TEST_F(DownlinkMonitorTest, AnswersComeInAnyOrder) {
  Request(1);
  Request(2);
  Request(3);
  Response(2);
  Response(3, gw::INTERNAL_ERROR);
  Response(1);
  EXPECT_EQ(News(), (Texts{"2 OK", "3 INTERNAL_ERROR", "1 OK"}));
}

TEST_F(DownlinkMonitorTest, WithoutAnAnswerInTimeItIsReportedUnanswered) {
  Request(1);
  scheduler_.Advance(absl::Seconds(6));
  Request(2);
  scheduler_.Advance(absl::Seconds(4) - absl::Milliseconds(1));
  EXPECT_EQ(News(), Texts{});
  scheduler_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(News(), Texts{"1 none"});
  Response(1);
  EXPECT_EQ(News(), Texts{}) << "too late";
  Response(2);
  EXPECT_EQ(News(), Texts{"2 OK"});
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(News(), Texts{});
  EXPECT_EQ(scheduler_.pending(), 0u) << "a timer for nothing";
}

TEST_F(DownlinkMonitorTest, EveryUnansweredRequestRunsOutAtItsOwnTime) {
  for (uint64_t id = 1; id <= 4; ++id) {
    Request(id);
    scheduler_.Advance(absl::Seconds(1));
  }
  scheduler_.Advance(absl::Seconds(6));
  for (uint64_t id = 1; id <= 4; ++id) {
    EXPECT_EQ(News(), Texts{absl::StrCat(id, " none")});
    scheduler_.Advance(absl::Seconds(1));
  }
}

TEST_F(DownlinkMonitorTest, StepsOfTheWallClockEndNothingAndAreNoGatewayTime) {
  for (const absl::Duration jump : {absl::Hours(1), -absl::Hours(1)}) {
    Request(1);
    const absl::Time sent = scheduler_.Now();
    scheduler_.JumpTo(sent + jump);
    scheduler_.Advance(absl::Seconds(4));
    Response(1);
    monitor_.log().Read(next_, 10, [&](const Downlink& downlink) {
      EXPECT_EQ(downlink.send_time, sent);
      EXPECT_EQ(downlink.gateway_time, absl::Seconds(4));
      return true;
    });
    EXPECT_EQ(News(), Texts{"1 OK"});
    Request(2);
    scheduler_.JumpTo(scheduler_.Now() + jump);
    scheduler_.Advance(absl::Seconds(9));
    Request(3);  // would end the one before, if it were too old
    EXPECT_EQ(News(), Texts{});
    scheduler_.Advance(absl::Seconds(1));
    EXPECT_EQ(News(), Texts{"2 none"});
    scheduler_.Advance(absl::Seconds(9));
    EXPECT_EQ(News(), Texts{"3 none"});
  }
}

TEST_F(DownlinkMonitorTest, DuplicatesAreReportedOnce) {
  Request(1);
  Request(1);
  Response(1);
  Response(1);
  EXPECT_EQ(News(), Texts{"1 OK"});
}

TEST_F(DownlinkMonitorTest, GatewaysAreToldApart) {
  Request(1, "g");
  Request(1, "h");
  Response(1, gw::INTERNAL_ERROR, "h");
  Response(1, gw::OK, "g");
  Response(1, gw::OK, "i");
  EXPECT_EQ(News(), (Texts{"1 INTERNAL_ERROR", "1 OK"}));
}

TEST_F(DownlinkMonitorTest, ForeignAnswersAreNoDownlinks) {
  Response(99);
  Request(1);
  Response(2);
  EXPECT_EQ(News(), Texts{});
}

// Some backends count their ids from zero again.
TEST_F(DownlinkMonitorTest, AnIdThatIsUsedAgainHasItsOwnTime) {
  Request(1);
  Response(1);
  EXPECT_EQ(News(), Texts{"1 OK"});
  scheduler_.Advance(absl::Seconds(9));
  Request(1);
  scheduler_.Advance(absl::Seconds(2));
  EXPECT_EQ(News(), Texts{}) << "the time of the first one ended the second";
  scheduler_.Advance(absl::Seconds(8));
  EXPECT_EQ(News(), Texts{"1 none"});
}

TEST_F(DownlinkMonitorTest, WhenTooManyWaitTheOldestCountsAsUnanswered) {
  for (uint64_t id = 1; id <= 7; ++id) Request(id);
  EXPECT_EQ(News(), (Texts{"1 none", "2 none"}));
  Response(1);
  Response(3);
  EXPECT_EQ(News(), Texts{"3 OK"});
  Request(8);
  EXPECT_EQ(News(), Texts{}) << "there was room";
}

// The answered ones leave their place in line only later: that line is bounded too.
TEST_F(DownlinkMonitorTest, AnsweredOnesDoNotPileUpBehindOneThatIsNot) {
  Request(1);
  for (uint64_t id = 2; id <= 100; ++id) {
    Request(id);
    Response(id);
  }
  const Texts news = News();
  EXPECT_EQ(news.size(), 100u);
  EXPECT_NE(std::find(news.begin(), news.end(), "1 none"), news.end());
}

TEST_F(DownlinkMonitorTest, LargeRequestsWaitWithinTheLogsBound) {
  DownlinkMonitor::Options options;
  options.log.max_bytes = 1 << 20;
  DownlinkMonitor monitor(options, &executor_, &scheduler_);
  for (uint64_t id = 1; id <= 100; ++id) {
    gw::SendPacketReq request;
    request.mutable_header()->set_req_id(id);
    request.set_payload(std::string(100 << 10, 'p'));
    monitor.OnRequest(*ParseTopic("gw-request/send_data/g/s"), &request);
  }
  // What does not fit is in the log, as unanswered, or gone from it.
  EXPECT_GE(monitor.log().next(), 88u);
  EXPECT_LE(monitor.log().bytes(), options.log.max_bytes);
}

TEST_F(DownlinkMonitorTest, ALostConnectionReportsWhatWaitsAndMarksAGap) {
  Request(1);
  Request(2);
  Response(1);
  monitor_.OnDisconnected();
  EXPECT_EQ(News(), (Texts{"1 OK", "2 none", "gap"}));
  Response(2);
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(News(), Texts{});
  Request(3);
  Response(3);
  EXPECT_EQ(News(), Texts{"3 OK"});
}

}  // namespace
}  // namespace wirepas_grpc::core
