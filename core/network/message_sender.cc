// SPDX-License-Identifier: Apache-2.0
#include "core/network/message_sender.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"

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

}  // namespace

MessageSender::Ticket MessageSender::Send(const GatewayId& gateway, const SinkId& sink,
                                          const gw::SendPacketReq& request,
                                          const RequestLimit& limit,
                                          std::optional<RequestId> chosen, RequestDone done) {
  if (chosen.has_value()) {
    return SendChosen(gateway, sink, request, limit, *chosen, std::move(done));
  }
  Ticket ticket;
  ticket.request_id = queues_.Send(gateway, sink, request, {.limit = limit}, std::move(done));
  return ticket;
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
  bool first = false;
  {
    MutexLock lock(&mutex_);
    ForgetExpiredLocked();
    auto found = entries_.find(id);
    if (found == entries_.end()) {
      if (entries_.size() >= max_remembered_) {
        return refuse(absl::ResourceExhaustedError(absl::StrCat(
            "request_id: ", max_remembered_, " chosen ids are remembered, which is the bound")));
      }
      found = entries_.try_emplace(id).first;
      found->second.fingerprint = fingerprint;
      found->second.expires = network_->scheduler().MonotonicNow() + kRemembered;
      expiry_.emplace(found->second.expires, id);
      first = true;
    } else if (found->second.fingerprint != fingerprint) {
      return refuse(absl::InvalidArgumentError(
          absl::StrCat("request_id: ", id, " was used for another gateway, sink or message")));
    } else if (found->second.outcome.has_value()) {
      network_->executor().Post(
          [done = std::move(done), outcome = *found->second.outcome]() mutable { done(outcome); });
      return Ticket{};
    } else {
      queues_.Want(id, std::min(limit.timeout, kRemembered));
    }
    ticket = {id, next_waiter_++};
    Waiter& waiter = found->second.waiters[ticket.waiter];
    waiter.done = std::move(done);
    const bool waits_for_broker = first && limit.from_taken;
    if (waits_for_broker) waiter.from_taken = limit.timeout;
    waiter.timer = network_->scheduler().RunAfter(
        waits_for_broker ? RequestLimit::kMaxQueued : limit.timeout,
        [this, ticket] { OnWaiterTimeout(ticket.request_id, ticket.waiter); });
  }
  if (first) {
    // Answers are listened for the whole time that the id is remembered: a late one is
    // still good for a repetition. The callers have their own limits.
    MessageQueues::Wish wish{.limit = limit, .listen = kRemembered, .id = id};
    wish.limit.timeout = std::min(limit.timeout, kRemembered);
    wish.taken = [this, id] { OnTaken(id); };
    queues_.Send(gateway, sink, request, std::move(wish),
                 [this, id](const RequestOutcome& outcome) { OnOutcome(id, outcome); });
  }
  return ticket;
}

void MessageSender::OnTaken(RequestId id) {
  MutexLock lock(&mutex_);
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return;
  for (auto& [number, waiter] : entry->second.waiters) {
    if (!waiter.from_taken.has_value() || !network_->scheduler().Cancel(waiter.timer)) continue;
    waiter.timer = network_->scheduler().RunAfter(
        *waiter.from_taken, [this, id, number = number] { OnWaiterTimeout(id, number); });
  }
}

void MessageSender::OnOutcome(RequestId id, const RequestOutcome& outcome) {
  std::map<uint64_t, Waiter> waiters;
  {
    MutexLock lock(&mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    waiters.swap(found->second.waiters);
    if (NothingWasSent(outcome) || (SinkWasFull(outcome) && waiters.empty())) {
      ForgetLocked(id);  // a repetition may send it
    } else {
      found->second.outcome = outcome;
    }
  }
  for (auto& [number, waiter] : waiters) {
    network_->scheduler().Cancel(waiter.timer);
    waiter.done(outcome);
  }
}

void MessageSender::OnWaiterTimeout(RequestId id, uint64_t waiter) {
  std::optional<Waiter> taken;
  {
    MutexLock lock(&mutex_);
    taken = TakeWaiterLocked(id, waiter);
  }
  if (!taken.has_value()) return;
  network_->executor().Post([done = std::move(taken->done), id]() mutable {
    done(Ended(
        absl::DeadlineExceededError("no answer in time; the request may have been carried out"),
        id));
  });
}

void MessageSender::Cancel(absl::Span<const Ticket> tickets) {
  std::vector<RequestId> ids;
  std::vector<std::pair<RequestId, Waiter>> ended;
  {
    // Whether anybody wants a message is decided together with who waits for it.
    MutexLock lock(&mutex_);
    std::vector<RequestId> unwanted;
    for (const Ticket& ticket : tickets) {
      const RequestId id = ticket.request_id;
      if (ticket.waiter == 0) {
        if (id != 0) ids.push_back(id);
        continue;
      }
      std::optional<Waiter> taken = TakeWaiterLocked(id, ticket.waiter);
      if (!taken.has_value()) continue;
      ended.emplace_back(id, *std::move(taken));
      if (entries_[id].waiters.empty()) unwanted.push_back(id);
    }
    for (const RequestId id : queues_.Cancel(ids, unwanted)) ForgetLocked(id);
  }
  for (auto& [id, waiter] : ended) {
    network_->scheduler().Cancel(waiter.timer);
    network_->executor().Post([done = std::move(waiter.done), id = id]() mutable {
      done(Ended(absl::CancelledError("the call was cancelled"), id));
    });
  }
}

void MessageSender::ForgetLocked(RequestId id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  expiry_.erase({found->second.expires, id});
  entries_.erase(found);
}

std::optional<MessageSender::Waiter> MessageSender::TakeWaiterLocked(RequestId id,
                                                                     uint64_t waiter) {
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return std::nullopt;
  const auto found = entry->second.waiters.find(waiter);
  if (found == entry->second.waiters.end()) return std::nullopt;
  std::optional<Waiter> taken = std::move(found->second);
  entry->second.waiters.erase(found);
  return taken;
}

void MessageSender::ForgetExpiredLocked() {
  const Instant now = network_->scheduler().MonotonicNow();
  while (!expiry_.empty() && expiry_.begin()->first <= now) {
    const auto found = entries_.find(expiry_.begin()->second);
    // One still waited for ends by its tracker's limit, which is due now.
    if (!found->second.waiters.empty()) return;
    entries_.erase(found);
    expiry_.erase(expiry_.begin());
  }
}

}  // namespace wirepas_grpc::core
