// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_DIRECTORY_STATUS_SYNC_H_
#define WIREPAS_GRPC_CORE_DIRECTORY_STATUS_SYNC_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "core/base/instant.h"

namespace wirepas_grpc::core {

// Judges whether the statuses that the broker retains have come, on one connection after the
// other. No message marks their end, so it goes by these signs:
//
// A round begins when the broker answers the SUBSCRIBE to the statuses, upon which it sends
// them. It ends in quiet when no message of any kind has come for kQuiet: whatever the session
// at the broker had kept comes before them, and they wait behind it. Or it is cut off after
// kLimit. Either way the directory has what can be waited for: it is synced.
//
// Behind a backlog that a session had kept the broker may have had no room for them. So when it
// ends they are asked for again, once: that costs the broker the room for live messages.
//
// What has not come then is not gone for that: the broker may have room for so many and no more.
// It is looked into when the statuses have come to an end: see AbsenceCheck. A slow broker's
// first one is waited for.
//
//   kIdle      the broker's answer is awaited.      it comes: kRound
//   kRound     the statuses are coming.             quiet, or kLimit: see EndRound()
//   kBacklog   others come, and have come with      quiet, or kLongest: asked again, kIdle
//              the statuses.
//   kStatuses  some gateways have not been seen.    the statuses end, or kLongest: kSettled
//   kSettled
//
// Not thread-safe.
class StatusSync {
 public:
  static constexpr absl::Duration kQuiet = absl::Milliseconds(250);
  // Shorter than the 2 s that requests have, so that it is told what they fail for.
  static constexpr absl::Duration kLimit = absl::Milliseconds(1500);
  // While other messages come all the time, statuses have ended after so long without one.
  static constexpr absl::Duration kStatusQuiet = absl::Seconds(1);
  // A backlog that lasts longer is taken for traffic that does not end; a status that comes
  // later is not waited for.
  static constexpr absl::Duration kLongest = absl::Seconds(30);
  // So few others are no backlog: there is room for them beside the statuses.
  static constexpr uint64_t kFew = 20;

  // `session_kept`: by the broker, with what comes while there is no connection.
  explicit StatusSync(bool session_kept) : session_kept_(session_kept) {}

  // The connection is lost: what counts for the next one is gathered from here on, since
  // statuses may come before the broker confirms the subscription.
  // What a session at the broker had kept may come before that too. `messages` as below.
  void OnDisconnected(uint64_t messages);

  // The broker has answered a SUBSCRIBE. `messages` grows with every message that comes, also
  // with the beginning and the end of one: it is even while none is being dealt with. True:
  // Check() is to be called every kQuiet from now on.
  bool OnSubscribed(Instant now, uint64_t messages);

  void OnStatus(bool retained, Instant now);

  struct Verdict {
    bool synced = false;
    bool ask_again = false;    // subscribe to the statuses again
    bool complete = false;     // no more of them come: who has not been seen may be gone
    bool check_again = false;  // call Check() again
  };
  // `any_unseen` tells whether there is a gateway with a status of which none came on this
  // connection.
  Verdict Check(Instant now, uint64_t messages, absl::FunctionRef<bool()> any_unseen);

  // Statuses may be on their way that the broker sends for the subscription.
  bool collecting() const { return collecting_; }

 private:
  enum class Phase { kIdle, kRound, kBacklog, kStatuses, kSettled };

  Verdict EndRound(Instant now, bool quiet, bool any_unseen);
  Verdict AskAgain();
  bool OverlaidByBacklog() const;
  Verdict AwaitEndOfStatuses(Instant now, bool quiet);

  bool session_kept_;
  Phase phase_ = Phase::kIdle;
  bool collecting_ = true;
  bool asked_again_ = false;
  Instant end_;  // of the phase, at the latest
  Instant last_check_;
  Instant last_retained_;
  uint64_t messages_ = 0;           // at the last check
  uint64_t messages_at_begin_ = 0;  // of the round
  uint64_t statuses_in_round_ = 0;  // messages that were statuses
  bool retained_in_round_ = false;  // one of them was
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_DIRECTORY_STATUS_SYNC_H_
