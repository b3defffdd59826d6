// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_BENCH_FLOOD_CLIENT_H_
#define WIREPAS_GRPC_TESTS_BENCH_FLOOD_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/flood_load.h"
#include "tests/simulator/event_loop.h"
#include "tests/simulator/mqtt_packet.h"

namespace wirepas_grpc::bench {

// The flood broker's end of one connection. Speaks MQTT 3.1.1 with clean sessions.
// What clients publish is acknowledged and goes nowhere. Lives on one EventLoop.
class FloodClient {
 public:
  struct Callbacks {
    std::function<void()> subscribed;   // to uplinks
    std::function<void()> round_ended;  // all of a round is acknowledged
    std::function<void()> closed;       // the client may be destroyed, later
  };

  // Takes over `fd`, a connected socket that does not block. `load` outlives this.
  FloodClient(sim::EventLoop* loop, const FloodLoad* load, int fd, uint32_t window,
              Callbacks callbacks);
  ~FloodClient();
  FloodClient(const FloodClient&) = delete;
  FloodClient& operator=(const FloodClient&) = delete;

  // Sends `packets` of those that match the client's filters, never more than the window
  // ahead of its acknowledgements. Does nothing when none match.
  void StartRound(uint64_t packets);

  const std::string& client_id() const { return client_id_; }
  uint64_t acknowledged() const { return acknowledged_; }
  absl::Duration round_duration() const { return round_end_ - round_start_; }

 private:
  void OnEvents(uint32_t events);
  void Read();
  void Handle(const sim::Packet& packet);
  void OnConnect(std::string_view body);
  void OnSubscribe(std::string_view body);
  void OnUnsubscribe(std::string_view body);
  void OnPublish(const sim::Packet& packet);
  void OnPuback();
  void SendStatuses(const std::string& filter);
  void Fill();
  void Flush();
  void Close();
  // Reads, fills and flushes, now and again until the round is over.
  void Tick();
  bool InRound() const { return acknowledged_ < wanted_; }

  sim::EventLoop* const loop_;
  const FloodLoad* const load_;
  const int fd_;
  const uint32_t window_;
  const Callbacks callbacks_;
  bool open_ = true;
  std::optional<sim::EventLoop::TimerId> tick_;
  std::string input_;
  std::string output_;
  size_t flushed_ = 0;  // of output_

  std::string client_id_;
  std::set<std::string> filters_;

  std::vector<const FloodPacket*> packets_;  // that match
  uint64_t wanted_ = 0;                      // of this round
  uint64_t sent_ = 0;
  uint64_t acknowledged_ = 0;
  uint64_t events_ = 0;  // of all rounds
  uint16_t packet_id_ = 0;
  absl::Time round_start_;
  absl::Time round_end_;
};

}  // namespace wirepas_grpc::bench

#endif  // WIREPAS_GRPC_TESTS_BENCH_FLOOD_CLIENT_H_
