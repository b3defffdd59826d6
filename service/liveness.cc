// SPDX-License-Identifier: Apache-2.0
#include "service/liveness.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/thread_name.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

constexpr absl::Duration kInterval = core::Heartbeat::kInterval;

}  // namespace

Liveness::Liveness(std::vector<Part> parts, std::function<void(bool alive)> changed)
    : changed_(std::move(changed)), since_(core::Instant::Now()) {
  for (Part& part : parts) watched_.emplace_back(std::move(part));
  thread_ = std::thread([this] { Run(); });
}

Liveness::~Liveness() {
  {
    core::MutexLock lock(&mutex_);
    stop_ = true;
    stopped_.Signal();
  }
  thread_.join();
}

std::vector<Liveness::Verdict> Liveness::Get() const {
  std::vector<Verdict> verdicts = {{"liveness", SelfAlive()}};
  for (const Watched& each : watched_) verdicts.push_back({each.part.name, each.alive});
  return verdicts;
}

bool Liveness::alive() const {
  return SelfAlive() && std::all_of(watched_.begin(), watched_.end(),
                                    [](const Watched& each) { return each.alive.load(); });
}

bool Liveness::Look(core::Instant now) {
  bool all = true;
  for (Watched& each : watched_) {
    if (each.part.wake_idle) each.part.wake_idle();
    const absl::Duration silence = std::min(each.part.silence(), now - since_);
    const bool alive = silence <= each.part.limit;
    all &= alive;
    if (each.alive.exchange(alive) == alive) continue;
    if (alive) {
      spdlog::warn("{} works again", each.part.name);
    } else {
      spdlog::error("{} has not come round for {}: the process is not alive", each.part.name,
                    absl::FormatDuration(absl::Trunc(silence, absl::Seconds(1))));
    }
  }
  return all;
}

void Liveness::Run() {
  core::NameThisThread("liveness");
  std::optional<bool> told;
  core::Instant last = since_ = core::Instant::Now();
  core::MutexLock lock(&mutex_);
  while (!stop_) {
    const core::Instant now = core::Instant::Now();
    if (now - last > 3 * kInterval) since_ = now;
    last = now;
    heartbeat_.Beat();
    const bool alive = Look(now);
    if (told != alive) changed_(alive);
    told = alive;
    stopped_.WaitWithTimeout(&mutex_, kInterval);
  }
}

}  // namespace wirepas_grpc::service
