// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "tests/core/mqtt/broker_fixture.h"
#include "tests/support/tcp_listener.h"

namespace wirepas_grpc::core {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class TlsTest : public BrokerTest {
 protected:
  static void SetUpTestSuite() {
    auto certificates = TestCertificates::Create("test authority");
    ASSERT_TRUE(certificates.ok()) << certificates.status();
    certificates_ = certificates->release();
    auto others = TestCertificates::Create("other authority");
    ASSERT_TRUE(others.ok()) << others.status();
    others_ = others->release();
  }
  static void TearDownTestSuite() {
    delete certificates_;
    delete others_;
  }
  void StartTlsBroker(bool require_client_certificate = false, bool for_other_host = false) {
    Mosquitto::Options broker;
    broker.tls = certificates_;
    broker.require_client_certificate = require_client_certificate;
    broker.tls_for_other_host = for_other_host;
    StartBroker(broker);
  }
  BrokerOptions Options() const {
    BrokerOptions options = LocalOptions(broker_->port());
    options.use_tls = true;
    options.ca_file = certificates_->ca_file();
    return options;
  }
  void ExpectTlsFailure(const BrokerOptions& options, const std::string& detail) {
    const BrokerState state = FirstFailure(options);
    EXPECT_EQ(state.reason, DisconnectReason::kTls) << state.detail;
    EXPECT_THAT(state.detail, HasSubstr(detail));
  }

  static TestCertificates* certificates_;
  static TestCertificates* others_;
};

TestCertificates* TlsTest::certificates_ = nullptr;
TestCertificates* TlsTest::others_ = nullptr;

TEST_F(TlsTest, TrustedAuthorityByNameAndByAddress) {
  StartTlsBroker();
  for (const std::string& host : {std::string("localhost"), std::string("127.0.0.1")}) {
    RecordingHandler handler;
    BrokerOptions options = Options();
    options.host = host;
    PahoBrokerClient client(options);
    client.Start(&handler);
    EXPECT_TRUE(handler.WaitForConnected());
    EXPECT_TRUE(handler.states()[0].connected) << handler.states()[0].detail;
    client.Stop();
  }
}

TEST_F(TlsTest, Mqtt5AndTraffic) {
  StartTlsBroker();
  BrokerOptions options = Options();
  options.version = MqttVersion::k5;
  StartConnected(options);
  SubscribeAndWait("a", 1);
  const std::string large(1 << 20, 'x');
  ASSERT_TRUE(PublishAndWait("a", large, 2).ok());
  ASSERT_TRUE(handler_.WaitForMessages(1));
  EXPECT_EQ(handler_.messages()[0].payload, large);
}

TEST_F(TlsTest, WrongAuthority) {
  StartTlsBroker();
  BrokerOptions options = Options();
  options.ca_file = others_->ca_file();
  ExpectTlsFailure(options, "certificate is not accepted");
}

TEST_F(TlsTest, SystemStoreDoesNotKnowTheAuthority) {
  StartTlsBroker();
  BrokerOptions options = Options();
  options.ca_file = "";
  ExpectTlsFailure(options, "certificate is not accepted");
}

TEST_F(TlsTest, CertificateOfAnotherHost) {
  StartTlsBroker(/*require_client_certificate=*/false, /*for_other_host=*/true);
  ExpectTlsFailure(Options(), "mismatch");
}

TEST_F(TlsTest, AllowUntrustedTakesAnything) {
  StartTlsBroker(/*require_client_certificate=*/false, /*for_other_host=*/true);
  BrokerOptions options = Options();
  options.ca_file = others_->ca_file();
  options.allow_untrusted = true;
  StartConnected(options);
  EXPECT_TRUE(handler_.states()[0].connected);
}

TEST_F(TlsTest, ClientCertificate) {
  StartTlsBroker(/*require_client_certificate=*/true);
  BrokerOptions options = Options();
  options.client_cert = certificates_->client().certificate;
  options.client_key = certificates_->client().key;
  StartConnected(options);
  EXPECT_TRUE(handler_.states()[0].connected);
}

TEST_F(TlsTest, ClientCertificateMissing) {
  StartTlsBroker(/*require_client_certificate=*/true);
  ExpectTlsFailure(Options(), "certificate required");
}

TEST_F(TlsTest, ClientCertificateOfAnotherAuthority) {
  StartTlsBroker(/*require_client_certificate=*/true);
  BrokerOptions options = Options();
  options.client_cert = others_->client().certificate;
  options.client_key = others_->client().key;
  ExpectTlsFailure(options, "alert");
}

// The ciphers for TLS up to 1.2 of the first ClientHello (RFC 8446, section 4.1.2) that a client
// sends to the listener.
std::vector<uint16_t> OfferedCiphers(TcpListener* listener) {
  const int connection = listener->Accept();
  std::string hello(4096, '\0');
  hello.resize(static_cast<size_t>(std::max<ssize_t>(0, read(connection, hello.data(), 4096))));
  close(connection);
  const auto number = [&](size_t at) {
    return at + 1 < hello.size()
               ? static_cast<uint8_t>(hello[at]) << 8 | static_cast<uint8_t>(hello[at + 1])
               : 0;
  };
  // Record and handshake have heads of 5 and 4 bytes; version and random have 34.
  const size_t session_id = 5 + 4 + 34;
  const size_t list = session_id + 1 + (number(session_id) >> 8);
  std::vector<uint16_t> ciphers;
  for (int i = 2; i <= number(list); i += 2) {
    const auto cipher = static_cast<uint16_t>(number(list + static_cast<size_t>(i)));
    // Those of TLS 1.3 begin with 0x13; 0x00FF is a flag.
    if (cipher >> 8 != 0x13 && cipher != 0x00FF) ciphers.push_back(cipher);
  }
  return ciphers;
}

TEST_F(TlsTest, CiphersAreThoseOfTheList) {
  TcpListener listener;
  BrokerOptions options = LocalOptions(listener.port());
  options.use_tls = true;
  options.ciphers = "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA";
  StartClient(options);
  EXPECT_THAT(OfferedCiphers(&listener), ElementsAre(0xC02F, 0x0035));
  client_->Stop();
}

TEST_F(TlsTest, NoCipherIsOlderThanTheVersion) {
  TcpListener listener;
  BrokerOptions options = LocalOptions(listener.port());
  options.use_tls = true;
  options.at_least_tls12 = true;
  StartClient(options);
  const std::vector<uint16_t> ciphers = OfferedCiphers(&listener);
  EXPECT_THAT(ciphers, Contains(0xC02F));
  EXPECT_THAT(ciphers, Not(Contains(0x0035)));  // AES256-SHA, which TLS 1.0 knows too
  EXPECT_THAT(ciphers, Not(Contains(0xC014)));  // ECDHE-RSA-AES256-SHA, the same
  client_->Stop();
}

TEST_F(TlsTest, UnusableCiphersAreTold) {
  StartTlsBroker();
  BrokerOptions options = Options();
  options.ciphers = "NO-SUCH-CIPHER";
  ExpectTlsFailure(options, "cannot use the ciphers NO-SUCH-CIPHER");
}

TEST_F(TlsTest, UnusableFiles) {
  StartTlsBroker();
  TemporaryDirectory directory;
  const std::string garbage = directory.File("garbage");
  std::ofstream(garbage) << "not a certificate\n";
  BrokerOptions missing_ca = Options();
  missing_ca.ca_file = directory.File("missing");
  BrokerOptions garbage_ca = Options();
  garbage_ca.ca_file = garbage;
  BrokerOptions foreign_key = Options();
  foreign_key.client_cert = certificates_->client().certificate;
  foreign_key.client_key = others_->client().key;
  BrokerOptions missing_key = foreign_key;
  missing_key.client_key = directory.File("missing.key");
  for (const BrokerOptions& options : {missing_ca, garbage_ca, foreign_key, missing_key}) {
    RecordingHandler handler;
    PahoBrokerClient client(options);
    client.Start(&handler);
    BrokerState state;
    ASSERT_TRUE(handler.WaitForDown(&state));
    EXPECT_EQ(state.reason, DisconnectReason::kTls);
    EXPECT_THAT(state.detail, HasSubstr("cannot use"));
    client.Stop();
  }
}

TEST_F(TlsTest, PlainBroker) {
  StartBroker();
  ExpectTlsFailure(Options(), "TLS handshake");
}

TEST_F(TlsTest, PlainClientOfTlsBroker) {
  StartTlsBroker();
  BrokerOptions options = LocalOptions(broker_->port());
  EXPECT_EQ(FirstFailure(options).reason, DisconnectReason::kProtocol);
}

TEST_F(TlsTest, ReconnectsAfterRestart) {
  StartTlsBroker();
  StartConnected(Options());
  SubscribeAndWait("a", 1);
  broker_->Kill();
  BrokerState down;
  ASSERT_TRUE(handler_.WaitForDown(&down));
  ASSERT_TRUE(broker_->Restart().ok());
  ASSERT_TRUE(handler_.WaitForConnected(handler_.states().size() - 1));
  SubscribeAndWait("a", 1);
  ASSERT_TRUE(PublishAndWait("a", "x", 1).ok());
  EXPECT_TRUE(handler_.WaitForMessages(1));
}

}  // namespace
}  // namespace wirepas_grpc::core
