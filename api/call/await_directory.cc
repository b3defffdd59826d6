// SPDX-License-Identifier: Apache-2.0
#include "api/call/await_directory.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/network/failures.h"

namespace wirepas_grpc::api {
namespace {

// A wait that ends by the directory, by the timer, by the end of the service or by being
// taken back, whichever is first; the others are then called off.
class Wait {
 public:
  Wait(core::Network* network, absl::AnyInvocable<void()> then)
      : network_(network), then_(std::move(then)) {}

  static void Arm(const std::shared_ptr<Wait>& wait, absl::Duration limit) {
    core::Network* const network = wait->network_;
    const auto synced = network->directory().WaitSynced([wait] { wait->Fire(); });
    if (!synced.has_value()) return wait->Fire();
    const auto drain = network->WaitDrain([wait] { wait->Fire(); });
    if (!drain.has_value()) {
      network->directory().CancelWaitSynced(*synced);
      return wait->Fire();
    }
    const core::TimerId timer = network->scheduler().RunAfter(
        limit, [wait, network] { network->executor().Post([wait] { wait->Fire(); }); });
    {
      core::MutexLock lock(&wait->mutex_);
      wait->synced_ = synced;
      wait->drain_ = drain;
      wait->timer_ = timer;
      if (wait->then_ != nullptr) return;
    }
    wait->CallOff();  // it fired meanwhile and did not know what to call off
  }

  void Fire() {
    absl::AnyInvocable<void()> then = Take();
    if (then == nullptr) return;
    CallOff();
    then();
  }

  void Cancel() {
    const absl::AnyInvocable<void()> dropped = Take();
    CallOff();
  }

 private:
  absl::AnyInvocable<void()> Take() {
    core::MutexLock lock(&mutex_);
    return std::exchange(then_, nullptr);
  }

  void CallOff() {
    std::optional<core::WaitId> synced;
    std::optional<core::WaitId> drain;
    std::optional<core::TimerId> timer;
    {
      core::MutexLock lock(&mutex_);
      std::swap(synced, synced_);
      std::swap(drain, drain_);
      std::swap(timer, timer_);
    }
    if (synced.has_value()) network_->directory().CancelWaitSynced(*synced);
    if (drain.has_value()) network_->CancelWaitDrain(*drain);
    if (timer.has_value()) network_->scheduler().Cancel(*timer);
  }

  core::Network* const network_;
  core::Mutex mutex_;
  absl::AnyInvocable<void()> then_ ABSL_GUARDED_BY(mutex_);
  std::optional<core::WaitId> synced_ ABSL_GUARDED_BY(mutex_);
  std::optional<core::WaitId> drain_ ABSL_GUARDED_BY(mutex_);
  std::optional<core::TimerId> timer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::AnyInvocable<void()> AwaitDirectory(core::Network* network, absl::Duration limit,
                                          absl::AnyInvocable<void()> then) {
  if (network->directory().synced()) {
    then();
    return nullptr;
  }
  const auto wait = std::make_shared<Wait>(network, std::move(then));
  Wait::Arm(wait, limit);
  return [wait] { wait->Cancel(); };
}

absl::Status CheckDirectory(core::Network* network) {
  if (network->draining()) return core::ShuttingDown();
  return network->directory().synced() ? absl::OkStatus() : CheckBroker(network);
}

absl::Status CheckBroker(core::Network* network) {
  if (network->draining()) return core::ShuttingDown();
  const core::BrokerState state = network->broker().Get().state;
  if (state.connected) return absl::OkStatus();
  const absl::Status status = core::NotConnected(state);
  return core::WithMessage(status, absl::StrCat(status.message(), "; nothing was sent"));
}

}  // namespace wirepas_grpc::api
