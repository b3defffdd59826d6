// SPDX-License-Identifier: Apache-2.0
#include "api/network/uplink_start.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "api/call/errors.h"
#include "api/call/stable_hash.h"
#include "api/convert/time.h"
#include "core/gateway_api/ids.h"

namespace wirepas_grpc::api {
namespace {

// The order of values does not matter.
uint64_t HashOf(mesh::UplinkFilter filter) {
  const auto sort = [](auto* values) { std::sort(values->begin(), values->end()); };
  sort(filter.mutable_gateway_ids());
  sort(filter.mutable_sink_ids());
  sort(filter.mutable_network_addresses());
  sort(filter.mutable_source_addresses());
  sort(filter.mutable_source_endpoints());
  sort(filter.mutable_destination_endpoints());
  return StableHash(filter.SerializeAsString());
}

constexpr int kMaxGateways = 1000;
constexpr int kMaxPackets = 100;  // of a gateway
constexpr int kMaxPacketsInAll = 10000;

std::string OldestText(const UplinkSource& source) {
  const std::optional<absl::Time> time = source.log->oldest_time();
  if (!time.has_value()) {
    return absl::StrCat("none has come since the service started at ",
                        absl::FormatTime(absl::RFC3339_sec, source.begin, absl::UTCTimeZone()));
  }
  return absl::StrCat("the oldest that is kept is number ", source.log->oldest(),
                      "; from_time leads to it from ",
                      absl::FormatTime(absl::RFC3339_full, *time, absl::UTCTimeZone()));
}

// The oldest entry after a gap, if that is allowed.
absl::StatusOr<UplinkPosition> AfterGap(const UplinkStart& start, const UplinkSource& source,
                                        core::GapReason reason, absl::string_view problem) {
  if (!start.allow_gap) {
    return core::WithReason(absl::OutOfRangeError(absl::StrCat(problem, "; ", OldestText(source))),
                            reason == core::GapReason::kServiceRestarted
                                ? core::Reason::kServiceRestarted
                                : core::Reason::kStartExpired);
  }
  return UplinkPosition{source.log->oldest(), core::Gap{reason, std::nullopt}};
}

absl::StatusOr<UplinkPosition> AfterCursor(const UplinkStart& start, const UplinkSource& source) {
  const uint64_t wanted = start.cursor.next_sequence;
  const std::optional<core::UplinkRuns::Place> place = source.log->Resolve(start.cursor);
  if (!place.has_value()) {
    return AfterGap(start, source, core::GapReason::kServiceRestarted,
                    "after_cursor: from another run of the service, whose packets are not kept");
  }
  const bool this_run = start.cursor.run_id == source.log->run_id();
  if (this_run && wanted > source.log->next()) {
    return InvalidField("after_cursor", "not a cursor that this service gave");
  }
  // The end of that run was lost with the machine: reading goes on where the next began.
  if (!place->exact) {
    return UplinkPosition{place->sequence, core::Gap{core::GapReason::kStorageLoss, std::nullopt}};
  }
  const uint64_t oldest = source.log->oldest();
  if (place->sequence >= oldest) return UplinkPosition{place->sequence, std::nullopt};
  absl::StatusOr<UplinkPosition> position =
      AfterGap(start, source, core::GapReason::kCursorExpired,
               absl::StrCat("after_cursor: packet number ", wanted, " is no longer kept"));
  if (position.ok()) position->gap->lost = position->sequence - place->sequence;
  return position;
}

// What a time is too old for, if it is: the position after the gap, or the error.
std::optional<absl::StatusOr<UplinkPosition>> TooOld(const UplinkStart& start,
                                                     const UplinkSource& source) {
  if (source.log->Reaches(start.time)) return std::nullopt;
  return AfterGap(start, source, core::GapReason::kCursorExpired,
                  "from_time: packets that old are not kept");
}

absl::StatusOr<UplinkPosition> FromTime(const UplinkStart& start, const UplinkSource& source) {
  if (const auto too_old = TooOld(start, source); too_old.has_value()) return *too_old;
  const absl::StatusOr<uint64_t> sequence = source.log->SeekTime(start.time);
  if (!sequence.ok()) return core::WithReason(sequence.status(), core::Reason::kStorageFailed);
  return UplinkPosition{*sequence, std::nullopt};
}

absl::StatusOr<UplinkPosition> AfterPackets(const UplinkStart& start, const UplinkSource& source) {
  uint64_t first = 0;
  for (const auto& [gateway_id, place] : *start.places) {
    first = first == 0 ? place.sequence : std::min(first, place.sequence);
  }
  const size_t missing = start.packets.size() - start.places->size();
  if (missing == 0) return UplinkPosition{first + 1, std::nullopt};
  std::string gateway_id;  // the first of those without a place
  for (const auto& [id, ids] : start.packets) {
    if (!start.places->contains(id) && (gateway_id.empty() || id < gateway_id)) gateway_id = id;
  }
  absl::StatusOr<UplinkPosition> position = AfterGap(
      start, source, core::GapReason::kCursorExpired,
      absl::StrCat("after_packets: none of the packets of ", gateway_id,
                   missing > 1 ? absl::StrCat(" and ", missing - 1, " other gateways") : "",
                   " is kept"));
  if (position.ok()) return position;
  return core::WithFact(position.status(), "gateway_id", gateway_id);
}

// Without regard to what was taken from the broker.
absl::StatusOr<UplinkPosition> FindKept(const UplinkStart& start, const UplinkSource& source) {
  switch (start.kind) {
    case UplinkStart::Kind::kNow:
      break;
    case UplinkStart::Kind::kAfterCursor:
      return AfterCursor(start, source);
    case UplinkStart::Kind::kFromTime:
      return FromTime(start, source);
    case UplinkStart::Kind::kOldest:
      return UplinkPosition{source.log->oldest(), std::nullopt};
    case UplinkStart::Kind::kAfterPackets:
      return AfterPackets(start, source);
  }
  return UplinkPosition{source.log->next(), std::nullopt};
}

absl::Status ParsePackets(const mesh::PacketsHad& had, core::PacketIds* packets) {
  if (had.gateways().empty()) return InvalidField("after_packets.gateways", "missing");
  if (had.gateways_size() > kMaxGateways) {
    return InvalidField("after_packets.gateways", absl::StrCat("more than ", kMaxGateways));
  }
  int count = 0;
  for (int i = 0; i < had.gateways_size(); ++i) {
    const mesh::GatewayPackets& gateway = had.gateways(i);
    const auto field = [i](absl::string_view name) {
      return absl::StrCat("after_packets.gateways[", i, "].", name);
    };
    const absl::StatusOr<core::GatewayId> id = core::GatewayId::Parse(gateway.gateway_id());
    if (!id.ok()) return InvalidField(field("gateway_id"), id.status().message());
    if (gateway.packet_ids().empty()) return InvalidField(field("packet_ids"), "missing");
    if (gateway.packet_ids_size() > kMaxPackets) {
      return InvalidField(field("packet_ids"), absl::StrCat("more than ", kMaxPackets));
    }
    count += gateway.packet_ids_size();
    if (count > kMaxPacketsInAll) {
      return InvalidField(field("packet_ids"),
                          absl::StrCat("more than ", kMaxPacketsInAll, " of all gateways"));
    }
    const auto [entry, added] = packets->try_emplace(gateway.gateway_id());
    if (!added) return InvalidField(field("gateway_id"), "given twice");
    entry->second.insert(gateway.packet_ids().begin(), gateway.packet_ids().end());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<UplinkStart> ParseStart(const mesh::SubscribeUplinkRequest& request) {
  UplinkStart start;
  start.allow_gap = request.allow_gap();
  start.filter_hash = HashOf(request.filter());
  if (request.has_after_cursor()) {
    const std::optional<core::Cursor> cursor = core::DecodeCursor(request.after_cursor());
    if (!cursor.has_value()) {
      return InvalidField("after_cursor", "not a cursor that this service gave");
    }
    start.kind = UplinkStart::Kind::kAfterCursor;
    start.cursor = *cursor;
  } else if (request.has_from_time()) {
    const absl::StatusOr<absl::Time> time = FromProto("from_time", request.from_time());
    if (!time.ok()) return time.status();
    start.kind = UplinkStart::Kind::kFromTime;
    start.time = *time;
  } else if (request.has_oldest()) {
    if (!request.oldest()) return InvalidField("oldest", "must be true when it is set");
    start.kind = UplinkStart::Kind::kOldest;
  } else if (request.has_after_packets()) {
    const absl::Status status = ParsePackets(request.after_packets(), &start.packets);
    if (!status.ok()) return status;
    start.kind = UplinkStart::Kind::kAfterPackets;
  }
  return start;
}

uint64_t ToldOf(uint64_t filter_hash, const core::Coverage& coverage) {
  const uint64_t hash =
      StableHash(absl::StrCat(filter_hash, "/", coverage.since, "/", coverage.hole_begin));
  return std::max<uint64_t>(hash, 1);
}

absl::StatusOr<UplinkPosition> FindStart(const UplinkStart& start, const UplinkSource& source,
                                         const core::Coverage& coverage) {
  absl::StatusOr<UplinkPosition> position = FindKept(start, source);
  if (!position.ok()) return position;
  const uint64_t at = position->sequence;
  const bool from_oldest = start.kind == UplinkStart::Kind::kOldest;
  const bool at_marker = at + 1 == coverage.since;
  const bool at_hole_end = coverage.hole_begin != 0 && at + 1 == coverage.hole_end;
  // Whoever resumes right behind the marker of an interruption was told by it, or will be by
  // the one of its end, which is next.
  const bool knows = start.kind == UplinkStart::Kind::kAfterCursor && at_hole_end &&
                     at == coverage.hole_begin + 1 && at >= coverage.since;
  const bool knew = start.kind == UplinkStart::Kind::kAfterCursor && start.cursor.told != 0 &&
                    start.cursor.told == ToldOf(start.filter_hash, coverage);
  const bool told = position->gap.has_value() || (from_oldest && at_marker) || knows || knew;
  if (!told && coverage.Misses(at)) {
    position->gap = core::Gap{at >= coverage.since ? core::GapReason::kBrokerDisconnected
                                                   : core::GapReason::kNotSubscribed,
                              std::nullopt};
  }
  // What is missing before the marker of the moment from which on it is covered is told by
  // now, or is not asked for: a cursor that is given here must not be from before it.
  if (at_marker || (at_hole_end && position->gap.has_value())) ++position->sequence;
  // From here on markers tell this reader what it misses.
  if (coverage.MayMiss(position->sequence)) position->told = ToldOf(start.filter_hash, coverage);
  return position;
}

bool NeedsDisk(const UplinkStart& start, const UplinkSource& source) {
  return source.log->durable() && start.kind == UplinkStart::Kind::kFromTime;
}

absl::Status CheckStart(const UplinkStart& start, const UplinkSource& source) {
  if (start.kind == UplinkStart::Kind::kAfterCursor) return AfterCursor(start, source).status();
  if (start.kind != UplinkStart::Kind::kFromTime) return absl::OkStatus();
  const auto too_old = TooOld(start, source);
  return too_old.has_value() ? too_old->status() : absl::OkStatus();
}

}  // namespace wirepas_grpc::api
