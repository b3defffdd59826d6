// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_BENCH_TALLY_H_
#define WIREPAS_GRPC_TESTS_BENCH_TALLY_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"

namespace CLI {
class App;
}  // namespace CLI

namespace wirepas_grpc::bench {

// What every subscriber of the benchmark is told on its command line.
struct SubscriberOptions {
  std::string target;    // broker as host:port, or gRPC address
  uint64_t packets = 0;  // how many will come, to all subscribers of this process together
  bool delays = false;   // measure how old each packet is when it comes
};

// Reads the command line; ends the process when it is wrong or asks for help. `extend` adds
// the options that one program has alone.
SubscriberOptions ParseSubscriberOptions(int argc, char** argv, const std::string& description,
                                         const std::function<void(CLI::App*)>& extend);

// Counts packets until all have come, and says how long that took. Packets come from
// one thread; another one waits.
class Tally {
 public:
  explicit Tally(const SubscriberOptions& options);

  // ---- from the thread that receives ----

  void Add(uint64_t packets);

  bool wants_delays() const { return options_.delays; }
  // Call before Add() of the same packet, and only if wants_delays(). `payload` begins
  // with the stamp of the simulator: a sequence number and the time of sending.
  void AddDelay(absl::string_view payload);

  // Packets that will not come, as the sender says.
  void AddLost(uint64_t packets) { lost_ += packets; }

  // ---- from the waiting thread ----

  // Waits until all packets have come or are lost, or none has come for a while, and prints
  // the result as one line of JSON.
  void WaitAndPrint();

 private:
  std::string Result();

  const SubscriberOptions options_;
  std::atomic<uint64_t> packets_ = 0;
  std::atomic<uint64_t> lost_ = 0;
  std::vector<int64_t> delays_us_;  // by the receiving thread until done_

  core::Mutex mutex_;
  core::CondVar changed_;
  absl::Time first_ ABSL_GUARDED_BY(mutex_);
  absl::Time last_ ABSL_GUARDED_BY(mutex_);
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
};

// Prints a line that says that packets can come now.
void PrintReady();

// Blocks until SIGTERM or SIGINT, so that this process's CPU time can still be read.
// BlockStopSignals() must have been called before any thread was started.
void BlockStopSignals();
void AwaitStopSignal();

}  // namespace wirepas_grpc::bench

#endif  // WIREPAS_GRPC_TESTS_BENCH_TALLY_H_
