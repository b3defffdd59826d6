// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_OBSERVER_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_OBSERVER_H_

#include <cstddef>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"
#include "core/traffic/gap.h"
#include "core/traffic/uplink.h"
#include "core/uplink_log/uplink_log.h"

namespace wirepas_grpc::core {

// A reader of the uplink log for the service's own use: it sees every packet that
// passes, whoever asked for it, and asks for none; see Subscriptions for that. It looks at
// the log in turns of a bounded length, some time apart while packets come, so that
// it costs subscribers next to nothing; while none come it waits without a timer.
//
// Start() and Stop() once each. Stop() before the executors and the scheduler stop.
class UplinkObserver {
 public:
  // Called by one thread at a time.
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void OnUplink(UplinkLog::Sequence sequence, const Uplink& uplink) = 0;
    // Packets are missing among those of this turn.
    virtual void OnGap(const Gap& gap) = 0;
    // A turn is over: all before `next` has been seen.
    virtual void OnTurn(UplinkLog::Sequence next) = 0;
  };

  struct Options {
    absl::Duration interval = absl::Milliseconds(20);  // between two looks at the log
    size_t max_scan = 1024;                            // entries of a turn
  };

  // Turns run on `executor`; those that need the disk on the log's own. All outlive
  // the observer.
  UplinkObserver(const Options& options, UplinkLog* log, Executor* executor, Scheduler* scheduler,
                 Handler* handler);
  ~UplinkObserver() { Stop(); }
  UplinkObserver(const UplinkObserver&) = delete;
  UplinkObserver& operator=(const UplinkObserver&) = delete;

  // Sees at once, on this thread, what is in the log from `from` on. Before Start();
  // waits. Returns where to start.
  absl::StatusOr<UplinkLog::Sequence> CatchUp(UplinkLog::Sequence from);

  void Start(UplinkLog::Sequence from);

  // Waits for a turn that is under way; none begins after that.
  void Stop();

 private:
  // Shared with what executors and timers hold, which may outlive the observer.
  struct State {
    Mutex mutex;
    CondVar ended;
    bool stopped ABSL_GUARDED_BY(mutex) = false;
    bool running ABSL_GUARDED_BY(mutex) = false;
    std::optional<TimerId> timer ABSL_GUARDED_BY(mutex);
    std::optional<WaitId> wait ABSL_GUARDED_BY(mutex);
  };
  enum class Then { kMore, kOnDisk, kRest };

  void PostTurn(Executor* executor);
  Then RunTurn(bool on_disk);
  // Both move next_ on.
  Then ReadMemory();
  Then ReadDisk();
  void Advance(const UplinkLog::ReadResult& read);
  // The next three with the state's lock held.
  void GoOn(Then then);
  void Rest();
  void AwaitPackets();

  const Options options_;
  UplinkLog* const log_;
  Executor* const executor_;
  Scheduler* const scheduler_;
  Handler* const handler_;
  const std::shared_ptr<State> state_;
  UplinkLog::Sequence next_ = 0;  // a turn's own
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_OBSERVER_H_
