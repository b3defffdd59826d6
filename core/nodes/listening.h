// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NODES_LISTENING_H_
#define WIREPAS_GRPC_CORE_NODES_LISTENING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "core/base/scheduler.h"
#include "core/interest/subscriptions.h"

namespace wirepas_grpc::core {

// Listens to networks to whose nodes somebody sends: what their sinks hear tells through which to
// send. Each network has one interest, however many send; it ends when nobody has for the linger.
// A refusal of the broker's does not end it: the broker is asked again. Thread-safe.
class NetworkListening {
 public:
  struct Options {
    absl::Duration linger = absl::Minutes(10);
    // Of the networks beyond, all uplinks are listened to instead, by one interest.
    size_t max_networks = 100;
  };

  // Both outlive this.
  NetworkListening(const Options& options, Subscriptions* subscriptions, Scheduler* scheduler);
  ~NetworkListening();
  NetworkListening(const NetworkListening&) = delete;
  NetworkListening& operator=(const NetworkListening&) = delete;

  // Somebody sends, from the call to the destruction, which may come after that of this.
  class Use;
  struct DeleteUse {
    void operator()(Use* use) const;
  };
  using UsePtr = std::unique_ptr<Use, DeleteUse>;  // null after Stop()
  UsePtr Begin(uint32_t network_address);

  // Ends all interests, and begins none any more. Before the scheduler stops.
  void Stop();

  // How many interests there are.
  size_t interests() const;

  // What the broker is asked for, of one network.
  static std::string TopicFilter(uint32_t network_address);

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NODES_LISTENING_H_
