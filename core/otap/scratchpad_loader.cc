// SPDX-License-Identifier: Apache-2.0
#include "core/otap/scratchpad_loader.h"

#include <utility>
#include <vector>

#include "absl/random/distributions.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace wirepas_grpc::core {

class ScratchpadLoader::Place {
 public:
  Place(std::shared_ptr<Loads> loads, uint64_t id) : loads_(std::move(loads)), id_(id) {}
  ~Place() {
    MutexLock lock(&loads_->mutex);
    loads_->by_id.erase(id_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  uint64_t id() const { return id_; }

 private:
  const std::shared_ptr<Loads> loads_;
  const uint64_t id_;
};

absl::StatusOr<ScratchpadLoader::LoadPtr> ScratchpadLoader::Prepare(LoadPlan plan) {
  std::vector<SinkPath> sinks;
  for (const ScopedSink& sink : *plan.sinks) sinks.push_back(sink.path);
  auto reservation = uploader_->Reserve(sinks);
  if (!reservation.ok()) return reservation.status();

  std::shared_ptr<Place> place;
  {
    MutexLock lock(&loads_->mutex);
    if (loads_->by_id.size() >= kMaxLoads) {
      return WithReason(absl::ResourceExhaustedError(
                            absl::StrCat(kMaxLoads, " loads are under way, which is the bound")),
                        Reason::kTooMany);
    }
    // Not counted up: an id of another load, or of a run before, shall not stop this one.
    uint64_t id = 0;
    while (id == 0 || !loads_->by_id.try_emplace(id).second) {
      id = absl::Uniform<uint64_t>(loads_->random);
    }
    place = std::make_shared<Place>(loads_, id);
  }
  const uint64_t id = place->id();
  auto load = std::make_shared<ScratchpadLoad>(id, std::move(plan), network_, uploader_,
                                               *std::move(reservation), std::move(place));
  MutexLock lock(&loads_->mutex);
  loads_->by_id[id] = load;
  return load;
}

bool ScratchpadLoader::Stop(uint64_t load_id) {
  LoadPtr load;
  {
    MutexLock lock(&loads_->mutex);
    const auto found = loads_->by_id.find(load_id);
    if (found == loads_->by_id.end()) return false;
    load = found->second.lock();
  }
  if (load == nullptr) return false;
  load->Stop();
  return true;
}

}  // namespace wirepas_grpc::core
