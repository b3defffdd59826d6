// SPDX-License-Identifier: Apache-2.0
#include "service/options.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "service/option_checks.h"
#include "service/option_file.h"
#include "service/option_table.h"
#include "service/option_values.h"

#ifndef WIREPAS_GRPC_VERSION
#error "the build defines WIREPAS_GRPC_VERSION"
#endif

namespace wirepas_grpc::service {
namespace {

constexpr char kConfigEnvironment[] = "WIREPAS_GRPC_CONFIG";
constexpr size_t kMaxFileBytes = 1 << 20;

constexpr char kDescription[] =
    "Serves Wirepas Mesh networks, which it reaches through their MQTT broker, over gRPC.\n"
    "\n"
    "`wirepas-grpcd health` asks a running service how it is; `health --help` says more.";

constexpr char kFooter[] =
    "An option is taken from the first of these places that has it:\n"
    "  1. the command line (--name VALUE or --name=VALUE)\n"
    "  2. the environment (the variable shown as env; empty counts as not set)\n"
    "  3. the file of --config, in TOML: lines of the form name = \"text\", names as\n"
    "     above without the dashes; only whole numbers, true and false need no quotes;\n"
    "     # starts a comment; listen takes [\"a\", \"b\"] too\n"
    "  4. the default\n"
    "A switch is true, yes, on, 1 or false, no, off, 0. A duration is a number with a\n"
    "unit: 500ms, 10s, 2m, 1h30m. A size is a number of bytes or has one of the units\n"
    "KiB, MiB, GiB, kB, MB, GB.\n"
    "\n"
    "Exit codes: 0 after --help, --version or a stop by signal; 1 when the service\n"
    "fails while it starts or runs; 2 for an option that is wrong.";

// Where a value was found; completes the name of its option in a message.
struct Found {
  std::vector<std::string> values;
  std::string where;
};
using FoundOptions = std::map<std::string, Found>;

class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(36); }

  // CLI11 leaves two empty lines between groups.
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override {
    return absl::StrReplaceAll(Formatter::make_help(app, std::move(name), mode),
                               {{"\n\n\n", "\n\n"}});
  }

  std::string make_option_name(const CLI::Option* option, bool) const override {
    std::string name = option->get_name(/*positional=*/false, /*all_options=*/true);
    return absl::StrReplaceAll(name, {{"{false}", ""}, {",", ", "}});
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_type_name().empty() ? "" : absl::StrCat(" ", option->get_type_name());
  }
};

std::string Describe(const OptionRow& row) {
  const bool remark = absl::StartsWith(row.default_text, "(");
  const std::string shown =
      remark ? row.default_text.substr(1, row.default_text.size() - 2) : row.default_text;
  // The environment goes beside the default where both fit beside the names.
  constexpr size_t kTextWidth = 64;
  const std::string default_text = absl::StrCat("[default: ", shown, "]");
  const std::string environment = absl::StrCat("[env: ", row.environment, "]");
  const bool on_one_line = default_text.size() + 1 + environment.size() <= kTextWidth;
  return absl::StrCat(row.help, "\n", default_text, on_one_line ? " " : "\n", environment);
}

CLI::Option* AddOption(const OptionRow& row, CLI::App* app) {
  std::string flag = absl::StrCat("--", row.name);
  if (!row.alias.empty()) absl::StrAppend(&flag, ",--", row.alias);
  CLI::Option* option = nullptr;
  if (row.kind == OptionRow::Kind::kSwitch) {
    const bool can_turn_off = row.default_text == "true";
    option = app->add_flag(can_turn_off ? absl::StrCat(flag, ",!--no-", row.name) : flag);
  } else {
    option = app->add_option(flag)->type_name(row.value);
  }
  return option->description(Describe(row))
      ->group(row.group)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

// The arguments, last one first as CLI11 wants them. CLI11 reads `--name=` as if
// the value came next; here it means the empty value.
std::vector<std::string> ReversedArguments(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  for (int i = argc - 1; i > 0; --i) {
    std::string argument = argv[i];
    if (absl::StartsWith(argument, "--") && argument.find('=') == argument.size() - 1) {
      argument.pop_back();
      arguments.emplace_back();
    }
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

// Names an argument that is no option. What may be a value stays out of the
// message, since it may be a password.
std::string UnexpectedArgument(const std::string& argument) {
  if (!absl::StartsWith(argument, "--") || argument.size() == 2) {
    return "an argument belongs to no option, expected --name VALUE (see --help)";
  }
  return absl::StrCat(ShownValue(argument.substr(0, argument.find('='))),
                      ": no such option, expected one that --help shows");
}

// What the command line says. `stop` is set when it asks for no more than a text
// or is wrong.
struct CommandLine {
  FoundOptions found;
  std::string config;
  bool check = false;
  std::optional<ParsedOptions> stop;
};

ParsedOptions BadOption(std::string message) {
  ParsedOptions result;
  result.error = std::move(message);
  result.exit_code = kExitBadOption;
  return result;
}

ParsedOptions PrintAndExit(std::string text) {
  ParsedOptions result;
  result.output = std::move(text);
  return result;
}

CommandLine ReadCommandLine(int argc, const char* const* argv) {
  CommandLine result;
  CLI::App app(kDescription, "wirepas-grpcd");
  app.formatter(std::make_shared<HelpFormatter>());
  app.footer(kFooter);
  app.allow_extras();
  app.set_help_flag("-h,--help", "Show this text and exit")->group("General");
  CLI::Option* version = app.add_flag("--version")->group("General");
  version->description("Show the version and exit");
  CLI::Option* check = app.add_flag("--check")->group("General");
  check->description("Check the options and the files that they name, and exit");
  CLI::Option* config =
      app.add_option("--config", result.config)->type_name("FILE")->group("General");
  config->description(absl::StrCat(
      "Read options from this file\n[default: none]\n[env: ", kConfigEnvironment, "]"));
  config->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  std::map<std::string, CLI::Option*> options;
  for (const OptionRow& row : OptionTable()) options[row.name] = AddOption(row, &app);

  try {
    app.parse(ReversedArguments(argc, argv));
  } catch (const CLI::CallForHelp&) {
    result.stop = PrintAndExit(app.help());
  } catch (const CLI::ArgumentMismatch& error) {
    // Its message has the option's name and no value.
    result.stop = BadOption(absl::StrCat(error.what(), ", expected a value"));
  } catch (const CLI::Error&) {
    result.stop = BadOption("the command line cannot be read, expected --name VALUE (see --help)");
  }
  if (result.stop.has_value()) return result;
  if (version->count() > 0) {
    result.stop = PrintAndExit("wirepas-grpcd " WIREPAS_GRPC_VERSION "\n");
  } else if (!app.remaining().empty()) {
    result.stop = BadOption(UnexpectedArgument(app.remaining().front()));
  }
  result.check = check->count() > 0;
  for (const auto& [name, option] : options) {
    if (option->count() > 0) result.found[name] = {option->results(), ""};
  }
  return result;
}

FoundOptions ReadEnvironment(const Environment& environment) {
  FoundOptions found;
  for (const OptionRow& row : OptionTable()) {
    std::string name = row.environment;
    std::optional<std::string> value = environment(name);
    if (value.value_or("").empty() && !row.alias.empty()) {
      name = AliasEnvironment(row);
      value = environment(name);
    }
    if (value.value_or("").empty()) continue;
    found[row.name] = {{*std::move(value)}, absl::StrCat(" (from ", name, ")")};
  }
  return found;
}

absl::StatusOr<FoundOptions> ReadFile(const std::string& path) {
  FoundOptions found;
  absl::StatusOr<std::string> text = ReadSmallFile(path, kMaxFileBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::vector<FileEntry>> entries = ParseOptionFile(*text);
  if (!entries.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(ShownValue(path), " ", entries.status().message()));
  }
  for (FileEntry& entry : *entries) {
    const std::string where = absl::StrCat(ShownValue(path), " line ", entry.line);
    const auto row =
        std::find_if(OptionTable().begin(), OptionTable().end(), [&](const OptionRow& r) {
          return entry.name == r.name || (!r.alias.empty() && entry.name == r.alias);
        });
    if (row == OptionTable().end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          where, ": ", ShownValue(entry.name), " is no option, expected one that --help shows"));
    }
    if (entry.values.empty() || (row->kind != OptionRow::Kind::kList && entry.values.size() > 1)) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": ", entry.name, " has ", entry.values.size(), " values, expected ",
                       row->kind == OptionRow::Kind::kList ? "at least one" : "one"));
    }
    found[row->name] = {std::move(entry.values), absl::StrCat(" (from ", where, ")")};
  }
  return found;
}

// Values as options, in the order of the table, so that the first wrong one of
// --help is the one that is told of.
absl::Status Apply(const FoundOptions& found, ServiceOptions* options) {
  for (const OptionRow& row : OptionTable()) {
    const auto it = found.find(row.name);
    if (it == found.end()) continue;
    if (absl::Status status = row.set(it->second.values, options); !status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", row.name, it->second.where, ": ", status.message()));
    }
  }
  return absl::OkStatus();
}

// `found` is all that was found, also of a command line that is wrong.
ParsedOptions Parse(int argc, const char* const* argv, const Environment& environment,
                    FoundOptions* found_out) {
  FoundOptions& found = *found_out;
  CommandLine command_line = ReadCommandLine(argc, argv);
  // insert() keeps what is there, so the stronger source goes first.
  found = std::move(command_line.found);
  for (auto& option : ReadEnvironment(environment)) found.insert(std::move(option));
  if (command_line.stop.has_value()) return *std::move(command_line.stop);

  std::string config = command_line.config;
  if (config.empty()) config = environment(kConfigEnvironment).value_or("");
  if (!config.empty()) {
    absl::StatusOr<FoundOptions> file = ReadFile(config);
    if (!file.ok()) return BadOption(absl::StrCat("--config: ", file.status().message()));
    for (auto& option : *file) found.insert(std::move(option));
  }

  ServiceOptions options;
  if (absl::Status status = Apply(found, &options); !status.ok()) {
    return BadOption(std::string(status.message()));
  }
  std::set<std::string> given;
  for (const auto& option : found) given.insert(option.first);
  if (absl::Status status = CompleteOptions(given, &options); !status.ok()) {
    return BadOption(std::string(status.message()));
  }
  ParsedOptions result;
  result.warnings = OptionWarnings(options);
  result.options = std::move(options);
  result.check_only = command_line.check;
  return result;
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

ParsedOptions ParseOptions(int argc, const char* const* argv, const Environment& environment) {
  FoundOptions found;
  ParsedOptions parsed = Parse(argc, argv, environment, &found);
  const auto format = found.find("log_format");
  parsed.json_error = format != found.end() && format->second.values.back() == "json";
  // Of a command line that cannot be read as a whole nothing is found.
  for (int i = 1; i < argc; ++i) {
    const absl::string_view argument = argv[i];
    const bool next = argument == "--log_format" && i + 1 < argc;
    parsed.json_error |=
        argument == "--log_format=json" || (next && absl::string_view(argv[i + 1]) == "json");
  }
  return parsed;
}

ServiceOptions ListeningOptions(const Environment& environment) {
  FoundOptions found = ReadEnvironment(environment);
  const std::string config = environment(kConfigEnvironment).value_or("");
  if (!config.empty()) {
    absl::StatusOr<FoundOptions> file = ReadFile(config);
    if (file.ok()) found.merge(*file);
  }
  ServiceOptions options;
  for (const OptionRow& row : OptionTable()) {
    const auto it = found.find(row.name);
    if (it == found.end() || (row.name != "listen" && row.name != "tls_cert")) continue;
    ServiceOptions with = options;
    if (row.set(it->second.values, &with).ok()) options = std::move(with);
  }
  return options;
}

}  // namespace wirepas_grpc::service
