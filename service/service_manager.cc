// SPDX-License-Identifier: Apache-2.0
#include "service/service_manager.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/thread_name.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

std::string EnvironmentValue(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Zero: there is no watchdog, or it waits for another process.
absl::Duration WatchdogOfEnvironment() {
  int64_t microseconds = 0;
  if (!absl::SimpleAtoi(EnvironmentValue("WATCHDOG_USEC"), &microseconds) || microseconds <= 0) {
    return absl::ZeroDuration();
  }
  const std::string process = EnvironmentValue("WATCHDOG_PID");
  if (!process.empty() && process != absl::StrCat(getpid())) return absl::ZeroDuration();
  return absl::Microseconds(microseconds);
}

std::string StatusLine(std::string_view status) {
  return absl::StrCat(
      "STATUS=",
      absl::StrReplaceAll(absl::string_view(status.data(), status.size()), {{"\n", " "}}), "\n");
}

bool Send(const std::string& socket_name, std::string_view lines) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (socket_name.size() >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;
    return false;
  }
  std::memcpy(address.sun_path, socket_name.data(), socket_name.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // without a file
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_name.size());

  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  // A manager that takes nothing must not hold up the process.
  const timeval limit = {1, 0};
  (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  const ssize_t sent = sendto(fd, lines.data(), lines.size(), MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&address), length);
  const int error = errno;
  (void)close(fd);
  errno = error;
  return sent == static_cast<ssize_t>(lines.size());
}

}  // namespace

ServiceManager::ServiceManager()
    : socket_(EnvironmentValue("NOTIFY_SOCKET")), watchdog_(WatchdogOfEnvironment()) {
  // Other kinds of sockets are for virtual machines.
  if (!socket_.empty() && socket_[0] != '/' && socket_[0] != '@') {
    spdlog::warn("NOTIFY_SOCKET is neither a path nor an abstract socket: {}", socket_);
    socket_.clear();
  }
}

ServiceManager::~ServiceManager() {
  {
    core::MutexLock lock(&mutex_);
    end_ = true;
    ended_.Signal();
  }
  if (thread_.joinable()) thread_.join();
}

void ServiceManager::Ready(std::function<Report()> report) {
  if (socket_.empty()) return;
  core::MutexLock lock(&mutex_);
  report_ = std::move(report);
  TellReport();
  if (!told_ready_) {
    spdlog::warn("the service manager could not be told that the service is ready; tried again");
  }
  thread_ = std::thread([this] { Run(); });
}

void ServiceManager::Stopping() {
  {
    core::MutexLock lock(&mutex_);
    report_ = nullptr;
  }
  Tell(absl::StrCat("STOPPING=1\n", StatusLine("shutting down")));
}

void ServiceManager::Failed(std::string_view why) { Tell(StatusLine(why)); }

bool ServiceManager::Tell(std::string_view lines) const {
  if (socket_.empty() || Send(socket_, lines)) return true;
  spdlog::debug("the service manager could not be told: {}", std::strerror(errno));
  return false;
}

// What was not taken is told again the next time.
void ServiceManager::TellReport() {
  const bool stopping = report_ == nullptr;
  const Report report = stopping ? Report{true, status_} : report_();
  std::string lines;
  if (!told_ready_ && !stopping) lines = "READY=1\n";
  if (watchdog_ > absl::ZeroDuration() && report.alive) absl::StrAppend(&lines, "WATCHDOG=1\n");
  if (report.status != status_) absl::StrAppend(&lines, StatusLine(report.status));
  if (lines.empty() || !Tell(lines)) return;
  told_ready_ = true;
  status_ = report.status;
}

void ServiceManager::Run() {
  core::NameThisThread("manager");
  const absl::Duration interval =
      watchdog_ > absl::ZeroDuration() ? std::min(watchdog_ / 2, kInterval) : kInterval;
  core::MutexLock lock(&mutex_);
  while (!end_) {
    ended_.WaitWithTimeout(&mutex_, interval);
    if (!end_) TellReport();
  }
}

}  // namespace wirepas_grpc::service
