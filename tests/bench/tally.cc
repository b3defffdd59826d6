// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/tally.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

namespace wirepas_grpc::bench {
namespace {

constexpr absl::Duration kLongestSilence = absl::Seconds(10);
constexpr size_t kStampSize = 16;

uint64_t ReadLittleEndian(const char* bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = (value << 8) | static_cast<uint8_t>(bytes[i]);
  return value;
}

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// The value that `share` of the sorted values do not exceed.
int64_t Quantile(const std::vector<int64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto index = static_cast<size_t>(share * static_cast<double>(sorted.size() - 1));
  return sorted[index];
}

}  // namespace

SubscriberOptions ParseSubscriberOptions(int argc, char** argv, const std::string& description,
                                         const std::function<void(CLI::App*)>& extend) {
  SubscriberOptions options;
  CLI::App app(description);
  app.add_option("--target", options.target, "host:port to subscribe at")->required();
  app.add_option("--packets", options.packets, "How many packets will come in all")->required();
  app.add_flag("--delays", options.delays, "Measure how old each packet is when it comes");
  extend(&app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

Tally::Tally(const SubscriberOptions& options) : options_(options) {
  if (options_.delays) delays_us_.reserve(options_.packets);
}

void Tally::Add(uint64_t packets) {
  const uint64_t before = packets_.fetch_add(packets, std::memory_order_relaxed);
  const bool first = before == 0;
  const bool last = before + packets + lost_.load(std::memory_order_relaxed) >= options_.packets;
  if (!first && !last) return;
  const absl::Time now = absl::Now();
  core::MutexLock lock(&mutex_);
  if (first) first_ = now;
  if (last && !done_) {
    last_ = now;
    done_ = true;
    changed_.SignalAll();
  }
}

void Tally::AddDelay(absl::string_view payload) {
  if (payload.size() < kStampSize || delays_us_.size() >= options_.packets) return;
  const auto sent_us = static_cast<int64_t>(ReadLittleEndian(payload.data() + 8));
  delays_us_.push_back(absl::ToUnixMicros(absl::Now()) - sent_us);
}

void Tally::WaitAndPrint() {
  uint64_t seen = 0;
  bool started = false;
  {
    core::MutexLock lock(&mutex_);
    while (!done_) {
      const bool timed_out = changed_.WaitWithTimeout(&mutex_, kLongestSilence);
      const uint64_t now = packets_.load(std::memory_order_relaxed);
      if (timed_out && started && now == seen) break;
      started = started || now > 0;
      seen = now;
    }
  }
  std::cout << Result() << std::endl;
}

std::string Tally::Result() {
  core::MutexLock lock(&mutex_);
  const uint64_t packets = packets_.load(std::memory_order_relaxed);
  const uint64_t lost = lost_.load(std::memory_order_relaxed);
  std::string result = absl::StrCat(
      "{\"packets\": ", packets, ", \"lost\": ", lost,
      ", \"complete\": ", done_ && packets + lost == options_.packets ? "true" : "false",
      ", \"seconds\": ", done_ ? absl::ToDoubleSeconds(last_ - first_) : 0);
  if (options_.delays && done_) {
    std::sort(delays_us_.begin(), delays_us_.end());
    std::vector<int64_t> percentiles;
    for (int i = 0; i <= 100; ++i) percentiles.push_back(Quantile(delays_us_, i / 100.0));
    absl::StrAppend(&result, ", \"delay_percentiles_us\": [", absl::StrJoin(percentiles, ", "),
                    "]");
  }
  return absl::StrCat(result, "}");
}

void PrintReady() { std::cout << "ready" << std::endl; }

void BlockStopSignals() {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void AwaitStopSignal() {
  const sigset_t signals = StopSignals();
  int signal = 0;
  sigwait(&signals, &signal);
}

}  // namespace wirepas_grpc::bench
