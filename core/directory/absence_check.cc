// SPDX-License-Identifier: Apache-2.0
#include "core/directory/absence_check.h"

#include <algorithm>
#include <utility>

namespace wirepas_grpc::core {

void AbsenceCheck::Begin(Instant now, const std::vector<std::string>& gateway_ids) {
  GiveUp();
  if (now < truce_end_) return;
  first_.assign(gateway_ids.begin(), gateway_ids.end());
  many_ = kMany;
  failures_ = 0;
  next_ask_ = now;
  second_from_ = now + kApart;
}

absl::Duration AbsenceCheck::NextIn(Instant now) const {
  return group_.asked.empty() ? std::max(kTick, next_ask_ - now) : kTick;
}

std::vector<std::string> AbsenceCheck::OnDisconnected(Instant now) {
  std::vector<std::string> asked = group_.asked;
  if (!group_.unanswered.empty() || !group_.refused.empty()) {
    truce_end_ = std::exchange(was_cut_off_, true) ? Instant::InfiniteFuture() : now + kTruce;
  }
  GiveUp();
  return asked;
}

AbsenceCheck::Step AbsenceCheck::Next(Instant now, uint64_t messages,
                                      absl::FunctionRef<bool(absl::string_view)> unseen,
                                      absl::FunctionRef<std::string()> canary) {
  Step step;
  // When this comes late, the process itself stood still.
  const bool still =
      !std::exchange(came_since_tick_, false) && messages % 2 == 0 && now - last_tick_ < 2 * kTick;
  last_tick_ = now;
  if (!group_.asked.empty()) {
    const Outcome outcome = Judge(now, still);
    if (outcome == Outcome::kOpen) return step;
    EndGroup(outcome, now, unseen, &step);
  }
  if (now >= next_ask_) AskNext(now, messages, unseen, canary, &step);
  const auto asked_again = [&](const std::string& id) {
    return std::find(step.ask.begin(), step.ask.end(), id) != step.ask.end();
  };
  step.end_ask.erase(std::remove_if(step.end_ask.begin(), step.end_ask.end(), asked_again),
                     step.end_ask.end());
  return step;
}

AbsenceCheck::Outcome AbsenceCheck::Judge(Instant now, bool still) const {
  const bool crowded = group_.counts && group_.messages_before_canary > kRoom;
  if (crowded || group_.refused.contains(group_.asked.back())) return Outcome::kFailed;
  const bool told = group_.canary_came && group_.unanswered.empty() && (still || !group_.counts);
  if (told) return Outcome::kTold;
  return now >= group_.end ? Outcome::kFailed : Outcome::kOpen;
}

void AbsenceCheck::EndGroup(Outcome outcome, Instant now,
                            absl::FunctionRef<bool(absl::string_view)> unseen, Step* step) {
  Group group = std::exchange(group_, {});
  step->end_ask = group.asked;
  group.asked.pop_back();
  if (outcome == Outcome::kFailed) {
    if (++failures_ >= kMaxFailures) return GiveUp();
    many_ = kFew;
    next_ask_ = now + kPause;
    Queue* const queue = group.counts ? &second_ : &first_;
    queue->insert(queue->begin(), group.asked.begin(), group.asked.end());
    return;
  }
  failures_ = 0;
  for (std::string& id : group.asked) {
    if (group.refused.contains(id) || !unseen(id)) continue;
    if (group.counts) {
      step->gone.push_back(std::move(id));
    } else {
      second_.push_back(std::move(id));
    }
  }
}

void AbsenceCheck::AskNext(Instant now, uint64_t messages,
                           absl::FunctionRef<bool(absl::string_view)> unseen,
                           absl::FunctionRef<std::string()> canary, Step* step) {
  const bool counts = first_.empty();
  if (counts && !second_.empty() && now < second_from_) {
    next_ask_ = second_from_;
    return;
  }
  Queue* const queue = counts ? &second_ : &first_;
  const size_t size = counts ? kFew : many_;
  while (!queue->empty() && group_.asked.size() < size) {
    if (unseen(queue->front())) group_.asked.push_back(std::move(queue->front()));
    queue->pop_front();
  }
  if (group_.asked.empty()) {
    was_cut_off_ = was_cut_off_ && active();
    return;
  }
  std::string last = canary();
  if (last.empty()) return GiveUp();
  group_.asked.push_back(std::move(last));
  group_.counts = counts;
  group_.unanswered.insert(group_.asked.begin(), group_.asked.end());
  group_.messages_at_ask = messages;
  group_.end = now + kAnswerLimit;
  step->ask = group_.asked;
}

void AbsenceCheck::GiveUp() {
  first_.clear();
  second_.clear();
  group_ = {};
}

void AbsenceCheck::OnRetainedStatus(absl::string_view gateway_id, uint64_t messages) {
  came_since_tick_ = true;
  if (group_.asked.empty() || group_.canary_came || gateway_id != group_.asked.back()) return;
  // One from before the others were dealt with tells nothing of them.
  if (group_.unanswered.size() > group_.unanswered.count(gateway_id)) return;
  group_.canary_came = true;
  group_.messages_before_canary = (messages - group_.messages_at_ask) / 2;
}

void AbsenceCheck::OnAnswer(absl::string_view gateway_id, bool granted) {
  // One to a group before comes late.
  if (group_.unanswered.erase(gateway_id) == 0 || granted) return;
  group_.refused.emplace(gateway_id);
}

}  // namespace wirepas_grpc::core
