// SPDX-License-Identifier: Apache-2.0
#include "service/durable_state.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/nodes/collector.h"
#include "core/otap/node_status_collector.h"
#include "service/client_id.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

// Two readers, so that one who has far to look does not hold up the others.
constexpr int kReaderThreads = 2;
// Two writers: while one syncs, which may take the disk a while, the other empties the
// journal.
constexpr int kWriterThreads = 2;

constexpr char kClientIdKey[] = "mqtt/client_id";

absl::Status Named(const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("--state_dir: ", status.message()));
}

core::UplinkStore::Options UplinkOptionsOf(const ServiceOptions& options) {
  using SyncPolicy = core::UplinkStore::SyncPolicy;
  core::UplinkStore::Options uplinks;
  uplinks.sync = options.uplink_sync == "never"          ? SyncPolicy::kNever
                 : options.uplink_sync == "every_packet" ? SyncPolicy::kEveryPacket
                                                         : SyncPolicy::kInterval;
  uplinks.retention = options.uplink_retention;
  uplinks.max_bytes = static_cast<uint64_t>(options.uplink_max_bytes);
  return uplinks;
}

void LogRecovery(const core::Recovery& recovery) {
  for (const std::string& detail : recovery.details) spdlog::warn("state: {}", detail);
  if (!recovery.Damaged()) return;
  spdlog::error(
      "state: it was damaged and has been repaired: {} bytes could not be read, {} entries were "
      "read back from files that had lost their place{}{}",
      recovery.bytes_dropped, recovery.entries_salvaged,
      recovery.set_aside.empty() ? "" : "; what is left is in ", recovery.set_aside);
}

}  // namespace

DurableState::DurableState(std::unique_ptr<core::Database> database, core::Scheduler* scheduler)
    : database_(std::move(database)),
      readers_(kReaderThreads, "disk_reader"),
      writers_(kWriterThreads, "disk_writer"),
      subscriptions_(database_.get(), scheduler) {}

DurableState::~DurableState() { Close(); }

void DurableState::Close() {
  if (uplinks_ != nullptr) uplinks_->Close();
  readers_.Stop();
  writers_.Stop();
}

absl::StatusOr<std::unique_ptr<DurableState>> DurableState::Open(const ServiceOptions& options,
                                                                 core::Scheduler* scheduler) {
  const std::string& directory = options.state_dir;
  // Rows of nodes are deleted one by one, but one that comes back from a damaged folder
  // is no more than a node that should have been forgotten: better than to lose them all.
  const std::vector<std::string> tables = {core::UplinkStore::kTable, core::NodeCollector::kTable,
                                           core::NodeStatusCollector::kTable};
  auto database = core::Database::Open(
      {.directory = directory, .salvaged = tables, .program_version = WIREPAS_GRPC_VERSION},
      tables);
  if (!database.ok()) return Named(database.status());
  LogRecovery((*database)->recovery());
  std::unique_ptr<DurableState> state(new DurableState(*std::move(database), scheduler));
  absl::Status status = state->FindClientId();
  if (!status.ok()) return Named(status);
  auto uplinks = core::UplinkStore::Open(UplinkOptionsOf(options), state->database_.get(),
                                         scheduler, &state->writers_);
  if (!uplinks.ok()) return Named(uplinks.status());
  state->uplinks_ = *std::move(uplinks);
  if (state->uplinks_->began_with_loss()) {
    spdlog::warn("state: the end of the uplink log is lost; readers are told where");
  }
  spdlog::info("state in {}: {} uplinks and markers since number {}", directory,
               state->uplinks_->next() - state->uplinks_->oldest(), state->uplinks_->oldest());
  return state;
}

absl::Status DurableState::FindClientId() {
  const absl::StatusOr<std::string> kept = database_->Get(database_->meta(), kClientIdKey);
  if (kept.ok() && !kept->empty()) {
    mqtt_client_id_ = *kept;
    return absl::OkStatus();
  }
  // What cannot be read is replaced: the session is then a new one.
  if (!kept.ok() && !absl::IsNotFound(kept.status()) && !absl::IsDataLoss(kept.status())) {
    return kept.status();
  }
  mqtt_client_id_ = RandomClientId();
  return database_->Put(database_->meta(), kClientIdKey, mqtt_client_id_,
                        core::Database::Durability::kMachine);
}

}  // namespace wirepas_grpc::service
