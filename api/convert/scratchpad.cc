// SPDX-License-Identifier: Apache-2.0
#include "api/convert/scratchpad.h"

#include "absl/strings/str_cat.h"
#include "api/call/errors.h"
#include "api/call/validate.h"

namespace wirepas_grpc::api {
namespace {

mesh::ScratchpadType ToProto(gw::ScratchpadType type) {
  switch (type) {
    case gw::BLANK:
      return mesh::SCRATCHPAD_TYPE_BLANK;
    case gw::PRESENT:
      return mesh::SCRATCHPAD_TYPE_PRESENT;
    case gw::PROCESS:
      return mesh::SCRATCHPAD_TYPE_PROCESS;
  }
  return mesh::SCRATCHPAD_TYPE_UNSPECIFIED;
}

mesh::ScratchpadState ToProto(gw::ScratchpadStatus status) {
  switch (status) {
    case gw::SUCCESS:
      return mesh::SCRATCHPAD_STATE_SUCCESS;
    case gw::NEW:
      return mesh::SCRATCHPAD_STATE_NEW;
    case gw::ERROR:
      return mesh::SCRATCHPAD_STATE_ERROR;
  }
  return mesh::SCRATCHPAD_STATE_UNSPECIFIED;
}

// Actions and delays have the same numbers on both sides, unknown ones being 0.
static_assert(static_cast<int>(mesh::SCRATCHPAD_ACTION_NO_OTAP) == gw::NO_OTAP);
static_assert(static_cast<int>(mesh::SCRATCHPAD_ACTION_LEGACY_OTAP) == gw::LEGACY_OTAP);
static_assert(static_cast<int>(mesh::SCRATCHPAD_DELAY_TEN_MINUTES) == gw::TEN_MINUTES);
static_assert(static_cast<int>(mesh::SCRATCHPAD_DELAY_FIVE_DAYS) == gw::FIVE_DAYS);

mesh::ScratchpadInfo ToProto(const gw::ScratchpadInfo& info) {
  mesh::ScratchpadInfo proto;
  proto.set_length(info.len());
  proto.set_crc(info.crc());
  proto.set_sequence(info.seq());
  return proto;
}

mesh::TargetScratchpad ToProto(const gw::TargetScratchpadAndAction& target) {
  mesh::TargetScratchpad proto;
  proto.set_action(static_cast<mesh::ScratchpadAction>(target.action()));
  if (target.has_target_sequence()) proto.set_sequence(target.target_sequence());
  if (target.has_target_crc()) proto.set_crc(target.target_crc());
  if (target.has_delay()) proto.set_delay(static_cast<mesh::ScratchpadDelay>(target.delay()));
  if (target.has_raw()) proto.set_raw(target.raw());
  return proto;
}

// Responses and configs have the same fields under the same names.
template <typename Source>
mesh::ScratchpadStatus StatusFrom(const Source& source) {
  mesh::ScratchpadStatus proto;
  if (source.has_stored_scratchpad()) *proto.mutable_stored() = ToProto(source.stored_scratchpad());
  if (source.has_stored_status()) proto.set_stored_state(ToProto(source.stored_status()));
  if (source.has_stored_type()) proto.set_stored_type(ToProto(source.stored_type()));
  if (source.has_processed_scratchpad()) {
    *proto.mutable_processed() = ToProto(source.processed_scratchpad());
  }
  if (source.has_firmware_area_id()) proto.set_firmware_area_id(source.firmware_area_id());
  if (source.has_target_and_action()) *proto.mutable_target() = ToProto(source.target_and_action());
  return proto;
}

absl::Status CheckParameter(const mesh::TargetScratchpad& target) {
  const bool with_delay =
      target.action() == mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY;
  if (target.has_raw()) return CheckAtMost("target.raw", target.raw(), 255);
  if (target.has_delay()) {
    if (!with_delay) {
      return InvalidField("target.delay", "possible with PROPAGATE_AND_PROCESS_WITH_DELAY only");
    }
    if (target.delay() == mesh::SCRATCHPAD_DELAY_UNSPECIFIED ||
        !mesh::ScratchpadDelay_IsValid(target.delay())) {
      return InvalidField("target.delay", absl::StrCat(target.delay(), " is not a known delay"));
    }
    return absl::OkStatus();
  }
  if (with_delay) {
    return InvalidField("target.delay",
                        "missing: PROPAGATE_AND_PROCESS_WITH_DELAY needs delay or raw");
  }
  return absl::OkStatus();
}

absl::Status Check(const mesh::TargetScratchpad& target) {
  if (target.action() == mesh::SCRATCHPAD_ACTION_UNSPECIFIED) {
    return InvalidField("target.action", "missing");
  }
  if (!mesh::ScratchpadAction_IsValid(target.action())) {
    return InvalidField("target.action", absl::StrCat(target.action(), " is not a known action"));
  }
  absl::Status status;
  if (target.has_sequence()) status = CheckRange("target.sequence", target.sequence(), 1, 254);
  if (target.has_crc()) status.Update(CheckAtMost("target.crc", target.crc(), 65535));
  status.Update(CheckParameter(target));
  return status;
}

}  // namespace

mesh::ScratchpadStatus ToProto(const gw::GetScratchpadStatusResp& response) {
  return StatusFrom(response);
}

mesh::ScratchpadStatus ScratchpadStatusOf(const gw::SinkReadConfig& config) {
  return StatusFrom(config);
}

bool NamesScratchpad(gw::ScratchpadAction action) {
  return action == gw::PROPAGATE_ONLY || action == gw::PROPAGATE_AND_PROCESS ||
         action == gw::PROPAGATE_AND_PROCESS_WITH_DELAY;
}

absl::StatusOr<gw::TargetScratchpadAndAction> ToGateway(const mesh::TargetScratchpad& target) {
  if (absl::Status status = Check(target); !status.ok()) return status;
  gw::TargetScratchpadAndAction result;
  result.set_action(static_cast<gw::ScratchpadAction>(target.action()));
  if (target.has_sequence()) result.set_target_sequence(target.sequence());
  if (target.has_crc()) result.set_target_crc(target.crc());
  if (target.has_delay()) result.set_delay(static_cast<gw::ProcessingDelay>(target.delay()));
  if (target.has_raw()) result.set_raw(target.raw());
  return result;
}

}  // namespace wirepas_grpc::api
