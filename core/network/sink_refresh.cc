// SPDX-License-Identifier: Apache-2.0
#include "core/network/sink_refresh.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/gateway_api/codec.h"
#include "core/gateway_api/ids.h"
#include "core/network/network.h"

namespace wirepas_grpc::core {

// One question to one gateway. Guarded by the refresh's mutex.
struct SinkRefresh::Question {
  Instant asked;
  bool put = false;
  RequestId request = 0;       // once it is put; 0: it failed at once
  std::set<uint64_t> waiting;  // rounds
};

// What one caller waits for. Guarded by the refresh's mutex.
struct SinkRefresh::Round {
  std::map<std::string, QuestionPtr> open;
  SinkAnswers answers;
  TimerId timer = 0;
  bool over = false;  // its time is, or it was cancelled
  bool cancelled = false;
  Done done;
};

uint64_t SinkRefresh::Start(const std::vector<GatewayPtr>& gateways, const RequestLimit& limit,
                            Done done) {
  std::vector<std::pair<std::string, QuestionPtr>> put;
  uint64_t id;
  {
    MutexLock lock(&mutex_);
    id = next_round_++;
    Round& round = *rounds_.try_emplace(id, std::make_shared<Round>()).first->second;
    round.done = std::move(done);
    for (const GatewayPtr& gateway : gateways) {
      const auto [open, first] = round.open.try_emplace(gateway->id);
      if (first && JoinLocked(gateway->id, id, &open->second)) put.push_back(*open);
    }
    if (round.open.empty()) {
      FinishLocked(id);
      return id;
    }
    round.timer = network_->scheduler().RunAfter(limit.timeout,
                                                 [this, id] { EndWait(id, /*cancelled=*/false); });
  }
  for (const auto& [gateway_id, question] : put) Put(gateway_id, question, limit);
  return id;
}

bool SinkRefresh::JoinLocked(const std::string& gateway_id, uint64_t round, QuestionPtr* question) {
  const Instant now = network_->scheduler().MonotonicNow();
  QuestionPtr& last = questions_[gateway_id];
  const bool is_new = last == nullptr || now - last->asked > kJoined;
  if (is_new) {
    last = std::make_shared<Question>();
    last->asked = now;
  }
  last->waiting.insert(round);
  *question = last;
  return is_new;
}

void SinkRefresh::Put(const std::string& gateway_id, const QuestionPtr& question,
                      RequestLimit limit) {
  // Each who waits has a time of its own; the question goes with the last of them.
  limit.timeout = RequestLimit::kMaxQueued;
  limit.allow_unknown_gateway = true;
  gw::WirepasMessage message;
  message.mutable_get_configs_req();
  const absl::StatusOr<GatewayId> id = GatewayId::Parse(gateway_id);
  if (!id.ok()) {
    RequestOutcome outcome;
    outcome.status = id.status();
    network_->executor().Post(
        [this, gateway_id, question, outcome] { OnOutcome(gateway_id, question, outcome); });
    return;
  }
  const RequestId request =
      network_->Request(RequestKind::kGetConfigs, *id, nullptr, std::move(message), limit,
                        std::nullopt, [this, gateway_id, question](const RequestOutcome& outcome) {
                          OnOutcome(gateway_id, question, outcome);
                        });
  std::vector<RequestId> unwanted;
  {
    MutexLock lock(&mutex_);
    question->put = true;
    question->request = request;
    // It has failed, perhaps for a reason of who put it: nobody else is to join it.
    if (request == 0) DropLocked(gateway_id, question);
    // Those whose time was over before it was known what becomes of it.
    for (const uint64_t round : std::set<uint64_t>(question->waiting)) {
      if (rounds_.at(round)->over) EndOverdueLocked(round, &unwanted);
    }
  }
  for (const RequestId each : unwanted) network_->CancelRequest(each);
}

void SinkRefresh::OnOutcome(const std::string& gateway_id, const QuestionPtr& question,
                            const RequestOutcome& outcome) {
  MutexLock lock(&mutex_);
  DropLocked(gateway_id, question);
  for (const uint64_t id : question->waiting) {
    Round& round = *rounds_.at(id);
    round.open.erase(gateway_id);
    if (!outcome.status.ok()) round.answers.failed.emplace_back(gateway_id, outcome);
    if (round.open.empty()) FinishLocked(id);
  }
  question->waiting.clear();
}

size_t SinkRefresh::waiting() const {
  MutexLock lock(&mutex_);
  return rounds_.size();
}

void SinkRefresh::Cancel(uint64_t id) { EndWait(id, /*cancelled=*/true); }

void SinkRefresh::EndWait(uint64_t id, bool cancelled) {
  std::vector<RequestId> unwanted;
  {
    MutexLock lock(&mutex_);
    const auto found = rounds_.find(id);
    if (found == rounds_.end() || found->second->over) return;
    found->second->over = true;
    found->second->cancelled = cancelled;
    EndOverdueLocked(id, &unwanted);
  }
  for (const RequestId request : unwanted) network_->CancelRequest(request);
}

void SinkRefresh::EndOverdueLocked(uint64_t id, std::vector<RequestId>* unwanted) {
  Round& round = *rounds_.at(id);
  for (auto open = round.open.begin(); open != round.open.end();) {
    const auto& [gateway_id, question] = *open;
    if (!GiveUpLocked(gateway_id, *question, &round)) {
      ++open;
      continue;
    }
    question->waiting.erase(id);
    if (question->waiting.empty()) {
      DropLocked(gateway_id, question);
      unwanted->push_back(question->request);
    }
    open = round.open.erase(open);
  }
  if (round.open.empty()) FinishLocked(id);
}

bool SinkRefresh::GiveUpLocked(const std::string& gateway_id, const Question& question,
                               Round* round) {
  // Just now being put, or failed at once.
  if (!question.put || question.request == 0) return false;
  const std::optional<bool> sent = network_->tracker().WasSent(question.request);
  if (!sent.has_value()) return false;
  SinkAnswers& answers = round->answers;
  if (*sent && !round->cancelled) {
    answers.silent.push_back(gateway_id);
    return true;
  }
  RequestOutcome outcome;
  if (*sent) outcome.request_id = question.request;
  outcome.status = round->cancelled
                       ? absl::CancelledError("the call was cancelled")
                       : absl::UnavailableError(absl::StrCat(
                             RequestTargetText(gateway_id, ""),
                             ": the broker did not get ready in time; nothing was sent"));
  answers.failed.emplace_back(gateway_id, std::move(outcome));
  return true;
}

void SinkRefresh::DropLocked(const std::string& gateway_id, const QuestionPtr& question) {
  const auto last = questions_.find(gateway_id);
  if (last != questions_.end() && last->second == question) questions_.erase(last);
}

void SinkRefresh::FinishLocked(uint64_t id) {
  const auto found = rounds_.find(id);
  const std::shared_ptr<Round> round = std::move(found->second);
  rounds_.erase(found);
  network_->scheduler().Cancel(round->timer);
  SinkAnswers& answers = round->answers;
  std::sort(answers.silent.begin(), answers.silent.end());
  std::sort(answers.failed.begin(), answers.failed.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  network_->executor().Post([done = std::move(round->done),
                             answers = std::move(answers)]() mutable { done(std::move(answers)); });
}

}  // namespace wirepas_grpc::core
