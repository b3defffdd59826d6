// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_API_COLLECTING_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_API_COLLECTING_FIXTURE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/gateway_api/codec.h"
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {

// The services while nodes and their statuses are collected.
class CollectingTest : public ServiceTest {
 protected:
  // When packets are received unless they say otherwise.
  static constexpr int64_t kTimeMs = 1'700'000'000'000;

  CollectingTest() { StartCollecting(); }

  struct Packet {
    uint64_t event_id = 1;
    uint32_t node = 7;
    uint32_t network = 12;
    std::string gateway = "gw1";
    uint32_t source_endpoint = 10;
    uint32_t destination_endpoint = 20;
    int64_t time_ms = kTimeMs;
    uint32_t travel_ms = 0;
    std::optional<uint32_t> hops = {};
    std::optional<std::string> payload = "hello";  // nothing: the gateway hides it
  };
  // Through "sink" of its gateway, which is not new to the broker: it must have granted
  // a subscription that the packet matches.
  void Deliver(const Packet& packet) {
    gw::WirepasMessage message;
    gw::PacketReceivedEvent* event = message.mutable_packet_received_event();
    event->mutable_header()->set_gw_id(packet.gateway);
    event->mutable_header()->set_sink_id("sink");
    event->mutable_header()->set_event_id(packet.event_id);
    event->set_source_address(packet.node);
    event->set_destination_address(1);
    event->set_source_endpoint(packet.source_endpoint);
    event->set_destination_endpoint(packet.destination_endpoint);
    event->set_travel_time_ms(packet.travel_ms);
    event->set_rx_time_ms_epoch(static_cast<uint64_t>(packet.time_ms));
    event->set_qos(0);
    event->set_network_address(packet.network);
    if (packet.hops.has_value()) event->set_hop_count(*packet.hops);
    if (packet.payload.has_value()) {
      event->set_payload(*packet.payload);
    } else {
      event->set_payload_size(10);
    }
    EXPECT_TRUE(broker_.Deliver(
        absl::StrCat("gw-event/received_data/", packet.gateway, "/sink/", packet.network, "/",
                     packet.source_endpoint, "/", packet.destination_endpoint),
        core::Encode(message)))
        << "nobody has subscribed to it";
  }

  // Waits for what the collectors bring about, which look at packets some time apart.
  void AwaitCollected(const std::function<bool()>& condition) {
    Await([&] {
      Advance(core::UplinkObserver::Options().interval);
      return condition();
    });
  }

  // Waits until the broker has been asked for this, or is not any more.
  void AwaitWanted(const std::string& filter, bool wanted = true) {
    EXPECT_TRUE(broker_.WaitForWanted(filter, wanted)) << filter;
  }
};

// A stream from the service, whose reads end after a while at the latest.
template <typename Response>
class Stream {
 public:
  template <typename Stub, typename Request>
  Stream(Stub* stub,
         std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(grpc::ClientContext*,
                                                                       const Request&),
         const Request& request) {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    reader_ = (stub->*method)(&context_, request);
  }
  ~Stream() {
    context_.TryCancel();
    if (!finished_) reader_->Finish();
  }

  // Fails the test when the stream ends.
  Response Read() {
    Response response;
    EXPECT_TRUE(reader_->Read(&response)) << "the stream has ended";
    return response;
  }
  // Waits until the service has taken the call.
  void WaitForMetadata() { reader_->WaitForInitialMetadata(); }
  // How the stream ended, once it has.
  grpc::Status Finish() {
    finished_ = true;
    return reader_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<Response>> reader_;
  bool finished_ = false;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_TESTS_API_COLLECTING_FIXTURE_H_
