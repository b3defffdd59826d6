// SPDX-License-Identifier: Apache-2.0
//
// The metrics port and Unix sockets, as others on the machine may use them.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/integration/expect.h"
#include "tests/integration/http_get.h"
#include "tests/integration/programs.h"
#include "tests/support/process.h"

namespace wirepas_grpc::integration {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
namespace health = grpc::health::v1;

// Nobody listens there.
const std::vector<std::string> kNoBroker = {"--mqtt_hostname", "127.0.0.1", "--mqtt_port", "1",
                                            "--mqtt_force_unsecure"};
// Shorter than any time-out that a scrape could have to wait for.
constexpr absl::Duration kSoon = absl::Seconds(4);

using ServicePtr = std::unique_ptr<ServiceProcess>;
ServicePtr Start(const std::vector<std::string>& more) {
  std::vector<std::string> arguments = kNoBroker;
  arguments.insert(arguments.end(), more.begin(), more.end());
  auto service = ServiceProcess::Start(arguments);
  EXPECT_TRUE(IsOk(service.status()));
  return service.ok() ? *std::move(service) : nullptr;
}

// Connections that stay open, each having said this.
class OpenConnections {
 public:
  OpenConnections(int port, int count, const std::string& said) {
    for (int i = 0; i < count; ++i) {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const int small = 4096;
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
      sockaddr_in address = {};
      address.sin_family = AF_INET;
      address.sin_port = htons(static_cast<uint16_t>(port));
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
      send(fd, said.data(), said.size(), MSG_NOSIGNAL);
      fds_.push_back(fd);
    }
  }
  ~OpenConnections() {
    for (const int fd : fds_) close(fd);
  }

 private:
  std::vector<int> fds_;
};

int MetricsPortOf(ServiceProcess* service) {
  const auto line = service->process().WaitForLine("metrics on http://127.0.0.1:", kBound);
  EXPECT_TRUE(IsOk(line.status()));
  const std::string rest = line->substr(line->rfind(':') + 1);
  int port = 0;
  EXPECT_TRUE(absl::SimpleAtoi(rest.substr(0, rest.find('/')), &port));
  return port;
}

TEST(MetricsPortTest, SilentHalfAndDeafConnectionsDelayNoScrape) {
  const ServicePtr service = Start({});
  const int port = MetricsPortOf(service.get());
  for (int round = 0; round < 3; ++round) {
    const OpenConnections silent(port, 100, "");
    const OpenConnections half(port, 100, "GET /metrics HTTP/1.1\r\nHost: ");
    const OpenConnections deaf(port, 20, "GET /metrics HTTP/1.1\r\n\r\n");
    const absl::Time begin = absl::Now();
    const auto scrape = HttpGet(port, "/metrics");
    EXPECT_LT(absl::Now() - begin, kSoon);
    ASSERT_TRUE(IsOk(scrape.status()));
    EXPECT_THAT(*scrape, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(*scrape, HasSubstr("\nwirepas_grpc_broker_connected 0\n"));
  }
  EXPECT_EQ(service->Stop(), 0);
}

TEST(MetricsPortTest, HasTheFormatThatPrometheusReads) {
  const ServicePtr service = Start({});
  const auto scrape = HttpGet(MetricsPortOf(service.get()), "/metrics");
  ASSERT_TRUE(IsOk(scrape.status()));
  EXPECT_THAT(*scrape, HasSubstr("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(*scrape, HasSubstr("# TYPE wirepas_grpc_gateways gauge\n"));
  EXPECT_THAT(*HttpGet(MetricsPortOf(service.get()), "/"), StartsWith("HTTP/1.1 404 "));
}

class UnixSocketTest : public testing::Test {
 protected:
  ServicePtr StartAt(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"--listen", address_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Start(arguments);
  }

  // The output of one that must end with code 1.
  std::string StartInVain() {
    ChildProcess::Options options;
    options.argv = {ServiceProgram()};
    options.argv.insert(options.argv.end(), kNoBroker.begin(), kNoBroker.end());
    options.argv.insert(options.argv.end(), {"--listen", address_});
    const auto process = ChildProcess::Start(std::move(options));
    EXPECT_TRUE(IsOk(process.status()));
    EXPECT_EQ((*process)->Wait(kBound), 1);
    return (*process)->output();
  }

  bool Serves(const ServiceProcess& service) {
    const auto stub = health::Health::NewStub(service.NewChannel(address_));
    return Call(stub.get(), &health::Health::Stub::Check, health::HealthCheckRequest()).ok();
  }
  bool Exists(const std::string& path) const {
    struct stat found = {};
    return lstat(path.c_str(), &found) == 0;
  }

  const TemporaryDirectory directory_;
  const std::string path_ = directory_.File("socket");
  const std::string address_ = "unix:" + path_;
};

TEST_F(UnixSocketTest, ASecondInstanceEndsAndTheFirstGoesOn) {
  const ServicePtr first = StartAt();
  EXPECT_TRUE(Serves(*first));
  EXPECT_THAT(StartInVain(), HasSubstr(absl::StrCat("--listen: cannot listen on ", address_, ": ",
                                                    path_, " is in use by another process")));
  EXPECT_TRUE(Serves(*first));
  EXPECT_EQ(first->Stop(), 0);
  EXPECT_FALSE(Exists(path_));
  EXPECT_FALSE(Exists(path_ + ".lock"));
  const ServicePtr next = StartAt();
  EXPECT_TRUE(Serves(*next));
  EXPECT_EQ(next->Stop(), 0);
}

TEST_F(UnixSocketTest, WhatAKilledServiceLeftIsReplaced) {
  const ServicePtr first = StartAt();
  EXPECT_EQ(first->process().Kill(), 128 + SIGKILL);
  EXPECT_TRUE(Exists(path_));
  const ServicePtr second = StartAt();
  EXPECT_TRUE(Serves(*second));
  EXPECT_EQ(second->Stop(), 0);
}

// Somebody removed it, and another took its place.
TEST_F(UnixSocketTest, TheEndLeavesAnothersSocketAlone) {
  const ServicePtr first = StartAt();
  ASSERT_EQ(unlink(path_.c_str()), 0);
  ASSERT_EQ(unlink((path_ + ".lock").c_str()), 0);
  const ServicePtr second = StartAt();
  EXPECT_EQ(first->Stop(), 0);
  EXPECT_TRUE(Exists(path_));
  EXPECT_TRUE(Serves(*second));
  EXPECT_EQ(second->Stop(), 0);
}

TEST_F(UnixSocketTest, HasTheModeAndGroupThatAreAskedFor) {
  const ServicePtr service =
      StartAt({"--unix_socket_mode", "0620", "--unix_socket_group", absl::StrCat(getgid())});
  struct stat found = {};
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0620u);
  EXPECT_EQ(found.st_gid, getgid());
  EXPECT_TRUE(Serves(*service));
  EXPECT_EQ(service->Stop(), 0);
}

// What memory there is decides where the start fails; each time it must be in order.
TEST(WantOfMemoryTest, AtTheStartIsExitOneWithALine) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers take address space without bound";
#endif
  bool failed = false;
  for (int mebibytes = 60; mebibytes <= 1000; mebibytes += 60) {
    SCOPED_TRACE(mebibytes);
    ChildProcess::Options options;
    options.argv = {"prlimit", absl::StrCat("--as=", mebibytes << 20), ServiceProgram()};
    options.argv.insert(options.argv.end(), kNoBroker.begin(), kNoBroker.end());
    options.argv.insert(options.argv.end(), {"--listen", "127.0.0.1:0"});
    const auto process = ChildProcess::Start(std::move(options));
    ASSERT_TRUE(IsOk(process.status()));
    // Said once all that the start takes is there.
    if ((*process)->WaitForLine("attempt 1 failed", kBound).ok()) break;
    const std::optional<int> code = (*process)->Wait(kBound);
    const std::string output = (*process)->output();
    if (code == 127) continue;  // not even the libraries had room
    failed = true;
    EXPECT_EQ(code, 1) << output;
    EXPECT_THAT(output, HasSubstr("memory")) << output;
    EXPECT_EQ(output.back(), '\n');
  }
  EXPECT_TRUE(failed);
}

}  // namespace
}  // namespace wirepas_grpc::integration
