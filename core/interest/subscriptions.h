// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_INTEREST_SUBSCRIPTIONS_H_
#define WIREPAS_GRPC_CORE_INTEREST_SUBSCRIPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"
#include "core/interest/coverage.h"
#include "core/interest/subscription_store.h"
#include "core/mqtt/broker_client.h"
#include "core/traffic/filter.h"
#include "core/uplink_log/uplink_log.h"

namespace wirepas_grpc::core {

// What the broker is asked for, and for whom. Whoever wants what arrives at some topic
// filters holds an Interest in them. Needed at the broker are the filters that somebody
// wants, without those that another one covers: an overlap can double the traffic. When
// that makes too many filters of uplinks, the one to all uplinks is needed in their
// place. What is needed is worked out as a whole at each change; of how it was before
// nothing is kept but what the broker holds.
//
// States of a filter, and what moves it on:
//
//   kNone     the broker does not hold it.       needed: kWaiting
//   kWaiting  needed, and there is no            connected: kAsked
//             connection to ask on.              no longer needed: kNone
//   kAsked    SUBSCRIBE was sent.                SUBACK: kGranted or kRefused
//   kGranted  the broker confirmed it.           given up: kLeaving
//   kRefused  the broker refused it.             somebody new wants it, it is needed and
//                                                was not (neither while it is put off), or
//                                                the time to try again: kAsked
//                                                given up: kLeaving
//   kLeaving  UNSUBSCRIBE was sent.              UNSUBACK: kNone
//                                                needed again: kAsked
//   kHeld     asked for or granted before, not   connected, needed: kAsked
//             on this connection: the session    given up: kLeaving
//             at the broker may have it.
//   A lost connection makes kHeld of the four states from kAsked to kLeaving.
//
// What is no longer needed is given up only on a connection on which the broker has
// answered every SUBSCRIBE: what replaces it is there before it goes, over any number of
// reconnects and a restart of the service, and no answer can be taken for that to another
// question. Meanwhile packets may come twice, which the duplicate filter takes care of.
//
// A refusal that may pass puts the filter off: it is asked for again, after pauses that grow,
// and meanwhile those whom it is to serve wait, as for a broker that is not there. Any other
// refusal ends them, but for what Terms::stays, for which it is asked again just so. Whom else
// a refused filter was to serve is served otherwise until it is granted.
//
// Where uplinks are missed for want of a session at the broker, the log gets a gap marker
// as soon as the broker says so, before anything that arrives afterwards. What a filter
// misses then ends with the grant of what serves it, over any number of reconnects: a
// session that the broker has kept speaks only for what was granted in it. See Coverage.
//
// With a store, what readers wanted is so again after a restart, as if they had just
// gone, and what the session at the broker may hold is known and given up.
//
// Thread-safe. It asks the broker and writes to log and store while it holds its lock.
class Subscriptions {
 private:
  struct Holder;
  struct Wish;
  struct Filter;
  struct Moment;
  struct Pause;

 public:
  struct Options {
    // The most filters of uplinks at the broker; above, it is asked for all uplinks. When
    // the broker refuses that, so many are asked for, those that were wanted first. 1:
    // always for all uplinks.
    size_t max_uplink_filters = 100;
    int qos = 1;
    // The pauses after refusals of one filter: the first, and the longest.
    absl::Duration min_retry = absl::Seconds(1);
    absl::Duration max_retry = absl::Minutes(1);
    // Draws their jitter from [0, 1); null: at random.
    std::function<double()> jitter = nullptr;
    bool session_kept = false;           // by the broker, also from an earlier run
    SubscriptionStore* store = nullptr;  // outlives this; null: nothing is remembered
  };

  struct Terms {
    absl::Duration linger = absl::ZeroDuration();  // how long it stays after its last holder
    bool remembered = false;                       // over a restart
    bool stays = false;                            // a refusal does not end it
  };

  // Somebody's interest, from the first wish to the destruction. Thread-safe. Does not
  // outlive the Subscriptions.
  class Interest {
   public:
    Interest(Subscriptions* subscriptions, std::shared_ptr<Wish> wish,
             std::shared_ptr<Holder> holder);
    ~Interest();
    Interest(const Interest&) = delete;
    Interest& operator=(const Interest&) = delete;

    // Nothing: the broker has not answered on a connection since this interest began, or
    // only with refusals that may pass. OK: it has granted all of it; stays so while the
    // connection is away, or such a refusal lasts. An error: this interest is over (unless
    // it stays), now or after a reconnect.
    //   PERMISSION_DENIED   the broker refused.
    //   RESOURCE_EXHAUSTED  the broker refuses to give all uplinks, and grants as many
    //                       other filters as it is asked for.
    std::optional<absl::Status> result() const;

    // With result() OK, of uplinks: which part of the log has all that is wanted.
    Coverage coverage() const;

   private:
    Subscriptions* const subscriptions_;
    const std::shared_ptr<Wish> wish_;
    const std::shared_ptr<Holder> holder_;
  };
  using InterestPtr = std::unique_ptr<Interest>;
  // Called on the executor whenever result() has changed after Acquire() returned, perhaps
  // on two threads at once, and never after the interest ended unless it is under way.
  using Changed = absl::AnyInvocable<void()>;

  // All outlive this.
  Subscriptions(const Options& options, UplinkLog* log, BrokerClient* broker, Executor* executor,
                Scheduler* scheduler);
  ~Subscriptions();

  // Interests in the same with the same terms are one at the broker and in the lingering.
  InterestPtr Acquire(std::vector<std::string> topic_filters, const Terms& terms, Changed changed);
  // In the packets that the filter matches. Its gateway and sink ids are valid ones.
  InterestPtr AcquireUplinks(const TrafficFilter& filter, const Terms& terms, Changed changed);

  // Takes up what the last run has left in the store and at the broker: what was wanted
  // stays as by `terms`, from the broker's first answers on. Before the broker is started
  // and before the first interest, else it is FAILED_PRECONDITION. Waits.
  absl::Status Restore(const Terms& terms);

  // From now on who goes changes nothing: what the broker has granted to the session is for
  // the next run to take over or give up.
  void Stop();

  // How many filters of uplinks it needs at the broker.
  size_t uplink_filters() const;
  // Granted on the present connection.
  bool IsGranted(const std::string& topic_filter) const;
  // Refused, and asked for again when a pause is over.
  bool IsAskedAgain(const std::string& topic_filter) const;
  // Subscribes again to a filter that is granted on the present connection, upon which the
  // broker sends again what it retains. The grant stays; a refusal is one as any other.
  // False: it is not granted.
  bool AskAgain(const std::string& topic_filter);
  // Since when the broker has been asked for all uplinks of this filter, without a
  // break that is known; by the log's clock, see UplinkLog::Shown(). Nothing: it is not, or
  // has not been granted yet.
  std::optional<absl::Time> CoveredFrom(const std::string& topic_filter) const;

  // ---- from the broker's thread ----
  void OnConnected(bool session_present);
  void OnDisconnected();
  void OnSubscribed(const std::string& topic_filter, const SubscribeAnswer& answer);
  void OnUnsubscribed(const std::string& topic_filter);

 private:
  using WishKey = std::tuple<std::vector<std::string>, absl::Duration, bool, bool>;
  using WishPtr = std::shared_ptr<Wish>;
  enum class State { kNone, kWaiting, kAsked, kGranted, kRefused, kLeaving, kHeld };

  // ---- who wants what ----
  // The present one, or one that is not planned for yet.
  WishPtr FindWish(std::vector<std::string> topic_filters, const Terms& terms)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Filter* Get(const std::string& topic_filter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Release(const WishPtr& wish, const std::shared_ptr<Holder>& holder);
  void StartLinger(const WishPtr& wish) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnLingerOver(const std::weak_ptr<Wish>& lingering, uint64_t generation);
  void Drop(const WishPtr& wish) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // To all who hold it; nobody does: it is dropped.
  void TellRefusal(const WishPtr& wish, const absl::Status& refusal)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellGrant(const Wish& wish) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Tell(const std::shared_ptr<Holder>& holder, const absl::Status& result)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // ---- what is needed, and what is done for it ----
  // Works out what is needed, tells those whom it serves, and asks.
  void Plan() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FindServers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FindCovering(const std::vector<Filter*>& uplinks) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AskForNeeded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ServeWishes() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // It is covered by one that is granted, from this moment on.
  void Cover(Filter* filter, Filter* granted, Moment* moment) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Appends a marker to the log, of a gap if it `tells`; returns its number.
  uint64_t Mark(bool tells) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool ToldSinceLastPacket() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether packets of a filter may have come, for others, before that one was granted.
  bool ArrivesForOthers(const Filter& filter, const Filter& granted, Moment* moment)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // From this moment on those who are covered miss something: the session is gone, or, not
  // null, this one is refused, which perhaps served them until now.
  void OpenHoles(const Filter* refused) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetState(Filter* filter, State state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Ask(Filter* filter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // ---- what is refused ----
  // The broker is asked again for a refused filter when its next, longer pause is over.
  void PutOff(const Filter& filter, bool may_pass) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetPause(const std::string& topic_filter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnPauseOver(const std::string& topic_filter, uint64_t generation);
  // It waits for that time, and with it those whom it is to serve.
  bool IsPutOff(const Filter& filter) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The one to all uplinks is put off or asked for again after that: those for whom there is no
  // room without it wait.
  bool AllPutOff() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // It is that one, and not needed until its pause is over.
  bool IsAwaited(const Filter& filter) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // It is not served from now on, and who reads of it goes on: sooner or later it is.
  void Interrupt(Filter* filter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LeaveWithoutRoom(Filter* filter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What is to be done when all answers are there, if they are.
  void Settle() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveUpUnneeded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Brings the store in line.
  void Remember(Filter* filter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The broker does not hold it any more.
  void SetGone(Filter* filter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void OnGranted(Filter* filter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnRefused(Filter* filter, const SubscribeAnswer& answer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  UplinkLog* const log_;
  BrokerClient* const broker_;
  Executor* const executor_;
  Scheduler* const scheduler_;

  mutable Mutex mutex_;
  absl::node_hash_map<WishKey, WishPtr> wishes_ ABSL_GUARDED_BY(mutex_);
  absl::node_hash_map<std::string, Filter> filters_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_age_ ABSL_GUARDED_BY(mutex_) = 1;
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  size_t asked_ ABSL_GUARDED_BY(mutex_) = 0;          // filters in kAsked
  bool replan_ ABSL_GUARDED_BY(mutex_) = false;       // at the latest when all is answered
  bool to_give_up_ ABSL_GUARDED_BY(mutex_) = false;   // something may be there to give up
  bool all_refused_ ABSL_GUARDED_BY(mutex_) = false;  // all uplinks, on this connection
  uint64_t last_mark_ ABSL_GUARDED_BY(mutex_) = 0;    // the newest marker in the log
  uint64_t last_told_ ABSL_GUARDED_BY(mutex_) = 0;    // the newest gap; 0: packets came since
  uint64_t last_loss_ ABSL_GUARDED_BY(mutex_) = 0;    // the newest one of a lost session
  // After refusals on this connection, by topic filter.
  absl::node_hash_map<std::string, Pause> pauses_ ABSL_GUARDED_BY(mutex_);
  uint64_t pause_generation_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<WishPtr> restored_ ABSL_GUARDED_BY(mutex_);  // until the broker's first answers
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

using InterestPtr = Subscriptions::InterestPtr;

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_INTEREST_SUBSCRIPTIONS_H_
