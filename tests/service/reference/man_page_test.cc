// SPDX-License-Identifier: Apache-2.0
#include "service/reference/man_page.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::service::reference {
namespace {

using ::testing::HasSubstr;

ShownOption Option(const std::string& name, const std::string& help) {
  ShownOption option;
  option.names = {name};
  option.group = "Group";
  option.help = help;
  return option;
}

TEST(ManPageTest, ShowsAnOptionWithAllThatIsKnownOfIt) {
  ShownOption option = Option("--some_file", "Holds what --other needs");
  option.names.push_back("--file");
  option.placeholder = "FILE";
  option.default_text = "none";
  option.environment = {"SOME_FILE", "FILE"};
  EXPECT_THAT(ManPage("1.2.3", {option}, {}),
              HasSubstr(".SS Group\n"
                        ".TP\n"
                        "\\fB\\-\\-some_file\\fR, \\fB\\-\\-file\\fR \\fIFILE\\fR\n"
                        "Holds what \\fB\\-\\-other\\fR needs.\n"
                        ".br\nDefault: none.\n"
                        ".br\nEnvironment: \\fBSOME_FILE\\fR, \\fBFILE\\fR.\n"));
}

TEST(ManPageTest, ASwitchShowsWhatTurnsItOff) {
  ShownOption option = Option("--light", "Gives light");
  option.negations = {"--no-light"};
  EXPECT_THAT(ManPage("1.2.3", {option}, {}),
              HasSubstr("\\fB\\-\\-light\\fR, \\fB\\-\\-no\\-light\\fR\nGives light.\n"));
}

TEST(ManPageTest, WhatRoffWouldTakeForItsOwnIsShownAsItStands) {
  const std::string page =
      ManPage("1.2.3", {Option("--x", ".TH is a request"), Option("--y", "a \\ and 'b'")}, {});
  EXPECT_THAT(page, HasSubstr("\n\\&.TH is a request.\n"));
  EXPECT_THAT(page, HasSubstr("\na \\e and \\(aqb\\(aq.\n"));
}

TEST(ManPageTest, HealthComesAfterTheServiceAndBothBeforeTheRest) {
  const std::string page =
      ManPage("1.2.3", {Option("--of_service", "One")}, {Option("--of_health", "Two")});
  EXPECT_THAT(page, HasSubstr("wirepas\\-grpcd 1.2.3"));
  EXPECT_LT(page.find("of_service"), page.find(".SH THE HEALTH COMMAND"));
  EXPECT_LT(page.find(".SH THE HEALTH COMMAND"), page.find("of_health"));
  EXPECT_LT(page.find("of_health"), page.find(".SH ENVIRONMENT"));
}

}  // namespace
}  // namespace wirepas_grpc::service::reference
