// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_APP_CONFIG_UPDATER_H_
#define WIREPAS_GRPC_CORE_APP_CONFIG_UPDATER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/app_config/edit.h"
#include "core/directory/sink_scope.h"
#include "core/network/network.h"
#include "core/sinks/change_run.h"
#include "core/sinks/holds.h"

namespace wirepas_grpc::core {

// What became of the app config of one sink.
struct AppConfigChange {
  enum class Outcome {
    kUnchanged,  // it is as wanted already, nothing was sent
    kChanged,    // the sink has taken the new one
    kChecked,    // it could be changed; nothing was sent
    kRefused,    // it cannot be changed; nothing was sent to any sink
    kFailed,     // it could be, and the sink did not take it
  };

  explicit AppConfigChange(SinkPath sink_in) : sink(std::move(sink_in)) {}

  SinkPath sink;
  Outcome outcome = Outcome::kChecked;
  size_t size_before = 0;  // bytes, see EditedAppConfig
  size_t size_after = 0;
  size_t max_size = 0;
  // Of kRefused: NOT_FOUND (the sink is not known any more, or is in another network),
  // UNAVAILABLE (its gateway is offline), DEADLINE_EXCEEDED (its gateway is silent), why else
  // the gateway could not be asked for its sinks,
  // FAILED_PRECONDITION (the sink does not tell its app config) or as EditAppConfig()
  // says. Of kFailed: as Network::Request() ended.
  RequestOutcome error;
};

// Changes the app configs of many sinks: asks their gateways what these are now, checks
// that all can be changed, and only then changes them, some at a time. One change per sink at a
// time. Thread-safe.
class AppConfigUpdater {
 public:
  // How long gateways have to tell their sinks.
  static constexpr absl::Duration kRefreshLimit = absl::Seconds(2);

  // Both outlive the updater, which outlives what `network` calls back. `holds`: on which sinks
  // any change is under way.
  AppConfigUpdater(Network* network, SinkHolds* holds) : network_(network), holds_(holds) {}

  struct Job {
    std::vector<SinkPath> sinks;              // each once
    std::optional<uint32_t> network_address;  // that they must be in; nothing: any
    AppConfigEdit edit;
    bool dry_run = false;                             // check only
    bool allow_unknown_gateway = false;               // gateways need not be known
    AskerPtr asker = nullptr;                         // see RequestLimit
    absl::Duration limit = absl::InfiniteDuration();  // for all of it
  };
  // In the order of Job::sinks. ABORTED: another change of one of the sinks is under
  // way; nothing was done. UNAVAILABLE: the service shuts down; nothing but questions was
  // sent. CANCELLED: by Cancel().
  using Result = absl::StatusOr<std::vector<AppConfigChange>>;

  class Update;
  // `done` is called once, on the executor. When `limit` is over, what was not sent
  // fails with UNAVAILABLE. A dry run changes nothing and so stands in nobody's way.
  std::shared_ptr<Update> Start(Job job, absl::AnyInvocable<void(Result)> done);

  // Nothing further is sent and `done` gets CANCELLED, unless it has ended. What was
  // sent may be carried out.
  void Cancel(const std::shared_ptr<Update>& update);

 private:
  void Refresh(const std::shared_ptr<Update>& update);
  void Check(const std::shared_ptr<Update>& update, const SinkAnswers& answers);
  void End(const std::shared_ptr<Update>& update);
  void Finish(const std::shared_ptr<Update>& update, Result result);

  Network* const network_;
  SinkHolds* const holds_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_APP_CONFIG_UPDATER_H_
