// SPDX-License-Identifier: Apache-2.0
#include "api/convert/app_config.h"

#include <limits>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/call/errors.h"
#include "api/call/validate.h"
#include "api/convert/sink.h"
#include "api/convert/sink_path.h"

namespace wirepas_grpc::api {
namespace {

using Outcome = core::AppConfigChange::Outcome;

constexpr uint32_t kMaxType = std::numeric_limits<uint16_t>::max();

mesh::AppConfigOutcome ToProto(Outcome outcome) {
  switch (outcome) {
    case Outcome::kUnchanged:
      return mesh::APP_CONFIG_OUTCOME_UNCHANGED;
    case Outcome::kChanged:
      return mesh::APP_CONFIG_OUTCOME_CHANGED;
    case Outcome::kChecked:
      return mesh::APP_CONFIG_OUTCOME_CHECKED;
    case Outcome::kRefused:
      return mesh::APP_CONFIG_OUTCOME_REFUSED;
    case Outcome::kFailed:
      return mesh::APP_CONFIG_OUTCOME_FAILED;
  }
  return mesh::APP_CONFIG_OUTCOME_UNSPECIFIED;
}

// A type of a request, which must not be in `types` yet.
absl::Status TakeType(const std::string& field, uint32_t type, std::set<uint16_t>* types) {
  if (absl::Status status = CheckAtMost(field, type, kMaxType); !status.ok()) return status;
  if (types->insert(static_cast<uint16_t>(type)).second) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("type ", type, " is there twice"));
}

absl::Status CheckSize(absl::string_view field, size_t size, size_t wanted) {
  if (size == wanted) return absl::OkStatus();
  return InvalidField(field, absl::StrCat(size, " bytes; must have ", wanted));
}

}  // namespace

mesh::SinkAppConfig ToProto(const core::ScopedSink& sink) {
  mesh::SinkAppConfig proto;
  SetSinkRef(sink.path, proto.mutable_sink());
  proto.set_max_size(static_cast<uint32_t>(core::MaxAppConfigSize(*sink.config)));
  if (!sink.config->has_app_config()) return proto;
  *proto.mutable_app_config() = ToProto(sink.config->app_config());
  absl::StatusOr<core::TlvEntries> entries = core::DecodeTlv(proto.app_config().data());
  proto.set_is_tlv(entries.ok());
  if (!entries.ok()) return proto;
  for (core::TlvEntry& entry : *entries) {
    mesh::AppConfigEntry* added = proto.add_entries();
    added->set_type(entry.type);
    added->set_value(std::move(entry.value));
  }
  return proto;
}

mesh::AppConfigChange ToProto(const core::AppConfigChange& change) {
  mesh::AppConfigChange proto;
  SetSinkRef(change.sink, proto.mutable_sink());
  proto.set_outcome(ToProto(change.outcome));
  proto.set_size_before(static_cast<uint32_t>(change.size_before));
  proto.set_size_after(static_cast<uint32_t>(change.size_after));
  proto.set_max_size(static_cast<uint32_t>(change.max_size));
  if (!change.error.status.ok()) {
    *proto.mutable_error() = ToCallError(change.error, TargetOf(change.sink));
  }
  return proto;
}

absl::StatusOr<core::AppConfigEdit> ParseEdit(const mesh::UpdateAppConfigRequest& request) {
  if (request.set_entries().empty() && request.remove_types().empty()) {
    return InvalidField("set_entries", "missing; there is nothing to set or remove");
  }
  absl::Status status = CheckAtMost(
      "set_entries", static_cast<uint64_t>(request.set_entries_size()), core::kMaxAppConfigEntries);
  status.Update(CheckCount("remove_types", request.remove_types_size()));
  if (!status.ok()) return status;
  core::AppConfigEdit edit;
  edit.override_non_tlv = request.override_non_tlv();
  std::set<uint16_t> types;
  for (int i = 0; i < request.set_entries_size(); ++i) {
    const mesh::AppConfigEntry& entry = request.set_entries(i);
    const std::string field = absl::StrCat("set_entries[", i, "]");
    status = TakeType(absl::StrCat(field, ".type"), entry.type(), &types);
    if (!status.ok()) return status;
    if (entry.value().size() > core::kMaxTlvValueSize) {
      return InvalidField(absl::StrCat(field, ".value"),
                          absl::StrCat(entry.value().size(), " bytes; at most ",
                                       core::kMaxTlvValueSize, " are possible"));
    }
    edit.set.push_back({static_cast<uint16_t>(entry.type()), entry.value()});
  }
  for (int i = 0; i < request.remove_types_size(); ++i) {
    const uint32_t type = request.remove_types(i);
    status = TakeType(absl::StrCat("remove_types[", i, "]"), type, &types);
    if (!status.ok()) return status;
    edit.remove.insert(static_cast<uint16_t>(type));
  }
  return edit;
}

absl::StatusOr<core::AppConfigEdit> ParseEdit(const mesh::SetLocalProvisioningRequest& request) {
  core::AppConfigEdit edit;
  edit.override_non_tlv = request.override_non_tlv();
  std::string value =
      request.enabled() ? core::LocalProvisioningWithFactoryKey() : core::LocalProvisioningOff();
  if (!request.key_id().empty() || !request.key().empty()) {
    if (!request.enabled()) {
      return InvalidField(request.key_id().empty() ? "key" : "key_id",
                          "not possible unless enabled");
    }
    absl::Status status =
        CheckSize("key_id", request.key_id().size(), core::kProvisioningKeyIdSize);
    status.Update(CheckSize("key", request.key().size(), core::kProvisioningKeySize));
    if (!status.ok()) return status;
    value = core::LocalProvisioningWithKey(request.key_id(), request.key());
  }
  edit.set.push_back({core::kLocalProvisioningType, std::move(value)});
  return edit;
}

}  // namespace wirepas_grpc::api
