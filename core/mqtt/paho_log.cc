// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/paho_log.h"

#include <MQTTAsync.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "core/base/instant.h"
#include "core/base/log_budget.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {
namespace {

// Lines begin with the time, "20261130 194512.345 ".
absl::string_view WithoutTime(absl::string_view line) {
  constexpr size_t kDate = 8;
  constexpr size_t kTime = 20;
  const bool has_time = line.size() > kTime && line[kDate] == ' ' && line[kTime - 1] == ' ';
  return has_time ? line.substr(kTime) : line;
}

void OnTrace(enum MQTTASYNC_TRACE_LEVELS trace_level, char* message) {
  const auto level = trace_level >= MQTTASYNC_TRACE_SEVERE  ? spdlog::level::warn
                     : trace_level == MQTTASYNC_TRACE_ERROR ? spdlog::level::debug
                                                            : spdlog::level::trace;
  if (!spdlog::should_log(level)) return;
  static std::array<LogBudget, spdlog::level::n_levels> budgets;
  uint64_t suppressed = 0;
  if (level != spdlog::level::trace && !budgets[level].Take(Instant::Now(), &suppressed)) return;
  spdlog::log(level, "MQTT library: {} ({} more were not logged)",
              std::string(WithoutTime(message)), suppressed);
}

}  // namespace

void RoutePahoLog() {
  MQTTAsync_setTraceCallback(OnTrace);
  MQTTAsync_setTraceLevel(spdlog::should_log(spdlog::level::trace) ? MQTTASYNC_TRACE_PROTOCOL
                                                                   : MQTTASYNC_TRACE_ERROR);
}

}  // namespace wirepas_grpc::core
