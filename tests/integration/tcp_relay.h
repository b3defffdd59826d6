// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_TCP_RELAY_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_TCP_RELAY_H_

#include <memory>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::integration {

// Passes TCP connections on to another port of 127.0.0.1, until it is told to break
// them: a network that fails between two programs that do not. Thread-safe.
class TcpRelay {
 public:
  static absl::StatusOr<std::unique_ptr<TcpRelay>> Start(int target_port);
  ~TcpRelay();
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  int port() const { return port_; }

  // Ends all connections. New ones are passed on.
  void BreakConnections();
  // From now on, until it is set to false again, connections are ended at once.
  void SetDown(bool down);
  // Until it is set to false again, nothing is passed on and nothing ended.
  void SetStalled(bool stalled);

 private:
  struct Pair {
    int client;
    int target;
  };

  TcpRelay(int listener, int wake_fd, int port, int target_port);
  void Run();
  // True while the loop shall go on.
  bool Step(std::vector<Pair>* pairs);
  void Accept(std::vector<Pair>* pairs);

  const int listener_;
  const int wake_fd_;  // an eventfd: something was asked for
  const int port_;
  const int target_port_;
  core::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  bool stalled_ ABSL_GUARDED_BY(mutex_) = false;
  bool down_ ABSL_GUARDED_BY(mutex_) = false;
  bool break_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_TCP_RELAY_H_
