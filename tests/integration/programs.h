// SPDX-License-Identifier: Apache-2.0
//
// The programs under test, run as an operator would run them.
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_PROGRAMS_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_PROGRAMS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway_api/generic_message.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/credentials.h"
#include "nlohmann/json.hpp"
#include "tests/integration/mqtt_peer.h"
#include "tests/support/process.h"
#include "wirepas/mesh/v1/network_service.grpc.pb.h"
#include "wirepas/mesh/v1/otap_service.grpc.pb.h"

namespace wirepas_grpc::integration {

namespace mesh = ::wirepas::mesh::v1;          // what clients speak
namespace gw = ::wirepas::proto::gateway_api;  // what gateways speak

// For what must happen: long enough for a sanitizer build on a busy machine.
inline constexpr absl::Duration kBound = absl::Seconds(60);

using Environment = std::vector<std::pair<std::string, std::string>>;

// Where the programs are; CMake knows.
std::string ServiceProgram();
std::string SimulatorProgram();

// Runs wirepas-grpcd. One thread at a time, but the stubs are for all.
class ServiceProcess {
 public:
  // Adds a free port to listen on, unless `arguments` have --listen, and one for
  // metrics. Returns once the service listens. `wrapper` is a command that runs it, such as
  // prlimit with its options, and becomes it.
  static absl::StatusOr<std::unique_ptr<ServiceProcess>> Start(
      const std::vector<std::string>& arguments, const Environment& environment = {},
      const std::vector<std::string>& wrapper = {});
  // Checks nothing: a test that cares for the exit code calls Stop().
  ~ServiceProcess() = default;

  // The first address it listens on, as grpc::CreateChannel wants it.
  const std::string& address() const { return addresses_.front(); }
  const std::vector<std::string>& addresses() const { return addresses_; }
  // Of the first address, and where the metrics are, on 127.0.0.1.
  int port() const;
  int metrics_port() const { return metrics_port_; }

  // A channel of its own, not shared with others to the same address.
  std::shared_ptr<grpc::Channel> NewChannel(
      const std::string& address = "",
      const std::shared_ptr<grpc::ChannelCredentials>& credentials = nullptr) const;
  // Over the first address, without TLS.
  mesh::NetworkService::Stub* stub();
  mesh::OtapService::Stub* otap_stub();

  // The value of a metric, labels and all, such as `x_total{reason="mismatch"}`;
  // negative when there is none of that name.
  double Metric(const std::string& name) const;

  // SIGTERM; the exit code, which is 0 when all is well.
  int Stop();

  ChildProcess& process() { return *process_; }

 private:
  ServiceProcess() = default;
  absl::Status WaitUntilListening(size_t addresses);

  std::unique_ptr<ChildProcess> process_;
  std::vector<std::string> addresses_;
  int metrics_port_ = 0;
  std::unique_ptr<mesh::NetworkService::Stub> stub_;
  std::unique_ptr<mesh::OtapService::Stub> otap_stub_;
};

// Runs wirepas-gateway-sim. One thread at a time.
class SimulatorProcess {
 public:
  static absl::StatusOr<std::unique_ptr<SimulatorProcess>> Start(
      int broker_port, const std::vector<std::string>& arguments);

  // Waits until all gateways are online.
  absl::Status WaitUntilReady();

  // Gives a command (see wirepas-gateway-sim --help) to a gateway or to "all", over
  // `peer`, and waits until it is carried out.
  static absl::Status Control(MqttPeer* peer, const std::string& gateway, nlohmann::json command);

  ChildProcess& process() { return *process_; }

 private:
  SimulatorProcess() = default;

  std::unique_ptr<ChildProcess> process_;
};

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_PROGRAMS_H_
