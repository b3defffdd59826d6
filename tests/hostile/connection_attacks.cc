// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/hostile/attack_tools.h"
#include "tests/hostile/attacks.h"
#include "tests/hostile/http2.h"

namespace wirepas_grpc::hostile {
namespace {

// Each a multiple of what the service takes at once.
constexpr int kFlood = 1500;
constexpr int kMetricsFlood = 200;

uint64_t Flood(int port, int count, absl::string_view bytes) {
  const auto connections = Connect(port, count, bytes);
  Hold();
  return connections.size() * bytes.size();
}

uint64_t Idle(const Target& target) { return Flood(target.grpc_port, kFlood, ""); }

uint64_t HalfPrefaces(const Target& target) {
  return Flood(target.grpc_port, kFlood, Preface().substr(0, 10));
}

uint64_t ReadyForCalls(const Target& target) {
  return Flood(target.grpc_port, kFlood, absl::StrCat(Preface(), SettingsAck()));
}

// Of other protocols.
uint64_t Strangers(const Target& target) {
  const std::string words[] = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                               std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
                               Times("\xff", 100'000), Times(std::string(1, '\0'), 100'000)};
  uint64_t sent = 0;
  for (int i = 0; i < 50; ++i) {
    for (const std::string& word : words) {
      RawConnection connection(target.grpc_port);
      sent += connection.Send(word, kRound);
    }
  }
  return sent;
}

uint64_t MetricsIdle(const Target& target) { return Flood(target.metrics_port, kMetricsFlood, ""); }

uint64_t MetricsHalfRequests(const Target& target) {
  return Flood(target.metrics_port, kMetricsFlood, "GET /metrics HTTP/1.1\r\nHost: ");
}

uint64_t MetricsUnread(const Target& target) {
  const std::string requests = Times("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 100'000);
  uint64_t sent = 0;
  auto connections = Connect(target.metrics_port, 40, "");
  for (RawConnection& connection : connections) {
    connection.KeepReceiveBufferSmall();
    sent += connection.Send(requests, absl::Milliseconds(10));
  }
  Hold();
  return sent;
}

uint64_t MetricsEndlessHead(const Target& target) {
  RawConnection connection(target.metrics_port);
  connection.Send("GET /metrics HTTP/1.1\r\n", kRound);
  return Repeat(&connection, Times("X-Header: of no end\r\n", 100'000), false);
}

}  // namespace

std::vector<Attack> ConnectionAttacks() {
  return {{"IdleConnections", Idle},
          {"HalfPrefaces", HalfPrefaces},
          {"ReadyConnections", ReadyForCalls},
          {"Strangers", Strangers}};
}

std::vector<Attack> MetricsAttacks() {
  return {{"MetricsIdleConnections", MetricsIdle},
          {"MetricsHalfRequests", MetricsHalfRequests},
          {"MetricsUnread", MetricsUnread},
          {"MetricsEndlessHead", MetricsEndlessHead}};
}

}  // namespace wirepas_grpc::hostile
