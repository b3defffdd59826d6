// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "api/call/errors.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/node_listing.h"
#include "api/convert/time.h"
#include "api/nodes/rpcs.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::ListNodesRequest;
using Response = mesh::ListNodesResponse;
using Reactor = grpc::ServerUnaryReactor;

absl::StatusOr<core::NodeFilter> ParseFilter(const Request& request) {
  absl::StatusOr<core::NodeFilter> filter = ToFilter(request.filter());
  if (!filter.ok() || !request.has_seen_since()) return filter;
  const absl::StatusOr<absl::Time> since = FromProto("seen_since", request.seen_since());
  if (!since.ok()) return since.status();
  filter->seen_since = *since;
  return filter;
}

}  // namespace

Reactor* ListNodes(core::NodeCollector* nodes, const Request& request, Response* response) {
  const auto listing = ParseNodeListing("ListNodes", ParseFilter(request), request);
  if (!listing.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(listing.status()));
  const std::optional<absl::Time> observed_since = nodes->observed_since();
  nodes->Touch();
  const auto call = UnaryCall<Response>::Create(response);
  call->Succeed([&](Response* filled) {
    if (observed_since.has_value()) {
      *filled->mutable_observed_since() = ToTimestamp(*observed_since);
    }
    filled->set_next_page_token(
        FillNodePage(*listing, nodes->registry(), [&](const core::Node& node) {
          return (*filled->add_nodes() = ToProto(node)).ByteSizeLong();
        }));
  });
  return call.get();
}

}  // namespace wirepas_grpc::api
