// SPDX-License-Identifier: Apache-2.0
#include "core/base/reason.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Reason, TellsNothingThatItWasNotGiven) {
  const absl::Status status = absl::NotFoundError("gone");
  EXPECT_EQ(ReasonOf(status), Reason::kUnspecified);
  EXPECT_THAT(FactsOf(status), IsEmpty());
  EXPECT_EQ(RetryDelayOf(status), std::nullopt);
  EXPECT_EQ(FieldOf(status), "");
}

TEST(Reason, IsReplacedByALaterOne) {
  absl::Status status = WithReason(absl::NotFoundError("gone"), Reason::kGatewayNotKnown);
  EXPECT_EQ(ReasonOf(status), Reason::kGatewayNotKnown);
  status = WithReason(status, Reason::kSinkNotKnown);
  EXPECT_EQ(ReasonOf(status), Reason::kSinkNotKnown);
  EXPECT_EQ(status.message(), "gone");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
}

TEST(Reason, OkStaysOk) {
  EXPECT_TRUE(WithReason(absl::OkStatus(), Reason::kInternal).ok());
  EXPECT_EQ(ReasonOf(WithReason(absl::OkStatus(), Reason::kInternal)), Reason::kUnspecified);
  EXPECT_THAT(FactsOf(WithFact(absl::OkStatus(), "a", "b")), IsEmpty());
}

TEST(Reason, OfAFactTheFirstValueStays) {
  absl::Status status = WithFact(absl::NotFoundError("gone"), "node_address", "7");
  status = WithNode(status, 8);
  status = WithNetwork(status, 12);
  EXPECT_THAT(FactsOf(status),
              ElementsAre(Pair("network_address", "12"), Pair("node_address", "7")));
}

TEST(Reason, ARetryDelayKeepsItsFraction) {
  const absl::Status status =
      WithRetryDelay(absl::ResourceExhaustedError("full"), absl::Milliseconds(1500));
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(1500));
}

TEST(Reason, AnInvalidFieldIsNamedInTheWordsToo) {
  const absl::Status status = InvalidField("message.qos", "2 is not between 0 and 1");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "message.qos: 2 is not between 0 and 1");
  EXPECT_EQ(ReasonOf(status), Reason::kInvalidField);
  EXPECT_EQ(FieldOf(status), "message.qos");
}

TEST(Reason, InPartPutsThePartBeforeTheField) {
  const absl::Status status = InPart("sinks[2]", InvalidField("sink_id", "missing"));
  EXPECT_EQ(FieldOf(status), "sinks[2].sink_id");
  EXPECT_EQ(status.message(), "sinks[2].sink_id: missing");
  EXPECT_EQ(ReasonOf(status), Reason::kInvalidField);
  const absl::Status other = WithReason(absl::NotFoundError("gone"), Reason::kNoSinks);
  EXPECT_EQ(InPart("sinks[2]", other), other);
}

TEST(Reason, OtherWordsOrAnotherCodeKeepAllElse) {
  absl::Status status = WithReason(absl::UnavailableError("away"), Reason::kBrokerNotConnected);
  status = WithRetryDelay(WithFact(status, "gateway_id", "gw"), absl::Seconds(3));
  for (const absl::Status& changed : {WithMessage(status, "longer: away"),
                                      WithCode(status, absl::StatusCode::kDeadlineExceeded)}) {
    EXPECT_EQ(ReasonOf(changed), Reason::kBrokerNotConnected);
    EXPECT_THAT(FactsOf(changed), ElementsAre(Pair("gateway_id", "gw")));
    EXPECT_EQ(RetryDelayOf(changed), absl::Seconds(3));
  }
  EXPECT_EQ(WithMessage(status, "longer: away").message(), "longer: away");
  EXPECT_EQ(WithCode(status, absl::StatusCode::kDeadlineExceeded).code(),
            absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace wirepas_grpc::core
