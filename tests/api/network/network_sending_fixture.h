// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_API_NETWORK_NETWORK_SENDING_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_API_NETWORK_NETWORK_SENDING_FIXTURE_H_

#include <string>

#include "core/nodes/listening.h"
#include "core/uplink_log/observer.h"
#include "tests/api/network/sending_fixture.h"

namespace wirepas_grpc::api {

// The same while nodes are heard: node 7 by whichever sink Hear() says.
class NetworkSendingTest : public SendingTest {
 protected:
  static constexpr uint32_t kNetwork = 12;
  static constexpr uint32_t kNode = 7;

  NetworkSendingTest() { StartCollecting(); }

  // By network, to the node.
  static mesh::SendMessageRequest ByNetwork(uint32_t destination = kNode) {
    mesh::SendMessageRequest request = Request();
    request.set_network_address(kNetwork);
    request.mutable_message()->set_destination_address(destination);
    return request;
  }

  // Listens to the network from now on, as one that sends does.
  void Listen() {
    listening_ = nodes_.listening().Begin(kNetwork);
    const std::string filter = core::NetworkListening::TopicFilter(kNetwork);
    ASSERT_TRUE(broker_.WaitForWanted(filter, true));
    broker_.Flush();
  }
  void Hear(const std::string& gateway, const std::string& sink, uint32_t node = kNode) {
    DeliverUplink(gateway, sink, ++events_, node);
    Await([&] {
      Advance(core::UplinkObserver::Options().interval);
      const auto sinks = nodes_.registry().SinksThatHeard(core::MakeNodeKey(kNetwork, node));
      return !sinks.empty() && sinks[0]->gateway_id == gateway && sinks[0]->sink_id == sink;
    });
  }
  void SetOffline(const std::string& gateway, const std::vector<std::string>& sinks) {
    Retain(gateway, Status(gateway, sinks, /*online=*/false));
    Await([&] { return !network_.directory().Find(gateway)->reachable(); });
  }

  core::NetworkListening::UsePtr listening_;
  uint64_t events_ = 0;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_TESTS_API_NETWORK_NETWORK_SENDING_FIXTURE_H_
