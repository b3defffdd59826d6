// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_APP_CONFIG_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_APP_CONFIG_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "wirepas/mesh/v1/app_config_service.grpc.pb.h"

namespace wirepas_grpc::integration {

using AppConfigs = mesh::AppConfigService::Stub;

inline constexpr uint32_t kMeshAddress = 1001;
inline constexpr char kThirdGateway[] = "sim-gw-2";
inline const std::vector<std::string> kGateways = {kGateway, kOtherGateway, kThirdGateway};

inline std::string Bytes(const std::string& hex) { return absl::HexStringToBytes(hex); }

// Three gateways; sink0 of each takes 80 bytes and sink1 40.
template <typename Suite>
class AppConfigStack : public SharedStack<Suite> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {"--gateways",
                         "3",
                         "--sinks",
                         "2",
                         "--rate",
                         "0",
                         "--network_address",
                         "1001",
                         "1002",  // sink1 is in another
                         "--app_config_max_size",
                         "80",
                         "40"};
    return options;
  }

  static void SetUpTestSuite() {
    SharedStack<Suite>::SetUpTestSuite();
    stub_ = mesh::AppConfigService::NewStub(Suite::stack().service().NewChannel());
  }
  static void TearDownTestSuite() {
    stub_.reset();
    SharedStack<Suite>::TearDownTestSuite();
  }

 protected:
  void SetUp() override {
    for (const std::string& gateway : kGateways) SetData(gateway, kSink, Bytes("f67e01050158"));
  }

  static AppConfigs* app_configs() { return stub_.get(); }

  static void SetData(const std::string& gateway, const std::string& sink, const std::string& data,
                      uint32_t sequence = 9) {
    auto request = To<mesh::SetSinkConfigRequest>(gateway, sink);
    mesh::AppConfig* app_config = request.mutable_update()->mutable_app_config();
    app_config->mutable_diagnostics_interval()->set_seconds(60);
    app_config->set_data(data);
    app_config->set_sequence(sequence);
    ASSERT_TRUE(
        IsOk(Call(Suite::stub(), &mesh::NetworkService::Stub::SetSinkConfig, request).status));
  }

  // The app config of a sink of the mesh, asked anew.
  static mesh::SinkAppConfig AppConfigOf(const std::string& gateway,
                                         const std::string& sink = kSink) {
    mesh::ListAppConfigsRequest request;
    AddSink(gateway, sink, request.mutable_scope());
    request.set_refresh(true);
    const auto result = Call(app_configs(), &AppConfigs::ListAppConfigs, request);
    EXPECT_TRUE(IsOk(result.status));
    return result.response.app_configs_size() == 1 ? result.response.app_configs(0)
                                                   : mesh::SinkAppConfig();
  }
  static std::string HexOf(const std::string& gateway, const std::string& sink = kSink) {
    return absl::BytesToHexString(AppConfigOf(gateway, sink).app_config().data());
  }

  static void AddSink(const std::string& gateway, const std::string& sink, mesh::SinkScope* scope) {
    mesh::SinkRef* ref = scope->add_sinks();
    ref->set_gateway_id(gateway);
    ref->set_sink_id(sink);
  }

  // Sets an entry in all sinks of the mesh.
  static mesh::UpdateAppConfigRequest SetEntry(uint32_t type, const std::string& value) {
    mesh::UpdateAppConfigRequest request;
    request.mutable_scope()->set_network_address(kMeshAddress);
    mesh::AppConfigEntry* entry = request.add_set_entries();
    entry->set_type(type);
    entry->set_value(value);
    return request;
  }

  static Result<mesh::UpdateAppConfigResponse> Update(const mesh::UpdateAppConfigRequest& request,
                                                      absl::Duration deadline = kBound) {
    return Call(app_configs(), &AppConfigs::UpdateAppConfig, request, deadline);
  }

  // What became of the sinks, by name in short.
  template <typename Response>
  static std::vector<std::string> Outcomes(const Result<Response>& result) {
    EXPECT_TRUE(IsOk(result.status));
    std::vector<std::string> outcomes;
    for (const mesh::AppConfigChange& change : result.response.changes()) {
      outcomes.push_back(mesh::AppConfigOutcome_Name(change.outcome())
                             .substr(std::string("APP_CONFIG_OUTCOME_").size()));
      EXPECT_EQ(change.has_error(), outcomes.back() == "REFUSED" || outcomes.back() == "FAILED");
    }
    return outcomes;
  }

  static void ExpectUntouched() {
    for (const std::string& gateway : kGateways) {
      EXPECT_EQ(HexOf(gateway), "f67e01050158") << gateway;
      EXPECT_EQ(AppConfigOf(gateway).app_config().sequence(), 9u);
    }
  }

 private:
  static inline std::unique_ptr<AppConfigs> stub_;
};

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_APP_CONFIG_FIXTURE_H_
