// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/process_figures.h"

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace wirepas_grpc::hostile {
namespace {

int Entries(const std::string& directory) {
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  return error ? -1 : static_cast<int>(std::distance(begin(entries), end(entries)));
}

}  // namespace

double ProcessFigures::StatusMib(const char* field) const {
  std::ifstream status(absl::StrCat("/proc/", pid_, "/status"));
  std::string name;
  while (status >> name) {
    int64_t kib = 0;
    if (name == field && status >> kib) return static_cast<double>(kib) / 1024;
    std::getline(status, name);
  }
  return -1;
}

double ProcessFigures::ResidentMib() const { return StatusMib("VmRSS:"); }

double ProcessFigures::PeakMib() const { return StatusMib("VmHWM:"); }

void ProcessFigures::ForgetPeak() const {
  std::ofstream(absl::StrCat("/proc/", pid_, "/clear_refs")) << "5";
}

int ProcessFigures::Descriptors() const { return Entries(absl::StrCat("/proc/", pid_, "/fd")); }

int ProcessFigures::Threads() const { return Entries(absl::StrCat("/proc/", pid_, "/task")); }

absl::Duration ProcessFigures::CpuTime() const {
  std::ifstream file(absl::StrCat("/proc/", pid_, "/stat"));
  std::string stat;
  std::getline(file, stat);
  // The name, which may hold anything, is in brackets.
  const std::vector<std::string> fields =
      absl::StrSplit(stat.substr(stat.rfind(')') + 1), ' ', absl::SkipEmpty());
  int64_t user = 0;
  int64_t system = 0;
  if (fields.size() < 13 || !absl::SimpleAtoi(fields[11], &user) ||
      !absl::SimpleAtoi(fields[12], &system)) {
    return -absl::InfiniteDuration();
  }
  return absl::Seconds(1) * (user + system) / sysconf(_SC_CLK_TCK);
}

}  // namespace wirepas_grpc::hostile
