// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_NETWORK_MESSAGE_QUEUES_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_NETWORK_MESSAGE_QUEUES_FIXTURE_H_

#include <string>
#include <vector>

#include "core/network/message_queues.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {

// Queues at the network of the fixture.
class MessageQueuesTest : public NetworkFixture {
 protected:
  explicit MessageQueuesTest(const Network::Options& options = {}) : NetworkFixture(options) {}
  // Nothing may run any more when the queues go.
  ~MessageQueuesTest() override {
    network_.Stop();
    executor_.Stop();
  }

  RequestId Send(const std::string& payload, const RequestLimit& limit = absl::Seconds(2),
                 const std::string& sink = "s") {
    return SendKey(payload, limit, sink).id;
  }
  MessageQueues::Key SendKey(const std::string& payload,
                             const RequestLimit& limit = absl::Seconds(2),
                             const std::string& sink = "s") {
    return queues_.Send(g_, *SinkId::Parse(sink), Packet(payload), {.limit = limit}, Keep());
  }

  // The payloads of what was published since the last call; their ids in ids_.
  std::vector<std::string> PublishedNow() {
    Settle();
    std::vector<std::string> payloads;
    ids_.clear();
    while (broker_.published_count() > 0) {
      const gw::SendPacketReq packet = NextPublished().message.send_packet_req();
      payloads.push_back(packet.payload());
      ids_.push_back(packet.header().req_id());
    }
    return payloads;
  }
  void Refuse(RequestId id) {
    AnswerSend(id, gw::SINK_OUT_OF_MEMORY);
    Settle();
  }
  void SendRefused(const std::string& payload) {
    const RequestId id = Send(payload);
    PublishedNow();
    Refuse(id);
  }
  void Take(RequestId id) {
    AnswerSend(id);
    Settle();
  }
  std::vector<absl::StatusCode> EndedNow() {
    Settle();
    std::vector<absl::StatusCode> codes;
    while (!ended_->empty()) codes.push_back(Ended().status.code());
    return codes;
  }

  // The longest that the first pauses can be, with what chance adds to them.
  static constexpr absl::Duration kFirst = absl::Milliseconds(63);
  static constexpr absl::Duration kSecond = absl::Milliseconds(126);

  static constexpr auto kOk = absl::StatusCode::kOk;
  static constexpr auto kFull = absl::StatusCode::kResourceExhausted;

  std::vector<RequestId> ids_;
  MessageQueues queues_{&network_};
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_NETWORK_MESSAGE_QUEUES_FIXTURE_H_
