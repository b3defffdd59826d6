// SPDX-License-Identifier: Apache-2.0
#include "service/reference/command.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/option_table.h"
#include "service/options.h"

namespace wirepas_grpc::service::reference {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const ShownOption& Find(const std::vector<ShownOption>& options, const std::string& name) {
  static const ShownOption none;
  for (const ShownOption& option : options) {
    if (std::count(option.names.begin(), option.names.end(), name) > 0) return option;
  }
  ADD_FAILURE() << "no option " << name;
  return none;
}

TEST(CommandTest, HasEveryOptionThatHelpShows) {
  const char* const argv[] = {"wirepas-grpcd", "--help"};
  const std::string help = ParseOptions(2, argv).output;
  std::set<std::string> shown;
  for (const ShownOption& option : ServiceCommand()) {
    shown.insert(option.names.begin(), option.names.end());
    shown.insert(option.negations.begin(), option.negations.end());
    for (const std::string& name : option.names) {
      EXPECT_NE(help.find(name), std::string::npos) << name;
    }
    for (const std::string& variable : option.environment) {
      // Those of other names are not shown.
      if (variable != option.environment.front()) continue;
      EXPECT_NE(help.find(variable), std::string::npos) << variable;
    }
  }
  // Options stand in lines of their own, behind two blanks.
  for (size_t start = 0; (start = help.find("\n  -", start)) != std::string::npos; ++start) {
    const size_t name = start + 3;
    const std::string option = help.substr(name, help.find_first_of(" ,\n", name) - name);
    EXPECT_EQ(shown.count(option), 1u) << option;
  }
}

TEST(CommandTest, ChoicesAreWhatAnOptionTakes) {
  int with_choices = 0;
  for (const OptionRow& row : OptionTable()) {
    if (row.choices.empty()) continue;
    ++with_choices;
    ServiceOptions options;
    for (const std::string& word : row.choices) {
      EXPECT_TRUE(row.set({word}, &options).ok()) << row.name << " " << word;
    }
    EXPECT_FALSE(row.set({"something-else"}, &options).ok()) << row.name;
  }
  EXPECT_EQ(with_choices, 7);
}

TEST(CommandTest, SaysWhatKindOfValueAnOptionHas) {
  using Value = ShownOption::Value;
  const std::vector<ShownOption> options = ServiceCommand();
  EXPECT_EQ(Find(options, "--config").value, Value::kFile);
  EXPECT_EQ(Find(options, "--state_dir").value, Value::kDirectory);
  EXPECT_EQ(Find(options, "--mqtt_hostname").value, Value::kHost);
  EXPECT_EQ(Find(options, "--unix_socket_group").value, Value::kGroup);
  EXPECT_EQ(Find(options, "--mqtt_port").value, Value::kOther);
  EXPECT_EQ(Find(options, "--log_format").value, Value::kWord);
  EXPECT_THAT(Find(options, "--log_format").words, ElementsAre("human", "json"));
  EXPECT_EQ(Find(options, "--reflection").value, Value::kNone);
  EXPECT_THAT(Find(options, "--reflection").negations, ElementsAre("--no-reflection"));
  EXPECT_THAT(Find(options, "--mqtt_force_unsecure").negations, IsEmpty());
  EXPECT_TRUE(Find(options, "--listen").repeated);
}

TEST(CommandTest, OtherNamesHaveVariablesOfTheirOwn) {
  const std::vector<ShownOption> options = ServiceCommand();
  EXPECT_THAT(Find(options, "--mqtt_keyfile").names,
              ElementsAre("--mqtt_client_key", "--mqtt_keyfile"));
  EXPECT_THAT(Find(options, "--mqtt_keyfile").environment,
              ElementsAre("WM_SERVICES_MQTT_CLIENT_KEY", "WM_SERVICES_MQTT_KEYFILE"));
}

TEST(CommandTest, HealthHasItsOwnOptions) {
  const std::vector<ShownOption> options = HealthCommand();
  EXPECT_THAT(options.front().names, ElementsAre("-h", "--help"));
  const ShownOption& timeout = Find(options, "--timeout");
  EXPECT_EQ(timeout.placeholder, "DURATION");
  EXPECT_EQ(timeout.help, "Give up after this");
  EXPECT_EQ(timeout.default_text, "5s");
  EXPECT_EQ(Find(options, "--live").placeholder, "");
  EXPECT_EQ(Find(options, "--tls_ca").value, ShownOption::Value::kFile);
  for (const ShownOption& option : options) EXPECT_EQ(option.names.front().front(), '-');
}

TEST(CommandTest, ShortHelpIsTheFirstSentence) {
  ShownOption option;
  option.help = "Password. Other users can see it";
  EXPECT_EQ(ShortHelp(option), "Password");
  option.help = "MQTT version, 3.1.1 or 5";
  EXPECT_EQ(ShortHelp(option), "MQTT version, 3.1.1 or 5");
}

}  // namespace
}  // namespace wirepas_grpc::service::reference
