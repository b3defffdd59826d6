// SPDX-License-Identifier: Apache-2.0
#include "core/storage/format_file.h"

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/storage/folder.h"

namespace wirepas_grpc::core {
namespace {

constexpr char kFile[] = "format";
constexpr char kNewFile[] = "format.tmp";

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  // More than any version writes.
  std::string text(256, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

std::string Text(int format, const std::string& version) {
  return absl::StrCat("format ", format, "\nformat ", format, "\nversion ", version, "\n");
}

}  // namespace

absl::Status CheckFormatFile(const std::string& folder, int known, const std::string& version) {
  const std::vector<std::string> lines = absl::StrSplit(Read(PathIn(folder, kFile)), '\n');
  if (lines.size() < 3 || lines[0] != lines[1]) return absl::OkStatus();
  absl::string_view number = lines[0];
  int format = 0;
  if (!absl::ConsumePrefix(&number, "format ") || !absl::SimpleAtoi(number, &format) ||
      format <= known) {
    return absl::OkStatus();
  }
  absl::string_view writer = lines[2];
  if (!absl::ConsumePrefix(&writer, "version ")) writer = "?";
  return absl::FailedPreconditionError(
      absl::StrCat("state folder ", folder, ": written by version ", absl::CHexEscape(writer),
                   " in format ", format, ", which this version, ", version,
                   ", does not know: run that version, or give this one a folder of its own"));
}

absl::Status WriteFormatFile(const std::string& folder, int format, const std::string& version) {
  const std::string text = Text(format, version);
  const std::string path = PathIn(folder, kFile);
  if (Read(path) == text) return absl::OkStatus();
  const std::string new_path = PathIn(folder, kNewFile);
  std::ofstream file(new_path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) {
    return absl::UnavailableError(absl::StrCat(new_path, " cannot be written"));
  }
  absl::Status status = SyncFiles(folder, kNewFile);
  if (!status.ok()) return status;
  if (std::rename(new_path.c_str(), path.c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat(path, " cannot be written"));
  }
  return SyncFiles(folder, kFile);
}

}  // namespace wirepas_grpc::core
