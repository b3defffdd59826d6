// SPDX-License-Identifier: Apache-2.0
#include "service/health.h"

#include <utility>

namespace wirepas_grpc::service {

HealthReporter::HealthReporter(grpc::HealthCheckServiceInterface* health,
                               core::BrokerMonitor* broker, std::vector<std::string> services)
    : health_(health), broker_(broker), services_(std::move(services)) {}

void HealthReporter::Start() {
  SetAlive(true);
  Report();
}

void HealthReporter::Report() {
  core::MutexLock lock(&mutex_);
  while (!stopped_) {
    const core::BrokerMonitor::Versioned now = broker_->Get();
    ReportReady(now.state.connected);
    wait_ = broker_->Wait(now.version, [this] { Report(); });
    if (wait_.has_value()) return;
  }
}

void HealthReporter::ReportReady(bool ready) {
  // An empty name is the server as a whole, by convention of the protocol.
  health_->SetServingStatus("", ready);
  for (const std::string& service : services_) health_->SetServingStatus(service, ready);
}

void HealthReporter::SetAlive(bool alive) { health_->SetServingStatus(kLivenessService, alive); }

void HealthReporter::Stop() {
  core::MutexLock lock(&mutex_);
  stopped_ = true;
  if (wait_.has_value()) broker_->CancelWait(*wait_);
  ReportReady(false);
}

}  // namespace wirepas_grpc::service
