// SPDX-License-Identifier: Apache-2.0
//
// Alive is not ready: what probes are told while threads of the process stand still, and while the
// broker is away.
#include <sys/ptrace.h>
#include <sys/types.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/expect.h"
#include "tests/integration/http_get.h"
#include "tests/integration/programs.h"
#include "tests/support/certificates.h"
#include "tests/support/mosquitto.h"
#include "tests/support/notify_socket.h"
#include "tests/support/process.h"

namespace wirepas_grpc::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kOk[] = "HTTP/1.1 200 ";
constexpr char kNotOk[] = "HTTP/1.1 503 ";

using ServicePtr = std::unique_ptr<ServiceProcess>;
ServicePtr StartService(std::vector<std::string> options, int mqtt_port = 1,
                        const Environment& environment = {}) {
  options.insert(options.end(), {"--mqtt_hostname", "127.0.0.1", "--mqtt_force_unsecure",
                                 "--mqtt_port", absl::StrCat(mqtt_port)});
  auto service = ServiceProcess::Start(options, environment);
  EXPECT_TRUE(IsOk(service.status()));
  return service.ok() ? *std::move(service) : nullptr;
}

std::string Page(const ServiceProcess& service, const std::string& path) {
  const auto page = HttpGet(service.metrics_port(), path);
  EXPECT_TRUE(IsOk(page.status()));
  return page.value_or("");
}

bool Becomes(const ServiceProcess& service, const std::string& path, const std::string& status) {
  const absl::Time end = absl::Now() + 3 * kBound;
  while (absl::Now() < end) {
    if (absl::StartsWith(Page(service, path), status)) return true;
    absl::SleepFor(absl::Milliseconds(100));
  }
  return false;
}

struct Probe {
  int code = -1;
  std::string output;
};
Probe AskHealth(const std::vector<std::string>& arguments, const Environment& environment = {}) {
  ChildProcess::Options options;
  options.environment = environment;
  options.argv = {ServiceProgram(), "health"};
  options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
  auto process = ChildProcess::Start(options);
  EXPECT_TRUE(IsOk(process.status()));
  if (!process.ok()) return {};
  return {(*process)->Wait(kBound).value_or(-1), (*process)->output()};
}

// ---- threads that stand still ----

// The threads of a process that have this name.
std::vector<pid_t> ThreadsOf(pid_t process, const std::string& name) {
  std::vector<pid_t> found;
  for (const auto& entry :
       std::filesystem::directory_iterator(absl::StrCat("/proc/", process, "/task"))) {
    std::string comm;
    std::getline(std::ifstream(entry.path() / "comm"), comm);
    int thread = 0;
    if (comm == name && absl::SimpleAtoi(entry.path().filename().string(), &thread)) {
      found.push_back(thread);
    }
  }
  return found;
}

// Keeps one thread from running, and no other of its process.
class StoppedThread {
 public:
  explicit StoppedThread(pid_t thread) : thread_(thread) {
    stopped_ = ptrace(PTRACE_SEIZE, thread_, nullptr, nullptr) == 0 &&
               ptrace(PTRACE_INTERRUPT, thread_, nullptr, nullptr) == 0;
    error_ = errno;
  }
  ~StoppedThread() { GoOn(); }
  StoppedThread(const StoppedThread&) = delete;
  StoppedThread& operator=(const StoppedThread&) = delete;

  bool stopped() const { return stopped_; }
  int error() const { return error_; }
  void GoOn() {
    if (stopped_) ptrace(PTRACE_DETACH, thread_, nullptr, nullptr);
    stopped_ = false;
  }

 private:
  const pid_t thread_;
  bool stopped_ = false;
  int error_ = 0;
};

struct Victim {
  std::string part;
  size_t index = 0;  // of its threads
  std::unique_ptr<TemporaryDirectory> folder;
  std::unique_ptr<NotifySocket> manager;  // with a watchdog
  ServicePtr service;
  std::unique_ptr<StoppedThread> thread;

  bool WatchdogHears() const {
    while (manager->Next(absl::Milliseconds(1)).has_value()) {
    }
    return manager->NextWith("WATCHDOG=1", absl::Milliseconds(1500)).has_value();
  }
};

// Each thread in a service of its own, all at once, since it takes long until one is given up.
TEST(LivenessTest, EveryThreadThatStandsStillShowsAndNoneThatGoesOn) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "there what wakes a thread waits for it, unlike otherwise";
#endif
  const std::vector<std::pair<std::string, size_t>> parts = {
      {"executor", 2}, {"scheduler", 1}, {"listener", 1}, {"disk_reader", 2}, {"disk_writer", 2}};
  std::vector<Victim> victims;
  for (const auto& [part, threads] : parts) {
    for (size_t i = 0; i < threads; ++i) {
      Victim victim{part, i, std::make_unique<TemporaryDirectory>(), nullptr, nullptr, nullptr};
      victim.manager = std::make_unique<NotifySocket>(victim.folder->File("notify"));
      ASSERT_TRUE(victim.manager->bound());
      const bool of_disk = absl::StartsWith(part, "disk");
      victim.service = StartService(
          of_disk ? std::vector<std::string>{"--state_dir", victim.folder->File("state")}
                  : std::vector<std::string>(),
          1, {{"NOTIFY_SOCKET", victim.manager->name()}, {"WATCHDOG_USEC", "1000000"}});
      ASSERT_NE(victim.service, nullptr);
      std::vector<pid_t> found;
      // A thread gives itself its name.
      for (int tries = 0; tries < 1000 && found.size() != threads; ++tries) {
        absl::SleepFor(absl::Milliseconds(10));
        found = ThreadsOf(victim.service->process().pid(), victim.part);
      }
      ASSERT_EQ(found.size(), threads) << part;
      EXPECT_THAT(Page(*victim.service, "/livez"),
                  AllOf(StartsWith(kOk), HasSubstr("[+]" + part + " ok\n")));
      EXPECT_TRUE(victim.WatchdogHears()) << part;
      victim.thread = std::make_unique<StoppedThread>(found[i]);
      if (!victim.thread->stopped() && victim.thread->error() == EPERM) {
        GTEST_SKIP() << "this machine lets nobody stop a thread of another process";
      }
      ASSERT_TRUE(victim.thread->stopped());
      victims.push_back(std::move(victim));
    }
  }
  for (const Victim& victim : victims) {
    SCOPED_TRACE(absl::StrCat(victim.part, " ", victim.index));
    EXPECT_TRUE(Becomes(*victim.service, "/livez", kNotOk));
    const std::string page = Page(*victim.service, "/livez");
    EXPECT_THAT(page, HasSubstr("[-]" + victim.part + " failed: "));
    // Others may wait for it by now.
    EXPECT_THAT(page, HasSubstr("[+]liveness ok\n"));
    EXPECT_FALSE(victim.WatchdogHears());
    // Over gRPC too, unless it is the thread that takes connections.
    if (victim.part == "listener") continue;
    const Probe probe = AskHealth({"--live", victim.service->address()});
    EXPECT_EQ(probe.code, 1);
    EXPECT_EQ(probe.output, "NOT_SERVING\n");
  }
  for (Victim& victim : victims) victim.thread->GoOn();
  for (const Victim& victim : victims) {
    SCOPED_TRACE(absl::StrCat(victim.part, " ", victim.index));
    EXPECT_TRUE(Becomes(*victim.service, "/livez", kOk));
    EXPECT_TRUE(victim.WatchdogHears());
    EXPECT_EQ(victim.service->Stop(), 0);
  }
}

// The whole process stood still, as when its machine was suspended: nothing is stuck.
TEST(LivenessTest, AProcessThatWasStoppedIsAlive) {
  const ServicePtr service = StartService({});
  ASSERT_NE(service, nullptr);
  service->process().Signal(SIGSTOP);
  absl::SleepFor(absl::Seconds(12));
  service->process().Signal(SIGCONT);
  EXPECT_TRUE(Becomes(*service, "/livez", kOk));
  absl::SleepFor(absl::Seconds(2));  // for a look after it
  EXPECT_THAT(Page(*service, "/livez"), StartsWith(kOk));
  EXPECT_THAT(service->process().output(), testing::Not(HasSubstr("not alive")));
}

// ---- the broker ----

TEST(LivenessTest, ABrokerThatIsAwayMakesItNotReadyAndNoLessAlive) {
  auto broker = Mosquitto::Start();
  ASSERT_TRUE(IsOk(broker.status()));
  const ServicePtr service = StartService({"--mqtt_reconnect_max_delay", "1s"}, (*broker)->port());
  ASSERT_NE(service, nullptr);
  ASSERT_TRUE(Becomes(*service, "/readyz", kOk));
  EXPECT_THAT(Page(*service, "/readyz"), HasSubstr("[+]broker ok\n[+]shutdown ok\n"));
  EXPECT_EQ(AskHealth({service->address()}).code, 0);
  (*broker)->Stop();
  EXPECT_TRUE(Becomes(*service, "/readyz", kNotOk));
  EXPECT_THAT(Page(*service, "/readyz"), HasSubstr("[-]broker failed: "));
  const Probe ready = AskHealth({service->address()});
  EXPECT_EQ(ready.code, 1);
  EXPECT_EQ(ready.output, "NOT_SERVING\n");
  // It stays so for longer than any thread may be silent.
  for (int i = 0; i < 12; ++i) {
    EXPECT_THAT(Page(*service, "/livez"), StartsWith(kOk));
    absl::SleepFor(absl::Seconds(1));
  }
  const Probe live = AskHealth({"--live", service->address()});
  EXPECT_EQ(live.code, 0);
  EXPECT_EQ(live.output, "SERVING\n");
}

// ---- a service manager, such as systemd ----

TEST(ServiceManagerTest, IsToldOfTheStartTheBrokerAndTheStop) {
  auto broker = Mosquitto::Start();
  ASSERT_TRUE(IsOk(broker.status()));
  const TemporaryDirectory folder;
  NotifySocket manager(folder.File("notify"));
  ASSERT_TRUE(manager.bound());
  const ServicePtr service =
      StartService({"--mqtt_reconnect_max_delay", "1s"}, (*broker)->port(),
                   {{"NOTIFY_SOCKET", manager.name()}, {"WATCHDOG_USEC", "1000000"}});
  ASSERT_NE(service, nullptr);
  const auto ready = manager.Next(kBound);
  ASSERT_TRUE(ready.has_value());
  EXPECT_THAT(*ready,
              StartsWith("READY=1\nWATCHDOG=1\nSTATUS=listening on " + service->address() + "; "));
  if (!absl::StrContains(*ready, "connected to the broker")) {
    EXPECT_TRUE(manager.NextWith("; connected to the broker\n", kBound).has_value());
  }
  (*broker)->Stop();
  EXPECT_TRUE(manager.NextWith("; the broker: ", kBound).has_value());
  EXPECT_TRUE(manager.NextWith("WATCHDOG=1", kBound).has_value());
  EXPECT_EQ(service->Stop(), 0);
  EXPECT_TRUE(manager.NextWith("STOPPING=1", kBound).has_value());
}

TEST(ServiceManagerTest, IsToldWhyTheServiceCannotStart) {
  const TemporaryDirectory folder;
  NotifySocket manager(folder.File("notify"));
  ASSERT_TRUE(manager.bound());
  ChildProcess::Options options;
  options.argv = {ServiceProgram(), "--mqtt_hostname", "127.0.0.1", "--listen",
                  "unix:/no/such/folder/socket"};
  options.environment = {{"NOTIFY_SOCKET", manager.name()}};
  auto process = ChildProcess::Start(options);
  ASSERT_TRUE(IsOk(process.status()));
  EXPECT_EQ((*process)->Wait(kBound), 1);
  const auto told = manager.Next(kBound);
  ASSERT_TRUE(told.has_value());
  EXPECT_THAT(*told, StartsWith("STATUS=--listen: "));
}

// ---- the command ----

TEST(HealthCommandTest, AsksOverTcpUnixSocketsAndTls) {
  const auto certificates = TestCertificates::Create("ours");
  ASSERT_TRUE(IsOk(certificates.status()));
  const TemporaryDirectory directory;
  const std::string socket = absl::StrCat("unix:", directory.File("socket"));
  const ServicePtr plain = StartService({"--listen", "127.0.0.1:0", "--listen", socket});
  ASSERT_NE(plain, nullptr);
  for (const std::string& address : plain->addresses()) {
    const Probe probe = AskHealth({"--live", address});
    EXPECT_EQ(probe.code, 0) << address;
    EXPECT_EQ(probe.output, "SERVING\n");
  }
  EXPECT_EQ(AskHealth({"--live", absl::StrCat("0.0.0.0:", plain->port())}).code, 0);

  const ServicePtr secure = StartService(
      {"--listen", "127.0.0.1:0", "--tls_cert", (*certificates)->server().certificate, "--tls_key",
       (*certificates)->server().key, "--tls_client_ca", (*certificates)->ca_file()});
  ASSERT_NE(secure, nullptr);
  const std::vector<std::string> tls = {"--live",
                                        "--tls_ca",
                                        (*certificates)->ca_file(),
                                        "--tls_cert",
                                        (*certificates)->client().certificate,
                                        "--tls_key",
                                        (*certificates)->client().key};
  std::vector<std::string> arguments = tls;
  arguments.push_back(secure->address());
  EXPECT_EQ(AskHealth(arguments).output, "SERVING\n");
  arguments.insert(arguments.end(), {"--tls_name", "localhost"});
  EXPECT_EQ(AskHealth(arguments).output, "SERVING\n");
  // Without an address it finds the service of its environment, and what TLS that has.
  const std::string config = directory.File("conf");
  std::ofstream(config) << "listen = \"" << plain->addresses()[1] << "\"\n";
  EXPECT_EQ(AskHealth({"--live"}, {{"WIREPAS_GRPC_CONFIG", config}}).output, "SERVING\n");
  const ServicePtr server_only =
      StartService({"--listen", "127.0.0.1:0", "--tls_cert", (*certificates)->server().certificate,
                    "--tls_key", (*certificates)->server().key});
  ASSERT_NE(server_only, nullptr);
  const Environment with_tls = {{"WIREPAS_GRPC_LISTEN", server_only->address()},
                                {"WIREPAS_GRPC_TLS_CERT", (*certificates)->server().certificate},
                                {"WIREPAS_GRPC_CONFIG", config}};
  EXPECT_EQ(AskHealth({"--live"}, with_tls).output, "SERVING\n");
  EXPECT_EQ(AskHealth({"--live", "--timeout", "2s", server_only->address()}).code, 1);
  // What it is told is not ignored: another name is refused, and so is no TLS.
  arguments.back() = "another.example.com";
  EXPECT_EQ(AskHealth(arguments).code, 1);
  EXPECT_EQ(AskHealth({"--live", "--timeout", "2s", secure->address()}).code, 1);
}

TEST(HealthCommandTest, SaysWhatIsWrong) {
  const Probe nobody = AskHealth({"--timeout", "2s", absl::StrCat("127.0.0.1:", FreePort())});
  EXPECT_EQ(nobody.code, 1);
  EXPECT_THAT(nobody.output, HasSubstr("127.0.0.1:"));
  const ServicePtr service = StartService({});
  ASSERT_NE(service, nullptr);
  const Probe unknown = AskHealth({"--service", "no.such.Service", service->address()});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.output, HasSubstr("has no service no.such.Service"));
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"nonsense"},
                                                {"--timeout", "soon", "127.0.0.1:1"},
                                                {"--no_such_option"},
                                                {"--tls_ca", "/no/such/file", "127.0.0.1:1"},
                                                {"--tls_cert", "/dev/null", "127.0.0.1:1"}}) {
    EXPECT_EQ(AskHealth(wrong).code, 2) << wrong.front();
  }
  const Probe help = AskHealth({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.output, AllOf(HasSubstr("--live"), HasSubstr("ADDRESS"), HasSubstr("--tls_ca")));
}

}  // namespace
}  // namespace wirepas_grpc::integration
