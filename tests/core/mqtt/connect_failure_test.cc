// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/connect_failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <cerrno>
#include <set>
#include <string>

namespace wirepas_grpc::core {
namespace {

using ::testing::HasSubstr;

TEST(ConnectFailureTest, SocketErrors) {
  EXPECT_EQ(ClassifySocketError(ECONNREFUSED, "a:1").reason, DisconnectReason::kRefused);
  EXPECT_EQ(ClassifySocketError(EHOSTUNREACH, "a:1").reason, DisconnectReason::kUnreachable);
  EXPECT_EQ(ClassifySocketError(ENETUNREACH, "a:1").reason, DisconnectReason::kUnreachable);
  EXPECT_EQ(ClassifySocketError(ETIMEDOUT, "a:1").reason, DisconnectReason::kTimeout);
  EXPECT_EQ(ClassifySocketError(ECONNRESET, "a:1").reason, DisconnectReason::kConnectionLost);
  EXPECT_THAT(ClassifySocketError(ECONNREFUSED, "a:1").detail, HasSubstr("a:1: "));
}

TEST(ConnectFailureTest, ResolverErrors) {
  const ConnectFailure unknown = ClassifyResolverError(EAI_NONAME, 0, "nowhere");
  EXPECT_EQ(unknown.reason, DisconnectReason::kUnknownHost);
  EXPECT_THAT(unknown.detail, HasSubstr("nowhere"));
  const ConnectFailure system = ClassifyResolverError(EAI_SYSTEM, EMFILE, "nowhere");
  EXPECT_THAT(system.detail, HasSubstr("open files"));
}

TEST(ConnectFailureTest, Connack311) {
  EXPECT_EQ(ClassifyConnack(1).reason, DisconnectReason::kProtocol);
  EXPECT_EQ(ClassifyConnack(2).reason, DisconnectReason::kClientIdRejected);
  EXPECT_EQ(ClassifyConnack(3).reason, DisconnectReason::kServerUnavailable);
  EXPECT_EQ(ClassifyConnack(4).reason, DisconnectReason::kBadCredentials);
  EXPECT_EQ(ClassifyConnack(5).reason, DisconnectReason::kNotAuthorized);
  EXPECT_EQ(ClassifyConnack(77).reason, DisconnectReason::kProtocol);
}

TEST(ConnectFailureTest, Connack5) {
  EXPECT_EQ(ClassifyConnack(0x84).reason, DisconnectReason::kProtocol);
  EXPECT_EQ(ClassifyConnack(0x85).reason, DisconnectReason::kClientIdRejected);
  EXPECT_EQ(ClassifyConnack(0x86).reason, DisconnectReason::kBadCredentials);
  EXPECT_EQ(ClassifyConnack(0x87).reason, DisconnectReason::kNotAuthorized);
  EXPECT_EQ(ClassifyConnack(0x88).reason, DisconnectReason::kServerUnavailable);
  EXPECT_EQ(ClassifyConnack(0x89).reason, DisconnectReason::kServerUnavailable);
  EXPECT_EQ(ClassifyConnack(0x8A).reason, DisconnectReason::kNotAuthorized);
  EXPECT_THAT(ClassifyConnack(0x87).detail, HasSubstr("not authorized (0x87)"));
}

TEST(ConnectFailureTest, ServerDisconnect) {
  const ConnectFailure taken = ClassifyServerDisconnect(0x8E, "");
  EXPECT_EQ(taken.reason, DisconnectReason::kSessionTakenOver);
  const ConnectFailure going = ClassifyServerDisconnect(0x8B, "back at noon");
  EXPECT_EQ(going.reason, DisconnectReason::kServerUnavailable);
  EXPECT_THAT(going.detail, HasSubstr("back at noon"));
  EXPECT_EQ(ClassifyServerDisconnect(0x8D, "").reason, DisconnectReason::kConnectionLost);
  EXPECT_EQ(ClassifyServerDisconnect(0x98, "").reason, DisconnectReason::kConnectionLost);
}

TEST(ConnectFailureTest, ReasonCodeStatus) {
  for (int code : {0x00, 0x01, 0x02, 0x10, 0x7F}) EXPECT_TRUE(ReasonCodeStatus(code, "m").ok());
  EXPECT_EQ(ReasonCodeStatus(0x87, "m").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonCodeStatus(0x90, "m").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonCodeStatus(0x97, "m").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonCodeStatus(0x80, "m").code(), absl::StatusCode::kFailedPrecondition);
}

TEST(ConnectFailureTest, EveryReasonCodeHasAName) {
  std::set<std::string> names;
  for (int code = 0x80; code <= 0xA2; ++code) names.insert(ReasonCodeText(code));
  EXPECT_EQ(names.size(), 0xA2u - 0x80u + 1u);
  for (const std::string& name : names) EXPECT_THAT(name, Not(HasSubstr("unknown")));
  EXPECT_EQ(ReasonCodeText(0xFE), "unknown reason code (0xFE)");
}

TEST(ConnectFailureTest, EveryReasonHasAText) {
  std::set<std::string> texts;
  for (int i = 0; i <= static_cast<int>(DisconnectReason::kStopped); ++i) {
    texts.insert(std::string(DisconnectReasonText(static_cast<DisconnectReason>(i))));
  }
  EXPECT_EQ(texts.size(), static_cast<size_t>(DisconnectReason::kStopped) + 1);
}

}  // namespace
}  // namespace wirepas_grpc::core
