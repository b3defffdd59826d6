// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_STREAM_READER_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_STREAM_READER_H_

#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/sync_stream.h"
#include "tests/support/failure.h"

namespace wirepas_grpc::integration {

// A stream from the service, read by a thread of its own as fast as it comes, so
// that a test can wait for the next response with a bound. One thread at a time.
template <typename Response>
class StreamReader {
 public:
  // Calls `(stub->*open)(context, request)`. The stub outlives this.
  template <typename Stub, typename Request>
  StreamReader(Stub* stub,
               std::unique_ptr<grpc::ClientReader<Response>> (Stub::*open)(grpc::ClientContext*,
                                                                           const Request&),
               const Request& request, absl::Time deadline = absl::InfiniteFuture()) {
    if (deadline != absl::InfiniteFuture()) context_.set_deadline(absl::ToChronoTime(deadline));
    reader_ = (stub->*open)(&context_, request);
    thread_ = std::thread([this] { Run(); });
  }

  ~StreamReader() {
    context_.TryCancel();
    thread_.join();
  }

  StreamReader(const StreamReader&) = delete;
  StreamReader& operator=(const StreamReader&) = delete;

  // The next response. Nothing: the stream has ended, or nothing came in time.
  std::optional<Response> Next(absl::Duration bound = absl::Seconds(60)) {
    const absl::Time deadline = absl::Now() + bound;
    core::MutexLock lock(&mutex_);
    while (responses_.empty() && !status_.has_value()) {
      const absl::Duration left = deadline - absl::Now();
      if (left <= absl::ZeroDuration()) return std::nullopt;
      changed_.WaitWithTimeout(&mutex_, left);
    }
    if (responses_.empty()) return std::nullopt;
    std::optional<Response> response = std::move(responses_.front());
    responses_.pop_front();
    return response;
  }

  // Waits for the end of the stream. Nothing: it goes on.
  std::optional<grpc::Status> WaitForEnd(absl::Duration bound = absl::Seconds(60)) {
    const absl::Time deadline = absl::Now() + bound;
    core::MutexLock lock(&mutex_);
    while (!status_.has_value()) {
      const absl::Duration left = deadline - absl::Now();
      if (left <= absl::ZeroDuration()) return std::nullopt;
      changed_.WaitWithTimeout(&mutex_, left);
    }
    return status_;
  }

  // How the stream ended; nothing while it is open.
  std::optional<grpc::Status> status() const {
    core::MutexLock lock(&mutex_);
    return status_;
  }

  void Cancel() { context_.TryCancel(); }

 private:
  void Run() {
    Response response;
    while (reader_->Read(&response)) {
      ExpectGoodParts(response);
      core::MutexLock lock(&mutex_);
      responses_.push_back(std::move(response));
      response = Response();
      changed_.SignalAll();
    }
    grpc::Status status = reader_->Finish();
    ExpectGoodEnd(status);
    core::MutexLock lock(&mutex_);
    status_ = std::move(status);
    changed_.SignalAll();
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<Response>> reader_;
  mutable core::Mutex mutex_;
  core::CondVar changed_;
  std::deque<Response> responses_ ABSL_GUARDED_BY(mutex_);
  std::optional<grpc::Status> status_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_STREAM_READER_H_
