// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/good_client.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "core/base/instant.h"
#include "tests/integration/expect.h"
#include "tests/integration/messages.h"

namespace wirepas_grpc::hostile {

using integration::mesh::NetworkService;

GoodClient::GoodClient(const integration::ServiceProcess& service, const std::string& gateway)
    : stub_(NetworkService::NewStub(service.NewChannel())), gateway_(gateway) {
  Note(integration::Call(stub_.get(), &NetworkService::Stub::ListGateways,
                         integration::mesh::ListGatewaysRequest())
           .status,
       absl::ZeroDuration());
  thread_ = std::thread([this] { Run(); });
}

void GoodClient::Stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void GoodClient::Run() {
  for (int i = 0; !stop_; ++i) {
    const core::Instant begin = core::Instant::Now();
    const grpc::Status status =
        i % 2 == 0
            ? integration::Call(stub_.get(), &NetworkService::Stub::ListGateways,
                                integration::mesh::ListGatewaysRequest())
                  .status
            : integration::Call(stub_.get(), &NetworkService::Stub::GetGatewayInfo,
                                integration::To<integration::mesh::GetGatewayInfoRequest>(gateway_))
                  .status;
    Note(status, core::Instant::Now() - begin);
    absl::SleepFor(absl::Milliseconds(10));  // not to be a flood itself
  }
}

void GoodClient::Note(const grpc::Status& status, absl::Duration took) {
  ++calls_;
  longest_ = std::max(longest_, took);
  if (status.ok()) return;
  ++failures_;
  last_failure_ = status.error_message();
}

}  // namespace wirepas_grpc::hostile
