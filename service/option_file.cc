// SPDX-License-Identifier: Apache-2.0
#include "service/option_file.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "service/option_values.h"
#include "toml++/toml.h"

namespace wirepas_grpc::service {
namespace {

absl::Status BadLine(int64_t line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
}

// The library's description quotes characters of the file, which may be a secret's:
// only what it says of the place is used.
absl::string_view WhatIsExpected(absl::string_view description) {
  const auto is_in = [&](absl::string_view place) {
    return absl::StartsWith(description, absl::StrCat("Error while parsing ", place, ":"));
  };
  if (absl::StrContains(description, "cannot redefine existing")) {
    return "a name stands there twice, expected each option once";
  }
  if (is_in("string") || is_in("literal string")) {
    return "text that ends without its quotes or has a wrong escape, expected \"text\", or 'text' "
           "if there are \\ in it";
  }
  if (is_in("array")) return "a list that is wrong, expected [\"text\", \"text\"]";
  return "not an option, expected name = value, with quotes around text";
}

// The value as it would be written on the command line, if it is of a kind that can be. A
// number has to stand there in just these digits: who leaves out the quotes of a password
// like 0x1F or 12_34 does not mean the number.
std::optional<std::string> AsText(const toml::node& value) {
  if (const auto* text = value.as_string()) return text->get();
  if (const auto* number = value.as_integer()) {
    const std::string digits = absl::StrCat(number->get());
    const toml::source_region& source = value.source();
    const bool as_written = number->flags() == toml::value_flags::none &&
                            source.end.column - source.begin.column == digits.size();
    return as_written ? std::optional<std::string>(digits) : std::nullopt;
  }
  if (const auto* truth = value.as_boolean()) return truth->get() ? "true" : "false";
  return std::nullopt;
}

std::optional<std::vector<std::string>> AsTexts(const toml::node& value) {
  std::vector<std::string> texts;
  const auto add = [&](const toml::node& one) {
    std::optional<std::string> text = AsText(one);
    if (text.has_value()) texts.push_back(*std::move(text));
    return text.has_value();
  };
  const toml::array* list = value.as_array();
  const bool all = list == nullptr ? add(value) : std::all_of(list->begin(), list->end(), add);
  if (!all) return std::nullopt;
  return texts;
}

}  // namespace

absl::StatusOr<std::vector<FileEntry>> ParseOptionFile(absl::string_view text) {
  toml::table table;
  try {
    table = toml::parse(std::string_view(text.data(), text.size()));
  } catch (const toml::parse_error& error) {
    return BadLine(error.source().begin.line, WhatIsExpected(std::string(error.description())));
  }

  // The table is sorted by name; what is told of is the first that is wrong in the file.
  std::multimap<int, std::pair<std::string, const toml::node*>> by_line;
  for (const auto& [key, value] : table) {
    by_line.emplace(key.source().begin.line, std::pair(std::string(key.str()), &value));
  }
  std::vector<FileEntry> entries;
  for (const auto& [line, named] : by_line) {
    const auto& [name, value] = named;
    std::optional<std::vector<std::string>> values = AsTexts(*value);
    if (!values.has_value()) {
      return BadLine(line, absl::StrCat(ShownValue(name), " has a value of the wrong kind, ",
                                        "expected text in quotes, a number in digits alone, true, ",
                                        "false or a list of these"));
    }
    entries.push_back({name, *std::move(values), line});
  }
  return entries;
}

}  // namespace wirepas_grpc::service
