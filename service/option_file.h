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

// Reads the part of TOML that options need. A line is empty, a comment (# or ;) or
// `name = value`. A value is "text" with the escapes \" \\ \n \r \t, 'text' without
// escapes, a list of values in brackets on the same line, or bare text. Bare text
// runs to the end of the line or to a comment after a blank; in a list also to a
// comma or the closing bracket.
//
// CLI11's own reader is not used: it takes what follows a # or a comma off a value
// even inside quotes, which silently changes passwords.
//
// An error names the line and shows nothing of its text, since that may be secret.
absl::StatusOr<std::vector<FileEntry>> ParseOptionFile(absl::string_view text);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_OPTION_FILE_H_
