// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_API_NETWORK_SENDING_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_API_NETWORK_SENDING_FIXTURE_H_

#include "tests/api/fixture.h"

namespace wirepas_grpc::api {

// The gateway "gw1" with the sinks "a" and "b", and "gw2" with "c", all in network 12.
class SendingTest : public ServiceTest {
 protected:
  void SetUp() override {
    AddGateway("gw1", {"a", "b"});
    AddGateway("gw2", {"c"});
    ConnectAndSync();
  }

  // Through the sink "a".
  static mesh::SendMessageRequest Request() {
    mesh::SendMessageRequest request;
    request.mutable_sink()->set_gateway_id("gw1");
    request.mutable_sink()->set_sink_id("a");
    request.mutable_message()->set_destination_address(5);
    request.mutable_message()->set_payload("hello");
    return request;
  }
  void AnswerSend(const Incoming& incoming, gw::ErrorCode result = gw::OK) {
    gw::WirepasMessage answer;
    answer.mutable_send_packet_resp();
    Answer(incoming, answer, result);
  }
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_TESTS_API_NETWORK_SENDING_FIXTURE_H_
