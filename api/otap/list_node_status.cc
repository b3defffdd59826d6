// SPDX-License-Identifier: Apache-2.0
#include "api/otap/list_node_status.h"

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
#include "api/convert/node_status.h"
#include "api/convert/time.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::ListNodeStatusRequest;
using Response = mesh::ListNodeStatusResponse;
using Reactor = grpc::ServerUnaryReactor;

struct Listing {
  core::NodeStatusFilter filter;
  Page page;
  core::NodeKey first = 0;
};

absl::StatusOr<Listing> Parse(const Request& request) {
  Listing listing;
  absl::StatusOr<core::NodeStatusFilter> filter = ToFilter(request.filter());
  if (!filter.ok()) return filter.status();
  listing.filter = *std::move(filter);
  if (request.has_received_since()) {
    const absl::StatusOr<absl::Time> since = FromProto("received_since", request.received_since());
    if (!since.ok()) return since.status();
    listing.filter.received_since = *since;
  }
  Request fields(request);
  fields.clear_page_size();
  fields.clear_page_token();
  absl::StatusOr<Page> page =
      ParsePage(request.page_size(), request.page_token(),
                absl::StrCat("ListNodeStatus/", fields.SerializeAsString()));
  if (!page.ok()) return page.status();
  listing.page = *std::move(page);
  const absl::StatusOr<core::NodeKey> first = FirstNodeOf(listing.page);
  if (!first.ok()) return first.status();
  listing.first = *first;
  return listing;
}

void Fill(const Listing& listing, const core::NodeStatusRegistry& registry, Response* response) {
  size_t bytes = 0;
  core::NodeKey last = 0;
  std::optional<core::NodeKey> next = listing.first;
  while (next.has_value()) {
    // One more than the page has room for tells whether it is the last.
    const size_t room = listing.page.size - static_cast<size_t>(response->statuses_size()) + 1;
    const core::NodeStatusRegistry::Page page =
        registry.List(*next, listing.filter, std::min<size_t>(room, kMaxEntries), kMaxScan);
    for (const core::NodeWithStatus& node : page.statuses) {
      if (static_cast<size_t>(response->statuses_size()) == listing.page.size ||
          bytes > kMaxPageBytes) {
        response->set_next_page_token(listing.page.NextToken(core::EncodeNodeKey(last)));
        return;
      }
      mesh::NodeStatus* added = response->add_statuses();
      *added = ToProto(node);
      bytes += added->ByteSizeLong();
      last = node.key;
    }
    next = page.next;
  }
}

}  // namespace

Reactor* ListNodeStatus(core::NodeStatusCollector* statuses, const Request& request,
                        Response* response) {
  const absl::StatusOr<Listing> listing = Parse(request);
  if (!listing.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(listing.status()));
  statuses->interest().Touch();
  const auto call = UnaryCall<Response>::Create(response);
  call->Succeed([&](Response* filled) { Fill(*listing, statuses->registry(), filled); });
  return call.get();
}

}  // namespace wirepas_grpc::api
