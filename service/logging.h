// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_LOGGING_H_
#define WIREPAS_GRPC_SERVICE_LOGGING_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "spdlog/formatter.h"

namespace wirepas_grpc::service {

// A line for people: local time with its offset, level, message. Control
// characters of the message are escaped, so that text from the network cannot
// forge lines or command the terminal.
std::unique_ptr<spdlog::formatter> MakeHumanFormatter();

// A JSON object on a line: "time" (RFC 3339 in UTC, microseconds), "level",
// "message", and "traceparent" where there is one. Whatever bytes the message has, the line is
// valid JSON in UTF-8.
std::unique_ptr<spdlog::formatter> MakeJsonFormatter();

// Such a line, without its end, for what is told before or without the log.
std::string JsonLine(absl::string_view level, absl::string_view message);
// Whether SetUpLogging() has set the log to JSON.
bool LogsJson();

// Whether it is a traceparent of W3C Trace Context, section 3.2, in the form of version 00,
// with ids that are not all zeros.
bool IsTraceparent(absl::string_view text);

// What this thread logs meanwhile belongs to a call of this trace; an empty one says nothing.
class ScopedTraceparent {
 public:
  // `traceparent` outlives this.
  explicit ScopedTraceparent(absl::string_view traceparent);
  ~ScopedTraceparent();
  ScopedTraceparent(const ScopedTraceparent&) = delete;
  ScopedTraceparent& operator=(const ScopedTraceparent&) = delete;

 private:
  const absl::string_view before_;
};

// Makes spdlog's default logger write to stderr: `level` and `format` as in
// ServiceOptions. Human lines are in colour on a terminal unless NO_COLOR is set.
// To be called before other threads log; may be called again.
absl::Status SetUpLogging(absl::string_view level, absl::string_view format);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_LOGGING_H_
