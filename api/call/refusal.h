// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_REFUSAL_H_
#define WIREPAS_GRPC_API_CALL_REFUSAL_H_

#include <utility>

#include "grpcpp/support/server_callback.h"
#include "grpcpp/support/status.h"

namespace wirepas_grpc::api {

// A reactor that ends its call at once. Owns itself.
template <typename Reactor>
class Refusal final : public Reactor {
 public:
  static Reactor* Make(grpc::Status status) { return new Refusal(std::move(status)); }
  void OnDone() override { delete this; }

 private:
  explicit Refusal(grpc::Status status) { this->Finish(std::move(status)); }
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_REFUSAL_H_
