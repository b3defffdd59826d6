// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_REQUESTS_TRACKER_H_
#define WIREPAS_GRPC_CORE_REQUESTS_TRACKER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/monotonic_cond_var.h"
#include "core/base/mutex.h"
#include "core/base/reason.h"
#include "core/base/scheduler.h"
#include "core/gateway_api/topics.h"
#include "core/requests/places.h"
#include "core/requests/request_counters.h"
#include "gateway_api/generic_message.pb.h"

namespace wirepas_grpc::core {

using RequestId = uint64_t;

// What became of what a caller asked for and did not get.
enum class RequestFate {
  kNotSent,  // nothing was sent that could have had effects
  kRefused,  // it was sent, and refused: it had no effects
  kUnknown,  // it was sent, or may have been, and may have been carried out or in part
};

// How a request ended, or a piece of work that takes several.
struct RequestOutcome {
  // OK: the gateway answered OK. Otherwise the canonical code and a message that
  // names gateway, sink and cause:
  //   UNAVAILABLE          nothing was sent: fate() is kNotSent
  //   DEADLINE_EXCEEDED    no answer; it may have been carried out
  //   CANCELLED            by Cancel()
  //   others               see StatusOfErrorCode()
  absl::Status status;
  // What the gateway answered; nothing when it did not.
  std::optional<wirepas::proto::gateway_api::ErrorCode> answer;
  // The number of an answer that is not known, as it came.
  std::optional<int32_t> unknown_answer = std::nullopt;
  RequestId request_id = 0;  // 0: nothing was sent
  // Of a message: how often it was sent again, since its sink had no room for it.
  uint32_t retry_count = 0;
  // What was asked for may have been done in part, whatever the rest says: of several
  // requests some were carried out before the one that failed.
  bool maybe_done = false;
  absl::Duration gateway_time;  // from sending to the answer
  // The whole answer; null when there is none.
  std::shared_ptr<const wirepas::proto::gateway_api::WirepasMessage> response;

  // Unless the status is OK.
  RequestFate fate() const;
};

// For the counters, of one that was not lost with the connection.
RequestEnd EndOf(const RequestOutcome& outcome);

using RequestDone = absl::AnyInvocable<void(const RequestOutcome&)>;

// How long a request may take, to whom it may go, and whose it is.
struct RequestLimit {
  RequestLimit(absl::Duration timeout_in) : timeout(timeout_in) {}  // NOLINT: is one
  absl::Duration timeout;
  // The time is the gateway's: it counts anew from when the broker has taken the
  // message, so that a message does not end for those that are sent before it. Until it
  // waits for its turn on the broker's connection, `timeout` counts all the same; from then
  // on the connection makes progress or ends, and it takes kMaxQueued at most.
  bool from_taken = false;
  // It is sent although its gateway is not known: see Network::Request().
  bool allow_unknown_gateway = false;
  // It belongs to work that began before Network::Drain(): that does not keep it back.
  bool admitted = false;
  // Who asks, and so whose share its place is of; null: the service itself.
  AskerPtr asker = nullptr;
  // The place of the request. Null: one is taken for it.
  RequestPlaces::PlacePtr place = nullptr;
  static constexpr absl::Duration kMaxQueued = absl::Seconds(60);
};

// Names a request that is pending.
struct RequestKey {
  RequestKey(RequestId id_in, uint64_t number_in = 0)  // NOLINT: an id is one
      : id(id_in), number(number_in) {}
  RequestId id;
  uint64_t number;  // of that one request; 0: whichever has the id now
};

// Matches answers to requests. Each request ends exactly once: by its answer, its
// deadline, Cancel(), or one of the calls that fail it. Each holds a place until then, unless
// that is given back before. Ten thousand pending ones are normal.
// Thread-safe; callbacks run on the executor.
class RequestTracker {
 public:
  RequestTracker(size_t max_pending, Executor* executor, Scheduler* scheduler);

  // Takes note of a request that is about to be sent and returns its key, with its id: `wanted`,
  // or 64 random bits. RESOURCE_EXHAUSTED: there is no place for it. ALREADY_EXISTS:
  // `wanted` is pending. UNAVAILABLE: after Close(). `done` is not called then. `gateway_id` and
  // `sink_id` (empty: none) are those whose answer counts.
  absl::StatusOr<RequestKey> Add(RequestKind kind, std::string gateway_id, std::string sink_id,
                                 const RequestLimit& limit, std::optional<RequestId> wanted,
                                 RequestDone done);

  // It is about to wait for its turn on the broker's connection: the hold on its place is for
  // as long as it does, since what waits there takes room there, though the request has ended.
  // Nothing: it has ended, do not send it.
  std::optional<RequestPlaces::Hold> MarkQueued(const RequestKey& key);
  // It is about to be handed to the connection: gateway_time counts from here. False: it
  // has ended, do not send it.
  bool MarkSent(const RequestKey& key);
  // The broker has taken it.
  void MarkTaken(const RequestKey& key);
  bool IsPending(const RequestKey& key) const;
  // Whether it was handed to the broker's connection. Nothing: it has ended.
  std::optional<bool> WasSent(const RequestKey& key) const;

  // Ends a request of which nothing was sent.
  void FailUnsent(const RequestKey& key, const absl::Status& status) { Fail(key, status, false); }
  // Ends a request unless it was sent or has ended. False: one of these.
  bool FailIfUnsent(const RequestKey& key, const absl::Status& status);
  // Ends a request that was sent, or may have been.
  void FailSent(const RequestKey& key, const absl::Status& status) { Fail(key, status, true); }

  // Ends a request nobody waits for any more, as CANCELLED. False: it has ended.
  bool Cancel(const RequestKey& key);

  // Ends all requests, as the connection is gone: what was sent with
  // DEADLINE_EXCEEDED, what was not with UNAVAILABLE.
  void FailAll();

  // Ends all requests in the same way, as the service stops, and takes no more.
  void Close();

  // An answer came. False: it answers nothing that is pending here, which is
  // normal: other backends share the gateways, and gateways answer unasked. Nothing but its id
  // tells which request of a kind to a sink it answers: a late answer is that of the next
  // request with the id, if one was sent.
  bool OnResponse(const Topic& topic,
                  std::shared_ptr<const wirepas::proto::gateway_api::WirepasMessage> message);

  // How many wait for an answer, those without a place too.
  size_t pending() const;
  // Those for requests, of which there are `max_pending`.
  RequestPlaces& places() { return places_; }
  // All that have ended, and those that somebody counted who could not Add() them.
  const RequestCounters& counters() const { return counters_; }
  void CountNotSent(RequestKind kind) {
    counters_.Count(kind, RequestEnd::kNotSent, absl::ZeroDuration());
  }
  // Before the first request: whom to tell of each that was sent and not answered. It must be
  // short.
  void set_unanswered(std::function<void(const std::string& gateway_id)> unanswered) {
    unanswered_ = std::move(unanswered);
  }

 private:
  struct Pending {
    RequestKind kind;
    std::string gateway_id;
    std::string sink_id;
    RequestDone done;
    RequestPlaces::PlacePtr place;
    uint64_t number = 0;
    TimerId timer = 0;
    std::optional<absl::Duration> from_taken;  // how long from there on
    std::optional<Instant> sent = {};

    bool IsOf(const RequestKey& key) const { return key.number == 0 || key.number == number; }
  };

  // Null: it has ended.
  Pending* FindLocked(const RequestKey& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const Pending* FindLocked(const RequestKey& key) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<Pending> Take(const RequestKey& key);
  std::optional<Pending> TakeLocked(const RequestKey& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Fail(const RequestKey& key, const absl::Status& status, bool sent);
  void Complete(Pending pending, RequestOutcome outcome, RequestEnd end);
  void EndAll(absl::string_view why, Reason if_sent, Reason if_not, bool close);
  void OnDeadline(const RequestKey& key);
  void Restart(RequestId id, Pending* pending, absl::Duration timeout)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Executor* const executor_;
  Scheduler* const scheduler_;
  RequestPlaces places_;
  RequestCounters counters_;
  std::function<void(const std::string&)> unanswered_;  // may be null

  mutable Mutex mutex_;
  absl::flat_hash_map<RequestId, Pending> pending_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 1;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

// UNAVAILABLE: what comes when the service is about to stop.
absl::Status ShuttingDown();
// CANCELLED: nobody waits for it any more.
absl::Status CallCancelled();
// ALREADY_EXISTS: the id that was wanted is that of another request.
absl::Status RequestIdInUse();

// "gateway 'a', sink 'b'": how messages name what a request was for.
std::string RequestTargetText(absl::string_view gateway_id, absl::string_view sink_id);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_REQUESTS_TRACKER_H_
