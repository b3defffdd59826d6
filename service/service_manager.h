// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_SERVICE_MANAGER_H_
#define WIREPAS_GRPC_SERVICE_SERVICE_MANAGER_H_

#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "absl/time/time.h"
#include "core/base/monotonic_cond_var.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::service {

// Tells the service manager that has started the process how it goes, in the way of systemd's
// sd_notify(3), which other managers and container engines understand too: when it serves, that
// it is still alive, when it stops, and a line for people. Nothing where there is no such manager.
//
// The protocol is small and promised to stay, so that no library of systemd's is needed for it:
// lines of "NAME=value" in one datagram to the Unix socket that NOTIFY_SOCKET names.
//
// To be used from one thread, and not to be destroyed while the manager shall wait.
class ServiceManager {
 public:
  struct Report {
    bool alive = true;
    std::string status;  // a line for people
  };
  // How often a report is asked for, or twice within the time after which the watchdog gives the
  // process up, if that is more often.
  static constexpr absl::Duration kInterval = absl::Seconds(5);

  // As the environment says: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  ServiceManager();
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  // The process serves. From now on `report` is asked again and again, on a thread of this, and
  // must not wait: the status is told when it changes, and the watchdog that all is well for as
  // long as the process is alive.
  void Ready(std::function<Report()> report);

  // The process ends: `report` is not called any more when this returns. The watchdog is told that
  // all is well until this object goes, since how long a stop may take is for the manager's own
  // limit.
  void Stopping();

  // The process could not start.
  void Failed(std::string_view why);

 private:
  void Run();
  void TellReport() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Tell(std::string_view lines) const;

  std::string socket_;       // empty: nobody listens
  absl::Duration watchdog_;  // zero: none
  core::Mutex mutex_;
  core::MonotonicCondVar ended_;
  bool end_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<Report()> report_ ABSL_GUARDED_BY(mutex_);  // null: the process ends
  bool told_ready_ ABSL_GUARDED_BY(mutex_) = false;
  std::string status_ ABSL_GUARDED_BY(mutex_);  // as told
  std::thread thread_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_SERVICE_MANAGER_H_
