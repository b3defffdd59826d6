// SPDX-License-Identifier: Apache-2.0
#include "api/call/errors.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/node_listing.h"
#include "api/convert/node_status.h"
#include "api/convert/time.h"
#include "api/otap/rpcs.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::ListNodeStatusRequest;
using Response = mesh::ListNodeStatusResponse;
using Reactor = grpc::ServerUnaryReactor;

absl::StatusOr<core::NodeStatusFilter> ParseFilter(const Request& request) {
  absl::StatusOr<core::NodeStatusFilter> filter = ToFilter(request.filter());
  if (!filter.ok() || !request.has_received_since()) return filter;
  const absl::StatusOr<absl::Time> since = FromProto("received_since", request.received_since());
  if (!since.ok()) return since.status();
  filter->received_since = *since;
  return filter;
}

}  // namespace

Reactor* ListNodeStatus(core::NodeStatusCollector* statuses, const Request& request,
                        Response* response) {
  const auto listing = ParseNodeListing("ListNodeStatus", ParseFilter(request), request);
  if (!listing.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(listing.status()));
  statuses->Touch();
  const auto call = UnaryCall<Response>::Create(response);
  call->Succeed([&](Response* filled) {
    filled->set_next_page_token(
        FillNodePage(*listing, statuses->registry(), [&](const core::NodeWithStatus& node) {
          return (*filled->add_statuses() = ToProto(node)).ByteSizeLong();
        }));
  });
  return call.get();
}

}  // namespace wirepas_grpc::api
