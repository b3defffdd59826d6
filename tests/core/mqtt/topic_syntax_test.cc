// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/topic_syntax.h"

#include <gtest/gtest.h>

#include <string>

namespace wirepas_grpc::core {
namespace {

TEST(TopicSyntaxTest, Names) {
  for (const std::string& topic :
       {std::string("a"), std::string("a/b/c"), std::string("/"), std::string("a//b"),
        std::string("with space"), std::string("\xC3\xA4/\xE2\x82\xAC/\xF0\x9F\x98\x80"),
        std::string(65535, 'x')}) {
    EXPECT_TRUE(CheckTopicName(topic).ok()) << topic;
  }
  for (const std::string& topic : {std::string(), std::string("a/+"), std::string("#"),
                                   std::string("a+b"), std::string("a\0b", 3), std::string("a\nb"),
                                   std::string("a\x7F"), std::string(65536, 'x')}) {
    EXPECT_EQ(CheckTopicName(topic).code(), absl::StatusCode::kInvalidArgument) << topic;
  }
}

TEST(TopicSyntaxTest, Utf8) {
  for (const std::string& topic : {
           std::string("\x80"),              // a continuation alone
           std::string("\xC3"),              // cut short
           std::string("\xC3("),             // no continuation
           std::string("\xC0\xAF"),          // overlong
           std::string("\xE0\x80\xAF"),      // overlong
           std::string("\xF0\x80\x80\xAF"),  // overlong
           std::string("\xED\xA0\x80"),      // surrogate
           std::string("\xF4\x90\x80\x80"),  // past the last code point
           std::string("\xF8\x88\x80\x80\x80"), std::string("\xFF"),
           std::string("\xC2\x85"),      // U+0085, a control character
           std::string("\xEF\xBF\xBE"),  // U+FFFE
       }) {
    EXPECT_FALSE(CheckTopicName(topic).ok()) << topic;
  }
  EXPECT_TRUE(CheckTopicName("\xED\x9F\xBF").ok());      // U+D7FF
  EXPECT_TRUE(CheckTopicName("\xEE\x80\x80").ok());      // U+E000
  EXPECT_TRUE(CheckTopicName("\xF4\x8F\xBF\xBD").ok());  // U+10FFFD
}

TEST(TopicSyntaxTest, Filters) {
  for (const char* filter : {"#", "+", "a/#", "+/+/#", "a/+/b", "a", "/+", "$share/group/a/#"}) {
    EXPECT_TRUE(CheckTopicFilter(filter).ok()) << filter;
  }
  for (const char* filter : {"", "a#", "a/#/b", "#/a", "a+", "+a/b", "a/b+", "##", "a/++"}) {
    EXPECT_EQ(CheckTopicFilter(filter).code(), absl::StatusCode::kInvalidArgument) << filter;
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
