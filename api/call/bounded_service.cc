// SPDX-License-Identifier: Apache-2.0
#include "api/call/bounded_service.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "api/call/asker.h"
#include "api/call/errors.h"
#include "api/call/refusal.h"
#include "api/call/request_size.h"
#include "core/base/reason.h"
#include "google/protobuf/descriptor.h"
#include "grpc/byte_buffer.h"
#include "grpc/byte_buffer_reader.h"
#include "grpc/grpc.h"
#include "grpc/support/alloc.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/message_allocator.h"

namespace wirepas_grpc::api {
namespace {

using google::protobuf::MethodDescriptor;
using grpc::internal::MethodHandler;
using grpc::internal::RpcMethod;

// The bytes of a buffer, which stays as it is.
class BufferStream final : public google::protobuf::io::ZeroCopyInputStream {
 public:
  explicit BufferStream(grpc_byte_buffer* buffer) {
    valid_ = grpc_byte_buffer_reader_init(&reader_, buffer) != 0;
  }
  ~BufferStream() override {
    if (valid_) grpc_byte_buffer_reader_destroy(&reader_);
  }

  bool Next(const void** data, int* size) override {
    if (back_ == 0) {
      grpc_slice* next = nullptr;
      if (!valid_ || grpc_byte_buffer_reader_peek(&reader_, &next) == 0) return false;
      slice_ = next;
      back_ = static_cast<int>(GRPC_SLICE_LENGTH(*slice_));
    }
    *data = GRPC_SLICE_END_PTR(*slice_) - back_;
    *size = std::exchange(back_, 0);
    count_ += *size;
    return true;
  }
  void BackUp(int count) override {
    back_ = count;
    count_ -= count;
  }
  bool Skip(int count) override {
    const void* data = nullptr;
    int size = 0;
    while (Next(&data, &size)) {
      if (size >= count) {
        BackUp(size - count);
        return true;
      }
      count -= size;
    }
    return false;
  }
  int64_t ByteCount() const override { return count_; }

 private:
  grpc_byte_buffer_reader reader_ = {};
  bool valid_ = false;
  grpc_slice* slice_ = nullptr;
  int back_ = 0;  // of the slice, not read yet
  int64_t count_ = 0;
};

absl::Status Malformed(absl::string_view problem) {
  return core::WithReason(absl::InvalidArgumentError(problem), core::Reason::kMalformedRequest);
}

std::string PeerOf(grpc_call* call) {
  const std::unique_ptr<char, void (*)(void*)> peer(grpc_call_get_peer(call), gpr_free);
  return peer.get();
}

// The handler of one method. What it refuses goes to a handler that does that: with the reason
// as its request.
class BoundedHandler final : public MethodHandler {
 public:
  BoundedHandler(const MethodDescriptor* method, MethodHandler* handler, RequestMemory* memory)
      : method_(method), handler_(handler), refuser_(RefuserOf(*method)), memory_(memory) {}

  void* Deserialize(grpc_call* call, grpc_byte_buffer* bytes, grpc::Status* status,
                    void** handler_data) override {
    if (bytes == nullptr) {  // the client ended the call, or went, before its request was whole
      return Refuse(Malformed("there is no request"), call, status, handler_data);
    }
    const absl::StatusOr<RequestMemory::Share> share = Admit(call, bytes);
    if (!share.ok()) {
      grpc_byte_buffer_destroy(bytes);
      return Refuse(share.status(), call, status, handler_data);
    }
    void* const request = handler_->Deserialize(call, bytes, status, handler_data);
    if (!status->ok()) {
      // What was decoded up to there lies in memory of the call's, which ends without a word to
      // it. The handlers of streams have destroyed it themselves.
      if (!method_->server_streaming()) {
        static_cast<grpc::RpcAllocatorState*>(*handler_data)->~RpcAllocatorState();
      }
      const std::string name = method_->input_type()->name();
      const std::string problem = absl::StrCat("the request is not a ", name);
      return Refuse(Malformed(problem), call, status, handler_data);
    }
    if (*share != nullptr) {
      core::MutexLock lock(&mutex_);
      shares_[call] = *share;
    }
    return request;
  }

  void RunHandler(const HandlerParameter& parameter) override {
    if (!parameter.status.ok()) {
      return refuser_->RunHandler(
          HandlerParameter(parameter.call, parameter.server_context, parameter.request,
                           grpc::Status(), parameter.internal_data, parameter.call_requester));
    }
    RequestMemory::Share share = ShareOf(parameter.call->call());
    if (share == nullptr) return handler_->RunHandler(parameter);
    // What gRPC calls when it is done with the call and its request.
    handler_->RunHandler(HandlerParameter(
        parameter.call, parameter.server_context, parameter.request, parameter.status,
        parameter.internal_data,
        RequestMemory::GiveBackBefore(std::move(share), parameter.call_requester)));
  }

 private:
  using Bytes = grpc::ByteBuffer;

  static grpc::Status ReasonIn(const Bytes& reason) {
    grpc::Slice slice;
    (void)reason.DumpToSingleSlice(&slice);
    const std::string text(reinterpret_cast<const char*>(slice.begin()), slice.size());
    const absl::Status status(static_cast<absl::StatusCode>(text.at(0)),
                              absl::string_view(text).substr(2));
    return ToGrpcStatus(core::WithReason(status, static_cast<core::Reason>(text.at(1))));
  }

  static std::unique_ptr<MethodHandler> RefuserOf(const MethodDescriptor& method) {
    if (method.client_streaming()) return nullptr;  // its calls begin without a request
    using Context = grpc::CallbackServerContext;
    if (method.server_streaming()) {
      return std::make_unique<grpc::internal::CallbackServerStreamingHandler<Bytes, Bytes>>(
          [](Context*, const Bytes* reason) {
            return Refusal<grpc::ServerWriteReactor<Bytes>>::Make(ReasonIn(*reason));
          });
    }
    return std::make_unique<grpc::internal::CallbackUnaryHandler<Bytes, Bytes>>(
        [](Context*, const Bytes* reason, Bytes*) {
          return Refusal<grpc::ServerUnaryReactor>::Make(ReasonIn(*reason));
        });
  }

  absl::StatusOr<RequestMemory::Share> Admit(grpc_call* call, grpc_byte_buffer* bytes) {
    const size_t size = grpc_byte_buffer_length(bytes);
    const std::string name = PeerOf(call);
    memory_->Tell(name, size);
    BufferStream stream(bytes);
    const absl::StatusOr<size_t> needed = MeasureRequest(*method_->input_type(), size, &stream);
    if (!needed.ok()) return needed.status();
    if (*needed < RequestMemory::kWorthCounting) return RequestMemory::Share();
    const std::string peer = AskerName(name);
    RequestMemory::Share share = memory_->Take(peer, *needed);
    if (share != nullptr) return share;
    return core::WithReason(
        absl::ResourceExhaustedError(absl::StrCat("the open requests of ", peer, " take ",
                                                  RequestMemory::kMost >> 20, " MiB already")),
        core::Reason::kTooMany);
  }

  void* Refuse(const absl::Status& reason, grpc_call* call, grpc::Status* status,
               void** handler_data) {
    const char codes[] = {static_cast<char>(reason.code()),
                          static_cast<char>(core::ReasonOf(reason))};
    const std::string text =
        absl::StrCat(absl::string_view(codes, sizeof(codes)), reason.message());
    grpc_slice slice = grpc_slice_from_copied_buffer(text.data(), text.size());
    grpc_byte_buffer* const bytes = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    void* const request = refuser_->Deserialize(call, bytes, status, handler_data);
    *status = grpc::Status(static_cast<grpc::StatusCode>(reason.code()), "");  // refused
    return request;
  }

  RequestMemory::Share ShareOf(grpc_call* call) {
    core::MutexLock lock(&mutex_);
    const auto found = shares_.find(call);
    if (found == shares_.end()) return nullptr;
    RequestMemory::Share share = std::move(found->second);
    shares_.erase(found);
    return share;
  }

  const MethodDescriptor* const method_;
  MethodHandler* const handler_;
  const std::unique_ptr<MethodHandler> refuser_;
  RequestMemory* const memory_;
  core::Mutex mutex_;
  // Between a request and its handler.
  absl::flat_hash_map<grpc_call*, RequestMemory::Share> shares_ ABSL_GUARDED_BY(mutex_);
};

RpcMethod::RpcType TypeOf(const MethodDescriptor& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? RpcMethod::BIDI_STREAMING : RpcMethod::CLIENT_STREAMING;
  }
  return method.server_streaming() ? RpcMethod::SERVER_STREAMING : RpcMethod::NORMAL_RPC;
}

}  // namespace

RequestMemory::Share RequestMemory::Take(const std::string& peer, size_t bytes) {
  core::MutexLock lock(&mutex_);
  size_t& taken = taken_[peer];
  // One request alone is bounded elsewhere.
  if (taken != 0 && taken + bytes > kMost) return nullptr;
  taken += bytes;
  return Share(this, [peer, bytes](RequestMemory* memory) { memory->Return(peer, bytes); });
}

std::function<void()> RequestMemory::GiveBackBefore(Share share, std::function<void()> then) {
  return [shared = std::make_shared<Share>(std::move(share)), then = std::move(then)] {
    *shared = nullptr;
    then();
  };
}

void RequestMemory::Return(const std::string& peer, size_t bytes) {
  core::MutexLock lock(&mutex_);
  const auto found = taken_.find(peer);
  if ((found->second -= bytes) == 0) taken_.erase(found);
}

BoundedService::BoundedService(absl::string_view full_name, const HandlerOf& handler_of,
                               RequestMemory* memory) {
  const auto* const service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string(full_name));
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* const method = service->method(i);
    names_.push_back(absl::StrCat("/", full_name, "/", method->name()));
    AddMethod(new grpc::internal::RpcServiceMethod(names_.back().c_str(), TypeOf(*method),
                                                   /*handler=*/nullptr));
    MarkMethodCallback(i, new BoundedHandler(method, handler_of(i), memory));
  }
}

}  // namespace wirepas_grpc::api
