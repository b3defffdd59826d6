// SPDX-License-Identifier: Apache-2.0
//
// What stands on standard error: with --log_format json a JSON object in every line, whatever
// happens.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/integration/expect.h"
#include "tests/integration/programs.h"
#include "tests/support/certificates.h"
#include "tests/support/mosquitto.h"
#include "tests/support/process.h"

namespace wirepas_grpc::integration {
namespace {

using testing::HasSubstr;

const std::vector<std::string> kJson = {"--log_format", "json", "--mqtt_hostname", "127.0.0.1",
                                        "--mqtt_force_unsecure"};
constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::vector<std::string> Json(std::vector<std::string> more, int mqtt_port = 1) {
  more.insert(more.end(), kJson.begin(), kJson.end());
  more.insert(more.end(), {"--mqtt_port", absl::StrCat(mqtt_port)});
  return more;
}

// The lines; a test fails with each that is no object of the log.
std::vector<nlohmann::json> LinesOf(const std::string& output) {
  std::vector<nlohmann::json> lines;
  for (absl::string_view line : absl::StrSplit(output, '\n', absl::SkipEmpty())) {
    auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    const bool good = json.is_object() && json.contains("time") && json.contains("level") &&
                      json.contains("message");
    EXPECT_TRUE(good) << line;
    if (good) lines.push_back(std::move(json));
  }
  return lines;
}

struct Ended {
  int code = -1;
  std::vector<nlohmann::json> lines;
};
Ended RunToEnd(const std::vector<std::string>& arguments) {
  ChildProcess::Options options;
  options.argv = {ServiceProgram()};
  options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
  auto process = ChildProcess::Start(options);
  EXPECT_TRUE(IsOk(process.status()));
  if (!process.ok()) return {};
  const int code = (*process)->Wait(kBound).value_or(-1);
  return {code, LinesOf((*process)->output())};
}

// A connection to the port; to be closed.
int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  return fd;
}

// Says something to the port, waits for an answer or the end, and goes.
void Say(int port, const std::string& text) {
  const int fd = Connect(port);
  send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  char byte;
  (void)recv(fd, &byte, 1, 0);
  close(fd);
}

size_t CountOf(const std::string& output, const std::string& word) {
  return static_cast<std::vector<std::string>>(absl::StrSplit(output, word)).size() - 1;
}

TEST(JsonLogTest, AFailedHandshakeIsALineAtABoundedRate) {
  const auto certificates = TestCertificates::Create("ours");
  ASSERT_TRUE(IsOk(certificates.status()));
  auto service = ServiceProcess::Start(Json({"--tls_cert", (*certificates)->server().certificate,
                                             "--tls_key", (*certificates)->server().key}));
  ASSERT_TRUE(IsOk(service.status()));
  for (int i = 0; i < 60; ++i) Say((*service)->port(), "GET / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(IsOk((*service)->process().WaitForLine("Handshake failed", kBound).status()));
  EXPECT_EQ((*service)->Stop(), 0);
  const std::string output = (*service)->process().output();
  for (const nlohmann::json& line : LinesOf(output)) {
    if (!absl::StrContains(line.at("message").get<std::string>(), "Handshake failed")) continue;
    EXPECT_EQ(line.at("level"), "warning");
    EXPECT_THAT(line.at("message").get<std::string>(), testing::StartsWith("gRPC: "));
  }
  // 20 at once, and one in each second that it took.
  EXPECT_LT(CountOf(output, "Handshake failed"), 50u);
}

TEST(JsonLogTest, WantOfDescriptorsIsALine) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer itself needs descriptors to look at memory";
#endif
  auto service = ServiceProcess::Start(Json({}));
  ASSERT_TRUE(IsOk(service.status()));
  // It bounds its connections by what it may have open when it starts; this comes afterwards.
  const rlimit few = {3, 3};
  ASSERT_EQ(prlimit((*service)->process().pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  const int fd = Connect((*service)->port());
  EXPECT_TRUE(IsOk((*service)->process().WaitForLine("cannot take a connection", kBound).status()));
  close(fd);
  EXPECT_EQ((*service)->Stop(), 0);
  EXPECT_FALSE(LinesOf((*service)->process().output()).empty());
}

TEST(JsonLogTest, WhatEndsTheStartIsALine) {
  auto first = ServiceProcess::Start(Json({}));
  ASSERT_TRUE(IsOk(first.status()));
  const Ended in_use = RunToEnd(Json({"--listen", (*first)->address()}));
  EXPECT_EQ(in_use.code, 1);
  ASSERT_FALSE(in_use.lines.empty());
  EXPECT_THAT(in_use.lines.back().at("message").get<std::string>(), HasSubstr("in use"));
  EXPECT_EQ(in_use.lines.back().at("level"), "error");
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--uplink_log_bytes", "1"},
                                                {"--no_such_option"},
                                                {"--config", "/no/such/file"}}) {
    const Ended ended = RunToEnd(Json(wrong));
    EXPECT_EQ(ended.code, 2);
    ASSERT_EQ(ended.lines.size(), 1u) << wrong.front();
    EXPECT_EQ(ended.lines[0].at("level"), "error");
    EXPECT_THAT(ended.lines[0].at("message").get<std::string>(), HasSubstr(wrong.front()));
  }
}

TEST(JsonLogTest, ACallHasTheTraceOfItsCaller) {
  auto service = ServiceProcess::Start(Json({"--log_level", "debug"}));
  ASSERT_TRUE(IsOk(service.status()));
  for (const char* trace : {kTrace, "no trace"}) {
    grpc::ClientContext context;
    context.AddMetadata("traceparent", trace);
    mesh::GetGatewayInfoRequest request;
    mesh::GetGatewayInfoResponse response;
    (*service)->stub()->GetGatewayInfo(&context, request, &response);
  }
  EXPECT_EQ((*service)->Stop(), 0);
  std::vector<nlohmann::json> calls;
  for (const nlohmann::json& line : LinesOf((*service)->process().output())) {
    if (absl::StrContains(line.at("message").get<std::string>(), "GetGatewayInfo")) {
      calls.push_back(line);
    }
  }
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].at("traceparent"), kTrace);
  EXPECT_EQ(calls[0].at("level"), "debug");
  EXPECT_THAT(
      calls[0].at("message").get<std::string>(),
      testing::MatchesRegex("call /wirepas.mesh.v1.NetworkService/GetGatewayInfo of ipv4:.* "
                            "ended: InvalidArgument, .* after [0-9]+ ms"));
  EXPECT_FALSE(calls[1].contains("traceparent"));
}

// With everything in use: a state, a broker, a subscriber.
TEST(JsonLogTest, ACleanStopIsNoWarning) {
  auto broker = Mosquitto::Start();
  ASSERT_TRUE(IsOk(broker.status()));
  const TemporaryDirectory directory;
  auto service =
      ServiceProcess::Start(Json({"--state_dir", directory.File("state")}, (*broker)->port()));
  ASSERT_TRUE(IsOk(service.status()));
  ASSERT_TRUE(IsOk((*service)->process().WaitForLine(": connected", kBound).status()));
  grpc::ClientContext context;
  const auto stream = (*service)->stub()->SubscribeUplink(&context, {});
  mesh::SubscribeUplinkResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ((*service)->Stop(), 0);
  stream->Finish();
  for (const nlohmann::json& line : LinesOf((*service)->process().output())) {
    EXPECT_THAT(line.at("level").get<std::string>(), testing::AnyOf("info", "debug")) << line;
  }
}

}  // namespace
}  // namespace wirepas_grpc::integration
