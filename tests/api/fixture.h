// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_API_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_API_FIXTURE_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "api/app_config/service.h"
#include "api/call/bounded_service.h"
#include "api/network/service.h"
#include "api/nodes/service.h"
#include "api/otap/service.h"
#include "core/base/executor.h"
#include "core/network/network.h"
#include "core/nodes/collector.h"
#include "core/otap/node_status_collector.h"
#include "gateway_api/generic_message.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/support/failure.h"
#include "tests/support/fake_broker.h"
#include "tests/support/fake_scheduler.h"
#include "wirepas/mesh/v1/app_config_service.grpc.pb.h"
#include "wirepas/mesh/v1/network_service.grpc.pb.h"
#include "wirepas/mesh/v1/node_service.grpc.pb.h"
#include "wirepas/mesh/v1/otap_service.grpc.pb.h"

namespace wirepas_grpc::api {

// The services behind an in-process channel, over a broker in memory and a clock that
// the test moves. Nothing is connected until Connect().
class ServiceTest : public testing::Test {
 protected:
  explicit ServiceTest(NetworkServiceImpl::Options options = {},
                       core::Network::Options network_options = {});
  ~ServiceTest() override;

  // Connects the broker and lets the directory read what it keeps.
  void ConnectAndSync();
  // Has nodes and their statuses taken from uplinks, which needs timers of its own.
  void StartCollecting();

  // ---- the gateways' side ----
  // An online status with these sinks, each in network 12.
  static gw::WirepasMessage Status(const std::string& gateway,
                                   const std::vector<std::string>& sinks, bool online = true);
  static void AddFeature(gw::GatewayFeature feature, gw::WirepasMessage* status) {
    status->mutable_status_event()->add_gw_features(feature);
  }
  void Retain(const std::string& gateway, const gw::WirepasMessage& status);
  // A gateway with these sinks that is online.
  void AddGateway(const std::string& gateway, const std::vector<std::string>& sinks) {
    Retain(gateway, Status(gateway, sinks));
  }

  // The next request that a gateway gets; fails the test when none comes.
  struct Incoming {
    std::string topic;
    gw::WirepasMessage message;
    uint64_t id = 0;
  };
  Incoming NextRequest();
  // Answers a request on the topic that goes with it. `answer` holds the response;
  // its header is filled in.
  void Answer(const Incoming& request, gw::WirepasMessage answer, gw::ErrorCode result = gw::OK);

  // A packet from a node, numbered by its event id.
  void DeliverUplink(const std::string& gateway, const std::string& sink, uint64_t event_id,
                     uint32_t source_address = 7, const std::string& payload = "hello");
  static std::string UplinkTopic(const std::string& gateway, const std::string& sink);
  static std::string UplinkPayload(const std::string& gateway, const std::string& sink,
                                   uint64_t event_id, uint32_t source_address = 7,
                                   const std::string& payload = "hello");

  // Lets time pass for core.
  void Advance(absl::Duration by) { scheduler_.Advance(by); }

  // Waits for something; fails the test when it does not come about.
  void Await(const std::function<bool()>& condition);

  bool Subscribed(const std::string& filter) { return broker_.wanted().contains(filter); }

  core::FakeScheduler scheduler_;
  core::Executor executor_{2};
  core::FakeBroker broker_;
  core::Network network_;
  core::NodeCollector nodes_;
  core::NodeStatusCollector node_status_;
  NetworkServiceImpl service_;
  OtapServiceImpl otap_service_;
  NodeServiceImpl node_service_;
  AppConfigServiceImpl app_config_service_;
  RequestMemory request_memory_;
  BoundedService bounded_service_{&service_, &request_memory_};
  BoundedService bounded_otap_service_{&otap_service_, &request_memory_};
  BoundedService bounded_node_service_{&node_service_, &request_memory_};
  BoundedService bounded_app_config_service_{&app_config_service_, &request_memory_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<mesh::NetworkService::Stub> stub_;
  std::unique_ptr<mesh::OtapService::Stub> otap_stub_;
  std::unique_ptr<mesh::NodeService::Stub> node_stub_;
  std::unique_ptr<mesh::AppConfigService::Stub> app_config_stub_;
};

// A unary call on a thread of its own, so that the test can play the gateway.
template <typename Request, typename Response>
class Call {
 public:
  template <typename Stub>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);
  template <typename Stub>
  Call(Stub* stub, Method<Stub> method, Request request,
       absl::Duration deadline = absl::InfiniteDuration())
      : request_(std::move(request)) {
    if (deadline != absl::InfiniteDuration()) {
      context_.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
    }
    thread_ = std::thread(
        [this, stub, method] { status_ = (stub->*method)(&context_, request_, &response_); });
  }
  ~Call() {
    if (thread_.joinable()) Cancel();
  }

  void Cancel() {
    context_.TryCancel();
    Finish();
  }
  // Waits for the end of the call.
  const grpc::Status& Finish() {
    if (!thread_.joinable()) return status_;
    thread_.join();
    ExpectGoodEnd(status_);
    ExpectGoodParts(response_);
    return status_;
  }
  const Response& response() const { return response_; }

 private:
  const Request request_;
  grpc::ClientContext context_;
  Response response_;
  grpc::Status status_;
  std::thread thread_;
};

template <typename Stub, typename Request, typename Response>
Call(Stub*, grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*), Request)
    -> Call<Request, Response>;
template <typename Stub, typename Request, typename Response>
Call(Stub*, grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*), Request,
     absl::Duration) -> Call<Request, Response>;

// The GatewayError in the details of a status; empty when there is none.
mesh::GatewayError DetailOf(const grpc::Status& status);

// Has this code, and all these words in its message.
void ExpectStatus(const grpc::Status& status, grpc::StatusCode code,
                  const std::vector<std::string>& words = {});

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_TESTS_API_FIXTURE_H_
