// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_BOUNDED_SERVICE_H_
#define WIREPAS_GRPC_API_CALL_BOUNDED_SERVICE_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "core/base/mutex.h"
#include "grpcpp/impl/service_type.h"

namespace wirepas_grpc::api {

// What the requests of open calls take once they are decoded, for each peer by itself. gRPC
// counts what arrives and not what becomes of it. Thread-safe.
class RequestMemory {
 public:
  // Of one peer at once. More than four of the largest requests of default settings.
  static constexpr size_t kMost = 80 << 20;
  // Smaller requests are not counted; the calls are bounded.
  static constexpr size_t kWorthCounting = 16 << 10;

  // Told of each request: who sent it, as gRPC names the connection, and how many bytes there
  // were. On gRPC's threads.
  using OnRequest = std::function<void(absl::string_view peer, size_t bytes)>;
  explicit RequestMemory(OnRequest on_request = nullptr) : on_request_(std::move(on_request)) {}

  void Tell(absl::string_view peer, size_t bytes) const {
    if (on_request_ != nullptr) on_request_(peer, bytes);
  }

  // Null: the peer, as AskerName() calls it, has its share.
  using Share = std::shared_ptr<void>;
  // The object outlives the share.
  Share Take(const std::string& peer, size_t bytes);

  // A function that gives the share back and then does that: once `then` runs, which tells gRPC
  // that the call is over, the object may go. Its copies have the share together. To be called
  // once.
  static std::function<void()> GiveBackBefore(Share share, std::function<void()> then);

 private:
  void Return(const std::string& peer, size_t bytes);

  const OnRequest on_request_;
  core::Mutex mutex_;
  absl::flat_hash_map<std::string, size_t> taken_ ABSL_GUARDED_BY(mutex_);
};

// Stands before a service and looks at each request before it is decoded: what is beyond the
// bounds of request_size.h, or of RequestMemory, ends with RESOURCE_EXHAUSTED, and what is no
// request with INVALID_ARGUMENT; both say that nothing was sent. Registered with gRPC in its
// place. The messages of streams of requests, which gRPC decodes elsewhere, are the concern of
// the RPC.
class BoundedService final : public grpc::Service {
 public:
  // `service` is one of the callback API, with GetHandler() and service_full_name() public.
  // Both outlive this one.
  template <typename Callbacks>
  BoundedService(Callbacks* service, RequestMemory* memory)
      : BoundedService(
            Callbacks::service_full_name(),
            [service](int index) { return service->GetHandler(index); }, memory) {}

 private:
  using HandlerOf = std::function<grpc::internal::MethodHandler*(int index)>;

  BoundedService(absl::string_view full_name, const HandlerOf& handler_of, RequestMemory* memory);

  std::deque<std::string> names_;  // of the methods
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_BOUNDED_SERVICE_H_
