// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_UNARY_H_
#define WIREPAS_GRPC_API_CALL_UNARY_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "core/base/mutex.h"
#include "core/base/open_work.h"
#include "core/network/network.h"
#include "grpcpp/support/server_callback.h"
#include "grpcpp/support/status.h"

namespace wirepas_grpc::api {

// A unary RPC that waits for something. It ends once, whatever comes first: its
// result, an error or the client's cancellation; what comes later finds it ended
// and touches nothing of gRPC any more. Shared by gRPC (until it is done with the
// call) and by the callbacks that will end it. A shutdown waits for it. Thread-safe.
template <typename Response>
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  using Ptr = std::shared_ptr<UnaryCall>;

  // `response` is gRPC's and valid until the call has ended.
  static Ptr Create(core::Network* network, Response* response) {
    Ptr call(new UnaryCall(network->work().Begin(), response));
    core::MutexLock lock(&call->mutex_);  // OnCancel() may come on another thread at once
    call->self_ = call;
    return call;
  }
  // For one that ends in its handler.
  static Ptr Create(Response* response) {
    Ptr call(new UnaryCall(nullptr, response));
    core::MutexLock lock(&call->mutex_);
    call->self_ = call;
    return call;
  }

  // What stops the work for this call, should the client cancel; at once when it
  // has. A call that works in several steps has one for each, in any order, and
  // those of steps that are over do nothing. Null does nothing either.
  void AddCancel(absl::AnyInvocable<void()> cancel) {
    if (cancel == nullptr) return;
    {
      core::MutexLock lock(&mutex_);
      if (!ended_) {
        cancels_.push_back(std::move(cancel));
        return;
      }
    }
    cancel();
  }

  // Ends the call with the response that `fill` (void(Response*)) makes.
  template <typename Fill>
  void Succeed(Fill&& fill) {
    if (!Claim()) return;
    fill(response_);
    Finish(grpc::Status::OK);
  }

  void Fail(grpc::Status status) {
    if (Claim()) Finish(std::move(status));
  }

 private:
  UnaryCall(core::OpenWork::EntryPtr work, Response* response)
      : work_(std::move(work)), response_(response) {}

  void OnCancel() override {
    std::vector<absl::AnyInvocable<void()>> cancels;
    if (!Claim(&cancels)) return;
    for (auto& cancel : cancels) cancel();
    Finish(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    Ptr last;  // destroyed after the lock is released
    core::MutexLock lock(&mutex_);
    work_ = nullptr;
    last = std::move(self_);
  }

  bool Claim() {
    std::vector<absl::AnyInvocable<void()>> unused;  // destroyed after the lock is released
    return Claim(&unused);
  }

  // True for the first: who ends the call.
  bool Claim(std::vector<absl::AnyInvocable<void()>>* cancels) {
    core::MutexLock lock(&mutex_);
    if (ended_) return false;
    ended_ = true;
    cancels->swap(cancels_);
    return true;
  }

  core::OpenWork::EntryPtr work_;  // until gRPC is done with the call
  Response* const response_;
  Ptr self_;  // gRPC's share
  core::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<absl::AnyInvocable<void()>> cancels_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_UNARY_H_
