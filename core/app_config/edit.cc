// SPDX-License-Identifier: Apache-2.0
#include "core/app_config/edit.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace wirepas_grpc::core {
namespace {

// Whether it changed anything.
bool Change(const AppConfigEdit& edit, TlvEntries* entries) {
  bool changed = std::erase_if(*entries, [&](const TlvEntry& entry) {
                   return edit.remove.contains(entry.type);
                 }) > 0;
  for (const TlvEntry& wanted : edit.set) {
    const auto present = std::find_if(entries->begin(), entries->end(), [&](const TlvEntry& entry) {
      return entry.type == wanted.type;
    });
    if (present == entries->end()) {
      entries->push_back(wanted);
      changed = true;
    } else if (present->value != wanted.value) {
      present->value = wanted.value;
      changed = true;
    }
  }
  return changed;
}

}  // namespace

std::string LocalProvisioningOff() { return std::string(1, '\x00'); }
std::string LocalProvisioningWithFactoryKey() { return std::string(1, '\x01'); }
std::string LocalProvisioningWithKey(absl::string_view key_id, absl::string_view key) {
  return absl::StrCat("\x02", key_id, key);
}

EditedAppConfig EditAppConfig(const AppConfigEdit& edit, absl::string_view data, size_t max_size) {
  EditedAppConfig result;
  TlvEntries entries;
  absl::StatusOr<TlvEntries> decoded = DecodeTlv(data);
  if (decoded.ok()) {
    entries = *std::move(decoded);
    result.size_before = TlvSize(entries);
  } else {
    result.size_before = data.size();
    if (!data.empty() && !edit.override_non_tlv) {
      result.size_after = result.size_before;
      result.status =
          WithReason(absl::FailedPreconditionError(absl::StrCat(
                         "the app config is not in TLV form: ", decoded.status().message())),
                     Reason::kAppConfigNotTlv);
      return result;
    }
  }
  result.size_after = result.size_before;
  if (!Change(edit, &entries)) return result;
  result.size_after = TlvSize(entries);
  if (result.size_after > max_size) {
    result.status = WithReason(
        absl::ResourceExhaustedError(absl::StrCat("the app config would have ", result.size_after,
                                                  " bytes, ", max_size, " are possible")),
        Reason::kAppConfigTooLarge);
    return result;
  }
  absl::StatusOr<std::string> encoded = EncodeTlv(entries);
  if (encoded.ok()) {
    result.data = *std::move(encoded);
  } else {
    result.status = WithReason(encoded.status(), Reason::kAppConfigTooLarge);
  }
  return result;
}

}  // namespace wirepas_grpc::core
