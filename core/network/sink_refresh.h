// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NETWORK_SINK_REFRESH_H_
#define WIREPAS_GRPC_CORE_NETWORK_SINK_REFRESH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "core/base/instant.h"
#include "core/base/mutex.h"
#include "core/directory/sink_scope.h"
#include "core/requests/places.h"
#include "core/requests/tracker.h"

namespace wirepas_grpc::core {

class Network;

// Asks gateways for the configs of all their sinks, for callers. Those who ask at about the
// same time share one question per gateway; each waits for as long as it likes, and one that
// goes leaves the question to the others. A question that cannot be put, as for want of a
// place, fails for the one who would have put it: the others put it in turn. Thread-safe.
class SinkRefresh {
 public:
  // A question that has been out for longer is not joined: it may have been lost.
  static constexpr absl::Duration kJoined = absl::Seconds(1);
  // How many may wait for gateways at once, each counted for each gateway; divided among those
  // who ask like the places for requests, of which those who share a question have one.
  static constexpr size_t kMaxWaits = 200000;

  using Done = absl::AnyInvocable<void(SinkAnswers)>;

  // `network` and `executor` outlive it, and what it calls back.
  SinkRefresh(Network* network, Executor* executor, size_t max_waits = kMaxWaits)
      : network_(network), waits_(max_waits, executor) {}

  // Asks all, on the executor; they need not be known. `done` is called once, there too: when
  // all have answered or failed, when `limit` is over, or after Cancel(). `limit` says who
  // asks too: whoever puts a question has its place. Nothing is asked for one who waits no
  // longer. Returns an id for Cancel(), never 0.
  uint64_t Start(const std::vector<GatewayPtr>& gateways, const RequestLimit& limit, Done done);

  // Ends the wait now, unless it has ended.
  void Cancel(uint64_t id);

  // Callers that wait.
  size_t waiting() const;

 private:
  struct Round;
  struct Question;
  using QuestionPtr = std::shared_ptr<Question>;

  using Questions = std::vector<std::pair<std::string, QuestionPtr>>;  // by gateway

  // True: it is new, and is to be put.
  bool JoinLocked(const std::string& gateway_id, uint64_t round, QuestionPtr* question)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Has them put one by one, from the one at `next` on.
  void PutLater(std::shared_ptr<const Questions> questions, size_t next);
  // For the first who waits for it; if somebody does.
  void Put(const std::string& gateway_id, const QuestionPtr& question);
  void OnOutcome(const std::string& gateway_id, const QuestionPtr& question,
                 const RequestOutcome& outcome);
  void EndWait(uint64_t id, bool cancelled);
  // Of one that waits no longer, ends the waits for all questions but those whose ends are
  // about to come, which end them. Adds the requests that nobody waits for.
  void EndOverdueLocked(uint64_t id, std::vector<RequestKey>* unwanted)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What comes of a question for it. False: its end is about to come.
  bool GiveUpLocked(const std::string& gateway_id, const Question& question, Round* round)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Nobody joins it any more.
  void DropLocked(const std::string& gateway_id, const QuestionPtr& question)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FinishLocked(uint64_t id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Network* const network_;
  RequestPlaces waits_;
  mutable Mutex mutex_;
  absl::flat_hash_map<uint64_t, std::shared_ptr<Round>> rounds_ ABSL_GUARDED_BY(mutex_);
  // By gateway, the last one put.
  absl::flat_hash_map<std::string, QuestionPtr> questions_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_round_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_SINK_REFRESH_H_
