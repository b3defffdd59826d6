// SPDX-License-Identifier: Apache-2.0
#include "core/nodes/listening.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "core/base/instant.h"
#include "core/base/mutex.h"
#include "core/interest/uplink_pattern.h"
#include "core/traffic/filter.h"

namespace wirepas_grpc::core {
namespace {

// In place of a network's address: all of them. It is the address of none.
constexpr uint32_t kAll = 0;

}  // namespace

// Shared with uses and timers, which may outlive the rest.
struct NetworkListening::State : std::enable_shared_from_this<State> {
  struct Entry {
    InterestPtr interest;
    size_t uses = 0;
    Instant unused_since;
    TimerId timer = 0;
  };

  State(const Options& options_in, Subscriptions* subscriptions_in, Scheduler* scheduler_in)
      : options(options_in), subscriptions(subscriptions_in), scheduler(scheduler_in) {}

  // Returns by what the network is listened to; nothing: it is not any more.
  std::optional<uint32_t> Add(uint32_t network) ABSL_LOCKS_EXCLUDED(mutex) {
    MutexLock lock(&mutex);
    if (stopped) return std::nullopt;
    auto found = entries.find(network);
    if (found == entries.end() && entries.size() >= options.max_networks) network = kAll;
    Entry& entry = entries[network];
    ++entry.uses;
    if (entry.interest != nullptr) return network;
    TrafficFilter filter;
    if (network != kAll) filter.network_addresses.insert(network);
    entry.interest = subscriptions->AcquireUplinks(filter, {.stays = true}, [] {});
    return network;
  }

  void Remove(uint32_t network) ABSL_LOCKS_EXCLUDED(mutex) {
    MutexLock lock(&mutex);
    const auto found = entries.find(network);
    if (found == entries.end()) return;  // stopped
    Entry& entry = found->second;
    if (--entry.uses > 0) return;
    entry.unused_since = scheduler->MonotonicNow();
    // One that is armed looks when it is due, so that a send costs no timer.
    if (entry.timer == 0) Arm(network, &entry, options.linger);
  }

  void Arm(uint32_t network, Entry* entry, absl::Duration delay)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    entry->timer = scheduler->RunAfter(
        delay, [self = shared_from_this(), network] { self->OnTimer(network); });
  }

  void OnTimer(uint32_t network) ABSL_LOCKS_EXCLUDED(mutex) {
    InterestPtr ended;  // after the lock is released
    MutexLock lock(&mutex);
    const auto found = entries.find(network);
    if (found == entries.end()) return;
    Entry& entry = found->second;
    entry.timer = 0;
    if (entry.uses > 0) return;  // the end of the last one arms it
    const absl::Duration left = entry.unused_since + options.linger - scheduler->MonotonicNow();
    if (left > absl::ZeroDuration()) return Arm(network, &entry, left);
    ended = std::move(entry.interest);
    entries.erase(found);
  }

  const Options options;
  Subscriptions* const subscriptions;
  Scheduler* const scheduler;

  Mutex mutex;
  absl::flat_hash_map<uint32_t, Entry> entries ABSL_GUARDED_BY(mutex);
  bool stopped ABSL_GUARDED_BY(mutex) = false;
};

class NetworkListening::Use {
 public:
  Use(std::shared_ptr<State> state, uint32_t network)
      : state_(std::move(state)), network_(network) {}
  ~Use() { state_->Remove(network_); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  const std::shared_ptr<State> state_;
  const uint32_t network_;
};

void NetworkListening::DeleteUse::operator()(Use* use) const { delete use; }

NetworkListening::NetworkListening(const Options& options, Subscriptions* subscriptions,
                                   Scheduler* scheduler)
    : state_(std::make_shared<State>(options, subscriptions, scheduler)) {}

NetworkListening::~NetworkListening() { Stop(); }

NetworkListening::UsePtr NetworkListening::Begin(uint32_t network_address) {
  const std::optional<uint32_t> network = state_->Add(network_address);
  return UsePtr(network.has_value() ? new Use(state_, *network) : nullptr);
}

void NetworkListening::Stop() {
  std::vector<InterestPtr> ended;
  std::vector<TimerId> timers;
  {
    MutexLock lock(&state_->mutex);
    state_->stopped = true;
    for (auto& [network, entry] : state_->entries) {
      ended.push_back(std::move(entry.interest));
      if (entry.timer != 0) timers.push_back(entry.timer);
    }
    state_->entries.clear();
  }
  for (const TimerId timer : timers) state_->scheduler->Cancel(timer);
}

size_t NetworkListening::interests() const {
  MutexLock lock(&state_->mutex);
  return state_->entries.size();
}

std::string NetworkListening::TopicFilter(uint32_t network_address) {
  return UplinkPattern({"+", "+", absl::StrCat(network_address), "+", "+"}).TopicFilter();
}

}  // namespace wirepas_grpc::core
