// SPDX-License-Identifier: Apache-2.0
#include "tests/support/topic_match.h"

#include "gtest/gtest.h"

namespace wirepas_grpc {
namespace {

TEST(TopicMatchesTest, ComparesLevelByLevel) {
  EXPECT_TRUE(TopicMatches("a/b", "a/b"));
  EXPECT_TRUE(TopicMatches("a/+/c", "a/b/c"));
  EXPECT_TRUE(TopicMatches("+/+", "a/b"));
  EXPECT_TRUE(TopicMatches("a/#", "a/b/c"));
  EXPECT_TRUE(TopicMatches("a/#", "a"));
  EXPECT_TRUE(TopicMatches("#", "a/b"));
  EXPECT_FALSE(TopicMatches("a/b", "a/bc"));
  EXPECT_FALSE(TopicMatches("a/b", "a"));
  EXPECT_FALSE(TopicMatches("a", "a/b"));
  EXPECT_FALSE(TopicMatches("a/+", "a"));
  EXPECT_FALSE(TopicMatches("a/+", "a/b/c"));
  EXPECT_FALSE(TopicMatches("b/#", "a/b"));
}

}  // namespace
}  // namespace wirepas_grpc
