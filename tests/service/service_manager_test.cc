// SPDX-License-Identifier: Apache-2.0
#include "service/service_manager.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/notify_socket.h"
#include "tests/support/process.h"

namespace wirepas_grpc::service {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::Optional;

constexpr absl::Duration kBound = absl::Seconds(30);
// So often the watchdog wants to hear something.
constexpr absl::Duration kWatchdog = absl::Milliseconds(200);

class ServiceManagerTest : public testing::Test {
 protected:
  ServiceManagerTest() { EXPECT_TRUE(socket_.bound()); }
  ~ServiceManagerTest() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
  }

  static void Set(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }
  void UseSocket() { Set("NOTIFY_SOCKET", socket_.name()); }
  static void UseWatchdog(absl::Duration limit = kWatchdog) {
    Set("WATCHDOG_USEC", absl::StrCat(absl::ToInt64Microseconds(limit)));
  }
  // Whether the watchdog is told anything within several times of what it waits.
  bool WatchdogHears() { return socket_.NextWith("WATCHDOG=1", 5 * kWatchdog).has_value(); }
  void Forget() {
    while (socket_.Next(absl::Milliseconds(1)).has_value()) {
    }
  }

  TemporaryDirectory folder_;
  NotifySocket socket_{folder_.File("notify")};
};

TEST_F(ServiceManagerTest, SaysThatItServesAndThatItStops) {
  UseSocket();
  ServiceManager manager;
  manager.Ready([] { return ServiceManager::Report{true, "listening on 127.0.0.1:50051"}; });
  EXPECT_EQ(socket_.Next(kBound), "READY=1\nSTATUS=listening on 127.0.0.1:50051\n");
  manager.Stopping();
  EXPECT_EQ(socket_.Next(kBound), "STOPPING=1\nSTATUS=shutting down\n");
}

TEST_F(ServiceManagerTest, AbstractSocketsAreFound) {
  NotifySocket socket(absl::StrCat("@wirepas-grpc-test-", getpid()));
  ASSERT_TRUE(socket.bound());
  Set("NOTIFY_SOCKET", socket.name());
  ServiceManager manager;
  manager.Ready([] { return ServiceManager::Report{true, "up"}; });
  EXPECT_EQ(socket.Next(kBound), "READY=1\nSTATUS=up\n");
}

TEST_F(ServiceManagerTest, WhyItCannotStartIsOneLine) {
  UseSocket();
  ServiceManager manager;
  manager.Failed("cannot listen\nREADY=1");
  EXPECT_EQ(socket_.Next(kBound), "STATUS=cannot listen READY=1\n");
}

TEST_F(ServiceManagerTest, TheWatchdogHearsOfItWhileTheProcessIsAliveOnly) {
  UseSocket();
  UseWatchdog();
  std::atomic<bool> alive = true;
  ServiceManager manager;
  manager.Ready([&alive] { return ServiceManager::Report{alive, "up"}; });
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(WatchdogHears());

  alive = false;
  absl::SleepFor(kWatchdog);  // for one that was under way
  Forget();
  EXPECT_FALSE(WatchdogHears());

  alive = true;
  EXPECT_TRUE(WatchdogHears());
}

TEST_F(ServiceManagerTest, TheStopMayTakeLongerThanTheWatchdogWaits) {
  UseSocket();
  UseWatchdog();
  ServiceManager manager;
  manager.Ready([] { return ServiceManager::Report{true, "up"}; });
  manager.Stopping();
  EXPECT_THAT(socket_.NextWith("STOPPING=1", kBound), Optional(HasSubstr("STOPPING=1")));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(WatchdogHears());
}

TEST_F(ServiceManagerTest, ANewStatusIsTold) {
  UseSocket();
  UseWatchdog();
  std::atomic<bool> connected = false;
  ServiceManager manager;
  manager.Ready([&] { return ServiceManager::Report{true, connected ? "connected" : "away"}; });
  EXPECT_EQ(socket_.Next(kBound), "READY=1\nWATCHDOG=1\nSTATUS=away\n");
  connected = true;
  EXPECT_THAT(socket_.NextWith("STATUS=", kBound), Optional(HasSubstr("STATUS=connected\n")));
  EXPECT_THAT(socket_.NextWith("WATCHDOG=1", kBound), Optional(Not(HasSubstr("STATUS="))));
}

TEST_F(ServiceManagerTest, AWatchdogOfAnotherProcessHearsNothing) {
  UseSocket();
  UseWatchdog();
  Set("WATCHDOG_PID", "1");
  ServiceManager manager;
  manager.Ready([] { return ServiceManager::Report{true, "up"}; });
  EXPECT_FALSE(WatchdogHears());
}

TEST_F(ServiceManagerTest, WithoutAManagerNothingIsAskedFor) {
  UseWatchdog();
  std::atomic<int> asked = 0;
  {
    ServiceManager manager;
    manager.Ready([&asked] {
      ++asked;
      return ServiceManager::Report();
    });
    manager.Stopping();
    manager.Failed("nobody hears that");
  }
  EXPECT_EQ(asked, 0);
}

TEST_F(ServiceManagerTest, AManagerThatHearsNothingAtFirstIsToldAgain) {
  const std::string name = folder_.File("late");
  Set("NOTIFY_SOCKET", name);
  UseWatchdog();
  ServiceManager manager;
  manager.Ready([] { return ServiceManager::Report{true, "up"}; });
  NotifySocket late(name);
  ASSERT_TRUE(late.bound());
  EXPECT_EQ(late.Next(kBound), "READY=1\nWATCHDOG=1\nSTATUS=up\n");
  EXPECT_EQ(late.Next(kBound), "WATCHDOG=1\n");
}

TEST_F(ServiceManagerTest, AManagerThatIsGoneDoesNoHarm) {
  Set("NOTIFY_SOCKET", folder_.File("nobody"));
  UseWatchdog();
  std::atomic<int> asked = 0;
  ServiceManager manager;
  manager.Ready([&asked] {
    ++asked;
    return ServiceManager::Report{true, "up"};
  });
  const absl::Time end = absl::Now() + kBound;
  while (asked < 3 && absl::Now() < end) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_GE(asked, 3);
  manager.Stopping();
}

}  // namespace
}  // namespace wirepas_grpc::service
