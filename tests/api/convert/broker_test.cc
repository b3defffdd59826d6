// SPDX-License-Identifier: Apache-2.0
#include "api/convert/broker.h"

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

}  // namespace
}  // namespace wirepas_grpc::api
