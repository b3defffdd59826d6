// SPDX-License-Identifier: Apache-2.0
#include "service/option_file.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> ValuesOf(const std::string& line) {
  auto entries = ParseOptionFile(line);
  EXPECT_TRUE(entries.ok()) << line << ": " << entries.status();
  if (!entries.ok() || entries->size() != 1) return {"not one entry"};
  return entries->front().values;
}

std::string ErrorOf(const std::string& text) {
  auto entries = ParseOptionFile(text);
  return entries.ok() ? "no error" : std::string(entries.status().message());
}

TEST(ParseOptionFileTest, ReadsNamesValuesAndLines) {
  auto entries = ParseOptionFile(
      "# a comment\n\n; another\n  mqtt_hostname = broker # the old one\r\nmqtt_port=1883\n");
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].name, "mqtt_hostname");
  EXPECT_THAT((*entries)[0].values, ElementsAre("broker"));
  EXPECT_EQ((*entries)[0].line, 4);
  EXPECT_EQ((*entries)[1].name, "mqtt_port");
  EXPECT_THAT((*entries)[1].values, ElementsAre("1883"));
  EXPECT_EQ((*entries)[1].line, 5);
}

TEST(ParseOptionFileTest, AnEmptyFileHasNothing) {
  EXPECT_THAT(*ParseOptionFile(""), IsEmpty());
  EXPECT_THAT(*ParseOptionFile("\n# x"), IsEmpty());
}

TEST(ParseOptionFileTest, QuotesKeepEverything) {
  EXPECT_THAT(ValuesOf(R"(p = "a # b, c ; d = [e]")"), ElementsAre("a # b, c ; d = [e]"));
  EXPECT_THAT(ValuesOf(R"(p = 'a # b, "c" \n')"), ElementsAre(R"(a # b, "c" \n)"));
  EXPECT_THAT(ValuesOf(R"(p = "q\"b\\n\n\r\t")"), ElementsAre("q\"b\\n\n\r\t"));
  EXPECT_THAT(ValuesOf(R"(p = "")"), ElementsAre(""));
  EXPECT_THAT(ValuesOf("p = ''  # none"), ElementsAre(""));
}

TEST(ParseOptionFileTest, BareTextEndsAtAComment) {
  EXPECT_THAT(ValuesOf("p = pa#ss;word"), ElementsAre("pa#ss;word"));
  EXPECT_THAT(ValuesOf("p = two words  ; comment"), ElementsAre("two words"));
  EXPECT_THAT(ValuesOf("p = a:1,b:2"), ElementsAre("a:1,b:2"));
}

TEST(ParseOptionFileTest, ReadsLists) {
  EXPECT_THAT(ValuesOf(R"(l = ["[::1]:1", 'b:2', c:3,] # three)"),
              ElementsAre("[::1]:1", "b:2", "c:3"));
  EXPECT_THAT(ValuesOf("l = []"), IsEmpty());
}

TEST(ParseOptionFileTest, NamesTheLineAndWhatIsExpected) {
  EXPECT_EQ(ErrorOf("a = 1\nmqtt_hostname broker"), "line 2: not an option, expected name = value");
  EXPECT_EQ(ErrorOf("[mqtt]"), "line 1: not an option, expected name = value");
  EXPECT_EQ(ErrorOf("a ="), "line 1: no value, expected one, or '' for an empty one");
  EXPECT_EQ(ErrorOf("a = # none"), "line 1: no value, expected one, or '' for an empty one");
  EXPECT_EQ(ErrorOf("a = \"x"), "line 1: the quotes do not end, expected \"");
  EXPECT_EQ(ErrorOf("a = \"x\\"),
            "line 1: unknown escape after \\, expected one of \\\" \\\\ \\n \\r \\t");
  EXPECT_EQ(ErrorOf("a = 'x"), "line 1: the quotes do not end, expected '");
  EXPECT_EQ(ErrorOf("a = 'x' y"), "line 1: text after the value, expected quotes around the whole");
  EXPECT_EQ(ErrorOf("a = [::1]:5"),
            "line 1: text after the value, expected quotes around the whole");
  EXPECT_EQ(ErrorOf("a = [x"), "line 1: the list does not end, expected ]");
  EXPECT_EQ(ErrorOf("a = ['x' 'y']"), "line 1: text after a value of the list, expected , or ]");
  EXPECT_EQ(ErrorOf("a = [,]"), "line 1: no value, expected one, or '' for an empty one");
  EXPECT_EQ(ErrorOf("a = 1\na = 2"), "line 2: a stands there twice, expected each option once");
}

TEST(ParseOptionFileTest, ErrorsShowNoValue) {
  for (const char* line :
       {"mqtt_password = 'sesame", "mqtt_password = \"sesame\\x\"", "mqtt_password = 'x' sesame",
        "mqtt-password = sesame", "mqtt_password sesame", "mqtt_password = [ 'x' sesame"}) {
    EXPECT_THAT(ErrorOf(line), Not(HasSubstr("sesame"))) << line;
    EXPECT_THAT(ErrorOf(line), HasSubstr("line 1")) << line;
  }
}

}  // namespace
}  // namespace wirepas_grpc::service
