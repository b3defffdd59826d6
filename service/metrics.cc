// SPDX-License-Identifier: Apache-2.0
#include "service/metrics.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/gateway_api/drop_counters.h"
#include "prometheus/client_metric.h"
#include "prometheus/metric_family.h"
#include "prometheus/metric_type.h"
#include "prometheus/text_serializer.h"

namespace wirepas_grpc::service {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily Family(std::string name, std::string help, MetricType type) {
  MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  return family;
}

MetricFamily Gauge(std::string name, std::string help, double value) {
  MetricFamily family = Family(std::move(name), std::move(help), MetricType::Gauge);
  family.metric.emplace_back().gauge.value = value;
  return family;
}

MetricFamily Counter(std::string name, std::string help, double value) {
  MetricFamily family = Family(std::move(name), std::move(help), MetricType::Counter);
  family.metric.emplace_back().counter.value = value;
  return family;
}

MetricFamily Drops(const core::DropCounters& drops) {
  MetricFamily family =
      Family("wirepas_grpc_broker_messages_dropped_total",
             "Messages from the broker that were not used, by reason", MetricType::Counter);
  for (int i = 1; i < static_cast<int>(core::DropReason::kCount); ++i) {
    const auto reason = static_cast<core::DropReason>(i);
    ClientMetric& metric = family.metric.emplace_back();
    metric.counter.value = static_cast<double>(drops.count(reason));
    metric.label.push_back({"reason", std::string(core::DropReasonName(reason))});
  }
  return family;
}

MetricFamily Gaps(const core::GapCounters& gaps) {
  MetricFamily family =
      Family("wirepas_grpc_uplink_gaps_total",
             "Gaps that uplink subscribers were told of, by reason", MetricType::Counter);
  for (const core::GapReason reason : core::kGapReasons) {
    ClientMetric& metric = family.metric.emplace_back();
    metric.counter.value = static_cast<double>(gaps.count(reason));
    metric.label.push_back({"reason", std::string(core::GapReasonName(reason))});
  }
  return family;
}

void AddNodes(const MetricsSources& sources, std::vector<MetricFamily>* families) {
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
  MetricFamily malformed = Family("wirepas_grpc_node_statuses_malformed_total",
                                  "Packets between the endpoints of node statuses that hold none, "
                                  "by reason",
                                  MetricType::Counter);
  for (int i = 1; i < static_cast<int>(core::ReportProblem::kCount); ++i) {
    const auto problem = static_cast<core::ReportProblem>(i);
    ClientMetric& metric = malformed.metric.emplace_back();
    metric.counter.value = static_cast<double>(sources.node_status->problems(problem));
    metric.label.push_back({"reason", std::string(core::ReportProblemName(problem))});
  }
  families->push_back(std::move(malformed));
  MetricFamily failures =
      Family("wirepas_grpc_node_storage_failures_total",
             "Writes of nodes and node statuses that failed, by table", MetricType::Counter);
  const std::pair<const char*, uint64_t> tables[] = {
      {core::NodeCollector::kTable, sources.nodes->storage_failures()},
      {core::NodeStatusCollector::kTable, sources.node_status->storage_failures()}};
  for (const auto& [table, count] : tables) {
    ClientMetric& metric = failures.metric.emplace_back();
    metric.counter.value = static_cast<double>(count);
    metric.label.push_back({"table", table});
  }
  families->push_back(std::move(failures));
}

void AddStore(const core::UplinkStore& store, std::vector<MetricFamily>* families) {
  const core::UplinkStore::Statistics statistics = store.statistics();
  families->push_back(Counter("wirepas_grpc_uplinks_stored_total",
                              "Uplinks and markers written to the state",
                              static_cast<double>(statistics.appended)));
  families->push_back(Counter("wirepas_grpc_uplinks_not_stored_total",
                              "Uplinks and markers that the disk did not take",
                              static_cast<double>(statistics.failed)));
  families->push_back(Gauge("wirepas_grpc_state_bytes", "Disk taken by the state",
                            static_cast<double>(statistics.bytes_on_disk)));
}

void AddConnections(ConnectionTable* connections, std::vector<MetricFamily>* families) {
  connections->Sweep();
  families->push_back(Gauge("wirepas_grpc_connections", "Connections of clients",
                            static_cast<double>(connections->size())));
  families->push_back(Counter("wirepas_grpc_connections_total", "Connections of clients taken",
                              static_cast<double>(connections->added())));
  MetricFamily closed = Family(
      "wirepas_grpc_connections_closed_total",
      "Connections of clients that the service closed or refused, by reason", MetricType::Counter);
  for (int i = 0; i < static_cast<int>(CloseReason::kCount); ++i) {
    const auto reason = static_cast<CloseReason>(i);
    ClientMetric& metric = closed.metric.emplace_back();
    metric.counter.value = static_cast<double>(connections->closed(reason));
    metric.label.push_back({"reason", std::string(CloseReasonName(reason))});
  }
  families->push_back(std::move(closed));
}

}  // namespace

std::vector<MetricFamily> NetworkMetrics::Collect() const {
  core::Network* const network = sources_.network;
  const core::SnapshotPtr snapshot = network->directory().Snapshot();
  double online = 0;
  double sinks = 0;
  for (const core::GatewayPtr& gateway : snapshot->gateways) {
    if (gateway->online()) ++online;
    sinks += static_cast<double>(gateway->sinks.size());
  }
  std::vector<MetricFamily> families = {
      Gauge("wirepas_grpc_broker_connected", "1 while the broker is connected",
            network->broker().connected() ? 1 : 0),
      Counter("wirepas_grpc_broker_qos2_as_qos1_total",
              "Times that the broker answered QoS 2 as QoS 1, found out once",
              static_cast<double>(sources_.broker_faults->qos2_answered_as_qos1)),
      Gauge("wirepas_grpc_gateways", "Known gateways",
            static_cast<double>(snapshot->gateways.size())),
      Gauge("wirepas_grpc_gateways_online", "Known gateways that are online", online),
      Gauge("wirepas_grpc_sinks", "Known sinks", sinks),
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
      Gauge("wirepas_grpc_uplink_subscriptions", "Uplink subscriptions at the broker",
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
      Gauge("wirepas_grpc_state_open", "1 while what --state_dir names is in use",
            sources_.state != nullptr ? 1 : 0),
      Drops(network->drops()),
      Gaps(network->gaps()),
  };
  AddNodes(sources_, &families);
  AddConnections(sources_.connections, &families);
  if (sources_.state != nullptr) AddStore(sources_.state->uplink_store(), &families);
  return families;
}

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(const std::string& address,
                                                                    const MetricsSources& sources) {
  PageServer::Options options;
  options.path = "/metrics";
  options.content_type = "text/plain; version=0.0.4; charset=utf-8";
  auto page = [metrics = NetworkMetrics(sources)] {
    return prometheus::TextSerializer().Serialize(metrics.Collect());
  };
  auto page_server = PageServer::Start(address, options, std::move(page));
  if (!page_server.ok()) {
    return absl::UnavailableError(absl::StrCat("--metrics_listen: cannot listen on ", address, ": ",
                                               page_server.status().message()));
  }
  auto server = std::make_unique<MetricsServer>();
  server->server_ = *std::move(page_server);
  server->address_ =
      absl::StrCat(address.substr(0, address.rfind(':')), ":", server->server_->port());
  return server;
}

}  // namespace wirepas_grpc::service
