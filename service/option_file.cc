// SPDX-License-Identifier: Apache-2.0
#include "service/option_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace wirepas_grpc::service {
namespace {

bool IsComment(char c) { return c == '#' || c == ';'; }

// Reads one line from left to right. Each method consumes what it reads.
class LineReader {
 public:
  explicit LineReader(absl::string_view line) : rest_(line) { SkipBlanks(); }

  bool AtEnd() const { return rest_.empty() || IsComment(rest_.front()); }

  bool Consume(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    SkipBlanks();
    return true;
  }

  std::string Name() {
    size_t size = 0;
    while (size < rest_.size() && (absl::ascii_isalnum(rest_[size]) || rest_[size] == '_')) ++size;
    return Take(size);
  }

  absl::StatusOr<std::vector<std::string>> Values() {
    std::vector<std::string> values;
    if (!Consume('[')) {
      absl::StatusOr<std::string> value = Value(/*in_list=*/false);
      if (!value.ok()) return value.status();
      values.push_back(*std::move(value));
      return values;
    }
    while (!Consume(']')) {
      if (AtEnd()) return Bad("the list does not end, expected ]");
      absl::StatusOr<std::string> value = Value(/*in_list=*/true);
      if (!value.ok()) return value.status();
      values.push_back(*std::move(value));
      if (!Consume(',') && !rest_.empty() && rest_.front() != ']') {
        return Bad("text after a value of the list, expected , or ]");
      }
    }
    return values;
  }

 private:
  static absl::Status Bad(absl::string_view what) { return absl::InvalidArgumentError(what); }

  void SkipBlanks() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }

  std::string Take(size_t size) {
    std::string taken(rest_.substr(0, size));
    rest_.remove_prefix(size);
    SkipBlanks();
    return taken;
  }

  absl::StatusOr<std::string> Value(bool in_list) {
    if (!rest_.empty() && rest_.front() == '"') return Escaped();
    if (!rest_.empty() && rest_.front() == '\'') return Literal();
    size_t size = 0;
    for (; size < rest_.size(); ++size) {
      const char c = rest_[size];
      if (in_list && (c == ',' || c == ']')) break;
      if (IsComment(c) && (size == 0 || absl::ascii_isspace(rest_[size - 1]))) break;
    }
    std::string text = Take(size);
    absl::StripTrailingAsciiWhitespace(&text);
    if (text.empty()) return Bad("no value, expected one, or '' for an empty one");
    return text;
  }

  absl::StatusOr<std::string> Literal() {
    const size_t end = rest_.find('\'', 1);
    if (end == absl::string_view::npos) return Bad("the quotes do not end, expected '");
    std::string text(rest_.substr(1, end - 1));
    Take(end + 1);
    return text;
  }

  absl::StatusOr<std::string> Escaped() {
    constexpr absl::string_view kEscapes = "\"\\nrt";
    constexpr absl::string_view kMeanings = "\"\\\n\r\t";
    std::string text;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        Take(i + 1);
        return text;
      }
      if (rest_[i] != '\\') {
        text += rest_[i];
        continue;
      }
      const size_t which = ++i < rest_.size() ? kEscapes.find(rest_[i]) : absl::string_view::npos;
      if (which == absl::string_view::npos) {
        return Bad("unknown escape after \\, expected one of \\\" \\\\ \\n \\r \\t");
      }
      text += kMeanings[which];
    }
    return Bad("the quotes do not end, expected \"");
  }

  absl::string_view rest_;
};

absl::StatusOr<FileEntry> ParseLine(LineReader* reader) {
  FileEntry entry;
  entry.name = reader->Name();
  if (entry.name.empty() || !reader->Consume('=')) {
    return absl::InvalidArgumentError("not an option, expected name = value");
  }
  auto values = reader->Values();
  if (!values.ok()) return values.status();
  entry.values = *std::move(values);
  if (!reader->AtEnd()) {
    return absl::InvalidArgumentError("text after the value, expected quotes around the whole");
  }
  return entry;
}

}  // namespace

absl::StatusOr<std::vector<FileEntry>> ParseOptionFile(absl::string_view text) {
  std::vector<FileEntry> entries;
  std::set<std::string> names;
  int line_number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++line_number;
    LineReader reader(absl::StripTrailingAsciiWhitespace(line));
    if (reader.AtEnd()) continue;
    absl::StatusOr<FileEntry> entry = ParseLine(&reader);
    absl::Status status = entry.status();
    if (status.ok() && !names.insert(entry->name).second) {
      status = absl::InvalidArgumentError(
          absl::StrCat(entry->name, " stands there twice, expected each option once"));
    }
    if (!status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("line ", line_number, ": ", status.message()));
    }
    entry->line = line_number;
    entries.push_back(*std::move(entry));
  }
  return entries;
}

}  // namespace wirepas_grpc::service
