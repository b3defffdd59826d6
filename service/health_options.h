// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_HEALTH_OPTIONS_H_
#define WIREPAS_GRPC_SERVICE_HEALTH_OPTIONS_H_

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace wirepas_grpc::service {

// What `wirepas-grpcd health` can be told.
struct HealthOptions {
  std::string address;
  bool live = false;
  std::string service;
  std::string timeout = "5s";
  bool tls = false;
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
  std::string tls_name;

  bool secure() const { return tls || !tls_ca.empty() || !tls_cert.empty() || !tls_name.empty(); }
};

// The command line, which parses into `options`. Sets the address there to where the service of
// this environment listens.
std::unique_ptr<CLI::App> HealthCommandLine(HealthOptions* options);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_HEALTH_OPTIONS_H_
