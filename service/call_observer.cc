// SPDX-License-Identifier: Apache-2.0
#include "service/call_observer.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/instant.h"
#include "core/base/log_limiter.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/logging.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

// The call with a stream of messages from the client. To gRPC they are bytes.
constexpr absl::string_view kStreamOfBytes = "/wirepas.mesh.v1.NetworkService/SendMessages";

// Lives as long as gRPC keeps what belongs to the call.
class CallObserver final : public grpc::experimental::Interceptor {
 public:
  CallObserver(std::string path, std::string peer, ConnectionTable::CallPtr call,
               CallMetrics::Method* metrics, const grpc::CallbackServerContext* context,
               core::LogLimiter* defects)
      : path_(std::move(path)),
        peer_(std::move(peer)),
        begin_(core::Instant::Now()),
        call_(std::move(call)),
        of_bytes_(path_ == kStreamOfBytes),
        metrics_(metrics),
        context_(context),
        defects_(defects) {
    metrics_->CountStarted();
  }
  // Without a status where the connection was lost first.
  ~CallObserver() override { End(grpc::Status(grpc::StatusCode::CANCELLED, "")); }

  void Intercept(InterceptorBatchMethods* methods) override {
    const auto at = [methods](InterceptionHookPoints point) {
      return methods->QueryInterceptionHookPoint(point);
    };
    if (at(InterceptionHookPoints::PRE_SEND_MESSAGE)) metrics_->CountSent();
    if (at(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) NoteTrace(methods);
    if (at(InterceptionHookPoints::POST_RECV_MESSAGE) && methods->GetRecvMessage() != nullptr) {
      metrics_->CountReceived();
      NoteMessage(methods->GetRecvMessage());
    }
    if (at(InterceptionHookPoints::PRE_SEND_STATUS)) End(methods->GetSendStatus());
    if (call_ != nullptr && context_ != nullptr && at(InterceptionHookPoints::POST_RECV_CLOSE) &&
        context_->IsCancelled()) {
      call_->NoteCancelled();
    }
    methods->Proceed();
  }

 private:
  void NoteMessage(const void* message) {
    if (call_ == nullptr || !of_bytes_) return;
    call_->NoteMessage(static_cast<const grpc::ByteBuffer*>(message)->Length());
  }

  void NoteTrace(InterceptorBatchMethods* methods) {
    const auto* metadata = methods->GetRecvInitialMetadata();
    if (metadata == nullptr) return;
    const auto found = metadata->find("traceparent");
    if (found == metadata->end()) return;
    const absl::string_view value(found->second.data(), found->second.size());
    if (IsTraceparent(value)) traceparent_ = std::string(value);
  }

  void End(const grpc::Status& status) {
    if (ended_.exchange(true)) return;
    const absl::Duration took = core::Instant::Now() - begin_;
    metrics_->CountHandled(status.error_code(), took);
    const bool defect = status.error_code() == grpc::StatusCode::INTERNAL ||
                        status.error_code() == grpc::StatusCode::UNKNOWN;
    uint64_t suppressed = 0;
    auto level = spdlog::level::debug;
    if (defect && defects_->Allow(core::Instant::Now(), &suppressed)) level = spdlog::level::warn;
    if (!spdlog::should_log(level)) return;
    const ScopedTraceparent trace(traceparent_);
    // gRPC does not name the peer of a call to a service of its own.
    const std::string more = level == spdlog::level::warn
                                 ? absl::StrCat(" (", suppressed, " more were not logged)")
                                 : "";
    spdlog::log(level, "call {} of {} ended: {}{}{} after {} ms{}", path_,
                peer_.empty() ? "a client" : peer_, std::string(GrpcCodeLabel(status.error_code())),
                status.error_message().empty() ? "" : ", ", status.error_message(),
                absl::ToInt64Milliseconds(took), more);
  }

  const std::string path_;
  const std::string peer_;
  const core::Instant begin_;
  const ConnectionTable::CallPtr call_;  // null: the connection is unknown
  const bool of_bytes_;
  CallMetrics::Method* const metrics_;
  const grpc::CallbackServerContext* const context_;
  core::LogLimiter* const defects_;
  std::string traceparent_;
  std::atomic<bool> ended_ = false;
};

}  // namespace

grpc::experimental::Interceptor* CallObserverFactory::CreateServerInterceptor(
    grpc::experimental::ServerRpcInfo* info) {
  grpc::ServerContextBase* const context = info->server_context();
  std::string peer = context->peer();
  ConnectionTable::CallPtr call = connections_->BeginCall(peer);
  // Those of services with a thread for each call would have to wait to know whether they are
  // cancelled; there are few.
  return new CallObserver(info->method(), std::move(peer), std::move(call),
                          metrics_->Find(info->method()),
                          dynamic_cast<grpc::CallbackServerContext*>(context), &defects_);
}

}  // namespace wirepas_grpc::service
