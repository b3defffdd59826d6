// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_OPTION_FILE_H_
#define WIREPAS_GRPC_SERVICE_OPTION_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace wirepas_grpc::service {

// One `name = value` of an options file.
struct FileEntry {
  std::string name;
  std::vector<std::string> values;  // several when the value was a list
  int line = 0;                     // counted from 1
};

// Reads TOML 1.0 whose values are strings, integers, booleans or lists of these, in
// the order of the file, as text. A number is in decimal digits alone, with at most a minus:
// 0x1F and 1_000 are errors. Booleans become true or false.
//
// CLI11's own reader is not used: it takes what follows a # or a comma off a value
// even inside quotes, which silently changes passwords.
//
// An error names the line and shows no value, since that may be secret.
absl::StatusOr<std::vector<FileEntry>> ParseOptionFile(absl::string_view text);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_OPTION_FILE_H_
