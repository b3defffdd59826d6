// SPDX-License-Identifier: Apache-2.0
#include "api/nodes/list_nodes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/call/errors.h"
#include "api/call/log_limits.h"
#include "api/call/paging.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/node.h"
#include "api/convert/time.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::ListNodesRequest;
using Response = mesh::ListNodesResponse;
using Reactor = grpc::ServerUnaryReactor;

struct Listing {
  core::NodeFilter filter;
  Page page;
  core::NodeKey first = 0;
};

absl::StatusOr<Listing> Parse(const Request& request) {
  Listing listing;
  absl::StatusOr<core::NodeFilter> filter = ToFilter(request.filter());
  if (!filter.ok()) return filter.status();
  listing.filter = *std::move(filter);
  if (request.has_seen_since()) {
    const absl::StatusOr<absl::Time> since = FromProto("seen_since", request.seen_since());
    if (!since.ok()) return since.status();
    listing.filter.seen_since = *since;
  }
  Request fields(request);
  fields.clear_page_size();
  fields.clear_page_token();
  absl::StatusOr<Page> page = ParsePage(request.page_size(), request.page_token(),
                                        absl::StrCat("ListNodes/", fields.SerializeAsString()));
  if (!page.ok()) return page.status();
  listing.page = *std::move(page);
  const absl::StatusOr<core::NodeKey> first = FirstNodeOf(listing.page);
  if (!first.ok()) return first.status();
  listing.first = *first;
  return listing;
}

void Fill(const Listing& listing, const core::NodeRegistry& registry, Response* response) {
  size_t bytes = 0;
  core::NodeKey last = 0;
  std::optional<core::NodeKey> next = listing.first;
  while (next.has_value()) {
    // One more than the page has room for tells whether it is the last.
    const size_t room = listing.page.size - static_cast<size_t>(response->nodes_size()) + 1;
    const core::NodeRegistry::Page page =
        registry.List(*next, listing.filter, std::min<size_t>(room, kMaxEntries), kMaxScan);
    for (const core::Node& node : page.nodes) {
      if (static_cast<size_t>(response->nodes_size()) == listing.page.size ||
          bytes > kMaxPageBytes) {
        response->set_next_page_token(listing.page.NextToken(core::EncodeNodeKey(last)));
        return;
      }
      mesh::Node* added = response->add_nodes();
      *added = ToProto(node);
      bytes += added->ByteSizeLong();
      last = node.key;
    }
    next = page.next;
  }
}

}  // namespace

Reactor* ListNodes(core::NodeCollector* nodes, const Request& request, Response* response) {
  const absl::StatusOr<Listing> listing = Parse(request);
  if (!listing.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(listing.status()));
  const std::optional<absl::Time> observed_since = nodes->observed_since();
  nodes->interest().Touch();
  const auto call = UnaryCall<Response>::Create(response);
  call->Succeed([&](Response* filled) {
    if (observed_since.has_value()) {
      *filled->mutable_observed_since() = ToTimestamp(*observed_since);
    }
    Fill(*listing, nodes->registry(), filled);
  });
  return call.get();
}

}  // namespace wirepas_grpc::api
