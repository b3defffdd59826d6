// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NETWORK_SINK_REFRESH_H_
#define WIREPAS_GRPC_CORE_NETWORK_SINK_REFRESH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "core/base/instant.h"
#include "core/base/mutex.h"
#include "core/directory/sink_scope.h"
#include "core/requests/tracker.h"

namespace wirepas_grpc::core {

class Network;

// Asks gateways for the configs of all their sinks, for callers. Those who ask at about the
// same time share one question per gateway; each waits for as long as it likes, and one that
// goes leaves the question to the others. Thread-safe.
class SinkRefresh {
 public:
  // A question that has been out for longer is not joined: it may have been lost.
  static constexpr absl::Duration kJoined = absl::Seconds(1);

  using Done = absl::AnyInvocable<void(SinkAnswers)>;

  // `network` outlives it, and what it calls back.
  explicit SinkRefresh(Network* network) : network_(network) {}

  // Asks all at once; they need not be known. `done` is called once, on the executor: when
  // all have answered or failed, when `limit` is over, or after Cancel(). `limit` says who
  // asks too: whoever puts a question has its place. Returns an id for Cancel(), never 0.
  uint64_t Start(const std::vector<GatewayPtr>& gateways, const RequestLimit& limit, Done done);

  // Ends the wait now, unless it has ended.
  void Cancel(uint64_t id);

  // Callers that wait.
  size_t waiting() const;

 private:
  struct Round;
  struct Question;
  using QuestionPtr = std::shared_ptr<Question>;

  // True: it is new, and is to be put.
  bool JoinLocked(const std::string& gateway_id, uint64_t round, QuestionPtr* question)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Put(const std::string& gateway_id, const QuestionPtr& question, RequestLimit limit);
  void OnOutcome(const std::string& gateway_id, const QuestionPtr& question,
                 const RequestOutcome& outcome);
  void EndWait(uint64_t id, bool cancelled);
  // Of one that waits no longer, ends the waits whose questions are known to have gone out or
  // not; the others' ends are about to come. Adds the requests that nobody waits for.
  void EndOverdueLocked(uint64_t id, std::vector<RequestId>* unwanted)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What comes of a question for it. False: its end is about to come.
  bool GiveUpLocked(const std::string& gateway_id, const Question& question, Round* round)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Nobody joins it any more.
  void DropLocked(const std::string& gateway_id, const QuestionPtr& question)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FinishLocked(uint64_t id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Network* const network_;
  mutable Mutex mutex_;
  absl::flat_hash_map<uint64_t, std::shared_ptr<Round>> rounds_ ABSL_GUARDED_BY(mutex_);
  // By gateway, the last one put.
  absl::flat_hash_map<std::string, QuestionPtr> questions_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_round_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_SINK_REFRESH_H_
