// SPDX-License-Identifier: Apache-2.0
#include "api/call/delivery.h"

#include <optional>

#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

TEST(DeliveryTest, TellsTheSlowestThatHasAPlace) {
  Delivery delivery;
  EXPECT_EQ(delivery.slowest(), std::nullopt);
  Delivery::ReaderPtr waits = delivery.Add();
  EXPECT_EQ(delivery.readers(), 1u);
  EXPECT_EQ(delivery.slowest(), std::nullopt);
  Delivery::ReaderPtr fast = delivery.Add();
  fast->MoveTo(100);
  Delivery::ReaderPtr slow = delivery.Add();
  slow->MoveTo(7);
  EXPECT_EQ(delivery.slowest(), 7u);
  slow.reset();
  EXPECT_EQ(delivery.slowest(), 100u);
  EXPECT_EQ(delivery.readers(), 2u);
}

}  // namespace
}  // namespace wirepas_grpc::api
