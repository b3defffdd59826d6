// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_NETWORK_MESSAGE_SENDER_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_NETWORK_MESSAGE_SENDER_FIXTURE_H_

#include <cstddef>

#include "core/network/message_sender.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {

// A sender at the network of the fixture.
class MessageSenderTest : public NetworkFixture {
 protected:
  static constexpr RequestId kChosen = 0xABCDEF0123456789;

  // `sender_` refers to the network: nothing may run any more when it goes.
  ~MessageSenderTest() override {
    network_.Stop();
    executor_.Stop();
  }

  MessageSender::Ticket SendChosen(const RequestLimit& limit = absl::Seconds(2),
                                   const gw::SendPacketReq& packet = Packet(),
                                   RequestId id = kChosen) {
    return sender_.Send(g_, s_, packet, limit, id, Keep());
  }

  // How many were published since the last call.
  size_t PublishedNow() {
    Settle();
    const size_t count = broker_.published_count();
    for (size_t i = 0; i < count; ++i) broker_.NextPublished();
    return count;
  }

  MessageSender sender_{&network_};
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_NETWORK_MESSAGE_SENDER_FIXTURE_H_
