// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/interest/uplink_pattern.h"
#include "tests/core/interest/model_world.h"

namespace wirepas_grpc::core {
namespace {

bool Covers(const std::string& wide, const std::string& narrow) {
  if (wide == narrow) return true;
  const auto pattern = UplinkPattern::FromTopicFilter(wide);
  const auto other = UplinkPattern::FromTopicFilter(narrow);
  return pattern.has_value() && other.has_value() && pattern->Covers(*other);
}

bool Covered(const std::set<std::string>& by, const std::string& filter) {
  return std::any_of(by.begin(), by.end(),
                     [&](const std::string& wide) { return Covers(wide, filter); });
}

bool IsUplinks(const std::string& filter) {
  return UplinkPattern::FromTopicFilter(filter).has_value();
}

}  // namespace

void ModelWorld::ReadLog() {
  // What was not put there by something the broker sent, came before what it sends next.
  entry_times_.resize(log_.next(), broker_.next_time());
  for (; log_read_ < log_.next(); ++log_read_) {
    const auto read = log_.Read(log_read_, 1, [](const Uplink&) { return true; });
    if (!read.gap.has_value()) continue;
    markers_.push_back(log_read_);
    ++seen_.markers;
    Trace(absl::StrCat("a gap is marked: ", log_read_));
    const uint64_t causes = broker_.losses() + broker_.refusals();
    if (causes == causes_settled_ && !settings_.disk_fails) Fail("a gap is marked without a cause");
  }
}

void ModelWorld::ReadResults() {
  for (Reader& reader : readers_) {
    const std::optional<absl::Status> result = reader.interest->result();
    const Coverage coverage = reader.interest->coverage();
    if (result == reader.result && coverage == reader.coverage) continue;
    const bool was_over = reader.result.has_value() && !reader.result->ok() && !reader.terms.stays;
    if (was_over && result != reader.result) {
      Fail(absl::StrCat("reader ", reader.number, " was over"));
    }
    if (reader.result.has_value() && !result.has_value()) Fail("a result is nothing again");
    reader.changes += result != reader.result;
    reader.result = result;
    reader.coverage = coverage;
    check_truth_ = true;
    Trace(absl::StrCat("reader ", reader.number, " is told ",
                       result.has_value() ? absl::StatusCodeToString(result->code()) : "nothing",
                       ", covered since ", coverage.since, " but for ", coverage.hole_begin, " to ",
                       coverage.hole_end));
  }
}

bool ModelWorld::lossless() const { return !settings_.refuses && !session_lost_; }

void ModelWorld::Check() {
  ReadLog();
  ReadResults();
  if (!broker_.session()) session_lost_ = true;
  if (broker_.early_unsubscribe().has_value()) {
    Fail(absl::StrCat("given up before all was answered: ", *broker_.early_unsubscribe()));
  }
  const bool is_settled = settled();
  if (is_settled) {
    ++seen_.settled;
    // What is refused for now may be granted, with a gap, much later.
    if (broker_.put_off().empty()) causes_settled_ = broker_.losses() + broker_.refusals();
    session_lost_ = false;
    if (restored_until_ == absl::InfiniteFuture()) restored_until_ = now_ + absl::Seconds(10);
  }
  CheckCoverage();
  CheckTruth(is_settled);
  if (is_settled) CheckMinimal();
  if (settings_.has_store) CheckStore();
  if (run_->subscriptions->uplink_filters() > settings_.max_uplink_filters) {
    Fail("more uplink filters are needed than may be");
  }
}

bool ModelWorld::Waits(const Reader& reader) const {
  const std::set<std::string> granted = broker_.Granted(/*on_the_way=*/false);
  const std::set<std::string>& put_off = broker_.put_off();
  const auto waits = [&](const std::string& filter) {
    // Without the one to all uplinks there may be no room for it, nor for what is to serve it.
    if (IsUplinks(filter) && put_off.contains(kUplinkFilter)) return true;
    return put_off.contains(filter) && !Covered(granted, filter);
  };
  return std::any_of(reader.topic_filters.begin(), reader.topic_filters.end(), waits);
}

void ModelWorld::CheckCoverage() {
  const bool is_settled = settled();
  if (!is_settled && !broker_.connected() && !lossless()) return;
  if (!is_settled && settings_.refuses) return;
  const std::set<std::string> granted = broker_.Granted(/*on_the_way=*/!is_settled);
  for (const Reader& reader : readers_) {
    if (is_settled && Waits(reader)) {
      ++seen_.waits;
      continue;
    }
    if (!reader.result.has_value()) {
      if (is_settled) Fail(absl::StrCat("reader ", reader.number, " has no result"));
      continue;
    }
    if (!reader.result->ok()) continue;
    for (const std::string& filter : reader.topic_filters) {
      if (Covered(granted, filter)) continue;
      Fail(absl::StrCat("reader ", reader.number, " does not get ", filter));
    }
  }
}

std::optional<uint64_t> ModelWorld::NextDelivered(size_t from, int step,
                                                  const std::string& topic_filter) {
  const std::vector<ModelMessage>& messages = broker_.messages();
  for (size_t i = from + step; i < messages.size(); i += step) {
    if (messages[i].delivered_at == 0) continue;
    if (TopicMatches(topic_filter, messages[i].Topic())) return messages[i].delivered_at;
  }
  return std::nullopt;
}

uint64_t ModelWorld::PlaceOf(size_t message) {
  const auto place =
      std::lower_bound(entry_times_.begin(), entry_times_.end(), broker_.messages()[message].time);
  return static_cast<uint64_t>(place - entry_times_.begin());
}

// A marker lies where the message would be, before anything that came after it.
bool ModelWorld::IsToldToAll(size_t lost) {
  const auto marker = std::lower_bound(markers_.begin(), markers_.end(), PlaceOf(lost));
  if (marker == markers_.end() || settings_.refuses) return marker != markers_.end();
  return *marker < NextDelivered(lost, 1, "#").value_or(~0ull);
}

// Wherever the reader may begin, before the message would have come, it meets a marker
// between the neighbours of the message among those that arrive at the same topic filter.
// What comes for another filter meanwhile may come before that marker, at the end of the
// hole. With refusals just a marker: what was queued before one may come after it.
bool ModelWorld::IsTold(size_t lost, const Reader& reader) {
  // The last entry to begin at from which the message was promised.
  uint64_t begin = PlaceOf(lost);
  if (reader.coverage.Misses(begin)) begin = std::min(begin, reader.coverage.hole_begin);
  if (begin == 0 || reader.coverage.Misses(begin)) return true;
  if (settings_.refuses) return !markers_.empty() && markers_.back() >= begin;
  for (const std::string& topic_filter : reader.topic_filters) {
    if (!TopicMatches(topic_filter, broker_.messages()[lost].Topic())) continue;
    const uint64_t before = NextDelivered(lost, -1, topic_filter).value_or(0);
    const uint64_t after = NextDelivered(lost, 1, topic_filter).value_or(~0ull);
    const auto marker =
        std::lower_bound(markers_.begin(), markers_.end(), std::max(begin, before + 1));
    if (marker == markers_.end()) return false;
    if (*marker >= std::max(after, reader.coverage.hole_end)) return false;
  }
  return true;
}

void ModelWorld::CheckTruth(bool is_settled) {
  for (const size_t lost : broker_.TakeLost()) {
    untold_.push_back(lost);
    check_truth_ = true;
    ++seen_.lost;
  }
  if (!check_truth_ || !is_settled) return;
  check_truth_ = false;
  std::erase_if(untold_, [this](size_t lost) { return IsToldToAll(lost); });
  for (const Reader& reader : readers_) {
    if (!reader.uplinks.has_value() || !reader.result.has_value() || !reader.result->ok()) continue;
    if (Waits(reader)) continue;  // it is told at the end of that
    ++seen_.claims;
    const uint64_t since = reader.coverage.since;
    if (since == 0 || since > log_.next()) {
      Fail(absl::StrCat("reader ", reader.number, ": covered since ", since));
      continue;
    }
    if (reader.coverage.is_open()) Fail(absl::StrCat("reader ", reader.number, " misses some"));
    for (const size_t lost : untold_) {
      if (!reader.uplinks->Matches(broker_.messages()[lost]) || IsTold(lost, reader)) continue;
      Fail(absl::StrCat("reader ", reader.number, ", covered since ", since, ", was not told of ",
                        lost));
    }
    const uint64_t from = entry_times_[since - 1];
    for (const ModelMessage& message : broker_.messages()) {
      if (message.delivered_at == 0 || message.time <= from || message.delivered_at >= since ||
          !reader.uplinks->Matches(message)) {
        continue;
      }
      Fail(absl::StrCat("reader ", reader.number, " begins behind what it was promised"));
    }
  }
}

std::set<std::string> ModelWorld::Wanted() const {
  std::set<std::string> wanted;
  for (const Reader& reader : readers_) {
    wanted.insert(reader.topic_filters.begin(), reader.topic_filters.end());
  }
  for (const auto& [key, until] : lingering_) {
    if (until > now_) wanted.insert(std::get<0>(key).begin(), std::get<0>(key).end());
  }
  if (restored_until_ > now_) wanted.insert(restored_.begin(), restored_.end());
  return wanted;
}

void ModelWorld::CheckMinimal() {
  if (disk_failed_ || forgetful_) return;
  const std::set<std::string> granted = broker_.Granted(/*on_the_way=*/false);
  const std::set<std::string> wanted = Wanted();
  size_t uplinks = 0;
  for (const std::string& filter : granted) {
    uplinks += IsUplinks(filter);
    for (const std::string& other : granted) {
      if (other != filter && Covers(other, filter)) {
        Fail(absl::StrCat(filter, " is covered by ", other, " and held all the same"));
      }
    }
    // All uplinks may stand for any.
    const bool is_wanted =
        wanted.contains(filter) ||
        (filter == kUplinkFilter && std::any_of(wanted.begin(), wanted.end(), IsUplinks));
    if (!is_wanted) Fail(absl::StrCat("nobody wants ", filter));
  }
  if (uplinks > settings_.max_uplink_filters) Fail("the broker holds more than may be");
}

void ModelWorld::CheckStore() {
  if (disk_failed_ || forgetful_) return;
  const auto contents = SubscriptionStore(database_, &run_->scheduler).Load();
  if (!contents.ok()) return Fail(contents.status().ToString());
  const std::set<std::string> asked(contents->asked.begin(), contents->asked.end());
  for (const std::string& filter : broker_.HeldOrAsked()) {
    if (!asked.contains(filter)) Fail(absl::StrCat("the store does not know of ", filter));
  }
}

}  // namespace wirepas_grpc::core
