// SPDX-License-Identifier: Apache-2.0
#include "api/sinks/sink_page.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "api/call/errors.h"

namespace wirepas_grpc::api {
namespace {

// A key is both ids, with what neither can have in between.
constexpr char kSeparator = '/';

}  // namespace

bool SinkPage::IsBehind(absl::string_view gateway_id, absl::string_view sink_id) const {
  return page.first ||
         std::tuple(gateway_id, sink_id) >
             std::tuple<absl::string_view, absl::string_view>(after_gateway, after_sink);
}

std::string SinkPage::NextToken(absl::string_view gateway_id, absl::string_view sink_id) const {
  return page.NextToken(absl::StrCat(gateway_id, std::string(1, kSeparator), sink_id));
}

void SinkPage::DropBefore(std::vector<core::ScopedSink>* sinks) const {
  const auto first =
      std::find_if(sinks->begin(), sinks->end(), [this](const core::ScopedSink& sink) {
        return IsBehind(sink.path.gateway.value(), sink.path.sink.value());
      });
  sinks->erase(sinks->begin(), first);
}

absl::StatusOr<SinkPage> ParseSinkPage(int32_t page_size, absl::string_view page_token,
                                       absl::string_view listing) {
  absl::StatusOr<Page> page = ParsePage(page_size, page_token, listing);
  if (!page.ok()) return page.status();
  SinkPage result;
  result.page = *std::move(page);
  if (result.page.first) return result;
  const size_t separator = result.page.after.find(kSeparator);
  if (separator == std::string::npos) {
    return InvalidField("page_token", "not a token that this service gave");
  }
  result.after_gateway = result.page.after.substr(0, separator);
  result.after_sink = result.page.after.substr(separator + 1);
  return result;
}

}  // namespace wirepas_grpc::api
