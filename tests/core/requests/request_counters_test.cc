// SPDX-License-Identifier: Apache-2.0
#include "core/requests/request_counters.h"

#include "core/requests/tracker.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = wirepas::proto::gateway_api;

TEST(RequestEndTest, TellsWhatBecameOfARequest) {
  RequestOutcome outcome;
  outcome.request_id = 7;
  outcome.answer = gw::OK;
  EXPECT_EQ(EndOf(outcome), RequestEnd::kAnswered);
  outcome.answer = gw::SINK_OUT_OF_MEMORY;
  outcome.status = absl::ResourceExhaustedError("");
  EXPECT_EQ(EndOf(outcome), RequestEnd::kRefused);
  outcome.answer = std::nullopt;
  outcome.status = absl::DeadlineExceededError("");
  EXPECT_EQ(EndOf(outcome), RequestEnd::kUnanswered);
  outcome.status = absl::CancelledError("");
  EXPECT_EQ(EndOf(outcome), RequestEnd::kCancelled);
  outcome.request_id = 0;
  outcome.status = absl::UnavailableError("");
  EXPECT_EQ(EndOf(outcome), RequestEnd::kNotSent);
}

TEST(RequestCountersTest, CountsByKindAndKeepsTheTimeOfAnswers) {
  RequestCounters counters;
  counters.Count(RequestKind::kSendData, RequestEnd::kAnswered, absl::Seconds(2));
  counters.Count(RequestKind::kSendData, RequestEnd::kUnanswered, absl::ZeroDuration());
  counters.Count(RequestKind::kGetConfigurationDataItem, RequestEnd::kRefused, absl::Seconds(1));
  EXPECT_EQ(counters.count(RequestKind::kSendData, RequestEnd::kAnswered), 1u);
  EXPECT_EQ(counters.count(RequestKind::kSendData, RequestEnd::kUnanswered), 1u);
  EXPECT_EQ(counters.count(RequestKind::kSetConfig, RequestEnd::kAnswered), 0u);
  EXPECT_EQ(counters.answers(RequestKind::kSendData).Get().sum_seconds, 2);
  EXPECT_EQ(counters.answers(RequestKind::kGetConfigurationDataItem).Get().sum_seconds, 1);
}

}  // namespace
}  // namespace wirepas_grpc::core
