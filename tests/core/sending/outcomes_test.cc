// SPDX-License-Identifier: Apache-2.0
#include "core/sending/outcomes.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

using testing::HasSubstr;
using testing::Not;

SinkOutcome Failed(const std::string& sink, RequestId id,
                   std::optional<wirepas::proto::gateway_api::ErrorCode> answer,
                   absl::Status status) {
  SinkOutcome failed{{*GatewayId::Parse("g"), *SinkId::Parse(sink)}, {}};
  failed.outcome.request_id = id;
  failed.outcome.answer = answer;
  failed.outcome.status = std::move(status);
  return failed;
}
SinkOutcome Unsent(const std::string& sink) {
  return Failed(sink, 0, {}, absl::UnavailableError("nothing was sent"));
}
SinkOutcome Refused(const std::string& sink) {
  return Failed(sink, 5, wirepas::proto::gateway_api::ACCESS_DENIED,
                WithReason(absl::PermissionDeniedError("refused"), Reason::kGatewayRefused));
}
SinkOutcome Unknown(const std::string& sink) {
  return Failed(sink, 6, {}, absl::DeadlineExceededError("no answer"));
}

TEST(OutcomesTest, TheLeastCertainDecides) {
  EXPECT_EQ(LeastCertain({Unsent("a"), Unsent("b")}), 0u);
  EXPECT_EQ(LeastCertain({Unsent("a"), Refused("b"), Refused("c")}), 1u);
  EXPECT_EQ(LeastCertain({Refused("a"), Unsent("b"), Unknown("c"), Unknown("d")}), 2u);
}

TEST(OutcomesTest, TheStatusNamesTheOthers) {
  const std::vector<SinkOutcome> failed = {Unsent("a"), Refused("b")};
  const absl::Status status = StatusOfFailed(failed, LeastCertain(failed));
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(status), Reason::kGatewayRefused);
  EXPECT_EQ(status.message(),
            "gateway 'g', sink 'b': refused; and no other sink took it: gateway 'g', sink 'a' "
            "(UNAVAILABLE)");
  EXPECT_EQ(StatusOfFailed({Unsent("a")}, 0).message(), "nothing was sent");
}

TEST(OutcomesTest, TheStatusNamesABoundedNumber) {
  std::vector<SinkOutcome> failed;
  for (int i = 0; i < 1000; ++i) failed.push_back(Unsent(absl::StrCat("s", i)));
  const std::string text(StatusOfFailed(failed, 0).message());
  EXPECT_THAT(text, HasSubstr("'s5'"));
  EXPECT_THAT(text, Not(HasSubstr("'s6'")));
  EXPECT_THAT(text, HasSubstr(" and 994 more"));
}

}  // namespace
}  // namespace wirepas_grpc::core
