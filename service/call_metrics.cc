// SPDX-License-Identifier: Apache-2.0
#include "service/call_metrics.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"

namespace wirepas_grpc::service {
namespace {

constexpr char kUnknown[] = "unknown";

std::string TypeOf(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming() && method.server_streaming()) return "bidi_stream";
  if (method.client_streaming()) return "client_stream";
  return method.server_streaming() ? "server_stream" : "unary";
}

MetricLabels LabelsOf(const std::string& service, const std::string& name,
                      const std::string& type) {
  return {{"grpc_service", service}, {"grpc_method", name}, {"grpc_type", type}};
}

}  // namespace

absl::string_view GrpcCodeLabel(grpc::StatusCode code) {
  static constexpr const char* kLabels[] = {
      "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
      "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
      "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
      "DataLoss", "Unauthenticated"};
  const auto index = static_cast<size_t>(code);
  return index < std::size(kLabels) ? kLabels[index] : kLabels[grpc::StatusCode::UNKNOWN];
}

CallMetrics::Method::Method(std::string service, std::string name, std::string type)
    : service_(std::move(service)), name_(std::move(name)), type_(std::move(type)) {}

void CallMetrics::Method::CountHandled(grpc::StatusCode code, absl::Duration took) {
  const auto index = static_cast<size_t>(code);
  Add(&handled_[index < kCodes ? index : static_cast<size_t>(grpc::StatusCode::UNKNOWN)]);
  handling_.Observe(took);
}

CallMetrics::CallMetrics(const std::vector<std::string>& services)
    : unknown_(kUnknown, kUnknown, kUnknown) {
  for (const std::string& name : services) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) continue;
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      methods_.push_back(std::make_unique<Method>(name, method.name(), TypeOf(method)));
      by_path_.emplace(absl::StrCat("/", name, "/", method.name()), methods_.back().get());
    }
  }
}

CallMetrics::Method* CallMetrics::Find(absl::string_view path) {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? &unknown_ : found->second;
}

void CallMetrics::Collect(MetricFamilies* families) const {
  auto started = CounterFamily("grpc_server_started_total", "Calls that began, by method");
  auto handled = CounterFamily("grpc_server_handled_total", "Calls that ended, by method and code");
  auto handling = HistogramFamily(
      "grpc_server_handling_seconds",
      "How long calls took until their status was sent, by method; streams until they ended");
  auto received = CounterFamily("grpc_server_msg_received_total", "Requests received, by method");
  auto sent = CounterFamily("grpc_server_msg_sent_total", "Responses sent, by method");
  auto open = GaugeFamily("wirepas_grpc_calls_open", "Calls that are open, by method");
  const auto add = [&](const Method& method) {
    const MetricLabels labels = LabelsOf(method.service_, method.name_, method.type_);
    // Those that have ended first: the difference is never below zero.
    uint64_t ended = 0;
    for (size_t code = 0; code < Method::kCodes; ++code) {
      const uint64_t count = method.handled_[code];
      ended += count;
      if (count == 0) continue;
      MetricLabels with_code = labels;
      with_code.emplace_back("grpc_code", GrpcCodeLabel(static_cast<grpc::StatusCode>(code)));
      AddValue(static_cast<double>(count), with_code, &handled);
    }
    const uint64_t begun = method.started_;
    AddValue(static_cast<double>(begun), labels, &started);
    AddValue(static_cast<double>(begun - std::min(begun, ended)), labels, &open);
    AddValue(static_cast<double>(method.received_), labels, &received);
    AddValue(static_cast<double>(method.sent_), labels, &sent);
    if (ended != 0) AddHistogram(method.handling_, labels, &handling);
  };
  for (const auto& method : methods_) add(*method);
  add(unknown_);
  for (auto* family : {&started, &handled, &handling, &received, &sent, &open}) {
    families->push_back(std::move(*family));
  }
}

}  // namespace wirepas_grpc::service
