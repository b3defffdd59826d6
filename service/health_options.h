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
  std::string address;  // empty: not given
  bool live = false;
  std::string service;
  std::string timeout = "5s";
  bool tls = false;
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
  std::string tls_name;

  // It asks the service of its own environment, which uses TLS. It takes whoever answers for it, as
  // it does where there is none.
  bool own_tls = false;

  bool secure() const { return tls || !tls_ca.empty() || !tls_cert.empty() || !tls_name.empty(); }
};

// The command line, which parses into `options`; FindService() afterwards.
std::unique_ptr<CLI::App> HealthCommandLine(HealthOptions* options);

// Without an address it is that at which the service of this environment listens.
void FindService(HealthOptions* options);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_HEALTH_OPTIONS_H_
