// SPDX-License-Identifier: Apache-2.0
#include "service/health_command.h"

#include <chrono>
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
#include "grpcpp/security/tls_certificate_verifier.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "service/health.h"
#include "service/health_options.h"
#include "service/option_values.h"
#include "service/options.h"

namespace wirepas_grpc::service {
namespace {

namespace health = grpc::health::v1;

// One that listens at all addresses of the machine is reached at this one.
std::string Reachable(const std::string& address) {
  absl::string_view port = address;
  if (absl::ConsumePrefix(&port, "0.0.0.0:")) return absl::StrCat("127.0.0.1:", port);
  if (absl::ConsumePrefix(&port, "[::]:")) return absl::StrCat("[::1]:", port);
  return address;
}

// PEM files are small.
constexpr size_t kMaxFileBytes = 1 << 20;

// Whatever certificate the service shows.
std::shared_ptr<grpc::ChannelCredentials> AnyTlsCredentials() {
  grpc::experimental::TlsChannelCredentialsOptions tls;
  tls.set_verify_server_certs(false);
  tls.set_certificate_verifier(std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  tls.set_check_call_host(false);
  return grpc::experimental::TlsCredentials(tls);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(
    const HealthOptions& options) {
  if (options.own_tls) return AnyTlsCredentials();
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
  const std::unique_ptr<CLI::App> app = HealthCommandLine(&options);
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app->exit(error) == 0 ? 0 : kExitBadOption;
  }
  FindService(&options);
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
