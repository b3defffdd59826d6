// SPDX-License-Identifier: Apache-2.0
#include "service/option_file.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::service {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> ValuesOf(const std::string& text) {
  auto entries = ParseOptionFile(text);
  EXPECT_TRUE(entries.ok()) << text << ": " << entries.status();
  if (!entries.ok() || entries->size() != 1) return {"not one entry"};
  return entries->front().values;
}

std::string ErrorOf(const std::string& text) {
  auto entries = ParseOptionFile(text);
  return entries.ok() ? "no error" : std::string(entries.status().message());
}

TEST(ParseOptionFileTest, ReadsNamesValuesAndLinesInTheirOrder) {
  auto entries = ParseOptionFile(
      "# a comment\n\n  mqtt_port = 1883 # the old one\r\nmqtt_hostname=\"broker\"\n");
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].name, "mqtt_port");
  EXPECT_THAT((*entries)[0].values, ElementsAre("1883"));
  EXPECT_EQ((*entries)[0].line, 3);
  EXPECT_EQ((*entries)[1].name, "mqtt_hostname");
  EXPECT_THAT((*entries)[1].values, ElementsAre("broker"));
  EXPECT_EQ((*entries)[1].line, 4);
}

TEST(ParseOptionFileTest, AnEmptyFileHasNothing) {
  EXPECT_THAT(*ParseOptionFile(""), IsEmpty());
  EXPECT_THAT(*ParseOptionFile("\n# x"), IsEmpty());
}

TEST(ParseOptionFileTest, QuotesKeepEverything) {
  EXPECT_THAT(ValuesOf(R"(p = "a # b, c ; d = [e]")"), ElementsAre("a # b, c ; d = [e]"));
  EXPECT_THAT(ValuesOf(R"(p = 'a # b, "c" \n')"), ElementsAre(R"(a # b, "c" \n)"));
  EXPECT_THAT(ValuesOf(R"(p = "q\"b\\n\n\r\t\u00fc")"), ElementsAre("q\"b\\n\n\r\t\xc3\xbc"));
  EXPECT_THAT(ValuesOf(R"(p = "")"), ElementsAre(""));
  EXPECT_THAT(ValuesOf("p = ''  # none"), ElementsAre(""));
}

TEST(ParseOptionFileTest, NumbersAndSwitchesNeedNoQuotes) {
  EXPECT_THAT(ValuesOf("p = 100000"), ElementsAre("100000"));
  EXPECT_THAT(ValuesOf("p = -1"), ElementsAre("-1"));
  EXPECT_THAT(ValuesOf("p = true"), ElementsAre("true"));
  EXPECT_THAT(ValuesOf("p = false"), ElementsAre("false"));
}

// They are whole numbers to TOML, and 31, 137438953472, 100000, 8 and 5 would be other passwords.
TEST(ParseOptionFileTest, ANumberIsInDigitsAlone) {
  for (const char* value : {"0x1F", "0x2000000000", "100_000", "0o10", "+5"}) {
    EXPECT_THAT(ErrorOf(absl::StrCat("p = ", value)), HasSubstr("a number in digits alone"));
  }
}

TEST(ParseOptionFileTest, ReadsLists) {
  EXPECT_THAT(ValuesOf("l = [\"[::1]:1\", 'b:2',  # two\n  3,\n] # three"),
              ElementsAre("[::1]:1", "b:2", "3"));
  EXPECT_THAT(ValuesOf("l = []"), IsEmpty());
}

TEST(ParseOptionFileTest, NamesTheLineAndWhatIsExpected) {
  constexpr char kNotAnOption[] =
      "line 2: not an option, expected name = value, with quotes around text";
  for (const char* line : {"mqtt_hostname broker", "a", "a =", "a = # none", "a = broker",
                           "a = 127.0.0.1", "a = 10s", "a = 3.1.1", "a = yes", "a = 007",
                           "a = 'x' y", "a = [::1]:5", "; a comment", "[mqtt", "="}) {
    EXPECT_EQ(ErrorOf(absl::StrCat("# 1\n", line, "\n# 3\n")), kNotAnOption) << line;
  }
  constexpr char kText[] =
      "line 2: text that ends without its quotes or has a wrong escape, expected "
      "\"text\", or 'text' if there are \\ in it";
  for (const char* line : {"a = \"x", "a = \"x\\", "a = \"x\\y\"", "a = 'x"}) {
    EXPECT_EQ(ErrorOf(absl::StrCat("# 1\n", line, "\n# 3\n")), kText) << line;
  }
  for (const char* line : {"a = ['x' 'y']", "a = [,]"}) {
    EXPECT_EQ(ErrorOf(line), "line 1: a list that is wrong, expected [\"text\", \"text\"]") << line;
  }
  EXPECT_EQ(ErrorOf("a = [\n'x'"), "line 2: a list that is wrong, expected [\"text\", \"text\"]");
  EXPECT_EQ(ErrorOf("a = 1\na = 2"),
            "line 2: a name stands there twice, expected each option once");
}

TEST(ParseOptionFileTest, RefusesKindsThatOptionsDoNotHave) {
  constexpr char kWrongKind[] =
      "line 2: a has a value of the wrong kind, expected text in quotes, a number in digits "
      "alone, true, false or a list of these";
  for (const char* line : {"[a]", "[[a]]", "a.b = 1", "a = {b = 1}", "a = 1.5", "a = nan",
                           "a = 2020-01-01", "a = 12:00:00", "a = [['x']]", "a = ['x', 1.5]"}) {
    EXPECT_EQ(ErrorOf(absl::StrCat("b = 1\n", line)), kWrongKind) << line;
  }
  EXPECT_THAT(ErrorOf("z = 1.5\na = 1.5"), StartsWith("line 1: z has a value"));
  EXPECT_THAT(ErrorOf("\"x\\ny\" = 1.5"), StartsWith("line 1: x\\ny has a value"));
}

TEST(ParseOptionFileTest, ErrorsShowNoValue) {
  for (const char* line :
       {"mqtt_password = 'sesame", "mqtt_password = \"sesame\\x\"", "mqtt_password = 'x' sesame",
        "mqtt-password = sesame", "mqtt_password sesame", "mqtt_password = [ 'x' sesame",
        "mqtt_password = 1sesame", "mqtt_password = '''sesame", "mqtt_password = [sesame, sesame]",
        "mqtt_password = {'sesame' = 1}", "mqtt_password = 'sesame' # \x01",
        "mqtt_password = 'sesame\xff'", "sesame; mqtt_password = 1"}) {
    EXPECT_THAT(ErrorOf(line), AllOf(StartsWith("line 1: "), Not(HasSubstr("sesame")))) << line;
  }
  EXPECT_THAT(ErrorOf("p = 5550001.25"), Not(HasSubstr("555")));
  EXPECT_THAT(ErrorOf("p = 55500055500055500055500"), Not(HasSubstr("555")));
}

}  // namespace
}  // namespace wirepas_grpc::service
