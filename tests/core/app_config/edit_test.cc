// SPDX-License-Identifier: Apache-2.0
#include "core/app_config/edit.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

using testing::HasSubstr;

std::string Bytes(std::string hex) {
  std::erase(hex, ' ');
  return absl::HexStringToBytes(hex);
}

EditedAppConfig Edit(const AppConfigEdit& edit, const std::string& hex, size_t max_size = 80) {
  return EditAppConfig(edit, Bytes(hex), max_size);
}

// What the data became, as hex; empty: it stays.
std::string After(const AppConfigEdit& edit, const std::string& hex) {
  const EditedAppConfig edited = Edit(edit, hex);
  EXPECT_TRUE(edited.status.ok()) << edited.status.message();
  if (edited.data.has_value()) {
    EXPECT_EQ(edited.data->size(), edited.size_after);
  } else {
    EXPECT_EQ(edited.size_after, edited.size_before);
  }
  return absl::BytesToHexString(edited.data.value_or(""));
}

TEST(AppConfigEditTest, SetsInPlaceOrBehindAndRemoves) {
  const AppConfigEdit edit{.set = {{7, "n"}, {2, "xyz"}}, .remove = {1, 99}};
  EXPECT_EQ(After(edit, "F67E03 010141 020142 030143"), "f67e03020378797a03014307016e");
}

TEST(AppConfigEditTest, WhatChangesNothingLeavesTheDataAlone) {
  const AppConfigEdit edit{.set = {{2, "B"}}, .remove = {9}};
  EXPECT_EQ(After(edit, "F67E01 020142"), "");
  EXPECT_EQ(After(edit, "F67E01 028100 42"), "");
  EXPECT_EQ(After(edit, "F67E01 020142 0000"), "");
  EXPECT_EQ(Edit(edit, "F67E01 020142 0000").size_before, 6u);
  EXPECT_EQ(After(edit, "F67E01 020142 FF01"), "");
  EXPECT_EQ(After(edit, "F67E02 020141 020142"), "");
  // Even in a sink where it should not fit.
  EXPECT_TRUE(Edit(edit, "F67E01 020142", 5).status.ok());
}

TEST(AppConfigEditTest, WhatIsWrittenBackIsInItsShortestForm) {
  EXPECT_EQ(After({.set = {{3, "C"}}}, "F67E01 028100 42 000000"), "f67e02020142030143");
  EXPECT_EQ(After({.set = {{3, "C"}}}, "F67E01 020142 FF01"), "f67e02020142030143");
  EXPECT_EQ(After({.set = {{3, "C"}}}, "F67E02 020141 020142"), "f67e02020142030143");
}

TEST(AppConfigEditTest, ATypeThatIsTwiceIsRemovedAltogether) {
  EXPECT_EQ(After({.remove = {2}}, "F67E03 020141 010144 020142"), "f67e01010144");
}

TEST(AppConfigEditTest, RemovingTheLastEntryLeavesAnEmptyList) {
  EXPECT_EQ(After({.remove = {2}}, "F67E01 020142"), "f67e00");
}

TEST(AppConfigEditTest, NoDataIsNoEntries) {
  EXPECT_EQ(After({.set = {{2, "B"}}}, ""), "f67e01020142");
  EXPECT_EQ(After({.remove = {2}}, ""), "");
}

TEST(AppConfigEditTest, OtherDataIsRefusedUnlessOverridden) {
  AppConfigEdit edit{.set = {{2, "B"}}};
  for (const char* hex : {"00", "0102", "F67E01", "F67E02 020142 0201"}) {
    edit.override_non_tlv = false;
    const EditedAppConfig refused = Edit(edit, hex);
    EXPECT_TRUE(absl::IsFailedPrecondition(refused.status)) << hex;
    EXPECT_FALSE(refused.data.has_value());
    EXPECT_EQ(refused.size_before, Bytes(hex).size());
    EXPECT_EQ(refused.size_after, refused.size_before);
    edit.override_non_tlv = true;
    EXPECT_EQ(After(edit, hex), "f67e01020142") << hex;
  }
  EXPECT_THAT(std::string(Edit({.remove = {1}}, "0102").status.message()),
              HasSubstr("does not begin with F6 7E"));
  EXPECT_EQ(After({.remove = {1}, .override_non_tlv = true}, "0102"), "");
}

TEST(AppConfigEditTest, WhatDoesNotFitIsRefused) {
  const std::string present = "F67E01 020142";  // 6 bytes
  EXPECT_TRUE(Edit({.set = {{3, std::string(72, 'x')}}}, present).status.ok());
  const EditedAppConfig edited = Edit({.set = {{3, std::string(73, 'x')}}}, present);
  EXPECT_TRUE(absl::IsResourceExhausted(edited.status));
  EXPECT_EQ(edited.size_before, 6u);
  EXPECT_EQ(edited.size_after, 81u);
  EXPECT_FALSE(edited.data.has_value());
  EXPECT_TRUE(absl::IsResourceExhausted(Edit({.set = {{3, "x"}}}, present, 8).status));
  // What is replaced makes room.
  EXPECT_TRUE(Edit({.set = {{2, "xyz"}}}, present, 8).status.ok());
}

TEST(AppConfigEditTest, SinksCanTakeLessThanTheMost) {
  SinkConfig config;
  EXPECT_EQ(MaxAppConfigSize(config), 80u);
  config.set_app_config_max_size(120);
  EXPECT_EQ(MaxAppConfigSize(config), 80u);
  config.set_app_config_max_size(40);
  EXPECT_EQ(MaxAppConfigSize(config), 40u);
}

TEST(AppConfigEditTest, LocalProvisioningHasAWordForEach) {
  EXPECT_EQ(absl::BytesToHexString(LocalProvisioningOff()), "00");
  EXPECT_EQ(absl::BytesToHexString(LocalProvisioningWithFactoryKey()), "01");
  EXPECT_EQ(LocalProvisioningWithKey("abcd", std::string(32, 'k')),
            "\x02"
            "abcd" +
                std::string(32, 'k'));
}

}  // namespace
}  // namespace wirepas_grpc::core
