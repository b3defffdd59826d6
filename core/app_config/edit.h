// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_APP_CONFIG_EDIT_H_
#define WIREPAS_GRPC_CORE_APP_CONFIG_EDIT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/app_config/tlv.h"
#include "core/directory/directory.h"

namespace wirepas_grpc::core {

// What to change in app configs. No type is twice in it, no value too long.
struct AppConfigEdit {
  TlvEntries set = {};
  std::set<uint16_t> remove = {};
  // An app config that is not in TLV form is replaced by `set` alone.
  bool override_non_tlv = false;
};

// The entry that says whether nodes of a network may let new ones in.
inline constexpr uint16_t kLocalProvisioningType = 0xC4;
inline constexpr size_t kProvisioningKeyIdSize = 4;
inline constexpr size_t kProvisioningKeySize = 32;
// The values of the entry: off; on, with the key that nodes have from the factory; on,
// with a key of the sizes above.
std::string LocalProvisioningOff();
std::string LocalProvisioningWithFactoryKey();
std::string LocalProvisioningWithKey(absl::string_view key_id, absl::string_view key);

// What an edit makes of the data of one app config.
struct EditedAppConfig {
  // FAILED_PRECONDITION: the data is not in TLV form and not to be overridden.
  // RESOURCE_EXHAUSTED: what it becomes is too long.
  absl::Status status;
  size_t size_before = 0;           // of TLV form, that of the entries alone
  size_t size_after = 0;            // the same as before when nothing changes
  std::optional<std::string> data;  // nothing: it stays as it is
};

// Entries to remove go, entries to set replace those of their types in their places or
// come behind the last. When that changes nothing the data stays, even if it is in
// another form than EncodeTlv() makes, or too long. No data at all is an app config
// without entries. Data that is not in TLV form has none of the entries to remove.
EditedAppConfig EditAppConfig(const AppConfigEdit& edit, absl::string_view data, size_t max_size);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_APP_CONFIG_EDIT_H_
