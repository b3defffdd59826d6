// SPDX-License-Identifier: Apache-2.0
#include "service/logging.h"

#include <atomic>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "service/option_values.h"
#include "spdlog/common.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/stdout_color_sinks.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

thread_local absl::string_view current_traceparent;
std::atomic<bool> logs_json = false;

bool IsControl(unsigned char c) { return c < 0x20 || c == 0x7F; }

// The message with \n, \t and \xNN in place of control characters.
class SafeMessageFlag : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    for (const char c : message.payload) {
      if (!IsControl(static_cast<unsigned char>(c))) {
        out.push_back(c);
        continue;
      }
      const std::string escaped = absl::CHexEscape(absl::string_view(&c, 1));
      out.append(escaped.data(), escaped.data() + escaped.size());
    }
    if (current_traceparent.empty()) return;
    const std::string trace = absl::StrCat(" traceparent=", current_traceparent);
    out.append(trace.data(), trace.data() + trace.size());
  }

  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<SafeMessageFlag>();
  }
};

std::string MakeJsonLine(absl::Time time, absl::string_view level, absl::string_view message) {
  nlohmann::ordered_json line;
  line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
  line["level"] = std::string(level);
  line["message"] = std::string(message);
  if (!current_traceparent.empty()) line["traceparent"] = std::string(current_traceparent);
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

class JsonFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto level = spdlog::level::to_string_view(message.level);
    const std::string text =
        MakeJsonLine(absl::FromChrono(message.time), {level.data(), level.size()},
                     {message.payload.data(), message.payload.size()});
    out.append(text.data(), text.data() + text.size());
    out.push_back('\n');
  }

  std::unique_ptr<formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

bool ColourUnwanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return no_color != nullptr && no_color[0] != '\0';
}

// So many hexadecimal digits in lower case, of which one is not zero, and what stands behind.
bool ConsumeId(absl::string_view* text, size_t digits) {
  const absl::string_view id = text->substr(0, digits);
  text->remove_prefix(id.size());
  return id.size() == digits && id.find_first_not_of("0123456789abcdef") == id.npos &&
         id.find_first_not_of('0') != id.npos;
}

}  // namespace

bool IsTraceparent(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "00-") || !ConsumeId(&text, 32)) return false;
  if (!absl::ConsumePrefix(&text, "-") || !ConsumeId(&text, 16)) return false;
  return absl::ConsumePrefix(&text, "-") && text.size() == 2 &&
         text.find_first_not_of("0123456789abcdef") == text.npos;
}

ScopedTraceparent::ScopedTraceparent(absl::string_view traceparent)
    : before_(std::exchange(current_traceparent, traceparent)) {}

ScopedTraceparent::~ScopedTraceparent() { current_traceparent = before_; }

std::unique_ptr<spdlog::formatter> MakeHumanFormatter() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<SafeMessageFlag>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%-8l%$ %*");
  return formatter;
}

std::unique_ptr<spdlog::formatter> MakeJsonFormatter() { return std::make_unique<JsonFormatter>(); }

std::string JsonLine(absl::string_view level, absl::string_view message) {
  return MakeJsonLine(absl::Now(), level, message);
}

bool LogsJson() { return logs_json; }

absl::Status SetUpLogging(absl::string_view level, absl::string_view format) {
  const std::string level_name(level);
  const spdlog::level::level_enum severity = spdlog::level::from_str(level_name);
  // from_str() gives off for what it does not know.
  if (severity == spdlog::level::off && level != "off") {
    return absl::InvalidArgumentError(absl::StrCat(ShownValue(level), " is no log level"));
  }
  if (format != "human" && format != "json") {
    return absl::InvalidArgumentError(absl::StrCat(ShownValue(format), " is no log format"));
  }
  const bool plain = format == "json" || ColourUnwanted();
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
      plain ? spdlog::color_mode::never : spdlog::color_mode::automatic);
  sink->set_formatter(format == "json" ? MakeJsonFormatter() : MakeHumanFormatter());
  auto logger = std::make_shared<spdlog::logger>("", std::move(sink));
  logger->set_level(severity);
  logs_json = format == "json";
  spdlog::set_default_logger(std::move(logger));
  return absl::OkStatus();
}

}  // namespace wirepas_grpc::service
