// SPDX-License-Identifier: Apache-2.0
// Sends uplinks through all gateways: at a rate, or a given number at once.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_UPLINK_GENERATOR_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_UPLINK_GENERATOR_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "gateway_api/generic_message.pb.h"
#include "tests/simulator/event_loop.h"
#include "tests/simulator/gateway.h"
#include "tests/simulator/pacer.h"

namespace wirepas_grpc::sim {

// Lives on one EventLoop and must live as long as that runs. Not thread-safe.
class UplinkGenerator {
 public:
  // Told how many of a burst the broker has acknowledged, after all of it was
  // either acknowledged or lost with its connection.
  using BurstDone = std::function<void(uint64_t acknowledged)>;

  // `gateways` outlive this and take turns. At most `limit` packets at the rate,
  // if given; `on_limit` is called when the broker has answered for all of them.
  UplinkGenerator(EventLoop* loop, std::vector<Gateway*> gateways, std::optional<uint64_t> limit,
                  std::function<void()> on_limit);

  // Packets per second over all gateways; 0 sends none. Those whose gateway is
  // away or whose broker is slow are not made up for later.
  void SetRate(double rate);

  // Exactly `count` packets through one gateway, as fast as the broker takes
  // them, waiting for the gateway where it is away, unless that keeps them by itself.
  void Burst(Gateway* gateway, std::optional<size_t> sink, uint64_t count, BurstDone done);

  // To be called when packets that could not be sent may now be.
  void Wake();

  // Packets of SetRate so far, and those of them that the broker acknowledged.
  uint64_t sent() const { return sent_; }
  uint64_t acknowledged() const { return acknowledged_; }

 private:
  struct BurstState {
    Gateway* gateway = nullptr;
    std::optional<size_t> sink;
    uint64_t to_send = 0;
    uint64_t unanswered = 0;
    uint64_t acknowledged = 0;
    BurstDone done;
  };

  void Pump();
  // Both send at most `budget` packets and return how many they sent.
  uint64_t SendBursts(uint64_t budget);
  uint64_t SendPaced(uint64_t budget);
  void ScheduleNext(bool out_of_budget);
  void OnAnswered(bool acknowledged);
  uint64_t Remaining() const;

  EventLoop* const loop_;
  const std::vector<Gateway*> gateways_;
  const std::optional<uint64_t> limit_;
  const std::function<void()> on_limit_;
  Pacer pacer_;
  pb::GenericMessage scratch_;
  std::deque<std::shared_ptr<BurstState>> bursts_;
  std::optional<EventLoop::TimerId> timer_;
  bool wake_pending_ = false;
  size_t next_gateway_ = 0;
  uint64_t sent_ = 0;
  uint64_t answered_ = 0;
  uint64_t acknowledged_ = 0;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_UPLINK_GENERATOR_H_
