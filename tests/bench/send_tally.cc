// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/send_tally.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace wirepas_grpc::bench {
namespace {

constexpr absl::Duration kLongestSilence = absl::Seconds(10);

}  // namespace

std::string SenderOptions::GatewayId(uint64_t number) const {
  return absl::StrCat("sim-gw-", number % gateways);
}

std::string SenderOptions::SinkId(uint64_t number) const {
  return absl::StrCat("sink", number / gateways % sinks);
}

SenderOptions ParseSenderOptions(int argc, char** argv, const std::string& description) {
  SenderOptions options;
  CLI::App app(description);
  app.add_option("--target", options.target, "host:port to send to")->required();
  app.add_option("--requests", options.requests, "How many messages to send")->required();
  app.add_option("--in_flight", options.in_flight, "Most messages without an answer")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--gateways", options.gateways, "Gateways that take turns")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--sinks", options.sinks, "Sinks of each gateway that take turns")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

bool SendTally::Next() {
  core::MutexLock lock(&mutex_);
  if (sent_ == options_.requests) return false;
  while (sent_ - answered_ >= options_.in_flight) {
    if (!AwaitAnswer()) return false;
  }
  if (sent_++ == 0) first_ = absl::Now();
  return true;
}

void SendTally::AddAnswer(bool ok) {
  core::MutexLock lock(&mutex_);
  ++answered_;
  if (!ok) ++failed_;
  if (answered_ == options_.requests) last_ = absl::Now();
  changed_.SignalAll();
}

bool SendTally::AwaitAnswer() {
  const uint64_t before = answered_;
  changed_.WaitWithTimeout(&mutex_, kLongestSilence);
  return answered_ != before;
}

void SendTally::WaitAndPrint() {
  core::MutexLock lock(&mutex_);
  bool going_on = true;
  while (going_on && answered_ < options_.requests) going_on = AwaitAnswer();
  const bool complete = answered_ == options_.requests;
  std::cout << "{\"answered\": " << answered_ << ", \"failed\": " << failed_
            << ", \"complete\": " << (complete ? "true" : "false")
            << ", \"seconds\": " << (complete ? absl::ToDoubleSeconds(last_ - first_) : 0) << "}"
            << std::endl;
}

}  // namespace wirepas_grpc::bench
