// SPDX-License-Identifier: Apache-2.0
#include "api/convert/broker.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

TEST(ConvertBrokerState, AConnectionHasNoReason) {
  core::BrokerState state;
  state.connected = true;
  state.reason = core::DisconnectReason::kRefused;
  state.detail = "old";
  state.attempts = 3;
  state.endpoint = "broker:8883";
  const mesh::BrokerState proto = ToProto(state);
  EXPECT_TRUE(proto.connected());
  EXPECT_EQ(proto.reason(), mesh::BROKER_DISCONNECT_REASON_UNSPECIFIED);
  EXPECT_EQ(proto.detail(), "");
  EXPECT_EQ(proto.attempts(), 0u);
  EXPECT_EQ(proto.endpoint(), "broker:8883");
}

TEST(ConvertBrokerState, EveryReasonHasItsOwn) {
  core::BrokerState state;
  for (int reason = 1; reason <= static_cast<int>(core::DisconnectReason::kStopped); ++reason) {
    state.reason = static_cast<core::DisconnectReason>(reason);
    EXPECT_EQ(static_cast<int>(ToProto(state).reason()), reason);
  }
}

TEST(ConvertBrokerState, HasNotMoreSubscriptionsThanTheApiSays) {
  auto impaired = std::make_shared<core::ImpairedSubscriptions>();
  for (int i = 0; i < 101; ++i) {
    core::ImpairedSubscription& subscription = impaired->emplace_back();
    subscription.filter = std::to_string(1000 + i);
    subscription.answer.status = absl::PermissionDeniedError("no");
  }
  core::BrokerMonitor::Versioned current;
  current.impaired = impaired;
  const mesh::BrokerState proto = ToProto(current);
  ASSERT_EQ(proto.impaired_subscriptions_size(), 100);
  EXPECT_EQ(proto.impaired_subscriptions(0).topic_filter(), "1000");
  EXPECT_EQ(proto.impaired_subscriptions(99).topic_filter(), "1099");
}

}  // namespace
}  // namespace wirepas_grpc::api
