// SPDX-License-Identifier: Apache-2.0
#include "api/call/asker.h"

#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

TEST(AskerNameTest, IsTheAddressWithoutThePort) {
  EXPECT_EQ(AskerName("ipv4:10.0.0.1:4711"), "10.0.0.1");
  EXPECT_EQ(AskerName("ipv4:10.0.0.1:4712"), AskerName("ipv4:10.0.0.1:4711"));
  EXPECT_EQ(AskerName("ipv6:%5B2001:db8::1%5D:4711"), "2001:db8::/64");
  EXPECT_EQ(AskerName("ipv6:[2001:db8::7:8]:4711"), "2001:db8::/64");
  EXPECT_EQ(AskerName("ipv6:%5Bfe80::1%25eth0%5D:4711"), "fe80::1%eth0");
}

TEST(AskerNameTest, AllOfLoopbackIsOneAndAllUnixSocketsAnother) {
  for (const char* peer : {"ipv4:127.0.0.1:1", "ipv4:127.8.9.10:2", "ipv6:%5B::1%5D:3"}) {
    EXPECT_EQ(AskerName(peer), "loopback") << peer;
  }
  for (const char* peer : {"unix:", "unix:/run/wirepas-grpc.sock", "unix-abstract:x"}) {
    EXPECT_EQ(AskerName(peer), "Unix sockets") << peer;
  }
}

TEST(AskerNameTest, AnythingElseIsItself) { EXPECT_EQ(AskerName("inproc:7"), "inproc:7"); }

}  // namespace
}  // namespace wirepas_grpc::api
