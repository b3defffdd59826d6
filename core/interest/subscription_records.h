// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_INTEREST_SUBSCRIPTION_RECORDS_H_
#define WIREPAS_GRPC_CORE_INTEREST_SUBSCRIPTION_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "core/interest/subscriptions.h"
#include "core/interest/uplink_pattern.h"
#include "core/mqtt/reconnect_delay.h"

namespace wirepas_grpc::core {

// What Subscriptions keeps; its lock guards all but what a holder has a lock for.

// One Interest.
struct Subscriptions::Holder {
  Changed changed;
  bool stays = false;
  bool acquired = false;  // Acquire() has returned it

  mutable Mutex mutex;
  bool ended ABSL_GUARDED_BY(mutex) = false;
  std::optional<absl::Status> result ABSL_GUARDED_BY(mutex);
};

// What interests of the same filters and terms have together.
struct Subscriptions::Wish {
  const WishKey* key = nullptr;  // in wishes_; null: it was dropped
  Terms terms;
  std::vector<Filter*> filters;
  size_t missing = 0;  // filters that nothing granted serves
  absl::flat_hash_set<std::shared_ptr<Holder>> holders;
  std::optional<TimerId> linger;  // runs while there are no holders, after there were
  uint64_t generation = 0;        // of that timer, which cannot always be cancelled
};

// A topic filter that somebody wants, or the broker holds.
struct Subscriptions::Filter {
  std::string name;
  std::optional<UplinkPattern> pattern;  // of uplinks
  uint64_t age = 0;                      // the smaller, the older
  State state = State::kNone;
  bool needed = false;
  bool was_needed = false;      // before it was worked out anew
  bool may_serve = false;       // of uplinks: it was granted, perhaps to an earlier run
  std::vector<Wish*> wishes;    // that want it
  Filter* server = nullptr;     // wanted: what it is served by; null: there is no room for it
  std::vector<Filter*> served;  // of which this is the server
  std::optional<Coverage> covered;
  std::optional<Coverage> remembered;  // `covered` as the store has it
  bool arrives_in_hole = false;        // packets may, of the session before or for others
  // Where its last hole began, which `covered` has as one with those before; 0: not in this run.
  uint64_t last_hole_begin = 0;
  // When it began, or its last hole ended, in this run; by the log's clock.
  absl::Time covered_from;

  bool may_pass = false;  // refused: see SubscribeAnswer

  bool refused() const { return state == State::kRefused; }
  bool granted() const { return state == State::kGranted; }
  // From here on it is missed, until it is covered.
  void OpenHole(uint64_t marker) {
    if (!covered->is_open()) last_hole_begin = marker;
    covered->Open(marker);
  }
  // Nothing serves it that was granted or may be.
  bool unserved() const { return server == nullptr || (server->refused() && !server->may_pass); }
};

// Before a filter that was refused is asked for again.
struct Subscriptions::Pause {
  ReconnectDelay delay;  // of the next one
  bool may_pass = false;
  std::optional<TimerId> timer = {};  // none: it is over
  uint64_t generation = 0;            // of the timer, which cannot always be cancelled
};

// What happens to several filters at once.
struct Subscriptions::Moment {
  uint64_t mark = 0;  // the first entry after the marker of this moment, once there is one
  std::optional<std::vector<const Filter*>> at_broker;  // of uplinks, found when needed
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_INTEREST_SUBSCRIPTION_RECORDS_H_
