// SPDX-License-Identifier: Apache-2.0
//
// Families of metrics in the form of the library that serves them.
#ifndef WIREPAS_GRPC_SERVICE_METRIC_FAMILIES_H_
#define WIREPAS_GRPC_SERVICE_METRIC_FAMILIES_H_

#include <string>
#include <utility>
#include <vector>

#include "core/base/duration_histogram.h"
#include "prometheus/client_metric.h"
#include "prometheus/metric_family.h"

namespace wirepas_grpc::service {

using MetricFamilies = std::vector<prometheus::MetricFamily>;
// Names and values.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// `help` is what the page of metrics and the documentation say. It names the labels.
prometheus::MetricFamily GaugeFamily(std::string name, std::string help);
prometheus::MetricFamily CounterFamily(std::string name, std::string help);
prometheus::MetricFamily HistogramFamily(std::string name, std::string help);

// Adds one value to a gauge's or a counter's family.
void AddValue(double value, const MetricLabels& labels, prometheus::MetricFamily* family);
// To a histogram's. In seconds.
void AddHistogram(const core::DurationHistogram& histogram, const MetricLabels& labels,
                  prometheus::MetricFamily* family);

// With one value, without labels.
prometheus::MetricFamily Gauge(std::string name, std::string help, double value);
prometheus::MetricFamily Counter(std::string name, std::string help, double value);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_METRIC_FAMILIES_H_
