// SPDX-License-Identifier: Apache-2.0
//
// Streams tell that they are there, also while the broker is away.
#include <memory>
#include <optional>

#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"
#include "wirepas/mesh/v1/node_service.grpc.pb.h"
#include "wirepas/mesh/v1/otap_service.grpc.pb.h"

namespace wirepas_grpc::integration {
namespace {

using Network = mesh::NetworkService::Stub;
using Nodes = mesh::NodeService::Stub;
using Otap = mesh::OtapService::Stub;

template <typename Request>
Request EachSecond() {
  Request request;
  request.mutable_progress_interval()->set_seconds(1);
  return request;
}

// Waits for a response that `matches`.
template <typename Response, typename Predicate>
void Await(StreamReader<Response>* stream, const char* what, Predicate&& matches) {
  while (const std::optional<Response> response = stream->Next()) {
    if (matches(*response)) return;
  }
  ADD_FAILURE() << what << ": none came";
}

template <typename Response>
void AwaitEmpty(StreamReader<Response>* stream, const char* what) {
  Await(stream, what, [](const Response& response) { return response.ByteSizeLong() == 0; });
}

TEST(ProgressInterval, StreamsTellThatTheyAreThereWithAndWithoutTheBroker) {
  Stack::Options options;
  options.broker.persistence = true;
  options.service = {"--mqtt_reconnect_min_delay", "100ms", "--mqtt_reconnect_max_delay", "500ms"};
  Stack stack(options);
  ASSERT_TRUE(IsOk(stack.Start()));
  const auto nodes_stub = mesh::NodeService::NewStub(stack.service().NewChannel());
  StreamReader<mesh::SubscribeUplinkResponse> uplinks(stack.stub(), &Network::SubscribeUplink,
                                                      EachSecond<mesh::SubscribeUplinkRequest>());
  StreamReader<mesh::SubscribeDownlinkResponse> downlinks(
      stack.stub(), &Network::SubscribeDownlink, EachSecond<mesh::SubscribeDownlinkRequest>());
  StreamReader<mesh::WatchNetworkResponse> network(stack.stub(), &Network::WatchNetwork,
                                                   EachSecond<mesh::WatchNetworkRequest>());
  StreamReader<mesh::WatchBrokerResponse> broker(stack.stub(), &Network::WatchBroker,
                                                 EachSecond<mesh::WatchBrokerRequest>());
  StreamReader<mesh::WatchNodesResponse> nodes(nodes_stub.get(), &Nodes::WatchNodes,
                                               EachSecond<mesh::WatchNodesRequest>());
  StreamReader<mesh::WatchNodeStatusResponse> statuses(stack.service().otap_stub(),
                                                       &Otap::WatchNodeStatus,
                                                       EachSecond<mesh::WatchNodeStatusRequest>());
  const auto first = uplinks.Next();
  ASSERT_TRUE(first.has_value());
  Await(&uplinks, "uplinks", [&](const auto& r) { return r.cursor() == first->cursor(); });
  Await(&downlinks, "downlinks", [](const auto& r) { return r.confirmed(); });
  Await(&statuses, "statuses", [](const auto& r) { return r.confirmed(); });
  AwaitEmpty(&broker, "broker");  // while it is away each attempt is told

  stack.broker().Stop();
  Await(&broker, "the loss", [](const auto& r) { return r.has_state() && !r.state().connected(); });
  AwaitEmpty(&network, "network");
  AwaitEmpty(&nodes, "nodes");
  // Those that begin now wait for the broker.
  StreamReader<mesh::SubscribeUplinkResponse> late_uplinks(
      stack.stub(), &Network::SubscribeUplink, EachSecond<mesh::SubscribeUplinkRequest>());
  StreamReader<mesh::SubscribeDownlinkResponse> late_downlinks(
      stack.stub(), &Network::SubscribeDownlink, EachSecond<mesh::SubscribeDownlinkRequest>());
  StreamReader<mesh::WatchNodeStatusResponse> late_statuses(
      stack.service().otap_stub(), &Otap::WatchNodeStatus,
      EachSecond<mesh::WatchNodeStatusRequest>());
  AwaitEmpty(&late_uplinks, "late uplinks");
  AwaitEmpty(&late_downlinks, "late downlinks");
  AwaitEmpty(&late_statuses, "late statuses");

  ASSERT_TRUE(IsOk(stack.broker().Restart()));
  Await(&late_uplinks, "a cursor", [](const auto& r) { return !r.cursor().empty(); });
  Await(&late_downlinks, "downlinks", [](const auto& r) { return r.confirmed(); });
  Await(&late_statuses, "statuses", [](const auto& r) { return r.confirmed(); });
}

}  // namespace
}  // namespace wirepas_grpc::integration
