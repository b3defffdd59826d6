// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_INTEREST_MODEL_WORLD_H_
#define WIREPAS_GRPC_TESTS_CORE_INTEREST_MODEL_WORLD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/interest/subscription_store.h"
#include "core/interest/subscriptions.h"
#include "core/storage/database.h"
#include "core/uplink_log/uplink_log.h"
#include "tests/core/interest/model_broker.h"
#include "tests/support/fake_scheduler.h"

namespace wirepas_grpc::core {

// Which uplinks a reader wants; an empty set means any.
struct ModelFilter {
  std::set<std::string> gateways = {};
  std::set<int> networks = {};
  std::set<int> endpoints = {};

  TrafficFilter Traffic() const;
  bool Matches(const ModelMessage& message) const;
};

// What is the same for a whole run of the property test.
struct ModelSettings {
  enum class Session { kNone, kKept, kLostAtTimes };
  Session session = Session::kNone;
  bool refuses = false;  // the access rules change, and it may have a bad moment
  size_t max_uplink_filters = 100;
  bool has_store = true;
  bool disk_fails = false;  // at times
};

// Subscriptions between readers and a ModelBroker. Step() does something at random and
// then checks all that must hold; failure() is the first thing that did not.
class ModelWorld {
 public:
  // The database is empty.
  ModelWorld(const ModelSettings& settings, uint64_t seed, Database* database, Executor* executor);
  ~ModelWorld();

  void Step();
  // All go, and nothing is left.
  void End();

  const std::optional<std::string>& failure() const { return failure_; }
  const std::vector<std::string>& trace() const { return trace_; }
  // How often there was what the checks are about.
  struct Seen {
    uint64_t settled = 0;
    uint64_t claims = 0;
    uint64_t lost = 0;
    uint64_t markers = 0;
    uint64_t restarts = 0;
    uint64_t waits = 0;
    uint64_t failed_writes = 0;
  };
  const Seen& seen() const { return seen_; }

 private:
  struct Reader {
    size_t number = 0;
    std::optional<ModelFilter> uplinks;  // none: of `topic_filters`
    std::vector<std::string> topic_filters;
    Subscriptions::Terms terms;
    InterestPtr interest;
    std::optional<absl::Status> result;
    Coverage coverage;
    std::shared_ptr<std::atomic<int>> told = std::make_shared<std::atomic<int>>(0);
    int changes = 0;
  };
  using Key = std::tuple<std::vector<std::string>, absl::Duration, bool, bool>;
  struct Run {  // of the service
    FakeScheduler scheduler;
    std::unique_ptr<SubscriptionStore> store;
    std::unique_ptr<Subscriptions> subscriptions;
  };

  uint64_t Below(uint64_t end) { return random_() % end; }
  bool OneOf(uint64_t count) { return Below(count) == 0; }
  void Trace(std::string line) { trace_.push_back(std::move(line)); }
  void Fail(const std::string& what);

  void StartRun();
  void Restart();
  void Acquire();
  void Release(size_t index);
  void Advance(absl::Duration by);
  void PublishSome();
  void TakeSome(uint64_t most);
  void DeliverSome(uint64_t most);
  bool DeliverOne();
  void Drain();
  void Connect();
  void Break();
  void LoseSession();
  void ChangeAccess();
  void FailDisk(bool fail);

  // After each thing that may have changed something.
  void ReadLog();
  void ReadResults();
  void Check();
  void CheckCoverage();
  void CheckTruth(bool settled);
  // The entry of the next message that was delivered, from index `from` on in steps of
  // `step`, and that arrives at `topic_filter`; nothing when there is none.
  std::optional<uint64_t> NextDelivered(size_t from, int step, const std::string& topic_filter);
  // The first entry that is not from before it.
  uint64_t PlaceOf(size_t message);
  bool IsToldToAll(size_t lost);
  bool IsTold(size_t lost, const Reader& reader);
  void CheckMinimal();
  void CheckStore();
  bool settled() const { return broker_.connected() && broker_.idle(); }
  bool lossless() const;
  // For what the broker refuses for now.
  bool Waits(const Reader& reader) const;
  std::set<std::string> Wanted() const;

  const ModelSettings settings_;
  Database* const database_;
  Executor* const executor_;
  std::mt19937_64 random_;
  ModelBroker broker_;
  FakeScheduler log_scheduler_;
  UplinkLog log_;
  std::unique_ptr<Run> run_;
  std::vector<Reader> readers_;
  size_t next_reader_ = 1;

  absl::Time now_;
  std::map<Key, absl::Time> lingering_;  // until then
  std::set<std::string> restored_;       // wanted until `restored_until_`
  absl::Time restored_until_ = absl::InfinitePast();

  std::vector<uint64_t> entry_times_ = {0};  // by number, of the broker: what came before it
  uint64_t log_read_ = 1;                    // entries before it were looked at
  std::vector<uint64_t> markers_;            // numbers
  std::vector<size_t> untold_;               // lost messages that not everybody is told of
  bool check_truth_ = false;
  uint64_t causes_settled_ = 0;  // of gaps, when it was settled last
  bool session_lost_ = false;    // since it was settled last
  bool disk_fails_ = false;
  bool disk_failed_ = false;  // and not all is written yet
  bool forgetful_ = false;    // a run ended with that

  std::optional<std::string> failure_;
  std::vector<std::string> trace_;
  Seen seen_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_INTEREST_MODEL_WORLD_H_
