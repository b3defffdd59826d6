// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_DIRECTORY_STATUS_SYNC_H_
#define WIREPAS_GRPC_CORE_DIRECTORY_STATUS_SYNC_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/instant.h"

namespace wirepas_grpc::core {

// Judges whether the statuses that the broker retains have come, on one connection after the
// other. No message marks their end, so it goes by these signs:
//
// A round begins when the broker answers a SUBSCRIBE to the statuses, upon which it sends them.
// It ends in quiet when no message of any kind has come for kQuiet: whatever the session at the
// broker had kept comes before them, and they wait behind it. Or it is cut off after kLimit.
// Either way the directory has what can be waited for: it is synced.
//
// One round proves nothing of those whose status has not come: the connection may have stalled,
// the broker may be slow, or have dropped what found no room behind a backlog. So it is
// subscribed to again, upon which the broker sends all statuses again: once other messages came
// with the statuses, when they end; and while there are gateways that have not been seen on this
// connection. This goes on, after pauses that grow, until a round is a repetition: it had every
// status again that came before and none of a gateway that was new, and ended in quiet, or without
// a status for kStatusQuiet. Then the gateways that were not seen are gone from the broker;
// without quiet, after two such rounds. A broker that retains no status, or does not send them
// again, tells of nobody that it is gone. After kMaxRounds it is left at that until the next
// connection.
//
// Not thread-safe.
class StatusSync {
 public:
  static constexpr absl::Duration kQuiet = absl::Milliseconds(250);
  static constexpr absl::Duration kLimit = absl::Seconds(2);
  static constexpr absl::Duration kStatusQuiet = absl::Seconds(1);
  // A backlog that lasts longer is taken for traffic that does not end.
  static constexpr absl::Duration kMaxBacklog = absl::Seconds(30);
  // Before statuses are asked for again for the sake of those not seen.
  static constexpr absl::Duration kFirstPause = absl::Seconds(2);
  static constexpr absl::Duration kLongestPause = absl::Minutes(1);
  static constexpr int kMaxRounds = 3;

  // The connection is lost: what counts for the next one is gathered from here on, since
  // statuses may come before the broker confirms the subscription.
  // What a session at the broker had kept may come before that too. `messages` as below.
  void OnDisconnected(uint64_t messages);

  // The broker has answered a SUBSCRIBE. `messages` grows with every message that comes, also
  // with the beginning and the end of one: it is even while none is being dealt with. True:
  // Check() is to be called every kQuiet from now on.
  bool OnSubscribed(Instant now, uint64_t messages);

  // A status came of a gateway that is in the directory.
  void OnStatus(absl::string_view gateway_id, bool retained, Instant now);
  // A gateway was cleared from the broker.
  void OnCleared(absl::string_view gateway_id);

  struct Verdict {
    bool synced = false;
    bool remove_unseen = false;  // those of whom seen() says false are gone from the broker
    bool ask_again = false;      // subscribe to the statuses again
    bool check_again = false;    // call Check() again
  };
  // `any_unseen` tells whether there is a gateway with a status of which `seen` says false.
  Verdict Check(Instant now, uint64_t messages, absl::FunctionRef<bool()> any_unseen);

  // A status of it came on this connection. Until it is settled.
  bool seen(absl::string_view gateway_id) const { return seen_.contains(gateway_id); }
  // Statuses may be on their way that the broker sends for the subscription.
  bool collecting() const { return collecting_; }
  // Nothing further is found out on this connection.
  void Settle();

 private:
  using Ids = absl::flat_hash_set<std::string>;
  enum class Phase {
    kIdle,     // the broker's answer to a SUBSCRIBE is awaited
    kRound,    // the statuses are coming
    kBacklog,  // the round was cut off, and messages still come
    kPause,    // until it is asked again
    kSettled,
  };

  Verdict EndRound(Instant now, bool quiet, bool any_unseen);
  bool OthersCame() const { return (messages_ - messages_at_begin_) / 2 > statuses_in_round_; }
  // Whether the round had all again that came before, and nothing new.
  bool IsRepetition(Instant now, bool quiet) const;
  Verdict AskAgain();

  Phase phase_ = Phase::kIdle;
  bool collecting_ = true;
  int rounds_ = 0;     // of this connection
  int confirmed_ = 0;  // the last so many were repetitions
  Instant end_;        // of the round, the wait for the end of the backlog, or the pause
  Instant last_check_;
  Instant last_status_;
  uint64_t messages_ = 0;           // at the last check
  uint64_t messages_at_begin_ = 0;  // of the round
  uint64_t statuses_in_round_ = 0;  // messages that were statuses
  absl::Duration pause_ = kFirstPause;
  Ids seen_;                 // on this connection
  Ids retained_before_;      // what came retained before this round
  Ids retained_;             // and in it
  size_t new_in_round_ = 0;  // gateways
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_DIRECTORY_STATUS_SYNC_H_
