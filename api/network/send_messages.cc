// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "api/call/asker.h"
#include "api/call/errors.h"
#include "api/call/refusal.h"
#include "api/network/message_stream.h"
#include "api/network/rpcs.h"

namespace wirepas_grpc::api {

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* SendMessages(
    Engine* engine, const grpc::CallbackServerContext& context) {
  using Reactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;
  const auto stream = std::make_shared<MessageStream>(engine, AskerOf(engine->network, context));
  absl::StatusOr<StreamRegistry::PlacePtr> place = engine->streams.Add(stream);
  if (!place.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(place.status()));
  stream->Start(*std::move(place));
  return stream.get();
}

}  // namespace wirepas_grpc::api
