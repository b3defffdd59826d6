// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_OTAP_SCRATCHPAD_LOAD_H_
#define WIREPAS_GRPC_CORE_OTAP_SCRATCHPAD_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/directory/sink_scope.h"
#include "core/network/network.h"
#include "core/network/scratchpad_uploader.h"
#include "core/otap/scratchpad_file.h"
#include "core/sinks/fan_out.h"
#include "gateway_api/scratchpad.pb.h"

namespace wirepas_grpc::core {

// What to load, and how.
struct LoadPlan {
  std::shared_ptr<const std::vector<ScopedSink>> sinks;
  std::shared_ptr<const std::string> scratchpad;
  ScratchpadFile file;                     // what the scratchpad is
  size_t max_concurrent = 4;               // sinks at the same time
  absl::Duration delay;                    // the least between the beginnings of two
  absl::Duration chunk_timeout;            // for the answer to each chunk
  std::optional<uint32_t> max_chunk_size;  // bytes; nothing: the gateway's
  bool stop_at_first_failure = false;      // begin with no further sink after a failure
  AskerPtr asker;                          // see RequestLimit
};

// How far the load to one sink is.
struct SinkLoad {
  enum class State {
    kQueued,     // waits for its turn; in the end: its turn never came
    kUploading,  // chunks are being sent
    kVerifying,  // all is sent, the sink is asked what it stores
    kDone,       // it stores the scratchpad
    kFailed,
    kStopped,  // by Stop(), under way
  };
  State state = State::kQueued;
  uint32_t accepted = 0;  // bytes that are in the gateway
  // Why it failed: as of ScratchpadUploader and Network::Request(), or DATA_LOSS: the
  // sink reports another scratchpad. Without the answer. Never UNAVAILABLE once anything
  // of the scratchpad was sent.
  RequestOutcome outcome;
};

// One load of a scratchpad to many sinks; see ScratchpadLoader. Thread-safe.
class ScratchpadLoad : public std::enable_shared_from_this<ScratchpadLoad> {
 public:
  // For a sink's answer to what it stores: it may restart after the last chunk.
  static constexpr absl::Duration kVerifyLimit = absl::Seconds(10);

  // `reservation` is of the sinks. It and `place` are let go of at the end.
  ScratchpadLoad(uint64_t id, LoadPlan plan, Network* network, ScratchpadUploader* uploader,
                 ScratchpadUploader::ReservationPtr reservation, std::shared_ptr<void> place);

  uint64_t id() const { return id_; }
  const std::vector<ScopedSink>& sinks() const { return *plan_.sinks; }
  const ScratchpadFile& file() const { return plan_.file; }

  // Starts, once. `changed` is called on the executor, perhaps on several threads at
  // once, when there is something to take or the load has ended. What has begun goes on
  // after Network::Drain(); from Network::EndRequests() on no further sink is begun with.
  void Begin(uint32_t sequence, absl::AnyInvocable<void()> changed);

  // Nothing more is sent: a chunk that is under way is the last, and the load ends. Any
  // number of times. When called before Begin(), no sink is begun with.
  void Stop();
  // The same for one in whose end nobody takes interest: logs how far it is.
  void Abandon();

  // Nothing changes any more.
  bool ended() const;

  // The sinks that changed since they were taken, in the order of their first change;
  // all of them at first. At most `max`.
  struct Change {
    size_t index;  // in sinks()
    SinkLoad load;
  };
  std::vector<Change> TakeChanges(size_t max);

  // How far each sink is.
  std::vector<SinkLoad> States() const;

 private:
  using State = SinkLoad::State;
  struct SinkWork;

  SinkFanOut::Cancel BeginSink(size_t index, RequestDone done);
  void Verify(const std::shared_ptr<SinkWork>& work);
  // DATA_LOSS, saying what differs.
  absl::Status Compare(const wirepas::proto::gateway_api::GetScratchpadStatusResp& status) const;
  void OnResult(size_t index, const RequestOutcome& outcome);
  void OnEnd();
  void Update(size_t index, absl::FunctionRef<void(SinkLoad*)> update);

  const uint64_t id_;
  const LoadPlan plan_;
  Network* const network_;
  ScratchpadUploader* const uploader_;
  uint32_t sequence_ = 0;  // these two are set by Begin()
  absl::AnyInvocable<void()> changed_;

  mutable Mutex mutex_;
  ScratchpadUploader::ReservationPtr reservation_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<void> place_ ABSL_GUARDED_BY(mutex_);
  SinkFanOut::Ptr fan_out_ ABSL_GUARDED_BY(mutex_);  // from the beginning to the end
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<SinkLoad> states_ ABSL_GUARDED_BY(mutex_);
  std::deque<size_t> changes_ ABSL_GUARDED_BY(mutex_);  // each sink once
  std::vector<bool> is_in_changes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_OTAP_SCRATCHPAD_LOAD_H_
