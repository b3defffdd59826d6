// SPDX-License-Identifier: Apache-2.0
#include "service/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/stubs/common.h"
#include "grpcpp/grpcpp.h"

#ifndef WIREPAS_GRPC_VERSION
#error "the build defines WIREPAS_GRPC_VERSION"
#endif

namespace wirepas_grpc::service {
namespace {

std::string ReadFile(const char* path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

// Fields of /proc/self/stat, counted as proc(5) does, from 3 on: what stands before is the name in
// parentheses, which may hold anything.
class Stat {
 public:
  Stat() {
    const std::string text = ReadFile("/proc/self/stat");
    const size_t name_end = text.rfind(") ");
    if (name_end == std::string::npos) return;
    fields_ = absl::StrSplit(text.substr(name_end + 2), ' ');
  }

  std::optional<double> Get(size_t number) const {
    double value = 0;
    constexpr size_t kFirst = 3;
    if (number - kFirst >= fields_.size()) return std::nullopt;
    if (!absl::SimpleAtod(fields_[number - kFirst], &value)) return std::nullopt;
    return value;
  }

 private:
  std::vector<std::string> fields_;
};

// When the machine started, in seconds since 1970.
std::optional<double> BootTime() {
  const std::string text = ReadFile("/proc/stat");
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    double value = 0;
    if (words.size() == 2 && words[0] == "btime" && absl::SimpleAtod(words[1], &value)) {
      return value;
    }
  }
  return std::nullopt;
}

std::optional<double> OpenDescriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), &closedir);
  if (folder == nullptr) return std::nullopt;
  double count = 0;
  while (const dirent* entry = readdir(folder.get())) {
    if (entry->d_name[0] != '.') ++count;
  }
  return count - 1;  // the folder's own
}

std::optional<double> Times(std::optional<double> value, double factor) {
  if (!value.has_value()) return std::nullopt;
  return *value * factor;
}

}  // namespace

void AddProcessMetrics(MetricFamilies* families) {
  const auto gauge = [families](const char* name, const char* help, std::optional<double> value) {
    if (value.has_value()) families->push_back(Gauge(name, help, *value));
  };
  // Numbers of fields are those of proc(5).
  const Stat stat;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto user = stat.Get(14);
  const auto system = stat.Get(15);
  if (user.has_value() && system.has_value()) {
    families->push_back(Counter("process_cpu_seconds_total", "CPU time, of user and system",
                                (*user + *system) / ticks));
  }
  gauge("process_threads", "Threads", stat.Get(20));
  const auto boot = BootTime();
  const auto start = Times(stat.Get(22), 1 / ticks);
  if (boot.has_value() && start.has_value()) {
    gauge("process_start_time_seconds", "When the process started, in seconds since 1970",
          *boot + *start);
  }
  gauge("process_virtual_memory_bytes", "Address space", stat.Get(23));
  gauge("process_resident_memory_bytes", "Memory in use",
        Times(stat.Get(24), static_cast<double>(sysconf(_SC_PAGESIZE))));
  gauge("process_open_fds", "Open file descriptors", OpenDescriptors());
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    gauge("process_max_fds", "File descriptors that may be open",
          static_cast<double>(limit.rlim_cur));
  }
  auto build = GaugeFamily("wirepas_grpc_build_info",
                           "1; the labels have the versions of the service, of gRPC and of the "
                           "compiler");
  AddValue(
      1, {{"version", WIREPAS_GRPC_VERSION}, {"grpc", grpc::Version()}, {"compiler", __VERSION__}},
      &build);
  families->push_back(std::move(build));
}

}  // namespace wirepas_grpc::service
