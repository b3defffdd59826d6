// SPDX-License-Identifier: Apache-2.0
//
// Messages of gateways and backends: what Decode() says is good is whole, and comes
// through Encode() unchanged.
#include <string>

#include "absl/strings/string_view.h"
#include "core/gateway_api/codec.h"
#include "google/protobuf/stubs/logging.h"
#include "tests/fuzz/fuzzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace core = wirepas_grpc::core;
  // A line for each broken message would be all that one sees.
  static const google::protobuf::LogSilencer silence;
  core::gw::GenericMessage message;
  const absl::string_view payload(reinterpret_cast<const char*>(data), size);
  if (core::Decode(payload, &message) != core::DropReason::kNone) return 0;
  FUZZ_CHECK(message.IsInitialized());
  FUZZ_CHECK(message.has_wirepas());
  core::FindResponseHeader(message.wirepas());
  const std::string encoded = core::Encode(message.wirepas());
  core::gw::GenericMessage again;
  FUZZ_CHECK(core::Decode(encoded, &again) == core::DropReason::kNone);
  FUZZ_CHECK(core::Encode(again.wirepas()) == encoded);
  core::MutableRequestHeader(message.mutable_wirepas());
  return 0;
}
