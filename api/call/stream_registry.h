// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_STREAM_REGISTRY_H_
#define WIREPAS_GRPC_API_CALL_STREAM_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/monotonic_cond_var.h"
#include "core/base/mutex.h"
#include "core/base/open_work.h"
#include "grpcpp/support/status.h"

namespace wirepas_grpc::api {

// A stream of a client, as far as its end goes. All from any thread.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  // It acts, rather than only reads: a shutdown waits for it.
  virtual bool acts() const { return false; }
  // Ends the stream with this status, unless it has ended.
  virtual void End(const grpc::Status& status) = 0;

  // The service shuts down. A stream that has sent nothing, as those that only read, ends with
  // this status; one that acts takes nothing new and goes on with what is under way.
  virtual void Drain(const grpc::Status& status) { End(status); }
  // Its time is over, and nothing is sent any more: it ends as soon as it has told what became of
  // what was under way.
  virtual void Close() {}
};

// All open streams of the service: bounds their number, and sees to their end when the
// service shuts down. Thread-safe.
class StreamRegistry {
 public:
  // Those that act count in `acting`, which outlives the registry.
  StreamRegistry(size_t max_streams, core::OpenWork* acting);
  StreamRegistry(const StreamRegistry&) = delete;
  StreamRegistry& operator=(const StreamRegistry&) = delete;

  // A stream's entry, taken out with its destruction. May outlive the registry.
  class Place;
  using PlacePtr = std::unique_ptr<Place>;

  // RESOURCE_EXHAUSTED: as many streams are open as may be. UNAVAILABLE: shutting
  // down.
  absl::StatusOr<PlacePtr> Add(const std::shared_ptr<OpenStream>& stream);

  // Takes no more streams. Those that are open end with UNAVAILABLE, or go on with what is
  // under way: see OpenStream::Drain(). Their places are empty only when gRPC is done with them.
  void Drain();
  // Waits until there are none. False: there are after `limit`.
  bool AwaitNone(absl::Duration limit);
  // See OpenStream::Close().
  void Close();

  size_t size() const;

 private:
  struct State {
    core::Mutex mutex;
    core::MonotonicCondVar left;
    bool drains ABSL_GUARDED_BY(mutex) = false;
    uint64_t next_id ABSL_GUARDED_BY(mutex) = 1;
    absl::flat_hash_map<uint64_t, std::weak_ptr<OpenStream>> streams ABSL_GUARDED_BY(mutex);
  };

  std::vector<std::shared_ptr<OpenStream>> Open() const;

  const size_t max_streams_;
  core::OpenWork* const acting_;
  const std::shared_ptr<State> state_;
};

class StreamRegistry::Place {
 public:
  Place(std::shared_ptr<State> state, uint64_t id, core::OpenWork::EntryPtr work)
      : state_(std::move(state)), id_(id), work_(std::move(work)) {}
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  const std::shared_ptr<State> state_;
  const uint64_t id_;
  const core::OpenWork::EntryPtr work_;  // null: it only reads
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_STREAM_REGISTRY_H_
