// SPDX-License-Identifier: Apache-2.0
#include "service/library_logs.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "core/base/instant.h"
#include "core/base/log_budget.h"
#include "core/mqtt/paho_log.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/support/log.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

void Log(spdlog::level::level_enum level, const char* library, const char* file, int line,
         const std::string& message) {
  if (!spdlog::should_log(level)) return;
  // Each level has its own: what is said for debugging leaves room for errors.
  static std::array<core::LogBudget, spdlog::level::n_levels> budgets;
  uint64_t suppressed = 0;
  if (!budgets[level].Take(core::Instant::Now(), &suppressed)) return;
  const char* const slash = std::strrchr(file, '/');
  spdlog::log(level, "{}: {} ({}:{}; {} more were not logged)", library, message,
              slash == nullptr ? file : slash + 1, line, suppressed);
}

void OnGrpcLog(gpr_log_func_args* args) {
  const auto level = args->severity == GPR_LOG_SEVERITY_ERROR  ? spdlog::level::warn
                     : args->severity == GPR_LOG_SEVERITY_INFO ? spdlog::level::info
                                                               : spdlog::level::debug;
  Log(level, "gRPC", args->file, args->line, args->message);
}

void OnProtobufLog(google::protobuf::LogLevel severity, const char* file, int line,
                   const std::string& message) {
  const auto level = severity == google::protobuf::LOGLEVEL_INFO      ? spdlog::level::info
                     : severity == google::protobuf::LOGLEVEL_WARNING ? spdlog::level::warn
                                                                      : spdlog::level::err;
  Log(level, "protobuf", file, line, message);
}

}  // namespace

void RouteLibraryLogs() {
  gpr_set_log_function(OnGrpcLog);
  google::protobuf::SetLogHandler(OnProtobufLog);
  core::RoutePahoLog();
}

}  // namespace wirepas_grpc::service
