// SPDX-License-Identifier: Apache-2.0
#include "service/logging.h"

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "service/option_values.h"
#include "spdlog/common.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/stdout_color_sinks.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

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
  }

  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<SafeMessageFlag>();
  }
};

class JsonFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto level = spdlog::level::to_string_view(message.level);
    nlohmann::ordered_json line;
    line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::FromChrono(message.time),
                                    absl::UTCTimeZone());
    line["level"] = std::string(level.data(), level.size());
    line["message"] = std::string(message.payload.data(), message.payload.size());
    const std::string text =
        line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    out.append(text.data(), text.data() + text.size());
    out.push_back('\n');
  }

  std::unique_ptr<formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

bool ColourUnwanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return no_color != nullptr && no_color[0] != '\0';
}

}  // namespace

std::unique_ptr<spdlog::formatter> MakeHumanFormatter() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<SafeMessageFlag>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%-8l%$ %*");
  return formatter;
}

std::unique_ptr<spdlog::formatter> MakeJsonFormatter() { return std::make_unique<JsonFormatter>(); }

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
  spdlog::set_default_logger(std::move(logger));
  return absl::OkStatus();
}

}  // namespace wirepas_grpc::service
