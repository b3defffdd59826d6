// SPDX-License-Identifier: Apache-2.0
#include "api/call/paging.h"

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

using testing::HasSubstr;

TEST(ParsePage, SizesHaveADefaultAndABound) {
  EXPECT_EQ(ParsePage(0, "", "l")->size, 1000u);
  EXPECT_EQ(ParsePage(7, "", "l")->size, 7u);
  EXPECT_EQ(ParsePage(1000000, "", "l")->size, 10000u);
  EXPECT_THAT(std::string(ParsePage(-1, "", "l").status().message()), HasSubstr("page_size"));
}

TEST(ParsePage, ATokenLeadsBehindTheKeyItWasMadeOf) {
  const std::string key("gw/\0sink", 8);
  const std::string token = ParsePage(10, "", "listing")->NextToken(key);
  const auto next = ParsePage(500, token, "listing");
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_FALSE(next->first);
  EXPECT_EQ(next->after, key);
}

TEST(ParsePage, ATokenOfAnotherRequestIsRefused) {
  const std::string token = ParsePage(10, "", "listing")->NextToken("key");
  const auto page = ParsePage(10, token, "other listing");
  ASSERT_FALSE(page.ok());
  EXPECT_TRUE(absl::IsInvalidArgument(page.status()));
  EXPECT_THAT(std::string(page.status().message()), HasSubstr("another request"));
}

TEST(ParsePage, WhatIsNoTokenIsRefused) {
  for (const std::string& token : {std::string("x"), std::string("%%%"),
                                   absl::WebSafeBase64Escape("\x02"
                                                             "12345678key"),
                                   absl::WebSafeBase64Escape("\x01"
                                                             "1234"),
                                   std::string(100000, 'A')}) {
    const auto page = ParsePage(10, token, "listing");
    ASSERT_FALSE(page.ok()) << token;
    EXPECT_THAT(std::string(page.status().message()), HasSubstr("page_token"));
  }
}

}  // namespace
}  // namespace wirepas_grpc::api
