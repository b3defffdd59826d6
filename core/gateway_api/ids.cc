// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/ids.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace wirepas_grpc::core {
namespace {

bool IsIdCharacter(char c) { return c >= 0x20 && c < 0x7f && c != '/' && c != '+' && c != '#'; }

}  // namespace

bool IsValidId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxIdLength &&
         std::all_of(id.begin(), id.end(), IsIdCharacter);
}

std::string Printable(absl::string_view text) {
  constexpr size_t kShown = 64;
  std::string shown = absl::CHexEscape(text.substr(0, kShown));
  if (text.size() > kShown) absl::StrAppend(&shown, "... (", text.size(), " bytes)");
  return shown;
}

absl::Status CheckId(absl::string_view field, absl::string_view id) {
  if (IsValidId(id)) return absl::OkStatus();
  if (id.empty()) return InvalidField(field, "missing");
  return InvalidField(
      field, absl::StrCat("'", Printable(id), "' is not an id: expected 1 to ", kMaxIdLength,
                          " printable ASCII characters without '/', '+' and '#'"));
}

}  // namespace wirepas_grpc::core
