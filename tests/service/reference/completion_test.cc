// SPDX-License-Identifier: Apache-2.0
// What the completions do in real shells is tested by tests/packages/completion_test.py.
#include "service/reference/completion.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::service::reference {
namespace {

using ::testing::HasSubstr;

ShownOption Option(const std::string& name, ShownOption::Value value, const std::string& help) {
  ShownOption option;
  option.names = {name};
  option.value = value;
  if (value != ShownOption::Value::kNone) option.placeholder = "VALUE";
  option.help = help;
  return option;
}

TEST(CompletionTest, TextsAreQuotedAsEachShellWantsIt) {
  const ShownOption option =
      Option("--address", ShownOption::Value::kOther, "The host's [ipv6] and \\");
  EXPECT_THAT(ZshCompletion({option}, {}),
              HasSubstr("'--address=[The host'\\''s \\[ipv6\\] and \\\\]:VALUE: '"));
  EXPECT_THAT(FishCompletion({option}, {}), HasSubstr("-d 'The host\\'s [ipv6] and \\\\'\n"));
}

TEST(CompletionTest, ASwitchTakesAValueOnlyBehindItsName) {
  ShownOption option = Option("--light", ShownOption::Value::kNone, "Gives light");
  option.words = {"true", "false"};
  EXPECT_THAT(BashCompletion({option}, {}), HasSubstr("    \"service --light=\")\n"));
}

TEST(CompletionTest, AnOptionThatIsRepeatedIsOfferedAgain) {
  ShownOption option = Option("--listen", ShownOption::Value::kOther, "Listen there");
  option.repeated = true;
  EXPECT_THAT(ZshCompletion({option}, {}), HasSubstr("'*--listen=[Listen there]"));
}

TEST(CompletionTest, OptionsOfHealthAreItsOwn) {
  const ShownOption option = Option("--ca", ShownOption::Value::kFile, "Authorities");
  EXPECT_THAT(BashCompletion({}, {option}), HasSubstr("\"health --ca=\" | \"health --ca\")\n"));
  EXPECT_THAT(FishCompletion({}, {option}),
              HasSubstr("-n '__fish_seen_subcommand_from health' -l ca -r -F"));
}

}  // namespace
}  // namespace wirepas_grpc::service::reference
