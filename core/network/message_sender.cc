// SPDX-License-Identifier: Apache-2.0
#include "core/network/message_sender.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

// Without the header, which differs between repetitions.
size_t Fingerprint(const GatewayId& gateway, const SinkId& sink, gw::SendPacketReq request) {
  request.clear_header();
  return absl::HashOf(gateway.value(), sink.value(), request.SerializePartialAsString());
}

bool NothingWasSent(const RequestOutcome& outcome) { return outcome.request_id == 0; }
bool SinkWasFull(const RequestOutcome& outcome) { return outcome.answer == gw::SINK_OUT_OF_MEMORY; }

RequestOutcome Ended(absl::Status status, RequestId id) {
  RequestOutcome outcome;
  outcome.status = std::move(status);
  outcome.request_id = id;
  return outcome;
}

absl::Status NotReady() {
  return WithReason(
      absl::UnavailableError("the broker did not get ready in time; nothing was sent"),
      Reason::kOutOfTime);
}

}  // namespace

MessageSender::Ticket MessageSender::Send(const GatewayId& gateway, const SinkId& sink,
                                          const gw::SendPacketReq& request,
                                          const RequestLimit& limit,
                                          std::optional<RequestId> chosen, RequestDone done) {
  if (chosen.has_value()) {
    return SendChosen(gateway, sink, request, limit, *chosen, std::move(done));
  }
  const MessageQueues::Key message =
      queues_.Send(gateway, sink, request, {.limit = limit}, std::move(done));
  return {.request_id = message.id, .message = message.number};
}

MessageSender::Ticket MessageSender::SendChosen(const GatewayId& gateway, const SinkId& sink,
                                                const gw::SendPacketReq& request,
                                                const RequestLimit& limit, RequestId id,
                                                RequestDone done) {
  const size_t fingerprint = Fingerprint(gateway, sink, request);
  const auto refuse = [&](absl::Status status) {
    network_->executor().Post([done = std::move(done),
                               outcome = Ended(std::move(status), 0)]() mutable { done(outcome); });
    return Ticket{};
  };
  Ticket ticket;
  MessageQueues::MessagePtr message;  // null: a repetition
  {
    MutexLock lock(&mutex_);
    ForgetExpiredLocked();
    auto found = entries_.find(id);
    if (found == entries_.end()) {
      MessageQueues::Wish wish{.limit = limit, .listen = kRemembered, .id = id};
      if (wish.limit.place == nullptr) {
        absl::StatusOr<RequestPlaces::PlacePtr> place =
            network_->tracker().places().Take(limit.asker);
        if (!place.ok()) return refuse(place.status());
        wish.limit.place = *std::move(place);
      }
      if (entries_.size() >= max_remembered_ && !idle_.empty()) {
        ForgetLocked(idle_.begin()->second);
      }
      found = entries_.try_emplace(id).first;
      const uint64_t number = next_entry_++;
      found->second.fingerprint = fingerprint;
      found->second.number = number;
      found->second.expires = network_->scheduler().MonotonicNow() + kRemembered;
      found->second.place = wish.limit.place;
      // Answers are listened for the whole time that the id is remembered: a late one is
      // still good for a repetition. The callers have their own limits.
      wish.limit.timeout = std::min(limit.timeout, kRemembered);
      wish.taken = [this, id, number] { OnTaken(id, number); };
      message = queues_.Prepare(
          gateway, sink, request, std::move(wish),
          [this, id, number](const RequestOutcome& outcome) { OnOutcome(id, number, outcome); });
      found->second.message = MessageQueues::KeyOf(message);
    } else if (found->second.fingerprint != fingerprint) {
      return refuse(InvalidField(
          "request_id", absl::StrCat(id, " was used for another gateway, sink or message")));
    } else if (found->second.outcome.has_value()) {
      network_->executor().Post(
          [done = std::move(done), outcome = *found->second.outcome]() mutable { done(outcome); });
      return Ticket{};
    } else {
      idle_.erase({found->second.expires, id});
      queues_.Want(found->second.message, request, std::min(limit.timeout, kRemembered));
    }
    ticket = {id, next_waiter_++};
    Waiter& waiter = found->second.waiters[ticket.waiter];
    waiter.done = std::move(done);
    if (message == nullptr) waiter.place = limit.place;
    const bool waits_for_broker = message != nullptr && limit.from_taken;
    if (waits_for_broker) waiter.from_taken = limit.timeout;
    waiter.timer = network_->scheduler().RunAfter(
        waits_for_broker ? RequestLimit::kMaxQueued : limit.timeout,
        [this, ticket] { OnWaiterTimeout(ticket.request_id, ticket.waiter); });
  }
  if (message != nullptr) queues_.Begin(message);
  return ticket;
}

void MessageSender::OnTaken(RequestId id, uint64_t entry_number) {
  MutexLock lock(&mutex_);
  Entry* const entry = FindLocked(id, entry_number);
  if (entry == nullptr) return;
  for (auto& [number, waiter] : entry->waiters) {
    if (!waiter.from_taken.has_value() || !network_->scheduler().Cancel(waiter.timer)) continue;
    waiter.timer = network_->scheduler().RunAfter(
        *waiter.from_taken, [this, id, number = number] { OnWaiterTimeout(id, number); });
  }
}

void MessageSender::OnOutcome(RequestId id, uint64_t entry_number, const RequestOutcome& outcome) {
  std::map<uint64_t, Waiter> waiters;
  {
    MutexLock lock(&mutex_);
    Entry* const entry = FindLocked(id, entry_number);
    if (entry == nullptr) return;
    waiters.swap(entry->waiters);
    entry->outcome = outcome;
    entry->outcome->response = nullptr;  // it tells no more, and is the gateway's to choose
    if (NothingWasSent(outcome) || SinkWasFull(outcome)) {
      ForgetLocked(id);  // it had no effect: a repetition sends it
    } else {
      SetIdleLocked(id, entry);
    }
  }
  for (auto& [number, waiter] : waiters) {
    network_->scheduler().Cancel(waiter.timer);
    if (waiter.place != nullptr) waiter.place->GiveBack();
    waiter.done(outcome);
  }
}

void MessageSender::OnWaiterTimeout(RequestId id, uint64_t waiter) {
  std::optional<Waiter> taken;
  RequestOutcome outcome = Ended(
      WithReason(
          absl::DeadlineExceededError("no answer in time; the request may have been carried out"),
          Reason::kNoAnswer),
      id);
  {
    MutexLock lock(&mutex_);
    const auto entry = entries_.find(id);
    if (entry == entries_.end() || !entry->second.waiters.contains(waiter)) return;
    const MessageQueues::Key message = entry->second.message;
    if (message.number == 0) return;  // refused: the end is about to come
    if (entry->second.waiters.size() == 1) {
      // What is not sent by now is not sent later: neither what has no request yet, which is
      // dropped, nor what has one, with whose outcome the waiter ends then. What is sent is
      // listened for.
      MessageQueues::Ended dropped = queues_.Cancel({}, {message});
      if (!dropped.empty()) {
        outcome = std::move(dropped[0].second);
      } else if (queues_.FailIfUnsent(message, NotReady())) {
        return;
      }
      taken = TakeWaiterLocked(id, waiter);
      if (!dropped.empty()) ForgetLocked(id);
    } else {
      taken = TakeWaiterLocked(id, waiter);
    }
  }
  network_->executor().Post(
      [done = std::move(taken->done), outcome = std::move(outcome)]() mutable { done(outcome); });
}

void MessageSender::Cancel(absl::Span<const Ticket> tickets) {
  std::vector<MessageQueues::Key> cancelled;
  std::vector<std::pair<RequestId, Waiter>> ended;
  absl::flat_hash_set<RequestId> unsent;
  {
    // Whether anybody wants a message is decided together with who waits for it.
    MutexLock lock(&mutex_);
    std::vector<MessageQueues::Key> unwanted;
    for (const Ticket& ticket : tickets) {
      const RequestId id = ticket.request_id;
      if (ticket.waiter == 0) {
        if (ticket.message != 0) cancelled.push_back({id, ticket.message});
        continue;
      }
      std::optional<Waiter> taken = TakeWaiterLocked(id, ticket.waiter);
      if (!taken.has_value()) continue;
      ended.emplace_back(id, *std::move(taken));
      const Entry& entry = entries_[id];
      if (!entry.waiters.empty()) continue;
      if (entry.message.number == 0) {
        unsent.insert(id);
      } else {
        unwanted.push_back(entry.message);
      }
    }
    for (const auto& [id, outcome] : queues_.Cancel(cancelled, unwanted)) unsent.insert(id);
    for (const MessageQueues::Key& message : unwanted) {
      if (queues_.FailIfUnsent(message, NotReady())) unsent.insert(message.id);
    }
    for (const RequestId id : unsent) ForgetLocked(id);
  }
  for (auto& [id, waiter] : ended) {
    network_->scheduler().Cancel(waiter.timer);
    network_->executor().Post(
        [done = std::move(waiter.done),
         outcome = Ended(CallCancelled(), unsent.contains(id) ? 0 : id)]() mutable {
          done(outcome);
        });
  }
}

MessageSender::Entry* MessageSender::FindLocked(RequestId id, uint64_t entry_number) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.number != entry_number) return nullptr;
  return &found->second;
}

std::optional<MessageSender::Waiter> MessageSender::TakeWaiterLocked(RequestId id,
                                                                     uint64_t waiter) {
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return std::nullopt;
  const auto found = entry->second.waiters.find(waiter);
  if (found == entry->second.waiters.end()) return std::nullopt;
  std::optional<Waiter> taken = std::move(found->second);
  entry->second.waiters.erase(found);
  if (taken->place != nullptr) taken->place->GiveBack();
  if (entry->second.waiters.empty()) SetIdleLocked(id, &entry->second);
  return taken;
}

void MessageSender::SetIdleLocked(RequestId id, Entry* entry) {
  if (entry->place != nullptr) entry->place->GiveBack();
  entry->place = nullptr;
  idle_.emplace(entry->expires, id);
}

void MessageSender::ForgetLocked(RequestId id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  const bool listens = !found->second.outcome.has_value();
  const MessageQueues::Key message = found->second.message;
  idle_.erase({found->second.expires, id});
  entries_.erase(found);
  if (listens) queues_.Forget(message);
}

void MessageSender::ForgetExpiredLocked() {
  const Instant now = network_->scheduler().MonotonicNow();
  while (!idle_.empty() && idle_.begin()->first <= now) ForgetLocked(idle_.begin()->second);
}

bool MessageSender::Remembers(RequestId id) const {
  MutexLock lock(&mutex_);
  const auto found = entries_.find(id);
  return found != entries_.end() && (!found->second.waiters.empty() ||
                                     found->second.expires > network_->scheduler().MonotonicNow());
}

size_t MessageSender::remembered() const {
  MutexLock lock(&mutex_);
  return entries_.size();
}

}  // namespace wirepas_grpc::core
