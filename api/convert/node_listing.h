// SPDX-License-Identifier: Apache-2.0
//
// Listings by node, a page at a time.
#ifndef WIREPAS_GRPC_API_CONVERT_NODE_LISTING_H_
#define WIREPAS_GRPC_API_CONVERT_NODE_LISTING_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "api/call/log_limits.h"
#include "api/call/paging.h"
#include "api/convert/node.h"

namespace wirepas_grpc::api {

template <typename Filter>
struct NodeListing {
  Filter filter;
  Page page;
  core::NodeKey first = 0;
};

// What the request of `rpc` asks for, which has the fields of paging, and `filter` of it.
// INVALID_ARGUMENT, naming the field.
template <typename Filter, typename Request>
absl::StatusOr<NodeListing<Filter>> ParseNodeListing(absl::string_view rpc,
                                                     absl::StatusOr<Filter> filter,
                                                     const Request& request) {
  if (!filter.ok()) return filter.status();
  Request fields(request);
  fields.clear_page_size();
  fields.clear_page_token();
  absl::StatusOr<Page> page = ParsePage(request.page_size(), request.page_token(),
                                        absl::StrCat(rpc, "/", fields.SerializeAsString()));
  if (!page.ok()) return page.status();
  const absl::StatusOr<core::NodeKey> first = FirstNodeOf(*page);
  if (!first.ok()) return first.status();
  return NodeListing<Filter>{*std::move(filter), *std::move(page), *first};
}

// Gives the page's nodes to `add`, which returns how many bytes it added for one. Returns
// the token of the next page; "": it was the last.
template <typename Filter, typename Registry, typename Add>
std::string FillNodePage(const NodeListing<Filter>& listing, const Registry& registry, Add add) {
  size_t count = 0;
  size_t bytes = 0;
  core::NodeKey last = 0;
  std::optional<core::NodeKey> next = listing.first;
  while (next.has_value()) {
    // One more than the page has room for tells whether it is the last.
    const auto found =
        registry.List(*next, listing.filter,
                      std::min<size_t>(listing.page.size - count + 1, kMaxEntries), kMaxScan);
    for (const auto& node : found.nodes) {
      if (count == listing.page.size || bytes > kMaxPageBytes) {
        return listing.page.NextToken(core::EncodeNodeKey(last));
      }
      bytes += add(node);
      ++count;
      last = node.key;
    }
    next = found.next;
  }
  return "";
}

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_NODE_LISTING_H_
