// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_STREAM_REGISTRY_H_
#define WIREPAS_GRPC_API_CALL_STREAM_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "core/base/mutex.h"
#include "grpcpp/support/status.h"

namespace wirepas_grpc::api {

// A stream of a client, as far as its end goes.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  // Ends the stream with this status, unless it has ended. From any thread.
  virtual void End(const grpc::Status& status) = 0;
};

// All open streams of the service: bounds their number, and ends them when the
// service shuts down. Thread-safe.
class StreamRegistry {
 public:
  explicit StreamRegistry(size_t max_streams);
  StreamRegistry(const StreamRegistry&) = delete;
  StreamRegistry& operator=(const StreamRegistry&) = delete;

  // A stream's entry, taken out with its destruction. May outlive the registry.
  class Place;
  using PlacePtr = std::unique_ptr<Place>;

  // RESOURCE_EXHAUSTED: as many streams are open as may be. UNAVAILABLE: shutting
  // down.
  absl::StatusOr<PlacePtr> Add(std::weak_ptr<OpenStream> stream);

  // Ends all streams with UNAVAILABLE and takes no more. Their places are empty
  // only when gRPC is done with them.
  void Shutdown();

  size_t size() const;

 private:
  struct State {
    core::Mutex mutex;
    bool shut_down ABSL_GUARDED_BY(mutex) = false;
    uint64_t next_id ABSL_GUARDED_BY(mutex) = 1;
    absl::flat_hash_map<uint64_t, std::weak_ptr<OpenStream>> streams ABSL_GUARDED_BY(mutex);
  };

  const size_t max_streams_;
  const std::shared_ptr<State> state_;
};

class StreamRegistry::Place {
 public:
  Place(std::shared_ptr<State> state, uint64_t id) : state_(std::move(state)), id_(id) {}
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  const std::shared_ptr<State> state_;
  const uint64_t id_;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_STREAM_REGISTRY_H_
