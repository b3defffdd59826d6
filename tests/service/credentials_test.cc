// SPDX-License-Identifier: Apache-2.0
#include "service/credentials.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::service {
namespace {

using ::testing::HasSubstr;

// Files with certificates, made once by the openssl program: an authority (ca), a
// server and a client that it certifies, and a stranger that certifies itself.
class CredentialsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string folder = testing::TempDir() + "/credentials_test.XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = new std::string(folder);
    SelfSigned("ca");
    SelfSigned("stranger");
    Certified("server");
    Certified("client");
    Run(absl::StrCat("openssl pkey -in ", Path("server.key"), " -aes256 -passout pass:secret -out ",
                     Path("encrypted.key")));
    std::ofstream(Path("text")) << "no PEM\n";
  }

  static void TearDownTestSuite() {
    std::filesystem::remove_all(*folder_);
    delete folder_;
  }

  static std::string Path(const std::string& name) { return absl::StrCat(*folder_, "/", name); }

  static void Run(const std::string& command) {
    ASSERT_EQ(std::system(absl::StrCat(command, " >", Path("log"), " 2>&1").c_str()), 0) << command;
  }

  static void SelfSigned(const std::string& name) {
    Run(absl::StrCat("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2",
                     " -subj /CN=", name, " -keyout ", Path(name + ".key"), " -out ",
                     Path(name + ".crt")));
  }

  static void Certified(const std::string& name) {
    std::ofstream(Path("extensions")) << "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
    Run(absl::StrCat(
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=", name,
        " -keyout ", Path(name + ".key"), " -out ", Path(name + ".csr")));
    Run(absl::StrCat("openssl x509 -req -days 2 -CAcreateserial -CA ", Path("ca.crt"), " -CAkey ",
                     Path("ca.key"), " -extfile ", Path("extensions"), " -in ", Path(name + ".csr"),
                     " -out ", Path(name + ".crt")));
  }

  static std::string Content(const std::string& name) {
    std::ostringstream content;
    content << std::ifstream(Path(name)).rdbuf();
    return content.str();
  }

  static ServiceOptions Options(const std::string& cert, const std::string& key,
                                const std::string& client_ca = "") {
    ServiceOptions options;
    if (!cert.empty()) options.tls_cert = Path(cert);
    if (!key.empty()) options.tls_key = Path(key);
    if (!client_ca.empty()) options.tls_client_ca = Path(client_ca);
    return options;
  }

  static std::string ErrorOf(const ServiceOptions& options) {
    auto credentials = MakeServerCredentials(options);
    return credentials.ok() ? "no error" : std::string(credentials.status().message());
  }

  static grpc::SslCredentialsOptions Client(const std::string& root, const std::string& name = "") {
    grpc::SslCredentialsOptions ssl;
    ssl.pem_root_certs = Content(root);
    if (!name.empty()) {
      ssl.pem_cert_chain = Content(name + ".crt");
      ssl.pem_private_key = Content(name + ".key");
    }
    return ssl;
  }

  // Whether a client with these credentials can call a server with those options.
  static bool Connects(const ServiceOptions& options,
                       const std::shared_ptr<grpc::ChannelCredentials>& client) {
    auto credentials = MakeServerCredentials(options);
    if (!credentials.ok()) {
      ADD_FAILURE() << credentials.status();
      return false;
    }
    grpc::CallbackGenericService service;
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", *credentials, &port);
    builder.RegisterCallbackGenericService(&service);
    std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), client);
    // The generic service answers every call with UNIMPLEMENTED.
    const grpc::Status status = Call(channel);
    server->Shutdown();
    EXPECT_THAT(status.error_code(),
                testing::AnyOf(grpc::StatusCode::UNIMPLEMENTED, grpc::StatusCode::UNAVAILABLE));
    return status.error_code() == grpc::StatusCode::UNIMPLEMENTED;
  }

  static grpc::Status Call(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::GenericStub stub(channel);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    const grpc::Slice empty("");
    grpc::ByteBuffer request(&empty, 1);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> done;
    stub.UnaryCall(&context, "/test.Service/Method", grpc::StubOptions(), &request, &response,
                   [&done](grpc::Status status) { done.set_value(std::move(status)); });
    return done.get_future().get();
  }

  static std::string* folder_;
};

std::string* CredentialsTest::folder_ = nullptr;

TEST_F(CredentialsTest, WithoutCertificateNothingIsEncrypted) {
  EXPECT_TRUE(Connects(ServiceOptions(), grpc::InsecureChannelCredentials()));
}

TEST_F(CredentialsTest, ServesTls) {
  const ServiceOptions options = Options("server.crt", "server.key");
  EXPECT_TRUE(Connects(options, grpc::SslCredentials(Client("ca.crt"))));
  EXPECT_FALSE(Connects(options, grpc::SslCredentials(Client("stranger.crt"))));
  EXPECT_FALSE(Connects(options, grpc::InsecureChannelCredentials()));
}

TEST_F(CredentialsTest, AsksClientsForACertificate) {
  const ServiceOptions options = Options("server.crt", "server.key", "ca.crt");
  EXPECT_TRUE(Connects(options, grpc::SslCredentials(Client("ca.crt", "client"))));
  EXPECT_FALSE(Connects(options, grpc::SslCredentials(Client("ca.crt"))));
  EXPECT_FALSE(Connects(options, grpc::SslCredentials(Client("ca.crt", "stranger"))));
}

TEST_F(CredentialsTest, NamesTheFileThatIsWrong) {
  EXPECT_EQ(
      ErrorOf(Options("missing", "server.key")),
      absl::StrCat("--tls_cert: cannot read ", Path("missing"), ": No such file or directory"));
  EXPECT_EQ(
      ErrorOf(Options("server.crt", "missing")),
      absl::StrCat("--tls_key: cannot read ", Path("missing"), ": No such file or directory"));
  EXPECT_EQ(ErrorOf(Options("text", "server.key")),
            absl::StrCat("--tls_cert: ", Path("text"), " has no certificate, expected PEM"));
  EXPECT_EQ(ErrorOf(Options("server.key", "server.key")),
            absl::StrCat("--tls_cert: ", Path("server.key"), " has no certificate, expected PEM"));
  EXPECT_EQ(ErrorOf(Options("server.crt", "client.key")),
            absl::StrCat("--tls_key: ", Path("client.key"),
                         " is not the key of the certificate in ", Path("server.crt")));
  EXPECT_THAT(ErrorOf(Options("server.crt", "encrypted.key")),
              HasSubstr("encrypted.key has no key that can be read, expected PEM without a"));
  EXPECT_THAT(ErrorOf(Options("server.crt", "server.key", "text")), HasSubstr("--tls_client_ca: "));
}

}  // namespace
}  // namespace wirepas_grpc::service
