// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NETWORK_SINK_QUESTIONS_H_
#define WIREPAS_GRPC_CORE_NETWORK_SINK_QUESTIONS_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/requests/tracker.h"

namespace wirepas_grpc::core {

class Network;

// Asks gateways for their sinks on the service's own account. One question at a time to
// a gateway and kMaxAtOnce to all, so that gateways cannot fill the tracker with them;
// the others wait for their turn, and all for a connection to the broker. One that does
// not answer is not asked again until there is a new reason to. Thread-safe.
class SinkQuestions {
 public:
  static constexpr absl::Duration kTimeout = absl::Seconds(10);
  static constexpr size_t kMaxAtOnce = 100;

  // `network` outlives it, and what it calls back.
  explicit SinkQuestions(Network* network) : network_(network) {}

  // Unless it is not known or offline when its turn comes. While it is being asked: once
  // more after that, since the answer may be from before the reason.
  void Ask(absl::string_view gateway_id);
  // When the directory is synced, unless it has told its sinks or is being asked by then.
  void AskIfUntold(absl::string_view gateway_id);
  // After `delay`; once for all who want it meanwhile.
  void AskAfter(absl::string_view gateway_id, absl::Duration delay);
  // The broker is there (again).
  void OnConnected();

 private:
  enum class Stage { kWaits, kAsked, kAskedAndWantedAgain };

  void AskNext();
  std::optional<std::string> TakeNext();
  void AskThoseUntold();
  void OnOutcome(const std::string& gateway_id, Instant asked, const RequestOutcome& outcome);
  void OnEnded(const std::string& gateway_id, bool again);

  Network* const network_;
  Mutex mutex_;
  absl::flat_hash_map<std::string, Stage> stages_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t asked_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_set<std::string> later_ ABSL_GUARDED_BY(mutex_);
  absl::btree_set<std::string> when_synced_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_SINK_QUESTIONS_H_
