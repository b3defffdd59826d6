// SPDX-License-Identifier: Apache-2.0
#include "core/directory/status_sync.h"

#include <algorithm>
#include <utility>

namespace wirepas_grpc::core {

void StatusSync::OnDisconnected(uint64_t messages) {
  *this = StatusSync();
  messages_at_begin_ = messages;
}

bool StatusSync::OnSubscribed(Instant now, uint64_t messages) {
  if (phase_ == Phase::kSettled) return false;
  phase_ = Phase::kRound;
  ++rounds_;
  end_ = now + kLimit;
  last_check_ = last_status_ = now;
  messages_ = messages;
  return true;
}

void StatusSync::OnStatus(absl::string_view gateway_id, bool retained, Instant now) {
  last_status_ = now;
  ++statuses_in_round_;
  if (phase_ == Phase::kSettled) return;
  if (seen_.emplace(gateway_id).second) ++new_in_round_;
  if (retained) retained_.emplace(gateway_id);
}

void StatusSync::OnCleared(absl::string_view gateway_id) {
  seen_.erase(gateway_id);
  retained_before_.erase(gateway_id);
  retained_.erase(gateway_id);
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
    case Phase::kPause:
      if (now >= end_) return AskAgain();
      break;
    case Phase::kIdle:
    case Phase::kSettled:
      return {};
  }
  return {.check_again = true};
}

StatusSync::Verdict StatusSync::EndRound(Instant now, bool quiet, bool any_unseen) {
  const bool repetition = IsRepetition(now, quiet);
  confirmed_ = repetition ? confirmed_ + 1 : 0;
  if (quiet) collecting_ = false;
  Verdict verdict{.synced = true};
  const bool open = any_unseen && !(retained_before_.empty() && retained_.empty());
  verdict.remove_unseen = open && confirmed_ >= (quiet ? 1 : 2);
  const bool settled = open ? verdict.remove_unseen : repetition || (quiet && !OthersCame());
  if (settled || rounds_ >= kMaxRounds) {
    phase_ = Phase::kSettled;  // the caller may still ask what was seen
    collecting_ = false;
    return verdict;
  }
  new_in_round_ = 0;  // from here on for the next round
  phase_ = quiet ? Phase::kPause : Phase::kBacklog;
  end_ = now + (quiet ? pause_ : kMaxBacklog);
  if (quiet) pause_ = std::min(2 * pause_, kLongestPause);
  verdict.check_again = true;
  return verdict;
}

bool StatusSync::IsRepetition(Instant now, bool quiet) const {
  return rounds_ > 1 && new_in_round_ == 0 && (quiet || now - last_status_ >= kStatusQuiet) &&
         std::all_of(retained_before_.begin(), retained_before_.end(),
                     [this](const std::string& id) { return retained_.contains(id); });
}

StatusSync::Verdict StatusSync::AskAgain() {
  phase_ = Phase::kIdle;
  retained_before_.merge(retained_);
  retained_.clear();
  messages_at_begin_ = messages_;
  statuses_in_round_ = 0;
  return {.ask_again = true};
}

void StatusSync::Settle() {
  phase_ = Phase::kSettled;
  collecting_ = false;
  seen_.clear();
  retained_before_.clear();
  retained_.clear();
}

}  // namespace wirepas_grpc::core
