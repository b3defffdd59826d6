// SPDX-License-Identifier: Apache-2.0
#include "service/file_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

// Standard streams, gRPC's and our own event queues, listening sockets, connections to the
// broker and those being tried, name look-ups.
constexpr size_t kProcess = 40;
// As many connections as the metrics port takes.
constexpr size_t kMetrics = 64;
// Tables that RocksDB holds open, its journals and logs, the files of an upkeep.
constexpr size_t kState = 100;

size_t Bounded(rlim_t limit) {
  return limit == RLIM_INFINITY ? std::numeric_limits<size_t>::max() : static_cast<size_t>(limit);
}

}  // namespace

size_t FileLimit() {
  rlimit limit = {};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? Bounded(limit.rlim_cur) : 1024;
}

void RaiseFileLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  const size_t before = Bounded(limit.rlim_cur);
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    spdlog::warn("the limit of open files stays {}: {}", before, std::strerror(errno));
    return;
  }
  spdlog::debug("limit of open files raised from {} to {}", before, FileLimit());
}

size_t ConnectionsThatFit(size_t file_limit, const OtherFiles& other) {
  const size_t rest = kProcess + (other.metrics ? kMetrics : 0) + (other.state ? kState : 0);
  const size_t left = file_limit > rest ? file_limit - rest : 0;
  return std::max({left, file_limit / 4, size_t{1}});
}

}  // namespace wirepas_grpc::service
