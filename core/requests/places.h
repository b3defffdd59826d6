// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_REQUESTS_PLACES_H_
#define WIREPAS_GRPC_CORE_REQUESTS_PLACES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/executor.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::core {

// The places for requests that are pending, divided among those who ask: whoever the
// callers of core name so, a client's address for one. What the service does on its own
// account is asked by nobody and has no share of its own.
//
// An asker is given a place while it holds less than kShare times as many as are free.
// One that wants all gets 8/9 of them, of two such each gets 8/17, of ten each 8/81: some
// stay free for whoever comes next, and how many each may hold follows from that alone. No
// place is taken away: an asker that holds more than its share, since others have come, is
// given none until it has given back enough. Where there are fewer than nine places, one
// asker may hold all. Thread-safe.
class RequestPlaces {
 public:
  static constexpr size_t kShare = 8;

  // Callbacks run on the executor.
  RequestPlaces(size_t max, Executor* executor);
  ~RequestPlaces();  // whoever waits is not called any more
  RequestPlaces(const RequestPlaces&) = delete;
  RequestPlaces& operator=(const RequestPlaces&) = delete;

  // One who asks; a place of one. Both may outlive this.
  class Asker;
  using AskerPtr = std::shared_ptr<Asker>;
  class Place;
  using PlacePtr = std::shared_ptr<Place>;
  class Hold;

  // The asker of this name: the same one as long as anybody holds it.
  AskerPtr Named(absl::string_view name);

  // RESOURCE_EXHAUSTED, saying whose bound is reached. `asker` null: nobody.
  absl::StatusOr<PlacePtr> Take(const AskerPtr& asker);

  // Calls `callback` once with a place, as soon as there is one for the asker; never
  // within this call. Places that come free go to those who wait, to the one who holds the
  // fewest first; an asker's own waits have theirs in order. Returns an id, never 0.
  uint64_t Wait(const AskerPtr& asker, absl::AnyInvocable<void(PlacePtr)> callback);
  // False: it has been called, or is about to be.
  bool CancelWait(uint64_t id);

  size_t max() const;
  size_t taken() const;
  // Calls of Wait() that have no place yet.
  size_t waiting() const;

 private:
  struct State;

  const std::shared_ptr<State> state_;
};

using AskerPtr = RequestPlaces::AskerPtr;

// Thread-safe.
class RequestPlaces::Asker {
 public:
  Asker(std::shared_ptr<State> state, absl::string_view name);
  ~Asker();
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;

  const std::string& name() const { return name_; }
  size_t held() const;

 private:
  friend class RequestPlaces;

  const std::shared_ptr<State> state_;
  const std::string name_;
  // These are guarded by the state's mutex.
  size_t held_ = 0;
  std::map<uint64_t, absl::AnyInvocable<void(PlacePtr)>> waits_;  // by id, which is in order
};

// Thread-safe.
class RequestPlaces::Place {
 public:
  Place(std::shared_ptr<State> state, AskerPtr asker);
  ~Place() { GiveBack(); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  // Before the end of its life. Any number of times. It comes free when no Hold is left.
  void GiveBack();

 private:
  friend class Hold;

  const std::shared_ptr<State> state_;
  const AskerPtr asker_;  // null: nobody
  // Guarded by the state's mutex.
  bool given_back_ = false;
  size_t holds_ = 0;
};

// Keeps a place from coming free though it is given back: what it was taken for is not all
// over. Of one that was given back before, or of null, it keeps nothing.
class RequestPlaces::Hold {
 public:
  explicit Hold(PlacePtr place);
  ~Hold();
  Hold(Hold&& other) noexcept = default;
  Hold& operator=(Hold&& other) = delete;

 private:
  PlacePtr place_;  // null: keeps nothing
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_REQUESTS_PLACES_H_
