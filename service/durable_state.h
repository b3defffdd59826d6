// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_DURABLE_STATE_H_
#define WIREPAS_GRPC_SERVICE_DURABLE_STATE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/base/executor.h"
#include "core/base/scheduler.h"
#include "core/interest/subscription_store.h"
#include "core/storage/database.h"
#include "core/uplink_log/store.h"
#include "core/uplink_log/uplink_log.h"
#include "service/options.h"

namespace wirepas_grpc::service {

// What the service keeps in --state_dir, with the threads that may wait for the disk.
class DurableState {
 public:
  // Opens it, makes it when it is new, and logs what had to be repaired. Fails with a
  // line that names the option. Waits.
  static absl::StatusOr<std::unique_ptr<DurableState>> Open(const ServiceOptions& options,
                                                            core::Scheduler* scheduler);
  ~DurableState();

  // Ends the threads and marks the state as cleanly ended. Before the scheduler stops,
  // after all that uses the state.
  void Close();

  // The id to have a session at the broker under that belongs to this state: random,
  // the same after each restart.
  const std::string& mqtt_client_id() const { return mqtt_client_id_; }

  core::UplinkLog::Durable uplinks() { return {uplinks_.get(), &readers_, &writers_}; }
  core::SubscriptionStore* subscriptions() { return &subscriptions_; }
  const core::UplinkStore& uplink_store() const { return *uplinks_; }
  // The threads that wait for the disk.
  core::Executor& readers() { return readers_; }
  core::Executor& writers() { return writers_; }
  // Has the tables of nodes and of their statuses.
  core::Database* database() { return database_.get(); }

 private:
  DurableState(std::unique_ptr<core::Database> database, core::Scheduler* scheduler);

  absl::Status FindClientId();

  std::unique_ptr<core::Database> database_;
  // Apart, so that what must be written in time does not queue behind a thousand
  // subscribers who catch up.
  core::Executor readers_;
  core::Executor writers_;
  core::SubscriptionStore subscriptions_;
  std::unique_ptr<core::UplinkStore> uplinks_;
  std::string mqtt_client_id_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_DURABLE_STATE_H_
