// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_DIRECTORY_DIRECTORY_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_DIRECTORY_DIRECTORY_FIXTURE_H_

#include <string>
#include <vector>

#include "core/directory/directory.h"
#include "gateway_api/generic_message.pb.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {

namespace gw = ::wirepas::proto::gateway_api;

// Made as a gateway makes it. `sinks` empty: no configs, as older gateways do.
inline gw::StatusEvent StatusOf(const std::string& gateway, gw::OnOffState state,
                                const std::vector<std::string>& sinks = {}) {
  gw::StatusEvent status;
  status.mutable_header()->set_gw_id(gateway);
  status.mutable_header()->set_event_id(1);
  status.mutable_header()->set_time_ms_epoch(1'700'000'000'000);
  status.set_version(1);
  status.set_state(state);
  for (const std::string& sink : sinks) {
    status.add_configs()->set_sink_id(sink);
    status.mutable_configs()->rbegin()->set_network_address(7);
  }
  return status;
}

class DirectoryFixture : public testing::Test {
 protected:
  explicit DirectoryFixture(const NetworkDirectory::Options& options = {})
      : directory_(options, &executor_, &scheduler_) {}

  void Online(const std::string& gateway, const std::vector<std::string>& sinks = {},
              bool retained = false) {
    directory_.OnMessageBegins();
    directory_.OnStatus(gateway, StatusOf(gateway, gw::ON, sinks), retained);
    directory_.OnMessageEnds();
  }
  void Offline(const std::string& gateway) {
    directory_.OnStatus(gateway, StatusOf(gateway, gw::OFF), /*retained=*/false);
  }
  void Configs(const std::string& gateway, const std::vector<std::string>& sinks) {
    directory_.OnConfigs(gateway, StatusOf(gateway, gw::ON, sinks).configs());
  }

  // What changed since `before`, as "type gateway[/sink]".
  static std::vector<std::string> Changes(const DirectorySnapshot* before,
                                          const DirectorySnapshot& after) {
    static const char* const kNames[] = {"online",  "offline", "found", "updated",
                                         "removed", "sink+",   "sink~", "sink-"};
    std::vector<std::string> texts;
    for (const NetworkChange& change : Diff(before, after)) {
      std::string text = kNames[static_cast<int>(change.type)];
      text += " " + change.gateway->id;
      if (change.sink != nullptr) text += "/" + change.sink->sink_id();
      texts.push_back(text);
    }
    return texts;
  }

  static std::vector<std::string> SinkIds(const GatewayPtr& gateway) {
    std::vector<std::string> ids;
    for (const auto& [id, config] : gateway->sinks) ids.push_back(id);
    return ids;
  }

  std::vector<std::string> GatewayIds() const {
    std::vector<std::string> ids;
    for (const GatewayPtr& gateway : directory_.Snapshot()->gateways) ids.push_back(gateway->id);
    return ids;
  }

  FakeScheduler scheduler_;
  Executor executor_{1};
  NetworkDirectory directory_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_DIRECTORY_DIRECTORY_FIXTURE_H_
