// SPDX-License-Identifier: Apache-2.0
#include "service/health.h"

#include <utility>

namespace wirepas_grpc::service {

HealthReporter::HealthReporter(grpc::HealthCheckServiceInterface* health,
                               core::BrokerMonitor* broker, std::vector<std::string> services)
    : health_(health), broker_(broker), services_(std::move(services)) {}

void HealthReporter::Start() { Report(); }

void HealthReporter::Report() {
  core::MutexLock lock(&mutex_);
  while (!stopped_) {
    const core::BrokerMonitor::Versioned now = broker_->Get();
    // An empty name is the server as a whole, by convention of the protocol.
    health_->SetServingStatus("", now.state.connected);
    for (const std::string& service : services_) {
      health_->SetServingStatus(service, now.state.connected);
    }
    wait_ = broker_->Wait(now.version, [this] { Report(); });
    if (wait_.has_value()) return;
  }
}

void HealthReporter::Stop() {
  core::MutexLock lock(&mutex_);
  stopped_ = true;
  if (wait_.has_value()) broker_->CancelWait(*wait_);
  health_->Shutdown();
}

}  // namespace wirepas_grpc::service
