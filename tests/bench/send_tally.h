// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_BENCH_SEND_TALLY_H_
#define WIREPAS_GRPC_TESTS_BENCH_SEND_TALLY_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::bench {

// What every sender of the benchmark is told on its command line.
struct SenderOptions {
  std::string target;        // broker as host:port, or gRPC address
  uint64_t requests = 0;     // how many to send
  uint64_t in_flight = 100;  // most requests without an answer
  uint64_t gateways = 1;     // that take turns
  uint64_t sinks = 1;        // of each gateway, that take turns
  std::string payload = std::string(32, 'b');

  // Of the request with this number.
  std::string GatewayId(uint64_t number) const;
  std::string SinkId(uint64_t number) const;
};

// Reads the command line; ends the process when it is wrong or asks for help.
SenderOptions ParseSenderOptions(int argc, char** argv, const std::string& description);

// Keeps the number of requests in flight, and tells how long all took. Thread-safe.
class SendTally {
 public:
  explicit SendTally(const SenderOptions& options) : options_(options) {}

  // Waits until another request may be sent, and counts it as sent. False: all have been
  // sent, or answers stay away.
  bool Next();

  // A request was answered, well or not.
  void AddAnswer(bool ok);

  // Waits until all are answered, or no answer has come for a while, and prints the result
  // as one line of JSON.
  void WaitAndPrint();

 private:
  bool AwaitAnswer() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const SenderOptions options_;
  core::Mutex mutex_;
  core::CondVar changed_;
  uint64_t sent_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t answered_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t failed_ ABSL_GUARDED_BY(mutex_) = 0;  // of those answered
  absl::Time first_ ABSL_GUARDED_BY(mutex_);
  absl::Time last_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wirepas_grpc::bench

#endif  // WIREPAS_GRPC_TESTS_BENCH_SEND_TALLY_H_
