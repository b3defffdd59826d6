// SPDX-License-Identifier: Apache-2.0
//
// Topics: what is taken apart has ids that are ids, and one that could be published on
// is made of its parts again.
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "core/gateway_api/ids.h"
#include "core/gateway_api/topics.h"
#include "tests/fuzz/fuzzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace core = wirepas_grpc::core;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto topic = core::ParseTopic(text);
  core::Printable(text);
  if (!topic.ok()) return 0;
  FUZZ_CHECK(core::IsValidId(topic->gateway_id));
  FUZZ_CHECK(topic->sink_id.empty() || core::IsValidId(topic->sink_id));
  FUZZ_CHECK(!topic->source_endpoint.has_value() || *topic->source_endpoint <= 255);
  FUZZ_CHECK(!topic->destination_endpoint.has_value() || *topic->destination_endpoint <= 255);
  const auto gateway = core::GatewayId::Parse(topic->gateway_id);
  FUZZ_CHECK(gateway.ok());
  if (topic->type == core::Topic::Type::kStatus) FUZZ_CHECK(core::StatusTopic(*gateway) == text);
  if (topic->type == core::Topic::Type::kRequest) {
    std::optional<core::SinkId> sink;
    if (!topic->sink_id.empty()) sink = *core::SinkId::Parse(topic->sink_id);
    FUZZ_CHECK(core::RequestTopic(topic->request_kind, *gateway, sink ? &*sink : nullptr) == text);
  }
  return 0;
}
