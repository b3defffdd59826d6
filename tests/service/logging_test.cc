// SPDX-License-Identifier: Apache-2.0
#include "service/logging.h"

#include <memory>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "spdlog/sinks/ostream_sink.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

using ::testing::MatchesRegex;

// What a logger with this formatter writes for one message.
std::string Written(std::unique_ptr<spdlog::formatter> formatter, spdlog::level::level_enum level,
                    const std::string& message) {
  std::ostringstream out;
  auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out);
  sink->set_formatter(std::move(formatter));
  spdlog::logger logger("", sink);
  logger.set_level(spdlog::level::trace);
  logger.log(level, spdlog::string_view_t(message.data(), message.size()));
  return out.str();
}

std::string JsonMessage(const std::string& message) {
  const std::string line = Written(MakeJsonFormatter(), spdlog::level::info, message);
  EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  return nlohmann::json::parse(line).at("message");
}

TEST(JsonFormatterTest, WritesOneObjectOnALine) {
  EXPECT_THAT(
      Written(MakeJsonFormatter(), spdlog::level::warn, "two words"),
      MatchesRegex("\\{\"time\":\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}"
                   "Z\",\"level\":\"warning\",\"message\":\"two words\"\\}\n"));
}

TEST(JsonFormatterTest, KeepsEveryCharacter) {
  for (const std::string& message :
       {std::string("\"quoted\" \\ back"), std::string("line\nline\ttab\x01\x1b[31m"),
        std::string("gr\xc3\xbc\xc3\x9f \xe2\x82\xac"), std::string("nul\0nul", 7),
        std::string()}) {
    EXPECT_EQ(JsonMessage(message), message);
  }
}

TEST(JsonFormatterTest, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(JsonMessage("a\xff\xc3z"), "a\xef\xbf\xbd\xef\xbf\xbdz");
  EXPECT_EQ(JsonMessage("cut \xe2\x82"), "cut \xef\xbf\xbd");
}

constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceparentTest, IsThatOfTheCallThatIsLogged) {
  {
    const ScopedTraceparent trace(kTrace);
    EXPECT_EQ(nlohmann::json::parse(Written(MakeJsonFormatter(), spdlog::level::info, "x"))
                  .at("traceparent"),
              kTrace);
    EXPECT_THAT(Written(MakeHumanFormatter(), spdlog::level::info, "x"),
                testing::EndsWith(std::string(" x traceparent=") + kTrace + "\n"));
    const ScopedTraceparent none("");
    EXPECT_THAT(Written(MakeJsonFormatter(), spdlog::level::info, "x"),
                testing::Not(testing::HasSubstr("traceparent")));
  }
  EXPECT_THAT(Written(MakeHumanFormatter(), spdlog::level::info, "x"), testing::EndsWith(" x\n"));
}

TEST(TraceparentTest, IsOneOfW3cAlone) {
  EXPECT_TRUE(IsTraceparent(kTrace));
  for (const char* other : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736\n00f067aa0ba902b7-01"}) {
    EXPECT_FALSE(IsTraceparent(other)) << other;
  }
}

TEST(JsonLineTest, IsAsThoseOfTheLog) {
  const auto line = nlohmann::json::parse(JsonLine("error", "a \"word\""));
  EXPECT_EQ(line.at("level"), "error");
  EXPECT_EQ(line.at("message"), "a \"word\"");
  EXPECT_EQ(line.at("time").get<std::string>().size(), 27u);
}

TEST(HumanFormatterTest, WritesTimeLevelAndMessage) {
  EXPECT_THAT(Written(MakeHumanFormatter(), spdlog::level::warn, "two words"),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}[+-][0-9]{2}:[0-9]{2} "
                           "warning  two words\n"));
}

TEST(HumanFormatterTest, EscapesWhatCouldForgeALine) {
  EXPECT_THAT(Written(MakeHumanFormatter(), spdlog::level::info, "a\nb\x1b[31m\x7f \"gr\xc3\xbc\""),
              testing::EndsWith(" a\\nb\\x1b[31m\\x7f \"gr\xc3\xbc\"\n"));
}

TEST(SetUpLoggingTest, WritesToStderrFromItsLevelOn) {
  ASSERT_TRUE(SetUpLogging("warning", "json").ok());
  testing::internal::CaptureStderr();
  spdlog::info("not this");
  spdlog::warn("this {}", 1);
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_EQ(nlohmann::json::parse(written).at("message"), "this 1");

  ASSERT_TRUE(SetUpLogging("off", "human").ok());
  testing::internal::CaptureStderr();
  spdlog::critical("not this either");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(SetUpLoggingTest, KnowsTheLevelsOfTheOptions) {
  for (const char* level : {"trace", "debug", "info", "warning", "error", "critical", "off"}) {
    EXPECT_TRUE(SetUpLogging(level, "human").ok()) << level;
  }
  EXPECT_FALSE(SetUpLogging("loud", "human").ok());
  EXPECT_FALSE(SetUpLogging("info", "xml").ok());
}

}  // namespace
}  // namespace wirepas_grpc::service
