// SPDX-License-Identifier: Apache-2.0
#include "api/call/stream_registry.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace wirepas_grpc::api {
namespace {

constexpr char kShuttingDown[] = "the service is shutting down";

}  // namespace

StreamRegistry::StreamRegistry(size_t max_streams)
    : max_streams_(max_streams), state_(std::make_shared<State>()) {}

absl::StatusOr<StreamRegistry::PlacePtr> StreamRegistry::Add(std::weak_ptr<OpenStream> stream) {
  core::MutexLock lock(&state_->mutex);
  if (state_->shut_down) return absl::UnavailableError(kShuttingDown);
  if (state_->streams.size() >= max_streams_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("too many streams are open, the bound of the service is ", max_streams_));
  }
  const uint64_t id = state_->next_id++;
  state_->streams.emplace(id, std::move(stream));
  return std::make_unique<Place>(state_, id);
}

void StreamRegistry::Shutdown() {
  std::vector<std::weak_ptr<OpenStream>> streams;
  {
    core::MutexLock lock(&state_->mutex);
    state_->shut_down = true;
    for (const auto& [id, stream] : state_->streams) streams.push_back(stream);
  }
  const grpc::Status status(grpc::StatusCode::UNAVAILABLE, kShuttingDown);
  for (const std::weak_ptr<OpenStream>& weak : streams) {
    if (const std::shared_ptr<OpenStream> stream = weak.lock()) stream->End(status);
  }
}

size_t StreamRegistry::size() const {
  core::MutexLock lock(&state_->mutex);
  return state_->streams.size();
}

StreamRegistry::Place::~Place() {
  core::MutexLock lock(&state_->mutex);
  state_->streams.erase(id_);
}

}  // namespace wirepas_grpc::api
