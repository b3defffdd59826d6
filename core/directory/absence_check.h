// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_DIRECTORY_ABSENCE_CHECK_H_
#define WIREPAS_GRPC_CORE_DIRECTORY_ABSENCE_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/instant.h"

namespace wirepas_grpc::core {

// Finds out of which gateways the broker retains no status any more, on one connection. That
// theirs did not come for a subscription to all proves nothing: some brokers send as many as
// they have room for, the same ones each time. So each is asked for by itself, in groups that
// end with a canary: a gateway whose status is known to be at the broker. Brokers deal with the
// packets of a connection in their order, so when the canary's status has come, theirs have.
//
// First all are asked for, kMany at a time. A broker that was restarted may have lost what it
// retained, so those whose status did not come have time to reconnect, and tell. Those of whom
// nothing came until kApart after the beginning are asked for once more, kFew at a time, and only
// this counts. One is gone when
//  - the broker granted its subscription, and then the canary's and sent the canary's status;
//  - so few messages came before that, that the broker had room for all that it had to send: it
//    would not have dropped this one and kept the canary's, which came behind it;
//  - and after that no retained status came for a kTick, from a broker that does not keep the
//    order.
// Whoever may not be asked for stays. A group without its canary tells nothing: it is asked
// again with another one, kFew at a time, until that has failed kMaxFailures times in a row;
// then it is left at that.
//
// Some brokers disconnect whoever asks for what he may not. When a connection ends before all
// of a group were granted, nobody is asked for on the next ones, for kTruce; and when that comes
// again before a check has come to its end, never again.
//
// Not thread-safe.
class AbsenceCheck {
 public:
  static constexpr absl::Duration kTick = absl::Milliseconds(100);
  static constexpr size_t kMany = 40;
  static constexpr size_t kFew = 8;
  // So many messages every broker keeps for a client.
  static constexpr uint64_t kRoom = 100;
  static constexpr absl::Duration kAnswerLimit = absl::Seconds(5);
  // After a group that failed.
  static constexpr absl::Duration kPause = absl::Seconds(2);
  static constexpr int kMaxFailures = 3;
  // A gateway that tries every 2 minutes is back by then.
  static constexpr absl::Duration kApart = absl::Minutes(3);
  static constexpr absl::Duration kTruce = absl::Hours(1);

  // If it is active() afterwards, Next() is to be called, and again as NextIn() says.
  void Begin(Instant now, const std::vector<std::string>& gateway_ids);
  bool active() const { return asking() || !second_.empty(); }
  // Statuses may be on their way, or have not been asked for yet for the first time.
  bool asking() const { return !first_.empty() || !group_.asked.empty(); }
  absl::Duration NextIn(Instant now) const;
  // It is over. What AskFor() may have subscribed to is to be given up: of two connections to
  // the broker (SplitBrokerClient) the one with it may be there still.
  std::vector<std::string> OnDisconnected(Instant now);

  struct Step {
    std::vector<std::string> gone;
    std::vector<std::string> end_ask;  // subscriptions to give up, before
    // Subscribing to these, in this order. One that is subscribed to already is among them when
    // it is the canary again: given up first, it could be subscribed to before the others.
    std::vector<std::string> ask;
  };
  // `messages` as in StatusSync. `unseen`: no status of the gateway came on this connection.
  // `canary` names one; empty: there is none. When it is no longer active() afterwards, all is
  // found out that can be.
  Step Next(Instant now, uint64_t messages, absl::FunctionRef<bool(absl::string_view)> unseen,
            absl::FunctionRef<std::string()> canary);

  void OnRetainedStatus(absl::string_view gateway_id, uint64_t messages);
  void OnAnswer(absl::string_view gateway_id, bool granted);

 private:
  using Queue = std::deque<std::string>;
  enum class Outcome { kOpen, kTold, kFailed };

  // Asked for together.
  struct Group {
    std::vector<std::string> asked;  // the canary is the last; empty: there is no group
    bool counts = false;             // it is the second time
    absl::flat_hash_set<std::string> unanswered;
    absl::flat_hash_set<std::string> refused;
    bool canary_came = false;
    uint64_t messages_at_ask = 0;
    uint64_t messages_before_canary = 0;
    Instant end;
  };

  Outcome Judge(Instant now, bool still) const;
  void EndGroup(Outcome outcome, Instant now, absl::FunctionRef<bool(absl::string_view)> unseen,
                Step* step);
  void AskNext(Instant now, uint64_t messages, absl::FunctionRef<bool(absl::string_view)> unseen,
               absl::FunctionRef<std::string()> canary, Step* step);
  void GiveUp();

  Queue first_;   // to be asked for the first time
  Queue second_;  // and once more
  Group group_;
  size_t many_ = kMany;
  int failures_ = 0;  // in a row
  Instant next_ask_;
  Instant second_from_;
  Instant last_tick_;
  bool came_since_tick_ = false;  // a retained status

  // Over all connections.
  bool was_cut_off_ = false;  // and no check has come to its end since
  Instant truce_end_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_DIRECTORY_ABSENCE_CHECK_H_
