// SPDX-License-Identifier: Apache-2.0
#include "service/metric_families.h"

#include <limits>

#include "absl/time/time.h"
#include "prometheus/metric_type.h"

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

ClientMetric& AddMetric(const MetricLabels& labels, MetricFamily* family) {
  ClientMetric& metric = family->metric.emplace_back();
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
  return metric;
}

}  // namespace

MetricFamily GaugeFamily(std::string name, std::string help) {
  return Family(std::move(name), std::move(help), MetricType::Gauge);
}

MetricFamily CounterFamily(std::string name, std::string help) {
  return Family(std::move(name), std::move(help), MetricType::Counter);
}

MetricFamily HistogramFamily(std::string name, std::string help) {
  return Family(std::move(name), std::move(help), MetricType::Histogram);
}

void AddValue(double value, const MetricLabels& labels, MetricFamily* family) {
  ClientMetric& metric = AddMetric(labels, family);
  if (family->type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

void AddHistogram(const core::DurationHistogram& histogram, const MetricLabels& labels,
                  MetricFamily* family) {
  const core::DurationHistogram::Snapshot snapshot = histogram.Get();
  ClientMetric::Histogram& to = AddMetric(labels, family).histogram;
  to.sample_sum = snapshot.sum_seconds;
  for (size_t i = 0; i < snapshot.counts.size(); ++i) {
    to.sample_count += snapshot.counts[i];
    ClientMetric::Bucket& bucket = to.bucket.emplace_back();
    bucket.cumulative_count = to.sample_count;
    bucket.upper_bound = i < std::size(core::DurationHistogram::kBounds)
                             ? absl::ToDoubleSeconds(core::DurationHistogram::kBounds[i])
                             : std::numeric_limits<double>::infinity();
  }
}

MetricFamily Gauge(std::string name, std::string help, double value) {
  MetricFamily family = GaugeFamily(std::move(name), std::move(help));
  AddValue(value, {}, &family);
  return family;
}

MetricFamily Counter(std::string name, std::string help, double value) {
  MetricFamily family = CounterFamily(std::move(name), std::move(help));
  AddValue(value, {}, &family);
  return family;
}

}  // namespace wirepas_grpc::service
