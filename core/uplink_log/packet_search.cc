// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/packet_search.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/reason.h"
#include "core/gateway_api/topics.h"
#include "core/traffic/filter.h"
#include "core/traffic/packet_id.h"

namespace wirepas_grpc::core {
namespace {

// Of the topic of an uplink, which was a good one when it was stored.
absl::string_view GatewayOf(absl::string_view topic) {
  if (!absl::ConsumePrefix(&topic, kUplinkTopicPrefix)) return {};
  return topic.substr(0, topic.find('/'));
}

}  // namespace

PacketSearch::PacketSearch(const UplinkLog* log, const PacketIds* wanted)
    : log_(log), wanted_(wanted), end_(log->next()) {
  for (const auto& [gateway_id, ids] : *wanted) keys_.insert(GatewayKey(gateway_id));
}

bool PacketSearch::Look(uint64_t sequence, absl::string_view gateway_id, uint64_t packet_id) {
  const auto wanted = wanted_->find(gateway_id);
  if (wanted == wanted_->end() || !wanted->second.contains(packet_id)) return true;
  places_.try_emplace(wanted->first, PacketPlace{sequence, packet_id});
  return !found_all();
}

PacketSearch::Next PacketSearch::SearchMemory() {
  if (found_all()) return Next::kDone;
  end_ = log_->ReadBackward(
      end_, kSlice, [this](uint32_t key) { return keys_.contains(key); },
      [this](uint64_t sequence, const Uplink& uplink) {
        return Look(sequence, uplink.gateway_id, uplink.packet_id);
      });
  if (found_all()) return Next::kDone;
  if (end_ > log_->oldest_in_memory()) return Next::kInMemory;
  return log_->durable() && end_ > log_->oldest() ? Next::kOnDisk : Next::kDone;
}

absl::StatusOr<PacketSearch::Next> PacketSearch::SearchStored() {
  const absl::StatusOr<uint64_t> end = log_->ReadStoredBackward(
      end_, kSlice, [this](uint64_t sequence, absl::string_view topic, absl::string_view payload) {
        const absl::string_view gateway_id = GatewayOf(topic);
        // The id of a packet costs more than the look at its gateway.
        return !wanted_->contains(gateway_id) || places_.contains(gateway_id) ||
               Look(sequence, gateway_id, PacketId(topic, payload));
      });
  if (!end.ok()) return end.status();
  end_ = *end;
  return found_all() || end_ <= log_->oldest() ? Next::kDone : Next::kOnDisk;
}

absl::StatusOr<PacketSearches::Ticket> PacketSearches::Begin() {
  if (running_->fetch_add(1) >= kMost) {
    running_->fetch_sub(1);
    return WithRetryDelay(WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                         "after_packets: ", kMost, " searches are under way")),
                                     Reason::kTooMany),
                          absl::Seconds(1));
  }
  return Ticket(running_.get(), [running = running_](void*) { running->fetch_sub(1); });
}

}  // namespace wirepas_grpc::core
