// SPDX-License-Identifier: Apache-2.0
#include "core/directory/status_sync.h"

namespace wirepas_grpc::core {

void StatusSync::OnDisconnected(uint64_t messages) {
  *this = StatusSync(session_kept_);
  messages_at_begin_ = messages;
}

bool StatusSync::OnSubscribed(Instant now, uint64_t messages) {
  if (phase_ == Phase::kSettled) return false;
  phase_ = Phase::kRound;
  end_ = now + kLimit;
  last_check_ = now;
  messages_ = messages;
  return true;
}

void StatusSync::OnStatus(bool retained, Instant now) {
  ++statuses_in_round_;
  if (!retained) return;
  retained_in_round_ = true;
  last_retained_ = now;
}

StatusSync::Verdict StatusSync::Check(Instant now, uint64_t messages,
                                      absl::FunctionRef<bool()> any_unseen) {
  // One that is being dealt with holds up those behind it; and when this comes late, the
  // process itself stood still.
  const bool quiet = messages == messages_ && messages % 2 == 0 && now - last_check_ < 2 * kQuiet;
  messages_ = messages;
  last_check_ = now;
  switch (phase_) {
    case Phase::kRound:
      if (quiet || now >= end_) return EndRound(now, quiet, any_unseen());
      break;
    case Phase::kBacklog:
      if (quiet || now >= end_) return AskAgain();
      break;
    case Phase::kStatuses:
      return AwaitEndOfStatuses(now, quiet);
    case Phase::kIdle:
    case Phase::kSettled:
      return {};
  }
  return {.check_again = true};
}

StatusSync::Verdict StatusSync::EndRound(Instant now, bool quiet, bool any_unseen) {
  if (quiet) collecting_ = false;
  end_ = now + kLongest;
  Verdict verdict;
  if (!asked_again_ && OverlaidByBacklog()) {
    phase_ = Phase::kBacklog;
    verdict = quiet ? AskAgain() : Verdict{.check_again = true};
  } else if (any_unseen) {
    phase_ = Phase::kStatuses;
    verdict = AwaitEndOfStatuses(now, quiet);
  } else {
    phase_ = Phase::kSettled;
    collecting_ = false;
  }
  verdict.synced = true;
  return verdict;
}

bool StatusSync::OverlaidByBacklog() const {
  return session_kept_ && (messages_ - messages_at_begin_) / 2 > statuses_in_round_ + kFew;
}

StatusSync::Verdict StatusSync::AwaitEndOfStatuses(Instant now, bool quiet) {
  const bool ended = retained_in_round_ && (quiet || now - last_retained_ >= kStatusQuiet);
  if (!ended && now < end_) return {.check_again = true};
  phase_ = Phase::kSettled;
  collecting_ = false;
  return {.complete = true};
}

StatusSync::Verdict StatusSync::AskAgain() {
  phase_ = Phase::kIdle;
  asked_again_ = true;
  messages_at_begin_ = messages_;
  statuses_in_round_ = 0;
  retained_in_round_ = false;
  return {.ask_again = true};
}

}  // namespace wirepas_grpc::core
