// SPDX-License-Identifier: Apache-2.0
//
// Scratchpad files that clients hand in: a file is taken with the checksum of what it
// holds, or as one without a header, or refused.
#include "absl/strings/string_view.h"
#include "core/otap/scratchpad_file.h"
#include "tests/fuzz/fuzzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace core = wirepas_grpc::core;
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto file = core::ReadScratchpadFile(bytes);
  if (!file.ok()) return 0;
  FUZZ_CHECK(file->size == size);
  if (file->crc.has_value()) {
    FUZZ_CHECK(size >= 32);
    FUZZ_CHECK(*file->crc == core::ScratchpadCrc(bytes.substr(32)));
  }
  return 0;
}
