// SPDX-License-Identifier: Apache-2.0
#include "service/health_options.h"

#include "CLI/CLI.hpp"
#include "service/options.h"

namespace wirepas_grpc::service {

std::unique_ptr<CLI::App> HealthCommandLine(HealthOptions* options) {
  auto app = std::make_unique<CLI::App>(
      "Asks a running service whether it is ready: whether it reaches its broker. With --live,\n"
      "whether its process works, whatever the broker does: what a liveness probe asks.",
      "wirepas-grpcd health");
  app->add_option("ADDRESS", options->address,
                  "Where it listens: host:port, [ipv6]:port or unix:/path.\n"
                  "[default: the first that WIREPAS_GRPC_LISTEN, or else the file of\n"
                  "WIREPAS_GRPC_CONFIG says, with TLS if they say so; else 127.0.0.1:50051]")
      ->type_name("");
  app->add_flag("--live", options->live, "Ask whether the process works");
  app->add_option("--service", options->service, "Ask for one gRPC service, by its full name")
      ->type_name("NAME")
      ->excludes("--live");
  app->add_option("--timeout", options->timeout, "Give up after this [default: 5s]")
      ->type_name("DURATION");
  app->add_flag("--tls", options->tls, "Use TLS; the options below imply it");
  app->add_option("--tls_ca", options->tls_ca,
                  "PEM file of those who may sign the service's certificate\n"
                  "[default: the system's]")
      ->type_name("FILE");
  app->add_option("--tls_cert", options->tls_cert, "PEM file of a certificate to show")
      ->type_name("FILE");
  app->add_option("--tls_key", options->tls_key, "PEM file of its key")->type_name("FILE");
  app->get_option("--tls_cert")->needs("--tls_key");
  app->get_option("--tls_key")->needs("--tls_cert");
  app->add_option("--tls_name", options->tls_name,
                  "The name in the service's certificate [default: the address's]")
      ->type_name("NAME");
  app->footer(
      "Exit codes: 0 when it serves, 1 when it does not or cannot be asked, 2 for an\n"
      "option that is wrong.");
  return app;
}

void FindService(HealthOptions* options) {
  if (!options->address.empty()) return;
  const ServiceOptions service = ListeningOptions();
  options->address = service.listen.front();
  options->own_tls = !service.tls_cert.empty() && !options->secure();
}

}  // namespace wirepas_grpc::service
