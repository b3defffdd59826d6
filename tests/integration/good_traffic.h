// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_GOOD_TRAFFIC_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_GOOD_TRAFFIC_H_

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "tests/integration/programs.h"

namespace wirepas_grpc::integration {

// A client of a well-behaved gateway of the simulator, on threads of its own: it sends a
// message as soon as the one before is answered, and subscribes to the gateway's packets.
// The test fails when a message does, or a packet is missing, twice or out of order.
class GoodTraffic {
 public:
  GoodTraffic(ServiceProcess* service, const std::string& gateway_id, const std::string& sink_id);
  // Ends as Stop() does.
  ~GoodTraffic();

  // Ends both, and checks that there was traffic and that none of it took longer than `most`.
  void Stop(absl::Duration most);

  uint64_t messages() const { return messages_.load(); }
  uint64_t packets() const { return packets_.load(); }

 private:
  void SendMessages();
  void ReadPackets();
  void Join();

  const std::string gateway_id_;
  const std::string sink_id_;
  const std::unique_ptr<mesh::NetworkService::Stub> stub_;  // over a channel of its own
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> messages_ = 0;
  std::atomic<uint64_t> packets_ = 0;
  std::atomic<int64_t> longest_ms_ = 0;  // for a message, and between packets
  std::thread sender_;
  std::thread reader_;
};

// The memory that a process takes, in bytes; 0: it has ended.
size_t ResidentBytes(pid_t pid);

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_GOOD_TRAFFIC_H_
