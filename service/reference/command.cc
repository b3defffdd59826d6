// SPDX-License-Identifier: Apache-2.0
#include "service/reference/command.h"

#include <memory>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "service/health_options.h"
#include "service/option_table.h"

namespace wirepas_grpc::service::reference {
namespace {

using Value = ShownOption::Value;

Value ValueOf(const std::string& placeholder, const std::vector<std::string>& words) {
  if (placeholder.empty()) return Value::kNone;
  if (!words.empty()) return Value::kWord;
  if (placeholder == "FILE") return Value::kFile;
  if (placeholder == "DIRECTORY") return Value::kDirectory;
  if (placeholder == "HOST") return Value::kHost;
  if (placeholder == "GROUP") return Value::kGroup;
  return Value::kOther;
}

std::string OnOneLine(const std::string& text) { return absl::StrReplaceAll(text, {{"\n", " "}}); }

ShownOption FromRow(const OptionRow& row) {
  ShownOption option;
  option.names = {absl::StrCat("--", row.name)};
  option.environment = {row.environment};
  if (!row.alias.empty()) {
    option.names.push_back(absl::StrCat("--", row.alias));
    option.environment.push_back(AliasEnvironment(row));
  }
  option.group = row.group;
  option.placeholder = row.value;
  option.words = row.choices;
  if (row.kind == OptionRow::Kind::kSwitch) {
    option.words = {"true", "false"};
    if (row.default_text == "true") option.negations = {absl::StrCat("--no-", row.name)};
  }
  option.value = ValueOf(option.placeholder, option.words);
  option.repeated = row.kind == OptionRow::Kind::kList;
  option.help = OnOneLine(row.help);
  option.default_text = OnOneLine(row.default_text);
  if (absl::StartsWith(option.default_text, "(")) {
    option.default_text = option.default_text.substr(1, option.default_text.size() - 2);
  }
  return option;
}

// Those that are in no row, since they are of the command line alone.
std::vector<ShownOption> GeneralOptions() {
  ShownOption help;
  help.names = {"-h", "--help"};
  help.help = "Show the options in short and exit";
  ShownOption version;
  version.names = {"--version"};
  version.help = "Show the version and exit";
  ShownOption config;
  config.names = {"--config"};
  config.placeholder = "FILE";
  config.value = Value::kFile;
  config.help = "Read options from this file";
  config.default_text = "none";
  config.environment = {"WIREPAS_GRPC_CONFIG"};
  std::vector<ShownOption> options = {help, version, config};
  for (ShownOption& option : options) option.group = "General";
  return options;
}

ShownOption FromCommandLine(const CLI::Option& from) {
  ShownOption option;
  option.names = absl::StrSplit(from.get_name(/*positional=*/false, /*all_options=*/true), ',');
  option.placeholder = from.get_type_name();
  option.value = ValueOf(option.placeholder, {});
  option.help = OnOneLine(from.get_description());
  const std::vector<std::string> parts = absl::StrSplit(option.help, " [default: ");
  option.help = parts.front();
  if (parts.size() > 1) option.default_text = std::string(absl::StripSuffix(parts[1], "]"));
  return option;
}

}  // namespace

std::vector<ShownOption> ServiceCommand() {
  std::vector<ShownOption> options = GeneralOptions();
  for (const OptionRow& row : OptionTable()) options.push_back(FromRow(row));
  return options;
}

std::vector<ShownOption> HealthCommand() {
  HealthOptions values;
  const std::unique_ptr<CLI::App> app = HealthCommandLine(&values);
  std::vector<ShownOption> options;
  for (const CLI::Option* option : std::as_const(*app).get_options()) {
    if (!option->get_positional()) options.push_back(FromCommandLine(*option));
  }
  return options;
}

std::string ShortHelp(const ShownOption& option) {
  return option.help.substr(0, option.help.find(". "));
}

}  // namespace wirepas_grpc::service::reference
