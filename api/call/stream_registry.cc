// SPDX-License-Identifier: Apache-2.0
#include "api/call/stream_registry.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/call/errors.h"
#include "core/base/instant.h"
#include "core/requests/tracker.h"

namespace wirepas_grpc::api {

StreamRegistry::StreamRegistry(size_t max_streams, core::OpenWork* acting)
    : max_streams_(max_streams), acting_(acting), state_(std::make_shared<State>()) {}

absl::StatusOr<StreamRegistry::PlacePtr> StreamRegistry::Add(
    const std::shared_ptr<OpenStream>& stream) {
  core::MutexLock lock(&state_->mutex);
  if (state_->drains) return core::ShuttingDown();
  if (state_->streams.size() >= max_streams_) {
    return core::WithReason(
        absl::ResourceExhaustedError(
            absl::StrCat("too many streams are open, the bound of the service is ", max_streams_)),
        core::Reason::kTooMany);
  }
  const uint64_t id = state_->next_id++;
  state_->streams.emplace(id, stream);
  return std::make_unique<Place>(state_, id, stream->acts() ? acting_->Begin() : nullptr);
}

std::vector<std::shared_ptr<OpenStream>> StreamRegistry::Open() const {
  std::vector<std::shared_ptr<OpenStream>> open;
  core::MutexLock lock(&state_->mutex);
  for (const auto& [id, weak] : state_->streams) {
    if (std::shared_ptr<OpenStream> stream = weak.lock()) open.push_back(std::move(stream));
  }
  return open;
}

void StreamRegistry::Drain() {
  {
    core::MutexLock lock(&state_->mutex);
    state_->drains = true;
  }
  const grpc::Status status = ToGrpcStatus(core::ShuttingDown());
  for (const auto& stream : Open()) stream->Drain(status);
}

bool StreamRegistry::AwaitNone(absl::Duration limit) {
  const core::Instant end = core::Instant::Now() + limit;
  core::MutexLock lock(&state_->mutex);
  while (!state_->streams.empty()) {
    const absl::Duration left = end - core::Instant::Now();
    if (left <= absl::ZeroDuration()) return false;
    state_->left.WaitWithTimeout(&state_->mutex, left);
  }
  return true;
}

void StreamRegistry::Close() {
  for (const auto& stream : Open()) stream->Close();
}

size_t StreamRegistry::size() const {
  core::MutexLock lock(&state_->mutex);
  return state_->streams.size();
}

StreamRegistry::Place::~Place() {
  core::MutexLock lock(&state_->mutex);
  state_->streams.erase(id_);
  if (state_->streams.empty()) state_->left.SignalAll();
}

}  // namespace wirepas_grpc::api
