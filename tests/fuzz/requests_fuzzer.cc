// SPDX-License-Identifier: Apache-2.0
//
// Requests of clients: whatever is in them, the parsers take it, or refuse it and name a field that
// the request has. The first byte says which request the others are.
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "api/call/errors.h"
#include "api/call/paging.h"
#include "api/call/validate.h"
#include "api/convert/app_config.h"
#include "api/convert/filter.h"
#include "api/convert/message.h"
#include "api/convert/node.h"
#include "api/convert/node_status.h"
#include "api/convert/scratchpad.h"
#include "api/convert/time.h"
#include "api/otap/load_plan.h"
#include "api/sinks/scope.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/stubs/logging.h"
#include "tests/fuzz/fuzzer.h"
#include "wirepas/mesh/v1/app_config_service.pb.h"
#include "wirepas/mesh/v1/network_service.pb.h"
#include "wirepas/mesh/v1/node_service.pb.h"
#include "wirepas/mesh/v1/otap_service.pb.h"

namespace wirepas_grpc::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Whether a message of the type has what the path names, as "scope.sinks[2].sink_id".
bool HasPath(const Descriptor* type, absl::string_view path) {
  for (const absl::string_view step : absl::StrSplit(path, '.')) {
    if (type == nullptr) return false;
    const size_t index = step.find('[');
    const FieldDescriptor* const field = type->FindFieldByName(std::string(step.substr(0, index)));
    if (field == nullptr) return false;
    if (index != absl::string_view::npos && !field->is_repeated()) return false;
    type = field->message_type();
  }
  return true;
}

void Check(const absl::Status& status, const Descriptor* request) {
  if (status.ok()) return;
  const std::string field = core::FieldOf(status);
  FUZZ_CHECK(absl::IsInvalidArgument(status));
  FUZZ_CHECK(core::ReasonOf(status) == core::Reason::kInvalidField);
  FUZZ_CHECK(HasPath(request, field));
  FUZZ_CHECK(absl::StartsWith(status.message(), absl::StrCat(field, ": ")));
  // What a client gets of it can be sent, whatever bytes the request had.
  mesh::CallError error;
  FUZZ_CHECK(error.ParseFromString(ToCallError(status, {}).SerializeAsString()));
  FUZZ_CHECK(!ToGrpcStatus(status).error_details().empty());
}

// A request of this type, if the bytes are one.
template <typename Request, typename Parse>
std::function<void(const std::string&)> Of(Parse parse) {
  return [parse](const std::string& bytes) {
    Request request;
    if (!request.ParseFromString(bytes)) return;
    for (const absl::Status& status : std::vector<absl::Status>(parse(&request))) {
      Check(status, Request::descriptor());
    }
  };
}

template <typename Request>
absl::Status PageOf(const Request& request) {
  return ParsePage(request.page_size(), request.page_token(), "a listing").status();
}

const std::vector<std::function<void(const std::string&)>>& Parsers() {
  using Statuses = std::vector<absl::Status>;
  static const auto* const parsers = new std::vector<std::function<void(const std::string&)>>{
      Of<mesh::SubscribeUplinkRequest>([](auto* request) {
        return Statuses{ToFilter(request->filter()).status(),
                        FromProto("from_time", request->from_time()).status()};
      }),
      Of<mesh::SubscribeDownlinkRequest>(
          [](auto* request) { return Statuses{ToFilter(request->filter()).status()}; }),
      Of<mesh::ListNodesRequest>([](auto* request) {
        return Statuses{ToFilter(request->filter()).status(), PageOf(*request),
                        FromProto("seen_since", request->seen_since()).status()};
      }),
      Of<mesh::ListNodeStatusRequest>([](auto* request) {
        return Statuses{ToFilter(request->filter()).status(), PageOf(*request)};
      }),
      Of<mesh::ListScratchpadsRequest>([](auto* request) {
        return Statuses{ParseScopeOf(*request).status(), PageOf(*request)};
      }),
      Of<mesh::UpdateAppConfigRequest>([](auto* request) {
        return Statuses{ParseScopeOf(*request).status(), ParseEdit(*request).status()};
      }),
      Of<mesh::SetLocalProvisioningRequest>(
          [](auto* request) { return Statuses{ParseEdit(*request).status()}; }),
      Of<mesh::LoadScratchpadRequest>(
          [](auto* request) { return Statuses{ParseLoadPlan(request).status()}; }),
      Of<mesh::SetTargetRequest>(
          [](auto* request) { return Statuses{ToGateway(request->target()).status()}; }),
      Of<mesh::SendMessageRequest>([](auto* request) {
        const auto name = ParseSinkName(request->sink().gateway_id(), request->sink().sink_id());
        return Statuses{InPart("sink", name.status()),
                        ToGateway("message", request->message()).status()};
      }),
  };
  return *parsers;
}

}  // namespace
}  // namespace wirepas_grpc::api

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Strings that are not UTF-8 are told of on standard error, each.
  [[maybe_unused]] static const bool silent = (google::protobuf::SetLogHandler(nullptr), true);
  const auto& parsers = wirepas_grpc::api::Parsers();
  if (size == 0 || data[0] >= parsers.size()) return 0;
  parsers[data[0]](std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
