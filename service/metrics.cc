// SPDX-License-Identifier: Apache-2.0
#include "service/metrics.h"

#include <sys/statvfs.h>

#include <optional>
#include <string>
#include <utility>

#include "core/gateway_api/drop_counters.h"
#include "service/gateway_metrics.h"
#include "service/process_metrics.h"

namespace wirepas_grpc::service {
namespace {

using prometheus::MetricFamily;

MetricFamily Drops(const core::DropCounters& drops) {
  MetricFamily family = CounterFamily("wirepas_grpc_broker_messages_dropped_total",
                                      "Messages from the broker that were not used, by reason");
  for (int i = 1; i < static_cast<int>(core::DropReason::kCount); ++i) {
    const auto reason = static_cast<core::DropReason>(i);
    AddValue(static_cast<double>(drops.count(reason)),
             {{"reason", std::string(core::DropReasonName(reason))}}, &family);
  }
  return family;
}

MetricFamily Gaps(const core::GapCounters& gaps) {
  MetricFamily family = CounterFamily("wirepas_grpc_uplink_gaps_total",
                                      "Gaps that uplink subscribers were told of, by reason");
  for (const core::GapReason reason : core::kGapReasons) {
    AddValue(static_cast<double>(gaps.count(reason)),
             {{"reason", std::string(core::GapReasonName(reason))}}, &family);
  }
  return family;
}

void AddNodes(const MetricsSources& sources, MetricFamilies* families) {
  core::NodeRegistry& nodes = sources.nodes->registry();
  core::NodeStatusRegistry& statuses = sources.node_status->registry();
  families->push_back(
      Gauge("wirepas_grpc_nodes", "Known nodes", static_cast<double>(nodes.size())));
  families->push_back(Counter("wirepas_grpc_nodes_evicted_total",
                              "Nodes forgotten for the bound on known nodes",
                              static_cast<double>(nodes.evicted())));
  families->push_back(Gauge("wirepas_grpc_node_statuses", "Nodes whose status is known",
                            static_cast<double>(statuses.size())));
  families->push_back(Counter("wirepas_grpc_node_statuses_evicted_total",
                              "Node statuses forgotten for the bound on known nodes",
                              static_cast<double>(statuses.evicted())));
  MetricFamily malformed =
      CounterFamily("wirepas_grpc_node_statuses_malformed_total",
                    "Packets between the endpoints of node statuses that hold none, by reason");
  for (int i = 1; i < static_cast<int>(core::ReportProblem::kCount); ++i) {
    const auto problem = static_cast<core::ReportProblem>(i);
    AddValue(static_cast<double>(sources.node_status->problems(problem)),
             {{"reason", std::string(core::ReportProblemName(problem))}}, &malformed);
  }
  families->push_back(std::move(malformed));
  MetricFamily failures = CounterFamily("wirepas_grpc_node_storage_failures_total",
                                        "Writes of nodes and node statuses that failed, by table");
  const std::pair<const char*, uint64_t> tables[] = {
      {core::NodeCollector::kTable, sources.nodes->storage_failures()},
      {core::NodeStatusCollector::kTable, sources.node_status->storage_failures()}};
  for (const auto& [table, count] : tables) {
    AddValue(static_cast<double>(count), {{"table", table}}, &failures);
  }
  families->push_back(std::move(failures));
}

void AddStore(const core::UplinkStore& store, MetricFamilies* families) {
  const core::UplinkStore::Statistics statistics = store.statistics();
  families->push_back(Counter("wirepas_grpc_uplinks_stored_total",
                              "Uplinks and markers written to the state",
                              static_cast<double>(statistics.appended)));
  families->push_back(Counter("wirepas_grpc_uplinks_not_stored_total",
                              "Uplinks and markers that the disk did not take",
                              static_cast<double>(statistics.failed)));
  families->push_back(Gauge("wirepas_grpc_state_bytes", "Disk taken by the state",
                            static_cast<double>(statistics.bytes_on_disk)));
  families->push_back(Gauge("wirepas_grpc_state_max_bytes",
                            "Disk that stored uplinks may take before the oldest are forgotten",
                            static_cast<double>(store.options().max_bytes)));
  auto journal = HistogramFamily("wirepas_grpc_state_journal_delay_seconds",
                                 "From the arrival of an uplink in the journal to its being in the "
                                 "database: of the oldest of each batch");
  AddHistogram(store.journal_delay(), {}, &journal);
  families->push_back(std::move(journal));
  families->push_back(Counter("wirepas_grpc_state_sync_failures_total",
                              "Syncs of stored uplinks that failed; they are tried again",
                              static_cast<double>(statistics.sync_failures)));
  auto sync = HistogramFamily(
      "wirepas_grpc_state_sync_delay_seconds",
      "From an uplink's being in the database to the end of the sync that has the disk keep it: "
      "of the oldest of each sync. With --uplink_sync every_packet, how long each took");
  AddHistogram(store.sync_delay(), {}, &sync);
  families->push_back(std::move(sync));
}

void AddLiveness(const Liveness& liveness, MetricFamilies* families) {
  auto alive = GaugeFamily("wirepas_grpc_alive",
                           "1 while the threads of the part come round, by part: what /livez says");
  for (const Liveness::Verdict& verdict : liveness.Get()) {
    AddValue(verdict.alive ? 1 : 0, {{"part", verdict.name}}, &alive);
  }
  families->push_back(std::move(alive));
}

void AddFreeDisk(const std::string& folder, MetricFamilies* families) {
  struct statvfs disk = {};
  if (statvfs(folder.c_str(), &disk) != 0) return;
  families->push_back(
      Gauge("wirepas_grpc_state_free_bytes",
            "Room left on the disk that the state is on, for this process",
            static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize)));
}

void AddDelivery(const api::Delivery& delivery, const core::UplinkLog& log,
                 MetricFamilies* families) {
  families->push_back(Gauge("wirepas_grpc_uplink_subscribers", "Open streams of uplinks",
                            static_cast<double>(delivery.readers())));
  const std::optional<uint64_t> slowest = delivery.slowest();
  const std::optional<absl::Duration> age =
      slowest.has_value() ? log.AgeOf(*slowest) : std::nullopt;
  families->push_back(
      Gauge("wirepas_grpc_uplink_slowest_subscriber_seconds",
            "Age of the oldest uplink that some subscriber has not got yet; 0: all have what came",
            absl::ToDoubleSeconds(age.value_or(absl::ZeroDuration()))));
  auto delay = HistogramFamily(
      "wirepas_grpc_uplink_delay_seconds",
      "From the arrival of an uplink to its hand-over to a subscriber: of the oldest of each "
      "response, unless it was read from the disk");
  AddHistogram(delivery.delay(), {}, &delay);
  families->push_back(std::move(delay));
}

void AddConnections(ConnectionTable* connections, MetricFamilies* families) {
  connections->Sweep();
  families->push_back(Gauge("wirepas_grpc_connections", "Connections of clients",
                            static_cast<double>(connections->size())));
  families->push_back(Counter("wirepas_grpc_connections_total", "Connections of clients taken",
                              static_cast<double>(connections->added())));
  MetricFamily closed =
      CounterFamily("wirepas_grpc_connections_closed_total",
                    "Connections of clients that the service closed or refused, by reason");
  for (int i = 0; i < static_cast<int>(CloseReason::kCount); ++i) {
    const auto reason = static_cast<CloseReason>(i);
    AddValue(static_cast<double>(connections->closed(reason)),
             {{"reason", std::string(CloseReasonName(reason))}}, &closed);
  }
  families->push_back(std::move(closed));
}

}  // namespace

MetricFamilies NetworkMetrics::Collect() const {
  core::Network* const network = sources_.network;
  MetricFamilies families = {
      Gauge("wirepas_grpc_broker_connected", "1 while the broker is connected",
            network->broker().connected() ? 1 : 0),
      Counter("wirepas_grpc_broker_qos2_as_qos1_total",
              "Times that the broker answered QoS 2 as QoS 1, found out once",
              static_cast<double>(sources_.broker_faults->qos2_answered_as_qos1)),
      Counter("wirepas_grpc_gateways_refused_total",
              "Statuses, packets and answers of gateways beyond the bound on known ones",
              static_cast<double>(network->directory().refused_gateways())),
      Counter("wirepas_grpc_sinks_refused_total",
              "Sinks beyond the bounds on what is kept of a gateway, each time they were told",
              static_cast<double>(network->directory().refused_sinks())),
      Gauge("wirepas_grpc_directory_bytes", "Memory taken by gateways and sinks, about",
            static_cast<double>(network->directory().memory())),
      Counter("wirepas_grpc_uplinks_total", "Uplinks taken from the broker, without duplicates",
              static_cast<double>(network->uplinks_received())),
      Gauge("wirepas_grpc_uplink_log_bytes", "Memory taken by the uplink log",
            static_cast<double>(network->uplinks().memory_bytes())),
      Gauge("wirepas_grpc_uplink_subscriptions",
            "Uplink subscriptions that are wanted at the broker",
            static_cast<double>(network->subscriptions().uplink_filters())),
      Gauge("wirepas_grpc_subscriptions_impaired",
            "Subscriptions that the broker refuses, or grants at a lower QoS, now",
            static_cast<double>(network->broker().Get().impaired->size())),
      Counter("wirepas_grpc_subscriptions_refused_total",
              "Answers of the broker that refused a subscription",
              static_cast<double>(network->broker().refused())),
      Counter("wirepas_grpc_subscriptions_lowered_total",
              "Answers of the broker that granted a subscription at a lower QoS",
              static_cast<double>(network->broker().lowered())),
      Gauge("wirepas_grpc_pending_requests",
            "Requests waiting for a gateway's answer or for room in their sink",
            static_cast<double>(network->tracker().places().taken())),
      Gauge("wirepas_grpc_messages_waiting", "Messages waiting for room in their sink",
            static_cast<double>(sources_.messages->waiting())),
      Counter("wirepas_grpc_message_retries_total",
              "Messages sent again because their sink had no room",
              static_cast<double>(sources_.messages->retries())),
      Gauge("wirepas_grpc_state_wanted", "1 if there is a --state_dir",
            sources_.state_dir.empty() ? 0 : 1),
      Gauge("wirepas_grpc_state_open", "1 while what --state_dir names is in use",
            sources_.state != nullptr ? 1 : 0),
      Drops(network->drops()),
      Gaps(network->gaps()),
  };
  AddGatewayMetrics(network, &families);
  AddDelivery(*sources_.delivery, network->uplinks(), &families);
  AddNodes(sources_, &families);
  AddConnections(sources_.connections, &families);
  sources_.calls->Collect(&families);
  AddLiveness(*sources_.liveness, &families);
  AddCertificateMetrics(sources_.certificates, &families);
  AddProcessMetrics(&families);
  if (sources_.state != nullptr) {
    AddStore(sources_.state->uplink_store(), &families);
    AddFreeDisk(sources_.state_dir, &families);
  }
  return families;
}

}  // namespace wirepas_grpc::service
