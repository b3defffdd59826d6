// SPDX-License-Identifier: Apache-2.0
//
// App configs: what is decoded keeps its meaning when it is written back, and an edit
// does what it says and fits.
#include <algorithm>
#include <string>

#include "absl/strings/string_view.h"
#include "core/app_config/edit.h"
#include "core/app_config/tlv.h"
#include "tests/fuzz/fuzzer.h"

namespace {

using wirepas_grpc::core::AppConfigEdit;
using wirepas_grpc::core::DecodeTlv;
using wirepas_grpc::core::EditAppConfig;
using wirepas_grpc::core::EditedAppConfig;
using wirepas_grpc::core::EncodeTlv;
using wirepas_grpc::core::TlvEntry;

void CheckWrittenBack(absl::string_view data) {
  const auto entries = DecodeTlv(data);
  if (!entries.ok()) return;
  const auto encoded = EncodeTlv(*entries);
  FUZZ_CHECK(encoded.ok());
  FUZZ_CHECK(encoded->size() == TlvSize(*entries));
  FUZZ_CHECK(encoded->size() <= data.size());
  const auto again = DecodeTlv(*encoded);
  FUZZ_CHECK(again.ok());
  FUZZ_CHECK(*again == *entries);
}

// The first bytes say what to set and what to remove.
void CheckEdit(absl::string_view data) {
  if (data.size() < 4) return;
  AppConfigEdit edit;
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(data[at]); };
  const auto set_type = static_cast<uint16_t>(byte(0) | (byte(1) & 0x3) << 8);
  edit.set.push_back({set_type, std::string(byte(2) & 0x7F, 'v')});
  if (byte(3) != set_type) edit.remove.insert(byte(3));
  edit.override_non_tlv = (byte(1) & 0x80) != 0;
  const absl::string_view before = data.substr(4);
  const size_t max_size = wirepas_grpc::core::kMaxAppConfigSize;
  const EditedAppConfig edited = EditAppConfig(edit, before, max_size);
  if (!edited.status.ok()) {
    FUZZ_CHECK(!edited.data.has_value());
    return;
  }
  FUZZ_CHECK(edited.data.has_value() || edited.size_after == edited.size_before);
  if (!edited.data.has_value()) return;
  FUZZ_CHECK(edited.data->size() == edited.size_after);
  FUZZ_CHECK(edited.size_after <= max_size);
  const auto after = DecodeTlv(*edited.data);
  FUZZ_CHECK(after.ok());
  FUZZ_CHECK(std::count(after->begin(), after->end(), edit.set[0]) == 1);
  FUZZ_CHECK(std::none_of(after->begin(), after->end(),
                          [&](const TlvEntry& entry) { return edit.remove.contains(entry.type); }));
  // The same again has nothing to change.
  const EditedAppConfig again = EditAppConfig(edit, *edited.data, max_size);
  FUZZ_CHECK(again.status.ok() && !again.data.has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckWrittenBack(bytes);
  CheckEdit(bytes);
  return 0;
}
