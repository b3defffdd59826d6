// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/host_resolver.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace wirepas_grpc::core {
namespace {

constexpr absl::Duration kWait = absl::Seconds(30);

TEST(HostResolverTest, Addresses) {
  const std::optional<HostLookup> ipv4 = HostResolver("127.0.0.1", 1883).Resolve(kWait);
  ASSERT_TRUE(ipv4.has_value());
  ASSERT_EQ(ipv4->error, 0);
  EXPECT_EQ(ipv4->addresses[0].text, "127.0.0.1:1883");
  const std::optional<HostLookup> ipv6 = HostResolver("::1", 8883).Resolve(kWait);
  ASSERT_TRUE(ipv6.has_value());
  ASSERT_EQ(ipv6->error, 0);
  EXPECT_EQ(ipv6->addresses[0].text, "[::1]:8883");
}

TEST(HostResolverTest, NamesAgainAndAgain) {
  HostResolver resolver("localhost", 1);
  for (int i = 0; i < 3; ++i) {
    const std::optional<HostLookup> lookup = resolver.Resolve(kWait);
    ASSERT_TRUE(lookup.has_value());
    ASSERT_EQ(lookup->error, 0);
    ASSERT_FALSE(lookup->addresses.empty());
    EXPECT_EQ(lookup->addresses[0].text, "127.0.0.1:1");
  }
}

TEST(HostResolverTest, UnknownName) {
  const std::optional<HostLookup> lookup = HostResolver("no-such-host.invalid", 1).Resolve(kWait);
  ASSERT_TRUE(lookup.has_value());
  EXPECT_NE(lookup->error, 0);
}

TEST(HostResolverTest, TimesOutAndComesBackToTheLookup) {
  HostResolver resolver("localhost", 1);
  (void)resolver.Resolve(absl::ZeroDuration());
  EXPECT_TRUE(resolver.Resolve(kWait).has_value());
}

TEST(HostResolverTest, Cancelled) {
  HostResolver resolver("localhost", 1);
  std::thread canceller([&resolver] { resolver.Cancel(); });
  (void)resolver.Resolve(kWait);
  canceller.join();
  EXPECT_FALSE(resolver.Resolve(kWait).has_value());
}

}  // namespace
}  // namespace wirepas_grpc::core
