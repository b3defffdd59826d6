// SPDX-License-Identifier: Apache-2.0
#include "service/reference/completion.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace wirepas_grpc::service::reference {
namespace {

using Value = ShownOption::Value;

constexpr char kHeader[] =
    "# SPDX-License-Identifier: Apache-2.0\n"
    "# Completion of wirepas-grpcd, made by the build.\n";

std::vector<std::string> AllNames(const ShownOption& option) {
  std::vector<std::string> names = option.names;
  names.insert(names.end(), option.negations.begin(), option.negations.end());
  return names;
}

// ---- bash

std::string BashAction(const ShownOption& option) {
  switch (option.value) {
    case Value::kFile:
      return "compopt -o default";
    case Value::kDirectory:
      return "compopt -o dirnames";
    case Value::kHost:
      return "mapfile -t COMPREPLY < <(compgen -A hostname -- \"$word\")";
    case Value::kGroup:
      return "mapfile -t COMPREPLY < <(compgen -A group -- \"$word\")";
    case Value::kNone:
    case Value::kWord:
      return absl::StrCat("mapfile -t COMPREPLY < <(compgen -W \"",
                          absl::StrJoin(option.words, " "), "\" -- \"$word\")");
    case Value::kOther:
      break;
  }
  return ":";
}

// The branch of a `case` for the option's value. A switch has one only behind a `=`.
std::string BashCase(const std::string& command, const ShownOption& option) {
  if (option.value == Value::kNone && option.words.empty()) return "";
  std::vector<std::string> patterns;
  for (const std::string& name : option.names) {
    patterns.push_back(absl::StrCat("\"", command, " ", name, "=\""));
    if (option.value == Value::kNone) continue;
    patterns.push_back(absl::StrCat("\"", command, " ", name, "\""));
  }
  return absl::StrCat("    ", absl::StrJoin(patterns, " | "), ")\n      ", BashAction(option),
                      "\n      return ;;\n");
}

std::string BashNames(const std::vector<ShownOption>& options) {
  return absl::StrJoin(options, " ", [](std::string* out, const ShownOption& option) {
    absl::StrAppend(out, absl::StrJoin(AllNames(option), " "));
  });
}

constexpr char kBashStart[] = R"(_wirepas_grpcd() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} equals="" command=service
  COMPREPLY=()
  [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} == health ]] && command=health
  # The shell takes --name=value for three words.
  if [[ $word == "=" ]]; then
    word="" equals="="
  elif [[ $before == "=" ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]} equals="="
  fi
  case "$command $before$equals" in
)";

// ---- zsh

std::string ZshQuoted(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

std::string ZshAction(const ShownOption& option) {
  switch (option.value) {
    case Value::kFile:
      return "_files";
    case Value::kDirectory:
      return "_files -/";
    case Value::kHost:
      return "_hosts";
    case Value::kGroup:
      return "_groups";
    case Value::kWord:
      return absl::StrCat("(", absl::StrJoin(option.words, " "), ")");
    case Value::kNone:
    case Value::kOther:
      break;
  }
  return " ";
}

// One argument of _arguments for each name.
std::string ZshSpecifications(const ShownOption& option) {
  const std::string help =
      absl::StrReplaceAll(ShortHelp(option), {{"\\", "\\\\"}, {"[", "\\["}, {"]", "\\]"}});
  const bool is_switch = option.value == Value::kNone;
  const std::string message = absl::StrReplaceAll(option.placeholder, {{":", "\\:"}});
  std::string specifications;
  for (const std::string& name : AllNames(option)) {
    std::string specification =
        absl::StrCat(option.repeated ? "*" : "", name, is_switch ? "" : "=", "[", help, "]");
    if (!is_switch) absl::StrAppend(&specification, ":", message, ":", ZshAction(option));
    absl::StrAppend(&specifications, "      ", ZshQuoted(specification), " \\\n");
  }
  return specifications;
}

std::string ZshArguments(const std::vector<ShownOption>& options) {
  return absl::StrJoin(options, "", [](std::string* out, const ShownOption& option) {
    absl::StrAppend(out, ZshSpecifications(option));
  });
}

// ---- fish

std::string FishQuoted(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

std::string FishAction(const ShownOption& option) {
  switch (option.value) {
    case Value::kFile:
      return " -r -F";
    case Value::kDirectory:
      return " -x -a '(__fish_complete_directories (commandline -ct))'";
    case Value::kHost:
      return " -x -a '(__fish_print_hostnames)'";
    case Value::kGroup:
      return " -x -a '(__fish_complete_groups)'";
    case Value::kWord:
      return absl::StrCat(" -x -a ", FishQuoted(absl::StrJoin(option.words, " ")));
    case Value::kOther:
      return " -x";
    case Value::kNone:
      break;
  }
  return "";
}

std::string FishLines(absl::string_view condition, const std::vector<ShownOption>& options) {
  std::string lines;
  for (const ShownOption& option : options) {
    for (const std::string& name : AllNames(option)) {
      const bool is_long = absl::StartsWith(name, "--");
      absl::StrAppend(&lines, "complete -c wirepas-grpcd -n '", condition, "' ",
                      is_long ? "-l " : "-s ", name.substr(is_long ? 2 : 1), FishAction(option),
                      " -d ", FishQuoted(ShortHelp(option)), "\n");
    }
  }
  return lines;
}

}  // namespace

std::string BashCompletion(const std::vector<ShownOption>& service,
                           const std::vector<ShownOption>& health) {
  std::string text = absl::StrCat(kHeader, kBashStart);
  for (const ShownOption& option : service) absl::StrAppend(&text, BashCase("service", option));
  for (const ShownOption& option : health) absl::StrAppend(&text, BashCase("health", option));
  absl::StrAppend(&text, "  esac\n  [[ -z $equals ]] || return\n", "  local names=\"",
                  BashNames(service), "\"\n",
                  "  [[ $COMP_CWORD -gt 1 ]] || names=\"health $names\"\n",
                  "  [[ $command == service ]] || names=\"", BashNames(health), "\"\n",
                  "  mapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$word\")\n}\n",
                  "complete -F _wirepas_grpcd wirepas-grpcd\n");
  return text;
}

std::string ZshCompletion(const std::vector<ShownOption>& service,
                          const std::vector<ShownOption>& health) {
  return absl::StrCat(
      "#compdef wirepas-grpcd\n", kHeader, "\n_wirepas_grpcd() {\n",
      "  if (( CURRENT > 2 )) && [[ ${words[2]} == health ]]; then\n",
      "    shift words\n    (( CURRENT-- ))\n    _arguments \\\n", ZshArguments(health),
      "      '1:ADDRESS:_hosts'\n    return\n  fi\n  _arguments \\\n", ZshArguments(service),
      "      '1::command:((health\\:\"Ask a running service how it is\"))'\n}\n\n",
      "_wirepas_grpcd \"$@\"\n");
}

std::string FishCompletion(const std::vector<ShownOption>& service,
                           const std::vector<ShownOption>& health) {
  return absl::StrCat(kHeader, "complete -c wirepas-grpcd -f\n",
                      "complete -c wirepas-grpcd -n '__fish_is_first_arg' -a health",
                      " -d 'Ask a running service how it is'\n",
                      FishLines("not __fish_seen_subcommand_from health", service),
                      FishLines("__fish_seen_subcommand_from health", health));
}

}  // namespace wirepas_grpc::service::reference
