// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_OPTION_VALUES_H_
#define WIREPAS_GRPC_SERVICE_OPTION_VALUES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace wirepas_grpc::service {

// Text to values. The message of an error is meant to follow the option's name
// and a colon: "99999 is not a port, expected 1..65535".

// `text` as a message may show it: on one line, with escapes for what cannot be
// printed, shortened, and '' when empty.
std::string ShownValue(absl::string_view text);

// A decimal number in min..max. `noun` completes "99999 is not ...".
absl::StatusOr<int64_t> ParseNumber(absl::string_view text, int64_t min, int64_t max,
                                    absl::string_view noun = "a number in range");

// A size in bytes in min..max: a number and, optionally, B, KiB, MiB, GiB, kB, MB or GB.
absl::StatusOr<int64_t> ParseByteSize(absl::string_view text, int64_t min, int64_t max);

// A size as ParseByteSize() reads it, with the largest unit that divides it.
std::string FormatByteSize(int64_t bytes);

// A finite duration in min..max, such as 500ms, 10s or 1m30s.
absl::StatusOr<absl::Duration> ParseDurationIn(absl::string_view text, absl::Duration min,
                                               absl::Duration max);

// true, yes, on, 1 or false, no, off, 0; in any case.
absl::StatusOr<bool> ParseSwitch(absl::string_view text);

// The name or address of a host. Takes the brackets off an IPv6 address.
absl::StatusOr<std::string> ParseHost(absl::string_view text);

// host:port or [ipv6]:port, port 0..65535.
absl::StatusOr<std::string> ParseHostPort(absl::string_view text);

// As ParseHostPort(), and unix:/path.
absl::StatusOr<std::string> ParseListenAddress(absl::string_view text);

// Whether an address, as ParseListenAddress() gives it, is reached from this
// machine alone.
bool IsLocalAddress(absl::string_view address);

// Permissions of a file, as chmod takes them: octal, 0..777.
absl::StatusOr<int> ParseFileMode(absl::string_view text);

// The text if it can stand in an MQTT string: UTF-8 without control characters,
// at most 65535 bytes.
absl::StatusOr<std::string> ParseMqttText(absl::string_view text);

// OK if the file can be opened and is no directory.
absl::Status CheckReadable(const std::string& path);

// What the file holds. Fails when it holds more than `max_bytes`.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t max_bytes);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_OPTION_VALUES_H_
