// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/ids.h"

#include <string>

#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

TEST(IdsTest, AnIdIsPrintableAsciiWithoutTopicCharacters) {
  for (int c = 0; c < 256; ++c) {
    const bool good = c >= 0x20 && c < 0x7F && c != '/' && c != '+' && c != '#';
    EXPECT_EQ(IsValidId(std::string(1, static_cast<char>(c))), good) << c;
    EXPECT_EQ(IsValidId("a" + std::string(1, static_cast<char>(c)) + "z"), good) << c;
  }
}

TEST(IdsTest, AnIdHasABoundedLength) {
  EXPECT_FALSE(IsValidId(""));
  EXPECT_TRUE(IsValidId(std::string(kMaxIdLength, 'a')));
  EXPECT_FALSE(IsValidId(std::string(kMaxIdLength + 1, 'a')));
  EXPECT_FALSE(IsValidId(std::string(65536, 'a')));
}

TEST(IdsTest, ParsingKeepsTheId) {
  const absl::StatusOr<GatewayId> id = GatewayId::Parse("gw-1 (roof)");
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(id->value(), "gw-1 (roof)");
  EXPECT_EQ(*id, *GatewayId::Parse("gw-1 (roof)"));
  EXPECT_NE(*id, *GatewayId::Parse("gw-2"));
  EXPECT_LT(*SinkId::Parse("sink0"), *SinkId::Parse("sink1"));
}

TEST(IdsTest, ErrorsNameTheFieldAndWhatIsWrong) {
  const absl::Status missing = GatewayId::Parse("").status();
  EXPECT_TRUE(absl::IsInvalidArgument(missing));
  EXPECT_EQ(missing.message(), "gateway_id: missing");
  for (const char* id : {"a/b", "a+", "#", "+", "\n", "\xC3\xA9"}) {
    const absl::Status status = SinkId::Parse(id).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << id;
    EXPECT_EQ(status.message().find("sink_id: '"), 0u) << status;
  }
}

TEST(IdsTest, ErrorsShowHostileInputShortAndEscaped) {
  const absl::Status status = GatewayId::Parse("\x1B[31m\n" + std::string(100000, '\xFF')).status();
  EXPECT_LT(status.message().size(), 600u);
  for (const char c : status.message()) EXPECT_TRUE(c >= 0x20 && c < 0x7F) << status;
  EXPECT_NE(status.message().find("100006 bytes"), absl::string_view::npos) << status;
}

TEST(IdsTest, PrintableKeepsShortPlainText) {
  EXPECT_EQ(Printable("gw-event/status/g"), "gw-event/status/g");
  EXPECT_EQ(Printable("a\tb'"), "a\\tb\\'");
  EXPECT_EQ(Printable(std::string(64, 'a')), std::string(64, 'a'));
}

}  // namespace
}  // namespace wirepas_grpc::core
