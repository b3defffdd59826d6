// SPDX-License-Identifier: Apache-2.0
#include "core/network/sink_refresh.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/gateway_api/codec.h"
#include "core/gateway_api/ids.h"
#include "core/network/network.h"

namespace wirepas_grpc::core {

namespace {

// Of one task: the executor has others.
constexpr size_t kPutAtOnce = 64;

}  // namespace

// One question to one gateway. Guarded by the refresh's mutex.
struct SinkRefresh::Question {
  Instant asked;
  bool put = false;               // it is, or has failed at once
  RequestKey request{0};          // once it is put; id 0: it has failed at once
  uint64_t putter = 0;            // the round for which it is put
  std::set<uint64_t> waiting;     // rounds
  std::vector<uint64_t> overdue;  // of them; their time was over when its end was about to come
};

// What one caller waits for. Guarded by the refresh's mutex.
struct SinkRefresh::Round {
  explicit Round(const RequestLimit& limit_in, Done done_in)
      : limit(limit_in), done(std::move(done_in)) {}

  struct Open {
    QuestionPtr question;
    RequestPlaces::PlacePtr wait;
  };

  const RequestLimit limit;
  std::map<std::string, Open> open;
  SinkAnswers answers;
  TimerId timer = 0;
  bool over = false;  // its time is, or it was cancelled
  bool cancelled = false;
  Done done;
};

uint64_t SinkRefresh::Start(const std::vector<GatewayPtr>& gateways, const RequestLimit& limit,
                            Done done) {
  const AskerPtr asker = limit.asker == nullptr ? nullptr : waits_.Named(limit.asker->name());
  const auto put = std::make_shared<Questions>();
  uint64_t id;
  {
    MutexLock lock(&mutex_);
    id = next_round_++;
    Round& round =
        *rounds_.try_emplace(id, std::make_shared<Round>(limit, std::move(done))).first->second;
    for (const GatewayPtr& gateway : gateways) {
      if (round.open.contains(gateway->id)) continue;
      absl::StatusOr<RequestPlaces::PlacePtr> wait = waits_.Take(asker);
      if (!wait.ok()) {
        RequestOutcome outcome;
        outcome.status = WithMessage(
            wait.status(),
            absl::StrCat(RequestTargetText(gateway->id, ""),
                         ": too many wait for the sinks of gateways, the bound is ", waits_.max(),
                         " and is divided among the clients; nothing was sent"));
        round.answers.failed.emplace_back(gateway->id, std::move(outcome));
        continue;
      }
      Round::Open& open = round.open[gateway->id];
      open.wait = *std::move(wait);
      if (JoinLocked(gateway->id, id, &open.question))
        put->emplace_back(gateway->id, open.question);
    }
    if (round.open.empty()) {
      FinishLocked(id);
      return id;
    }
    round.timer = network_->scheduler().RunAfter(limit.timeout,
                                                 [this, id] { EndWait(id, /*cancelled=*/false); });
  }
  PutLater(put, 0);
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

void SinkRefresh::PutLater(std::shared_ptr<const Questions> questions, size_t next) {
  if (next >= questions->size()) return;
  network_->executor().Post([this, questions = std::move(questions), next] {
    const size_t end = std::min(next + kPutAtOnce, questions->size());
    for (size_t i = next; i < end; ++i) Put((*questions)[i].first, (*questions)[i].second);
    PutLater(questions, end);
  });
}

void SinkRefresh::Put(const std::string& gateway_id, const QuestionPtr& question) {
  const auto ended = [this, gateway_id, question](const RequestOutcome& outcome) {
    OnOutcome(gateway_id, question, outcome);
  };
  Network::CallPtr call;
  {
    MutexLock lock(&mutex_);
    if (question->waiting.empty()) return;
    question->put = true;
    question->putter = *question->waiting.begin();
    const absl::StatusOr<GatewayId> id = GatewayId::Parse(gateway_id);
    if (!id.ok()) {
      RequestOutcome outcome;
      outcome.status = id.status();
      network_->executor().Post([ended, outcome] { ended(outcome); });
      return;
    }
    RequestLimit limit = rounds_.at(question->putter)->limit;
    // Each who waits has a time of its own; the question goes with the last of them.
    limit.timeout = RequestLimit::kMaxQueued;
    limit.allow_unknown_gateway = true;
    gw::WirepasMessage message;
    message.mutable_get_configs_req();
    call = network_->Prepare(RequestKind::kGetConfigs, *id, nullptr, std::move(message), limit,
                             std::nullopt, ended);
    question->request = Network::KeyOf(call);
    // It has failed, perhaps for a reason of who would have put it: nobody else is to join it.
    if (call == nullptr) DropLocked(gateway_id, question);
  }
  network_->Begin(std::move(call));
}

void SinkRefresh::OnOutcome(const std::string& gateway_id, const QuestionPtr& question,
                            const RequestOutcome& outcome) {
  std::set<uint64_t> ended;
  bool put_again;
  {
    MutexLock lock(&mutex_);
    DropLocked(gateway_id, question);
    if (question->request.id == 0) {
      ended.insert(question->putter);
      question->waiting.erase(question->putter);
    } else {
      ended.swap(question->waiting);
    }
    for (const uint64_t id : ended) {
      Round& round = *rounds_.at(id);
      round.open.erase(gateway_id);
      if (!outcome.status.ok()) round.answers.failed.emplace_back(gateway_id, outcome);
      if (round.open.empty()) FinishLocked(id);
    }
    question->put = false;
    for (const uint64_t id : std::exchange(question->overdue, {})) {
      if (question->waiting.erase(id) == 0) continue;  // it ended with this
      Round& round = *rounds_.at(id);
      GiveUpLocked(gateway_id, *question, &round);
      round.open.erase(gateway_id);
      if (round.open.empty()) FinishLocked(id);
    }
    put_again = !question->waiting.empty();
  }
  if (put_again) Put(gateway_id, question);
}

size_t SinkRefresh::waiting() const {
  MutexLock lock(&mutex_);
  return rounds_.size();
}

void SinkRefresh::Cancel(uint64_t id) { EndWait(id, /*cancelled=*/true); }

void SinkRefresh::EndWait(uint64_t id, bool cancelled) {
  std::vector<RequestKey> unwanted;
  {
    MutexLock lock(&mutex_);
    const auto found = rounds_.find(id);
    if (found == rounds_.end() || found->second->over) return;
    found->second->over = true;
    found->second->cancelled = cancelled;
    EndOverdueLocked(id, &unwanted);
  }
  for (const RequestKey& request : unwanted) network_->CancelRequest(request);
}

void SinkRefresh::EndOverdueLocked(uint64_t id, std::vector<RequestKey>* unwanted) {
  Round& round = *rounds_.at(id);
  for (auto open = round.open.begin(); open != round.open.end();) {
    const std::string& gateway_id = open->first;
    const QuestionPtr question = open->second.question;
    if (!GiveUpLocked(gateway_id, *question, &round)) {
      question->overdue.push_back(id);
      ++open;
      continue;
    }
    question->waiting.erase(id);
    if (question->waiting.empty()) {
      DropLocked(gateway_id, question);
      if (question->put) unwanted->push_back(question->request);
    }
    open = round.open.erase(open);
  }
  if (round.open.empty()) FinishLocked(id);
}

bool SinkRefresh::GiveUpLocked(const std::string& gateway_id, const Question& question,
                               Round* round) {
  std::optional<bool> sent = false;
  if (question.put) sent = network_->tracker().WasSent(question.request);
  if (!sent.has_value()) return false;
  SinkAnswers& answers = round->answers;
  if (*sent && !round->cancelled) {
    answers.silent.push_back(gateway_id);
    return true;
  }
  RequestOutcome outcome;
  if (*sent) outcome.request_id = question.request.id;
  outcome.status =
      round->cancelled
          ? CallCancelled()
          : WithReason(absl::UnavailableError(absl::StrCat(
                           RequestTargetText(gateway_id, ""),
                           ": the broker did not get ready in time; nothing was sent")),
                       Reason::kOutOfTime);
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
