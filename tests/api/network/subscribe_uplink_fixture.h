// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_API_NETWORK_SUBSCRIBE_UPLINK_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_API_NETWORK_SUBSCRIBE_UPLINK_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/api/fixture.h"

namespace wirepas_grpc::api {

class SubscribeUplinkTest : public ServiceTest {
 protected:
  explicit SubscribeUplinkTest(core::Network::Options options = {}) : ServiceTest({}, options) {}

  // A subscriber on a channel of its own.
  class Subscriber {
   public:
    Subscriber(mesh::NetworkService::Stub* stub, const mesh::SubscribeUplinkRequest& request)
        : reader_(stub->SubscribeUplink(&context_, request)) {}
    ~Subscriber() {
      context_.TryCancel();
      if (!finished_) reader_->Finish();
    }

    std::optional<mesh::SubscribeUplinkResponse> Read() {
      mesh::SubscribeUplinkResponse response;
      if (!reader_->Read(&response)) return std::nullopt;
      if (!response.cursor().empty()) cursor_ = response.cursor();
      EXPECT_LE(response.cursor().size(), 64u);
      EXPECT_FALSE(response.cursor().empty());
      for (const mesh::Uplink& uplink : response.uplinks()) {
        packet_ids_.push_back(uplink.packet_id());
      }
      return response;
    }
    // The event ids of the next packets.
    std::vector<uint64_t> Events(size_t count) {
      std::vector<uint64_t> events;
      while (events.size() < count) {
        const auto response = Read();
        if (!response.has_value()) break;
        for (const mesh::Uplink& uplink : response->uplinks()) events.push_back(uplink.event_id());
      }
      return events;
    }
    grpc::Status Finish() {
      finished_ = true;
      return reader_->Finish();
    }
    void WaitForMetadata() { reader_->WaitForInitialMetadata(); }
    void Cancel() { context_.TryCancel(); }
    const std::string& cursor() const { return cursor_; }
    // The ids of all packets that were read.
    const std::vector<uint64_t>& packet_ids() const { return packet_ids_; }

   private:
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientReader<mesh::SubscribeUplinkResponse>> reader_;
    std::string cursor_;
    std::vector<uint64_t> packet_ids_;
    bool finished_ = false;
  };

  // One that has got the first response.
  std::unique_ptr<Subscriber> Subscribe(const mesh::SubscribeUplinkRequest& request = {}) {
    auto subscriber = std::make_unique<Subscriber>(stub_.get(), request);
    const auto first = subscriber->Read();
    EXPECT_TRUE(first.has_value());
    if (first.has_value()) {
      EXPECT_EQ(first->uplinks_size(), 0);
      first_gap_ = first->has_gap() ? std::optional(first->gap()) : std::nullopt;
    }
    return subscriber;
  }

  void Deliver(uint64_t from, uint64_t to) {
    for (uint64_t id = from; id <= to; ++id) DeliverUplink("gw1", "sink", id);
  }

  static mesh::SubscribeUplinkRequest Of(const std::string& gateway) {
    mesh::SubscribeUplinkRequest request;
    request.mutable_filter()->add_gateway_ids(gateway);
    return request;
  }

  std::optional<mesh::Gap> first_gap_;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_TESTS_API_NETWORK_SUBSCRIBE_UPLINK_FIXTURE_H_
