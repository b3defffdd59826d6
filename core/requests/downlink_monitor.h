// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_REQUESTS_DOWNLINK_MONITOR_H_
#define WIREPAS_GRPC_CORE_REQUESTS_DOWNLINK_MONITOR_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/gateway_api/topics.h"
#include "core/traffic/downlink.h"
#include "core/traffic/sequenced_log.h"
#include "gateway_api/generic_message.pb.h"

namespace wirepas_grpc::core {

using DownlinkLog = SequencedLog<Downlink>;

// Pairs the send_data requests of all backends with the gateways' answers, and
// appends each pair, or a request that stayed without answer, to a log. Bounded:
// when too many requests wait, or more bytes than the log keeps, the oldest
// counts as unanswered. The feeding calls
// come from the broker's thread; thread-safe.
class DownlinkMonitor {
 public:
  struct Options {
    absl::Duration answer_timeout = absl::Seconds(10);
    size_t max_waiting = 20000;
    DownlinkLog::Options log;
  };

  DownlinkMonitor(const Options& options, Executor* executor, Scheduler* scheduler);

  void OnRequest(const Topic& topic, wirepas::proto::gateway_api::SendPacketReq* request);
  void OnResponse(const Topic& topic, const wirepas::proto::gateway_api::SendPacketResp& response);
  // What waits is reported as unanswered, and a gap marks what will be missed.
  void OnDisconnected();

  DownlinkLog& log() { return log_; }

 private:
  using Key = std::pair<std::string, uint64_t>;  // gateway id, request id
  struct Arrival {
    Key key;
    Instant seen;
  };
  struct Waiting {
    std::unique_ptr<Downlink> downlink;
    Instant seen;
  };

  void Append(std::unique_ptr<Downlink> downlink);
  std::optional<Waiting> TakeLocked(const Key& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The oldest arrival counts as unanswered, unless it was answered.
  void ExpireOldestLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ArmTimerLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnTimer();

  const Options options_;
  Scheduler* const scheduler_;
  DownlinkLog log_;

  Mutex mutex_;  // also makes the log's writers one at a time
  absl::flat_hash_map<Key, Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  // All have the same timeout, so the order of arrival is that of deadlines.
  // Answered ones stay until they come to the front.
  std::deque<Arrival> arrivals_ ABSL_GUARDED_BY(mutex_);
  bool timer_armed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_REQUESTS_DOWNLINK_MONITOR_H_
