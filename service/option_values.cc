// SPDX-License-Identifier: Apache-2.0
#include "service/option_values.h"

#include <arpa/inet.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"

namespace wirepas_grpc::service {
namespace {

struct ByteUnit {
  absl::string_view suffix;
  int64_t bytes;
};

// The first that divides a size is the one it is shown in.
constexpr ByteUnit kByteUnits[] = {
    {"GiB", int64_t{1} << 30},
    {"MiB", int64_t{1} << 20},
    {"KiB", int64_t{1} << 10},
    {"GB", 1'000'000'000},
    {"MB", 1'000'000},
    {"kB", 1'000},
    {"B", 1},
};

absl::Status Bad(absl::string_view text, absl::string_view what_is_wrong) {
  return absl::InvalidArgumentError(absl::StrCat(ShownValue(text), " ", what_is_wrong));
}

bool AllDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

bool IsIpv6(const std::string& text) {
  in6_addr address;
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

// Letters, digits, '-', '_' and '.', as in every name that DNS or /etc/hosts gives,
// or an IPv4 address. A name whose last part is a number can only be an address.
bool IsHostName(absl::string_view text) {
  if (text.empty() || text.size() > 253 || text.front() == '-' || text.front() == '.') return false;
  const bool known_characters = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
  });
  if (!known_characters) return false;
  in_addr address;
  return !AllDigits(text.substr(text.rfind('.') + 1)) ||
         inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

bool IsUtf8(absl::string_view text) {
  try {
    nlohmann::json(std::string(text)).dump();
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

absl::StatusOr<std::string> ParseAddress(absl::string_view text, absl::string_view forms) {
  const size_t colon = text.rfind(':');
  const absl::string_view host_text = text.substr(0, std::min(colon, text.size()));
  absl::StatusOr<std::string> host = ParseHost(host_text);
  const bool is_ipv6 = host.ok() && IsIpv6(*host);
  // Without brackets the end of an IPv6 address looks like a port.
  if (colon == absl::string_view::npos || !host.ok() ||
      (is_ipv6 && !absl::StartsWith(host_text, "["))) {
    return Bad(text, absl::StrCat("is not an address, expected ", forms));
  }
  absl::StatusOr<int64_t> port = ParseNumber(text.substr(colon + 1), 0, 65535);
  if (!port.ok()) return Bad(text, "does not end in a port, expected 0..65535");
  return is_ipv6 ? absl::StrCat("[", *host, "]:", *port) : absl::StrCat(*host, ":", *port);
}

absl::Status FileError(const std::string& path, int error) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot read ", ShownValue(path), ": ", std::strerror(error)));
}

}  // namespace

std::string ShownValue(absl::string_view text) {
  constexpr size_t kMaxShown = 100;
  if (text.empty()) return "''";
  std::string shown = IsUtf8(text) ? absl::Utf8SafeCHexEscape(text) : absl::CHexEscape(text);
  if (shown.size() > kMaxShown) {
    // Not in the middle of a character.
    size_t end = kMaxShown;
    while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0) == 0x80) --end;
    shown.resize(end);
    absl::StrAppend(&shown, "…");
  }
  return shown;
}

absl::StatusOr<int64_t> ParseNumber(absl::string_view text, int64_t min, int64_t max,
                                    absl::string_view noun) {
  int64_t value = 0;
  if (!AllDigits(text) || !absl::SimpleAtoi(text, &value) || value < min || value > max) {
    return Bad(text, absl::StrCat("is not ", noun, ", expected ", min, "..", max));
  }
  return value;
}

absl::StatusOr<int64_t> ParseByteSize(absl::string_view text, int64_t min, int64_t max) {
  const std::string expected =
      absl::StrCat(", expected ", FormatByteSize(min), "..", FormatByteSize(max));
  absl::string_view digits = text;
  int64_t unit = 1;
  for (const ByteUnit& candidate : kByteUnits) {
    if (absl::EndsWithIgnoreCase(text, candidate.suffix)) {
      unit = candidate.bytes;
      digits.remove_suffix(candidate.suffix.size());
      break;
    }
  }
  int64_t count = 0;
  if (!AllDigits(digits) || !absl::SimpleAtoi(digits, &count)) {
    return Bad(text, absl::StrCat("is not a size such as 64MiB", expected));
  }
  if (count > std::numeric_limits<int64_t>::max() / unit || count * unit < min ||
      count * unit > max) {
    return Bad(text, absl::StrCat("is out of range", expected));
  }
  return count * unit;
}

std::string FormatByteSize(int64_t bytes) {
  for (const ByteUnit& unit : kByteUnits) {
    if (bytes != 0 && bytes % unit.bytes == 0) return absl::StrCat(bytes / unit.bytes, unit.suffix);
  }
  return absl::StrCat(bytes, "B");
}

absl::StatusOr<absl::Duration> ParseDurationIn(absl::string_view text, absl::Duration min,
                                               absl::Duration max) {
  const std::string expected =
      absl::StrCat(", expected ", absl::FormatDuration(min), "..", absl::FormatDuration(max));
  absl::Duration value;
  if (!absl::ParseDuration(text, &value)) {
    return Bad(text, absl::StrCat("is not a duration such as 500ms, 10s or 2m", expected));
  }
  if (value < min || value > max) return Bad(text, absl::StrCat("is out of range", expected));
  return value;
}

absl::StatusOr<bool> ParseSwitch(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  for (const char* word : {"true", "yes", "on", "1"}) {
    if (lower == word) return true;
  }
  for (const char* word : {"false", "no", "off", "0"}) {
    if (lower == word) return false;
  }
  return Bad(text, "is not a switch, expected true or false");
}

absl::StatusOr<std::string> ParseHost(absl::string_view text) {
  absl::string_view bare = text;
  if (absl::ConsumePrefix(&bare, "[") && !absl::ConsumeSuffix(&bare, "]")) bare = "";
  std::string host(bare);
  if (IsIpv6(host) || (bare.size() == text.size() && IsHostName(bare))) return host;
  return Bad(text, "is not a host, expected a name or an address, without scheme and port");
}

absl::StatusOr<std::string> ParseHostPort(absl::string_view text) {
  return ParseAddress(text, "host:port or [ipv6]:port");
}

absl::StatusOr<std::string> ParseListenAddress(absl::string_view text) {
  absl::string_view path = text;
  if (!absl::ConsumePrefix(&path, "unix:")) {
    return ParseAddress(text, "host:port, [ipv6]:port or unix:/path");
  }
  // unix:///path is the same address in the other spelling that gRPC knows.
  if (absl::StartsWith(path, "///")) path.remove_prefix(2);
  constexpr size_t kMaxPath = sizeof(sockaddr_un{}.sun_path) - 1;
  if (path.size() < 2 || path[0] != '/' || path[1] == '/' || path.size() > kMaxPath ||
      path.find('\0') != absl::string_view::npos) {
    return Bad(
        text, absl::StrCat("is not a socket, expected unix:/path of at most ", kMaxPath, " bytes"));
  }
  return absl::StrCat("unix:", path);
}

bool IsLocalAddress(absl::string_view address) {
  return absl::StartsWith(address, "unix:") || absl::StartsWith(address, "127.") ||
         absl::StartsWith(address, "[::1]:") || absl::StartsWith(address, "localhost:");
}

absl::StatusOr<int> ParseFileMode(absl::string_view text) {
  const bool octal =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c < '8'; });
  if (text.size() < 3 || text.size() > 4 || !octal || (text.size() == 4 && text[0] != '0')) {
    return Bad(text, "is not a file mode, expected one such as 0660");
  }
  int mode = 0;
  for (const char c : text) mode = 8 * mode + (c - '0');
  return mode;
}

absl::StatusOr<std::string> ParseMqttText(absl::string_view text) {
  if (text.size() > 65535 || !IsUtf8(text) ||
      std::any_of(text.begin(), text.end(), absl::ascii_iscntrl)) {
    return Bad(text, "cannot be sent over MQTT, expected UTF-8 without control characters");
  }
  return std::string(text);
}

absl::Status CheckReadable(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return FileError(path, errno);
  if (S_ISDIR(info.st_mode)) return FileError(path, EISDIR);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return FileError(path, errno != 0 ? errno : EACCES);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t max_bytes) {
  if (absl::Status status = CheckReadable(path); !status.ok()) return status;
  std::ifstream file(path, std::ios::binary);
  std::string content(max_bytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad()) return FileError(path, EIO);
  content.resize(static_cast<size_t>(file.gcount()));
  if (content.size() > max_bytes) {
    return Bad(path, absl::StrCat("is too large, expected at most ",
                                  FormatByteSize(static_cast<int64_t>(max_bytes))));
  }
  return content;
}

}  // namespace wirepas_grpc::service
