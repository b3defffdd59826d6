// SPDX-License-Identifier: Apache-2.0
#include "service/health_command.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "service/health.h"
#include "service/option_values.h"
#include "service/options.h"

namespace wirepas_grpc::service {
namespace {

namespace health = grpc::health::v1;

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

// Where the service of this container listens, if nothing else is said.
std::string DefaultAddress() {
  const char* listen = std::getenv("WIREPAS_GRPC_LISTEN");
  if (listen == nullptr || listen[0] == '\0') return ServiceOptions().listen.front();
  const std::string all = listen;
  return all.substr(0, all.find(','));
}

// One that listens at all addresses of the machine is reached at this one.
std::string Reachable(const std::string& address) {
  absl::string_view port = address;
  if (absl::ConsumePrefix(&port, "0.0.0.0:")) return absl::StrCat("127.0.0.1:", port);
  if (absl::ConsumePrefix(&port, "[::]:")) return absl::StrCat("[::1]:", port);
  return address;
}

// PEM files are small.
constexpr size_t kMaxFileBytes = 1 << 20;

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(
    const HealthOptions& options) {
  if (!options.secure()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions tls;
  for (const auto& [path, to] : {std::pair(&options.tls_ca, &tls.pem_root_certs),
                                 std::pair(&options.tls_cert, &tls.pem_cert_chain),
                                 std::pair(&options.tls_key, &tls.pem_private_key)}) {
    if (path->empty()) continue;
    absl::StatusOr<std::string> text = ReadSmallFile(*path, kMaxFileBytes);
    if (!text.ok()) return text.status();
    *to = *std::move(text);
  }
  return grpc::SslCredentials(tls);
}

int Ask(const HealthOptions& options, absl::Duration timeout) {
  const auto credentials = CredentialsOf(options);
  if (!credentials.ok()) {
    std::cerr << credentials.status().message() << std::endl;
    return kExitBadOption;
  }
  grpc::ChannelArguments arguments;
  if (!options.tls_name.empty()) arguments.SetSslTargetNameOverride(options.tls_name);
  // A probe asks the service beside it, whatever proxy there is for others.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto channel =
      grpc::CreateCustomChannel(Reachable(options.address), *credentials, arguments);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
  health::HealthCheckRequest request;
  request.set_service(options.live ? kLivenessService : options.service);
  health::HealthCheckResponse response;
  const grpc::Status status = health::Health::NewStub(channel)->Check(&context, request, &response);
  if (!status.ok()) {
    std::cerr << options.address << ": "
              << (status.error_code() == grpc::StatusCode::NOT_FOUND
                      ? absl::StrCat("has no service ", ShownValue(request.service()))
                      : status.error_message())
              << std::endl;
    return kExitRunTimeFailure;
  }
  std::cout << health::HealthCheckResponse::ServingStatus_Name(response.status()) << std::endl;
  return response.status() == health::HealthCheckResponse::SERVING ? 0 : kExitRunTimeFailure;
}

}  // namespace

int RunHealthCommand(int argc, char** argv) {
  HealthOptions options;
  options.address = DefaultAddress();
  CLI::App app(
      "Asks a running service whether it is ready: whether it reaches its broker. With --live,\n"
      "whether its process works, whatever the broker does: what a liveness probe asks.",
      "wirepas-grpcd health");
  app.add_option("ADDRESS", options.address,
                 "Where it listens: host:port, [ipv6]:port or unix:/path.\n"
                 "[default: the first of WIREPAS_GRPC_LISTEN, else 127.0.0.1:50051]")
      ->type_name("");
  app.add_flag("--live", options.live, "Ask whether the process works");
  app.add_option("--service", options.service, "Ask for one gRPC service, by its full name")
      ->type_name("NAME")
      ->excludes("--live");
  app.add_option("--timeout", options.timeout, "Give up after this [default: 5s]")
      ->type_name("DURATION");
  app.add_flag("--tls", options.tls, "Use TLS; the options below imply it");
  app.add_option("--tls_ca", options.tls_ca,
                 "PEM file of those who may sign the service's certificate\n"
                 "[default: the system's]")
      ->type_name("FILE");
  app.add_option("--tls_cert", options.tls_cert, "PEM file of a certificate to show")
      ->type_name("FILE");
  app.add_option("--tls_key", options.tls_key, "PEM file of its key")->type_name("FILE");
  app.get_option("--tls_cert")->needs("--tls_key");
  app.get_option("--tls_key")->needs("--tls_cert");
  app.add_option("--tls_name", options.tls_name,
                 "The name in the service's certificate [default: the address's]")
      ->type_name("NAME");
  app.footer(
      "Exit codes: 0 when it serves, 1 when it does not or cannot be asked, 2 for an\n"
      "option that is wrong.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitBadOption;
  }
  const absl::StatusOr<absl::Duration> timeout =
      ParseDurationIn(options.timeout, absl::Milliseconds(1), absl::Hours(1));
  if (!timeout.ok()) {
    std::cerr << "--timeout: " << timeout.status().message() << std::endl;
    return kExitBadOption;
  }
  const absl::StatusOr<std::string> address = ParseListenAddress(options.address);
  if (!address.ok()) {
    std::cerr << "ADDRESS: " << address.status().message() << std::endl;
    return kExitBadOption;
  }
  return Ask(options, *timeout);
}

}  // namespace wirepas_grpc::service
