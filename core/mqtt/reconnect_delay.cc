// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/reconnect_delay.h"

#include <algorithm>
#include <random>
#include <utility>

namespace wirepas_grpc::core {
namespace {

// Keeps a mistaken option (zero, negative) from turning into a busy loop.
constexpr absl::Duration kLeastDelay = absl::Milliseconds(1);

ReconnectDelay::Uniform SeededUniform() {
  return [engine = std::mt19937_64(std::random_device{}()),
          distribution = std::uniform_real_distribution<double>()]() mutable {
    return distribution(engine);
  };
}

}  // namespace

ReconnectDelay::ReconnectDelay(absl::Duration min, absl::Duration max)
    : ReconnectDelay(min, max, SeededUniform()) {}

ReconnectDelay::ReconnectDelay(absl::Duration min, absl::Duration max, Uniform uniform)
    : min_(std::max(min, kLeastDelay)),
      max_(std::max(max, min_)),
      ceiling_(min_),
      uniform_(std::move(uniform)) {}

absl::Duration ReconnectDelay::Next() {
  const absl::Duration half = ceiling_ / 2;
  const absl::Duration delay = half + half * uniform_();
  ceiling_ = std::min(ceiling_ * 2, max_);
  return delay;
}

}  // namespace wirepas_grpc::core
