// SPDX-License-Identifier: Apache-2.0
//
// TLS and credentials: of the service's clients, and of the service at its broker.
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway_rpcs.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"
#include "tests/integration/uplink_stream.h"
#include "tests/support/certificates.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;

std::string Contents(const std::string& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

class TlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto certificates = TestCertificates::Create("ours");
    ASSERT_TRUE(IsOk(certificates.status()));
    ours_ = *std::move(certificates);
    certificates = TestCertificates::Create("others");
    ASSERT_TRUE(IsOk(certificates.status()));
    others_ = *std::move(certificates);
  }
  static void TearDownTestSuite() {
    ours_.reset();
    others_.reset();
  }

  static inline std::unique_ptr<TestCertificates> ours_;
  static inline std::unique_ptr<TestCertificates> others_;
};

// ---- clients of the service ----

class ClientTlsTest : public TlsTest {
 protected:
  void Start(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"--mqtt_hostname",
                                          "127.0.0.1",
                                          "--mqtt_port",
                                          "1",
                                          "--mqtt_force_unsecure",
                                          "--tls_cert",
                                          ours_->server().certificate,
                                          "--tls_key",
                                          ours_->server().key};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto service = ServiceProcess::Start(arguments);
    ASSERT_TRUE(IsOk(service.status()));
    service_ = *std::move(service);
  }

  // How a first call of such a client ends. UNAVAILABLE "not connected" comes from
  // the service, which has no broker.
  grpc::Status Try(const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    const auto stub = mesh::NetworkService::NewStub(service_->NewChannel("", credentials));
    return Call(stub.get(), &Stub::ListGateways, mesh::ListGatewaysRequest()).status;
  }

  static std::shared_ptr<grpc::ChannelCredentials> Trusting(const TestCertificates& authority,
                                                            const TestCertificates* client) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = Contents(authority.ca_file());
    if (client != nullptr) {
      options.pem_cert_chain = Contents(client->client().certificate);
      options.pem_private_key = Contents(client->client().key);
    }
    return grpc::SslCredentials(options);
  }

  static void ExpectAnswered(const grpc::Status& status) {
    EXPECT_THAT(status.error_message(), testing::HasSubstr("not connected (")) << "no answer of "
                                                                                  "the service";
  }
  static void ExpectShutOut(const grpc::Status& status) {
    EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
    EXPECT_THAT(status.error_message(), testing::Not(testing::HasSubstr("not connected (")));
  }

  std::unique_ptr<ServiceProcess> service_;
};

TEST_F(ClientTlsTest, ServerShowsItsCertificate) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ExpectAnswered(Try(Trusting(*ours_, nullptr)));
  ExpectShutOut(Try(Trusting(*others_, nullptr)));
  ExpectShutOut(Try(grpc::InsecureChannelCredentials()));
  EXPECT_EQ(service_->Stop(), 0);
}

TEST_F(ClientTlsTest, ClientsMustShowTheirsWhenAsked) {
  ASSERT_NO_FATAL_FAILURE(Start({"--tls_client_ca", ours_->ca_file()}));
  ExpectAnswered(Try(Trusting(*ours_, ours_.get())));
  ExpectShutOut(Try(Trusting(*ours_, nullptr)));
  ExpectShutOut(Try(Trusting(*ours_, others_.get())));
  EXPECT_EQ(service_->Stop(), 0);
}

// ---- the service at its broker ----

// A broker with TLS for the service and a plain port for the simulator.
class BrokerTlsTest : public TlsTest {
 protected:
  void StartBroker(Mosquitto::Options options) {
    plain_port_ = FreePort();
    options.extra = {absl::StrCat("listener ", plain_port_, " 127.0.0.1")};
    auto broker = Mosquitto::Start(std::move(options));
    ASSERT_TRUE(IsOk(broker.status()));
    broker_ = *std::move(broker);
    auto simulator =
        SimulatorProcess::Start(plain_port_, With(simulator_, {"--gateways", "1", "--rate", "50"}));
    ASSERT_TRUE(IsOk(simulator.status()));
    simulator_process_ = *std::move(simulator);
    ASSERT_TRUE(IsOk(simulator_process_->WaitUntilReady()));
  }

  static std::vector<std::string> With(std::vector<std::string> arguments,
                                       const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  void StartService(const std::vector<std::string>& more) {
    auto service = ServiceProcess::Start(
        With({"--mqtt_hostname", "localhost", "--mqtt_port", absl::StrCat(broker_->port()),
              "--mqtt_reconnect_min_delay", "200ms"},
             more));
    ASSERT_TRUE(IsOk(service.status()));
    service_ = *std::move(service);
  }

  // Uplinks and requests, both ways.
  void ExpectWorking() {
    UplinkStream uplinks(service_->stub());
    EXPECT_EQ(uplinks.Take(5).size(), 5u);
    EXPECT_TRUE(IsOk(FindGatewayRpc("SendMessage").Run(service_->stub(), kGateway, kSink, kBound)));
  }

  // The reason of the first attempt that failed.
  mesh::BrokerDisconnectReason FirstFailure() {
    StreamReader<mesh::WatchBrokerResponse> watch(service_->stub(), &Stub::WatchBroker,
                                                  mesh::WatchBrokerRequest());
    while (const std::optional<mesh::WatchBrokerResponse> response = watch.Next()) {
      EXPECT_FALSE(response->state().connected());
      if (response->state().attempts() > 0) return response->state().reason();
    }
    ADD_FAILURE() << "no failed attempt";
    return mesh::BROKER_DISCONNECT_REASON_UNSPECIFIED;
  }

  std::vector<std::string> simulator_;
  int plain_port_ = 0;
  std::unique_ptr<Mosquitto> broker_;
  std::unique_ptr<SimulatorProcess> simulator_process_;
  std::unique_ptr<ServiceProcess> service_;
};

TEST_F(BrokerTlsTest, TlsWithCaAndClientCertificate) {
  Mosquitto::Options options;
  options.tls = ours_.get();
  options.require_client_certificate = true;
  ASSERT_NO_FATAL_FAILURE(StartBroker(options));
  ASSERT_NO_FATAL_FAILURE(
      StartService({"--mqtt_ca_certs", ours_->ca_file(), "--mqtt_client_crt",
                    ours_->client().certificate, "--mqtt_client_key", ours_->client().key}));
  ExpectWorking();
  EXPECT_EQ(service_->Stop(), 0);
}

TEST_F(BrokerTlsTest, BrokerThatIsNotTrustedIsNotUsed) {
  Mosquitto::Options options;
  options.tls = ours_.get();
  ASSERT_NO_FATAL_FAILURE(StartBroker(options));
  ASSERT_NO_FATAL_FAILURE(StartService({"--mqtt_ca_certs", others_->ca_file()}));
  EXPECT_EQ(FirstFailure(), mesh::BROKER_DISCONNECT_REASON_TLS);
  EXPECT_EQ(service_->Stop(), 0);
  ASSERT_NO_FATAL_FAILURE(
      StartService({"--mqtt_ca_certs", others_->ca_file(), "--mqtt_allow_untrusted"}));
  ExpectWorking();
}

TEST_F(BrokerTlsTest, CertificateOfAnotherHostIsNotTrusted) {
  Mosquitto::Options options;
  options.tls = ours_.get();
  options.tls_for_other_host = true;
  ASSERT_NO_FATAL_FAILURE(StartBroker(options));
  ASSERT_NO_FATAL_FAILURE(StartService({"--mqtt_ca_certs", ours_->ca_file()}));
  EXPECT_EQ(FirstFailure(), mesh::BROKER_DISCONNECT_REASON_TLS);
}

TEST_F(BrokerTlsTest, PasswordFromAFile) {
  Mosquitto::Options options;
  options.users = {{"service", "s3cret!"}, {"simulator", "x"}};
  simulator_ = {"--mqtt_username", "simulator", "--mqtt_password", "x"};
  ASSERT_NO_FATAL_FAILURE(StartBroker(options));
  const TemporaryDirectory directory;
  std::ofstream(directory.File("good")) << "s3cret!\n";
  std::ofstream(directory.File("bad")) << "secret\n";
  const std::vector<std::string> common = {"--mqtt_force_unsecure", "--mqtt_username", "service"};
  ASSERT_NO_FATAL_FAILURE(
      StartService(With(common, {"--mqtt_password_file", directory.File("good")})));
  ExpectWorking();
  EXPECT_EQ(service_->Stop(), 0);
  EXPECT_THAT(service_->process().output(), testing::Not(testing::HasSubstr("s3cret")));
  ASSERT_NO_FATAL_FAILURE(
      StartService(With(common, {"--mqtt_password_file", directory.File("bad")})));
  EXPECT_THAT(FirstFailure(), testing::AnyOf(mesh::BROKER_DISCONNECT_REASON_BAD_CREDENTIALS,
                                             mesh::BROKER_DISCONNECT_REASON_NOT_AUTHORIZED));
}

TEST_F(BrokerTlsTest, MessageThatTheBrokerForbidsIsPermissionDenied) {
  Mosquitto::Options options;
  options.users = {{"service", "y"}, {"simulator", "x"}};
  options.acl = "user simulator\ntopic readwrite #\nuser service\ntopic read #\n";
  simulator_ = {"--mqtt_username", "simulator", "--mqtt_password", "x"};
  ASSERT_NO_FATAL_FAILURE(StartBroker(options));
  // Only MQTT 5 tells.
  ASSERT_NO_FATAL_FAILURE(StartService({"--mqtt_force_unsecure", "--mqtt_username", "service",
                                        "--mqtt_password", "y", "--mqtt_version", "5"}));
  UplinkStream uplinks(service_->stub());
  EXPECT_EQ(uplinks.Take(5).size(), 5u);
  ExpectFailure(FindGatewayRpc("SendMessage").Run(service_->stub(), kGateway, kSink, kBound),
                StatusCode::PERMISSION_DENIED, {"broker", kGateway, kSink});
  ExpectFailure(Call(service_->stub(), &Stub::ClearGatewayStatus,
                     To<mesh::ClearGatewayStatusRequest>(kGateway))
                    .status,
                StatusCode::PERMISSION_DENIED, {"broker", kGateway});
}

TEST_F(BrokerTlsTest, Mqtt5) {
  Mosquitto::Options options;
  options.tls = ours_.get();
  ASSERT_NO_FATAL_FAILURE(StartBroker(options));
  ASSERT_NO_FATAL_FAILURE(
      StartService({"--mqtt_ca_certs", ours_->ca_file(), "--mqtt_version", "5"}));
  ExpectWorking();
  EXPECT_THAT(broker_->log(), testing::ContainsRegex("as wirepas-grpc-[^ ]* \\(p5,"));
  EXPECT_EQ(service_->Stop(), 0);
}

TEST_F(BrokerTlsTest, WebSockets) {
  if (!Mosquitto::HasWebSockets()) GTEST_SKIP() << "mosquitto is built without WebSockets";
  Mosquitto::Options options;
  options.websockets = true;
  ASSERT_NO_FATAL_FAILURE(StartBroker(options));
  ASSERT_NO_FATAL_FAILURE(StartService({"--mqtt_force_unsecure", "--mqtt_use_websocket"}));
  ExpectWorking();
  EXPECT_EQ(service_->Stop(), 0);
}

}  // namespace
}  // namespace wirepas_grpc::integration
