// SPDX-License-Identifier: Apache-2.0
//
// The service as a process: wrong options, where it listens, what it logs, health and
// reflection.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "protocols/reflection_service.grpc.pb.h"
#include "tests/integration/harness.h"

namespace wirepas_grpc::integration {
namespace {

using testing::HasSubstr;
namespace health = grpc::health::v1;
namespace reflection = grpc::reflection::v1alpha;

// Nobody listens there.
const std::vector<std::string> kNoBroker = {"--mqtt_hostname", "127.0.0.1", "--mqtt_port", "1",
                                            "--mqtt_force_unsecure"};

std::vector<std::string> With(std::vector<std::string> arguments,
                              const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

struct Ended {
  std::optional<int> code;
  std::string output;
};

// Runs the service, which must end by itself.
Ended RunService(const std::vector<std::string>& arguments) {
  ChildProcess::Options options;
  options.argv = With({ServiceProgram()}, arguments);
  auto process = ChildProcess::Start(std::move(options));
  EXPECT_TRUE(IsOk(process.status()));
  Ended ended;
  ended.code = (*process)->Wait(kBound);
  // Its last words may still be on their way from the pipe.
  (void)(*process)->WaitForLine("no line is like this", absl::Seconds(10));
  ended.output = (*process)->output();
  return ended;
}

TEST(ServiceOptionsTest, WrongOnesEndWithCodeTwoAndOneLine) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{}, "--mqtt_hostname"},
      {{"--mqtt_hostname", "x", "--mqtt_port", "0"}, "--mqtt_port"},
      {{"--mqtt_hostname", "x", "--no_such_option"}, "--no_such_option"},
      {{"--mqtt_hostname", "x", "--mqtt_ca_certs", "/no/such/file"}, "--mqtt_ca_certs"},
      {{"--mqtt_hostname", "x", "--listen", "nonsense"}, "--listen"},
      {{"--mqtt_hostname", "x", "--uplink_log_bytes", "1"}, "--uplink_log_bytes"},
      {{"--mqtt_hostname", "x", "--tls_cert", "/dev/null"}, "--tls_key"},
      {{"--mqtt_hostname", "x", "--log_format", "xml"}, "--log_format"},
      {{"--mqtt_hostname", "x", "--config", "/no/such/file"}, "--config"},
      {{"--mqtt_hostname", "x", "--mqtt_version", "4"}, "--mqtt_version"},
  };
  for (const auto& [arguments, part] : cases) {
    const Ended ended = RunService(arguments);
    SCOPED_TRACE(ended.output);
    EXPECT_EQ(ended.code, 2);
    EXPECT_THAT(ended.output, HasSubstr(part));
    EXPECT_EQ(std::count(ended.output.begin(), ended.output.end(), '\n'), 1);
  }
}

TEST(ServiceOptionsTest, CheckSaysWhetherItWouldStartAndStartsNothing) {
  const TemporaryDirectory directory;
  const std::string state = directory.File("state");
  const std::vector<std::string> right = {"--check", "--mqtt_hostname", "x", "--state_dir", state};
  Ended ended = RunService(right);
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.output, "the options are right\n");
  EXPECT_FALSE(std::filesystem::exists(state));
  ended = RunService(With(right, {"--mqtt_allow_untrusted"}));
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.output, HasSubstr("warning: "));
  ended = RunService(With(right, {"--mqtt_port", "0"}));
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.output, HasSubstr("--mqtt_port"));
  // Files are looked into.
  const std::string file = directory.File("no.pem");
  std::ofstream(file) << "no certificate\n";
  ended = RunService(With(right, {"--tls_cert", file, "--tls_key", file}));
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.output, HasSubstr("--tls_"));
}

TEST(ServiceOptionsTest, AddressInUseEndsWithCodeOneAndSaysWhich) {
  const auto first = ServiceProcess::Start(kNoBroker);
  ASSERT_TRUE(IsOk(first.status()));
  const Ended second = RunService(With(kNoBroker, {"--listen", (*first)->address()}));
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.output,
              HasSubstr(absl::StrCat("--listen: cannot listen on ", (*first)->address())));
  const Ended metrics = RunService(
      With(kNoBroker, {"--listen", "127.0.0.1:0", "--metrics_listen", (*first)->address()}));
  EXPECT_EQ(metrics.code, 1);
  EXPECT_THAT(metrics.output, HasSubstr("--metrics_listen"));
  EXPECT_EQ((*first)->Stop(), 0);
}

TEST(ServiceOptionsTest, FileEnvironmentAndCommandLineAddUp) {
  auto broker = Mosquitto::Start();
  ASSERT_TRUE(IsOk(broker.status()));
  const TemporaryDirectory directory;
  const std::string file = directory.File("config");
  // Each place is right in one point and overruled in another.
  std::ofstream(file) << "mqtt_hostname = '127.0.0.1'\nmqtt_port = 1\nmqtt_client_id = 'file'\n";
  const auto service = ServiceProcess::Start(
      {"--config", file, "--mqtt_client_id", "command-line", "--mqtt_force_unsecure"},
      {{"WM_SERVICES_MQTT_PORT", absl::StrCat((*broker)->port())},
       {"WM_SERVICES_MQTT_CLIENT_ID", "environment"}});
  ASSERT_TRUE(IsOk(service.status()));
  EXPECT_TRUE(IsOk((*broker)->WaitForLog(" as command-line ", kBound)));
  EXPECT_EQ((*service)->Stop(), 0);
}

TEST(ServiceLogTest, JsonIsOneObjectALine) {
  const auto service =
      ServiceProcess::Start(With(kNoBroker, {"--log_format", "json", "--log_level", "debug"}));
  ASSERT_TRUE(IsOk(service.status()));
  ASSERT_TRUE(IsOk((*service)->process().WaitForLine("attempt 1", kBound).status()));
  EXPECT_EQ((*service)->Stop(), 0);
  int lines = 0;
  for (absl::string_view line :
       absl::StrSplit((*service)->process().output(), '\n', absl::SkipEmpty())) {
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    EXPECT_TRUE(json.is_object()) << line;
    if (!json.is_object()) continue;
    EXPECT_TRUE(json.contains("time") && json.contains("level") && json.contains("message"))
        << line;
    ++lines;
  }
  EXPECT_GE(lines, 3);
}

TEST(ServiceListenTest, ListensOnSeveralAddressesAndUnixSockets) {
  const TemporaryDirectory directory;
  const std::string socket = absl::StrCat("unix:", directory.File("socket"));
  const auto service = ServiceProcess::Start(With(
      kNoBroker, {"--listen", absl::StrCat("127.0.0.1:0,", socket), "--listen", "127.0.0.1:0"}));
  ASSERT_TRUE(IsOk(service.status()));
  ASSERT_EQ((*service)->addresses().size(), 3u);
  EXPECT_THAT((*service)->addresses(), testing::Contains(socket));
  for (const std::string& address : (*service)->addresses()) {
    SCOPED_TRACE(address);
    const auto stub = health::Health::NewStub((*service)->NewChannel(address));
    const auto result =
        Call(stub.get(), &health::Health::Stub::Check, health::HealthCheckRequest());
    ASSERT_TRUE(IsOk(result.status));
    EXPECT_EQ(result.response.status(), health::HealthCheckResponse::NOT_SERVING);
  }
  EXPECT_EQ((*service)->Stop(), 0);
}

// The answer to one question.
reflection::ServerReflectionResponse Reflect(ServiceProcess* service,
                                             const reflection::ServerReflectionRequest& request) {
  const auto stub = reflection::ServerReflection::NewStub(service->NewChannel());
  grpc::ClientContext context;
  SetDeadline(&context, kBound);
  const auto stream = stub->ServerReflectionInfo(&context);
  reflection::ServerReflectionResponse response;
  EXPECT_TRUE(stream->Write(request));
  EXPECT_TRUE(stream->Read(&response));
  stream->WritesDone();
  EXPECT_TRUE(IsOk(stream->Finish()));
  return response;
}

TEST(ServiceReflectionTest, TellsWhatTheServicesAre) {
  const auto service = ServiceProcess::Start(kNoBroker);
  ASSERT_TRUE(IsOk(service.status()));
  reflection::ServerReflectionRequest request;
  request.set_list_services("*");
  const reflection::ServerReflectionResponse list = Reflect(service->get(), request);
  std::vector<std::string> names;
  for (const auto& each : list.list_services_response().service()) names.push_back(each.name());
  EXPECT_THAT(
      names, testing::IsSupersetOf({"wirepas.mesh.v1.NetworkService", "wirepas.mesh.v1.OtapService",
                                    "wirepas.mesh.v1.AppConfigService", "grpc.health.v1.Health"}));
  for (const std::string package : {"wirepas.mesh.v1", "grpc.health.v1"}) {
    const auto name = std::find_if(names.begin(), names.end(), [&](const std::string& candidate) {
      return absl::StartsWith(candidate, package);
    });
    ASSERT_NE(name, names.end());
    request.set_file_containing_symbol(*name);
    const reflection::ServerReflectionResponse response = Reflect(service->get(), request);
    ASSERT_GT(response.file_descriptor_response().file_descriptor_proto_size(), 0);
    google::protobuf::FileDescriptorProto file;
    ASSERT_TRUE(file.ParseFromString(response.file_descriptor_response().file_descriptor_proto(0)));
    EXPECT_EQ(file.package(), package);
  }
}

TEST(ServiceReflectionTest, CanBeTurnedOff) {
  const auto service = ServiceProcess::Start(With(kNoBroker, {"--no-reflection"}));
  ASSERT_TRUE(IsOk(service.status()));
  const auto stub = reflection::ServerReflection::NewStub((*service)->NewChannel());
  grpc::ClientContext context;
  SetDeadline(&context, kBound);
  const auto stream = stub->ServerReflectionInfo(&context);
  stream->WritesDone();
  EXPECT_EQ(stream->Finish().error_code(), StatusCode::UNIMPLEMENTED);
}

TEST(ServiceHealthTest, KnowsTheServerAndItsServices) {
  Stack stack{Stack::Options()};
  ASSERT_TRUE(IsOk(stack.Start()));
  const auto stub = health::Health::NewStub(stack.service().NewChannel());
  for (const std::string name :
       {"", "wirepas.mesh.v1.NetworkService", "wirepas.mesh.v1.OtapService",
        "wirepas.mesh.v1.AppConfigService"}) {
    health::HealthCheckRequest request;
    request.set_service(name);
    const auto result = Call(stub.get(), &health::Health::Stub::Check, request);
    ASSERT_TRUE(IsOk(result.status));
    EXPECT_EQ(result.response.status(), health::HealthCheckResponse::SERVING);
  }
  health::HealthCheckRequest request;
  request.set_service("nothing.like.This");
  // gRPC's own service has statuses of its own, without details.
  grpc::ClientContext context;
  health::HealthCheckResponse response;
  EXPECT_EQ(stub->Check(&context, request, &response).error_code(), StatusCode::NOT_FOUND);
}

// From when the system has loaded the program, and before a library of it has begun. Before
// that there is no program that could do anything about a signal, and the system ends it.
TEST(ServiceSignalTest, SigtermDuringTheStartEndsWithZero) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own start comes first, and takes long";
#endif
  for (int ms = 0; ms <= 60; ms += 4) {
    SCOPED_TRACE(ms);
    ChildProcess::Options options;
    options.argv = With({ServiceProgram(), "--listen", "127.0.0.1:0"}, kNoBroker);
    options.environment = {{"LD_DEBUG", "files"}};
    auto process = ChildProcess::Start(std::move(options));
    ASSERT_TRUE(IsOk(process.status()));
    ASSERT_TRUE(IsOk((*process)->WaitForLine("calling init: ", kBound).status()));
    absl::SleepFor(absl::Milliseconds(ms));  // one moment of many
    (*process)->Signal(SIGTERM);
    EXPECT_EQ((*process)->Wait(kBound), 0);
  }
}

}  // namespace
}  // namespace wirepas_grpc::integration
