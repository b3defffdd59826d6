// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NETWORK_SCRATCHPAD_UPLOADER_H_
#define WIREPAS_GRPC_CORE_NETWORK_SCRATCHPAD_UPLOADER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/directory/sink_scope.h"
#include "core/network/network.h"

namespace wirepas_grpc::core {

// Loads scratchpads (firmware images) into sinks, in chunks where the gateway
// wants them: in order, each answered before the next. One upload per sink at a
// time. Thread-safe.
class ScratchpadUploader {
 public:
  explicit ScratchpadUploader(Network* network) : network_(network) {}

  // Keeps other uploads away from sinks as long as it lives.
  class Reservation;
  using ReservationPtr = std::shared_ptr<Reservation>;
  // All of them or none. ABORTED: an upload to one of them is under way, or it is
  // reserved; the message names it. May outlive the uploader.
  absl::StatusOr<ReservationPtr> Reserve(const std::vector<SinkPath>& sinks);

  struct Job {
    GatewayId gateway;
    SinkId sink;
    uint32_t sequence = 0;
    std::shared_ptr<const std::string> scratchpad;  // null: clear the stored one
    std::optional<uint32_t> max_chunk_size;         // bytes; nothing: the gateway's
    absl::Duration chunk_timeout;                   // for the answer to each chunk
    Instant deadline = Instant::InfiniteFuture();   // of the whole upload
    ReservationPtr reservation = nullptr;           // which has the sink; null: none has
    bool allow_unknown_gateway = false;             // these three: see RequestLimit
    bool admitted = false;                          // of the upload's beginning
    AskerPtr asker = nullptr;
  };
  // `accepted` bytes of the scratchpad are in the gateway.
  using Progress = absl::AnyInvocable<void(uint32_t accepted)>;

  class Upload;
  // Progress is told after every chunk, the last included; `done` once, after the
  // last progress. Both on the executor, never at the same time. Besides the
  // outcomes of Network::Request(): FAILED_PRECONDITION, chunks are wanted and the
  // gateway neither states a size of its own nor that it takes them; ABORTED, another
  // upload to this sink is under way. Once a chunk is in the gateway, the outcome of a
  // failure is RequestOutcome::maybe_done, with the id of a request that was sent, and
  // DEADLINE_EXCEEDED if the next one could not be sent. What has begun goes on after
  // Network::Drain().
  std::shared_ptr<Upload> Start(Job job, Progress progress, RequestDone done);

  // No further chunk is sent and `done` gets CANCELLED, unless it has ended.
  void Cancel(const std::shared_ptr<Upload>& upload);

 private:
  void Begin(const std::shared_ptr<Upload>& upload);
  // Of a gateway without a status: what it takes at once.
  void AskForLimit(const std::shared_ptr<Upload>& upload);
  void ChooseChunks(const std::shared_ptr<Upload>& upload);
  void SendChunk(const std::shared_ptr<Upload>& upload);
  void OnChunkDone(const std::shared_ptr<Upload>& upload, uint32_t size,
                   const RequestOutcome& outcome);
  void Finish(const std::shared_ptr<Upload>& upload, const RequestOutcome& outcome);

  struct Busy {
    Mutex mutex;
    std::set<SinkPath> sinks ABSL_GUARDED_BY(mutex);
  };

  Network* const network_;
  const std::shared_ptr<Busy> busy_ = std::make_shared<Busy>();
};

class ScratchpadUploader::Reservation {
 public:
  Reservation(std::shared_ptr<Busy> busy, std::vector<SinkPath> sinks)
      : busy_(std::move(busy)), sinks_(std::move(sinks)) {}
  ~Reservation();
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;

 private:
  const std::shared_ptr<Busy> busy_;
  const std::vector<SinkPath> sinks_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_SCRATCHPAD_UPLOADER_H_
