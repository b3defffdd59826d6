// SPDX-License-Identifier: Apache-2.0
#include "api/call/utf8.h"

#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

TEST(ToValidUtf8, KeepsWhatIsValid) {
  const std::string text = "Gerät Ω 漢 \xF0\x9F\x93\xA1";
  EXPECT_EQ(ToValidUtf8(text), text);
  EXPECT_EQ(ToValidUtf8(""), "");
}

TEST(ToValidUtf8, ReplacesBytesThatAreNoText) {
  EXPECT_EQ(ToValidUtf8("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(ToValidUtf8("\x80"), "\uFFFD");
}

TEST(ToValidUtf8, ReplacesTruncatedSequences) {
  EXPECT_EQ(ToValidUtf8("\xE6\xBC"), "\uFFFD\uFFFD");
  EXPECT_EQ(ToValidUtf8("\xC3"), "\uFFFD");
}

TEST(ToValidUtf8, ReplacesOverlongFormsAndSurrogates) {
  EXPECT_EQ(ToValidUtf8("\xC0\xAF"), "\uFFFD\uFFFD");
  EXPECT_EQ(ToValidUtf8("\xE0\x80\xAF"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(ToValidUtf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(ToValidUtf8("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(ToValidUtf8("\xF0\x80\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
}

}  // namespace
}  // namespace wirepas_grpc::api
