// SPDX-License-Identifier: Apache-2.0
//
// Listings by sink, a page at a time.
#ifndef WIREPAS_GRPC_API_SINKS_SINK_PAGE_H_
#define WIREPAS_GRPC_API_SINKS_SINK_PAGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "api/call/paging.h"
#include "core/directory/sink_scope.h"

namespace wirepas_grpc::api {

// A page of a listing that is sorted by gateway, then sink.
struct SinkPage {
  Page page;
  std::string after_gateway;  // unless page.first: the page starts behind this sink
  std::string after_sink;

  bool IsBehind(absl::string_view gateway_id, absl::string_view sink_id) const;
  // What asks for the page behind this sink.
  std::string NextToken(absl::string_view gateway_id, absl::string_view sink_id) const;
  // Drops the sinks before the page. They are sorted.
  void DropBefore(std::vector<core::ScopedSink>* sinks) const;
};

// `listing` as ParsePage() has it, which tells the errors.
absl::StatusOr<SinkPage> ParseSinkPage(int32_t page_size, absl::string_view page_token,
                                       absl::string_view listing);

// The page that the request of `rpc` asks for.
template <typename Request>
absl::StatusOr<SinkPage> ParseSinkPageOf(absl::string_view rpc, const Request& request) {
  Request fields(request);
  fields.clear_page_size();
  fields.clear_page_token();
  return ParseSinkPage(request.page_size(), request.page_token(),
                       absl::StrCat(rpc, "/", fields.SerializeAsString()));
}

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_SINKS_SINK_PAGE_H_
