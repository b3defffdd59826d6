// SPDX-License-Identifier: Apache-2.0
#include "service/gateway_metrics.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace wirepas_grpc::service {
namespace {

using core::TrafficCounters;

// No gateway can have this id: it would be a wildcard in its topics.
constexpr char kOtherGateways[] = "#other";
constexpr char kOther[] = "other";
constexpr char kUnknown[] = "unknown";

// Those of the directory that the counters have places for, by one label each.
class PerGateway {
 public:
  void Add(const std::string& label, const TrafficCounters::Gateway& counted) {
    const MetricLabels labels = {{"gateway", label}};
    AddValue(static_cast<double>(counted.uplinks), labels, &uplinks_);
    AddValue(static_cast<double>(counted.unanswered), labels, &unanswered_);
  }

  void AddState(const std::string& label, double online, double sinks, absl::Time heard) {
    const MetricLabels labels = {{"gateway", label}};
    AddValue(online, labels, &online_);
    AddValue(sinks, labels, &sinks_);
    if (heard == absl::InfinitePast()) return;
    AddValue(absl::ToDoubleSeconds(heard - absl::UnixEpoch()), labels, &heard_);
  }

  void MoveTo(MetricFamilies* families) {
    for (auto* family : {&uplinks_, &online_, &sinks_, &heard_, &unanswered_}) {
      families->push_back(std::move(*family));
    }
  }

 private:
  prometheus::MetricFamily uplinks_ = CounterFamily(
      "wirepas_grpc_gateway_uplinks_total", "Uplinks taken, without duplicates, by gateway");
  prometheus::MetricFamily online_ =
      GaugeFamily("wirepas_grpc_gateway_online",
                  "1 while the gateway's status says that it is online, by gateway; of \"#other\" "
                  "how many are");
  prometheus::MetricFamily sinks_ =
      GaugeFamily("wirepas_grpc_gateway_sinks", "Known sinks, by gateway");
  prometheus::MetricFamily heard_ =
      GaugeFamily("wirepas_grpc_gateway_last_heard_timestamp_seconds",
                  "When the last message of the gateway came, or, if none did, when it became "
                  "known, in seconds since 1970, by gateway");
  prometheus::MetricFamily unanswered_ =
      CounterFamily("wirepas_grpc_gateway_unanswered_total",
                    "Requests that the gateway did not answer in time, by gateway");
};

void AddEach(const core::DirectorySnapshot& directory, const TrafficCounters::Snapshot& counted,
             MetricFamilies* families) {
  PerGateway metrics;
  double others_online = 0;
  double others_sinks = 0;
  size_t others = 0;
  for (const core::GatewayPtr& gateway : directory.gateways) {
    const auto sinks = static_cast<double>(gateway->sinks.size());
    const auto own = counted.gateways.find(gateway->id);
    if (own == counted.gateways.end()) {
      ++others;
      others_online += gateway->online() ? 1 : 0;
      others_sinks += sinks;
      continue;
    }
    metrics.Add(gateway->id, own->second);
    metrics.AddState(gateway->id, gateway->online() ? 1 : 0, sinks, own->second.heard);
  }
  metrics.Add(kOtherGateways, counted.other_gateways);
  if (others > 0) {
    metrics.AddState(kOtherGateways, others_online, others_sinks, counted.other_gateways.heard);
  }
  metrics.MoveTo(families);
}

void AddNetworks(const TrafficCounters::Snapshot& counted, MetricFamilies* families) {
  auto uplinks = CounterFamily("wirepas_grpc_network_uplinks_total",
                               "Uplinks taken, without duplicates, by network address");
  const auto add = [&uplinks](const std::string& network, uint64_t count) {
    AddValue(static_cast<double>(count), {{"network", network}}, &uplinks);
  };
  for (const auto& [address, count] : counted.network_uplinks) add(absl::StrCat(address), count);
  if (counted.unknown_network_uplinks > 0) add(kUnknown, counted.unknown_network_uplinks);
  if (counted.other_network_uplinks > 0) add(kOther, counted.other_network_uplinks);
  families->push_back(std::move(uplinks));
}

void AddRequests(const core::RequestCounters& counters, MetricFamilies* families) {
  auto requests =
      CounterFamily("wirepas_grpc_gateway_requests_total",
                    "Requests to gateways that have ended, by request and outcome: "
                    "\"answered\", \"refused\" with "
                    "an error, \"unanswered\", \"connection_lost\", \"cancelled\", \"not_sent\"");
  auto answers =
      HistogramFamily("wirepas_grpc_gateway_response_seconds",
                      "From the sending of a request to the gateway's answer, by request");
  for (size_t i = 0; i < core::kRequestKinds; ++i) {
    const auto kind = static_cast<core::RequestKind>(i);
    const std::pair<std::string, std::string> label = {"request",
                                                       std::string(core::RequestKindName(kind))};
    for (int j = 0; j < static_cast<int>(core::RequestEnd::kCount); ++j) {
      const auto end = static_cast<core::RequestEnd>(j);
      AddValue(static_cast<double>(counters.count(kind, end)),
               {label, {"outcome", std::string(core::RequestEndName(end))}}, &requests);
    }
    AddHistogram(counters.answers(kind), {label}, &answers);
  }
  families->push_back(std::move(requests));
  families->push_back(std::move(answers));
}

}  // namespace

void AddGatewayMetrics(core::Network* network, MetricFamilies* families) {
  const core::SnapshotPtr directory = network->directory().Snapshot();
  const absl::Time now = network->scheduler().Now();
  double online = 0;
  double sinks = 0;
  for (const core::GatewayPtr& gateway : directory->gateways) {
    network->traffic().Track(gateway->id, now);
    if (gateway->online()) ++online;
    sinks += static_cast<double>(gateway->sinks.size());
  }
  families->push_back(Gauge("wirepas_grpc_gateways", "Known gateways",
                            static_cast<double>(directory->gateways.size())));
  families->push_back(
      Gauge("wirepas_grpc_gateways_online", "Known gateways that are online", online));
  families->push_back(Gauge("wirepas_grpc_sinks", "Known sinks", sinks));
  const TrafficCounters::Snapshot counted = network->traffic().Get(
      now, [&](const std::string& id) { return directory->Find(id) != nullptr; });
  AddEach(*directory, counted, families);
  AddNetworks(counted, families);
  AddRequests(network->tracker().counters(), families);
}

}  // namespace wirepas_grpc::service
