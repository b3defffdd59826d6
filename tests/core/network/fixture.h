// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_NETWORK_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_NETWORK_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/gateway_api/codec.h"
#include "core/network/network.h"
#include "gtest/gtest.h"
#include "tests/core/directory/directory_fixture.h"
#include "tests/core/traffic/uplink_payload.h"
#include "tests/support/fake_broker.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {

// A network behind a broker that is in memory, with a clock that stands still. The
// gateways "g" and "h", and "off" which is offline, stand behind the broker.
class NetworkFixture : public testing::Test {
 protected:
  explicit NetworkFixture(const Network::Options& options = {})
      : network_(options, &broker_, &executor_, &scheduler_) {}
  ~NetworkFixture() override {
    network_.Stop();
    executor_.Stop();
  }

  // Until everything that was caused so far has come to rest.
  void Settle() {
    for (int i = 0; i < 8; ++i) {
      broker_.Flush();
      Drain(&executor_, 1);
    }
  }

  void RetainStatus(const gw::StatusEvent& status) {
    gw::WirepasMessage message;
    *message.mutable_status_event() = status;
    broker_.Retain(absl::StrCat("gw-event/status/", status.header().gw_id()), Encode(message));
  }

  void RetainGateways() {
    for (const char* id : {"g", "h"}) {
      gw::StatusEvent status = StatusOf(id, gw::ON, {"s", "t"});
      status.set_max_scratchpad_size(100);
      status.add_gw_features(gw::SCRATCHPAD_CHUNK_V1);
      RetainStatus(status);
    }
    RetainStatus(StatusOf("off", gw::OFF, {"s"}));
  }

  // Started, connected, and with all gateways known, those of the test included.
  void StartSynced(size_t gateways = 3) {
    RetainGateways();
    network_.Start();
    broker_.Connect();
    Settle();
    scheduler_.Advance(absl::Seconds(3));
    Settle();
    ASSERT_TRUE(network_.directory().synced());
    ASSERT_EQ(network_.directory().Snapshot()->gateways.size(), gateways);
  }

  static gw::SendPacketReq Packet(const std::string& payload = "payload") {
    gw::SendPacketReq packet;
    packet.set_destination_address(42);
    packet.set_source_endpoint(1);
    packet.set_destination_endpoint(2);
    packet.set_qos(0);
    packet.set_payload(payload);
    return packet;
  }

  RequestDone Keep() {
    auto ended = ended_;
    return [ended](const RequestOutcome& outcome) { ended->Put(outcome); };
  }

  // Asks for a packet to be sent.
  RequestId Send(const std::string& gateway = "g", absl::Duration timeout = absl::Seconds(2),
                 std::optional<RequestId> wanted = std::nullopt) {
    gw::WirepasMessage message;
    *message.mutable_send_packet_req() = Packet();
    const SinkId sink = *SinkId::Parse("s");
    return network_.Request(RequestKind::kSendData, *GatewayId::Parse(gateway), &sink,
                            std::move(message), timeout, wanted, Keep());
  }

  // The next message that was published, decoded.
  struct Published {
    FakeBroker::Published raw;
    gw::WirepasMessage message;
  };
  Published NextPublished() {
    Published published;
    const std::optional<FakeBroker::Published> next = broker_.NextPublished();
    EXPECT_TRUE(next.has_value()) << "nothing was published";
    if (!next.has_value()) return published;
    published.raw = *next;
    gw::GenericMessage decoded;
    EXPECT_EQ(Decode(next->payload, &decoded), DropReason::kNone);
    published.message = decoded.wirepas();
    return published;
  }

  // The bytes of an answer to a send_data request.
  static std::string Answer(RequestId id, gw::ErrorCode code = gw::OK,
                            const std::string& gateway = "g") {
    gw::WirepasMessage message;
    gw::ResponseHeader* header = message.mutable_send_packet_resp()->mutable_header();
    header->set_req_id(id);
    header->set_gw_id(gateway);
    header->set_sink_id("s");
    header->set_res(code);
    return Encode(message);
  }
  bool AnswerSend(RequestId id, gw::ErrorCode code = gw::OK) {
    return broker_.Deliver("gw-response/send_data/g/s", Answer(id, code));
  }

  // How the oldest request that was not asked for ended.
  RequestOutcome Ended() {
    const std::optional<RequestOutcome> outcome = ended_->Take();
    EXPECT_TRUE(outcome.has_value()) << "no request ended";
    return outcome.value_or(RequestOutcome());
  }
  bool NothingEnded() {
    Settle();
    return ended_->empty();
  }

  // False: no subscription wants it.
  bool DeliverUplink(uint64_t event_id, const std::string& gateway = "g") {
    return broker_.Deliver(absl::StrCat("gw-event/received_data/", gateway, "/s/7/1/2"),
                           UplinkPayload(event_id, gateway));
  }

  // What the uplink log holds from its start: event ids, and gap markers by reason.
  std::vector<std::string> UplinkLogTexts() {
    static const char* const kReasons[] = {"slow", "expired", "restarted", "broker",
                                           "unsubscribed"};
    Settle();
    std::vector<std::string> texts;
    UplinkLog::Sequence next = network_.uplinks().oldest();
    while (true) {
      std::vector<std::string> read;
      const auto result = network_.uplinks().Read(next, 1000, [&](const Uplink& uplink) {
        read.push_back(absl::StrCat(uplink.event_id));
        return true;
      });
      if (result.next == next) return texts;
      if (result.gap) texts.push_back(kReasons[static_cast<int>(result.gap->reason)]);
      texts.insert(texts.end(), read.begin(), read.end());
      next = result.next;
    }
  }

  using Texts = std::vector<std::string>;

  const GatewayId g_ = *GatewayId::Parse("g");
  const SinkId s_ = *SinkId::Parse("s");
  // Shared with callbacks, which may run while the members go.
  std::shared_ptr<Inbox<RequestOutcome>> ended_ = std::make_shared<Inbox<RequestOutcome>>();
  FakeScheduler scheduler_;
  Executor executor_{1};
  FakeBroker broker_;
  Network network_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_NETWORK_FIXTURE_H_
