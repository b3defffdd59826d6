// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_HOSTILE_GOOD_CLIENT_H_
#define WIREPAS_GRPC_TESTS_HOSTILE_GOOD_CLIENT_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "tests/integration/programs.h"

namespace wirepas_grpc::hostile {

// A well-behaved client of the service: one call after the other over one connection, every
// second one through to a gateway.
class GoodClient {
 public:
  // Connected when it returns, and at work until Stop().
  GoodClient(const integration::ServiceProcess& service, const std::string& gateway);
  ~GoodClient() { Stop(); }
  GoodClient(const GoodClient&) = delete;
  GoodClient& operator=(const GoodClient&) = delete;

  void Stop();

  int calls() const { return calls_; }
  // After Stop().
  int failures() const { return failures_; }
  const std::string& last_failure() const { return last_failure_; }
  absl::Duration longest() const { return longest_; }

 private:
  void Run();
  void Note(const grpc::Status& status, absl::Duration took);

  const std::unique_ptr<integration::mesh::NetworkService::Stub> stub_;
  const std::string gateway_;
  std::atomic<int> calls_ = 0;
  int failures_ = 0;
  std::string last_failure_;
  absl::Duration longest_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace wirepas_grpc::hostile

#endif  // WIREPAS_GRPC_TESTS_HOSTILE_GOOD_CLIENT_H_
