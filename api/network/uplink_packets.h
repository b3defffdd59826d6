// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_NETWORK_UPLINK_PACKETS_H_
#define WIREPAS_GRPC_API_NETWORK_UPLINK_PACKETS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "api/call/log_limits.h"
#include "api/convert/uplink_encoder.h"
#include "core/base/instant.h"
#include "core/traffic/filter.h"
#include "core/uplink_log/packets_had.h"
#include "core/uplink_log/uplink_log.h"

namespace wirepas_grpc::api {

// Gathers the encoded packets of a response, of those that a subscriber wants.
class UplinkPackets {
 public:
  // Both outlive it.
  UplinkPackets(const core::UplinkLog* log, const core::TrafficFilter* filter)
      : log_(log), filter_(filter) {}

  // Passes over what the client has had.
  void SetHad(core::PacketsHad had) { had_ = std::move(had); }

  // How much there was before a read.
  struct Mark {
    int count = 0;
    size_t bytes = 0;
  };
  // A read begins at `sequence`.
  Mark BeginRead(uint64_t sequence) {
    times_checked_ = false;
    if (had_.has_value() && had_->over(sequence)) had_.reset();
    return {count_, bytes_.size()};
  }
  // With each one read. False when it is full, and takes this one no more.
  bool Take(uint64_t sequence, const core::Uplink& uplink) {
    if (!filter_->Matches(uplink)) return true;
    if (had_.has_value() && had_->Had(sequence, uplink)) return true;
    if (!times_checked_) CheckTimes();
    const std::string& encoded = EncodedUplink(uplink, *times_, &scratch_);
    if (count_ == kMaxEntries || (count_ > 0 && bytes_.size() + encoded.size() > kMaxBytes)) {
      full_ = true;
      return false;
    }
    bytes_ += encoded;
    if (count_ == 0) oldest_ = uplink.arrival;
    ++count_;
    return true;
  }
  // Takes back what came since.
  void GoBackTo(const Mark& mark) {
    count_ = mark.count;
    bytes_.resize(mark.bytes);
  }

  bool empty() const { return count_ == 0; }
  bool full() const { return full_; }
  core::Instant oldest() const { return oldest_; }  // when the first one came

  // What was gathered; it is empty then.
  std::string TakeBytes() {
    count_ = 0;
    full_ = false;
    return std::exchange(bytes_, {});
  }

 private:
  // Once for all packets of a read.
  void CheckTimes() {
    times_checked_ = true;
    if (times_.has_value() && times_->version() == log_->arrival_times_version()) return;
    times_.emplace(log_->arrival_times());
  }

  const core::UplinkLog* const log_;
  const core::TrafficFilter* const filter_;
  std::optional<core::PacketsHad> had_;
  std::optional<core::ArrivalTimes> times_;
  bool times_checked_ = false;  // in this read
  std::string scratch_;
  std::string bytes_;
  int count_ = 0;
  bool full_ = false;
  core::Instant oldest_;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_UPLINK_PACKETS_H_
