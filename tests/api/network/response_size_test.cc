// SPDX-License-Identifier: Apache-2.0
//
// Clients take responses of up to 4 MiB by default, and break off a call with a larger one. The
// worst that gateways and clients can bring about, for each response that has a list.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/call/errors.h"
#include "api/call/log_limits.h"
#include "api/convert/node.h"
#include "core/directory/gateway_bounds.h"
#include "core/directory/sink_scope.h"
#include "core/gateway_api/payload_limits.h"
#include "google/protobuf/message.h"
#include "spdlog/spdlog.h"
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

constexpr size_t kMostOfClients = 4 << 20;
constexpr uint32_t kNetwork = 12;

// The longest there are, all different.
std::string LongId(const std::string& prefix, int number) {
  std::string id = absl::StrCat(prefix, 1'000'000 + number, "-");
  id.resize(core::kMaxIdLength, 'x');
  return id;
}

class ResponseSizeTest : public ServiceTest {
 protected:
  ResponseSizeTest() { spdlog::set_level(spdlog::level::off); }
  ~ResponseSizeTest() override { spdlog::set_level(spdlog::level::info); }

  // Gateways with sinks that have app configs of so many bytes.
  void AddGateways(int gateways, int sinks, size_t app_config) {
    for (int i = 0; i < gateways; ++i) {
      std::vector<std::string> ids;
      for (int j = 0; j < sinks; ++j) ids.push_back(LongId("s", j));
      gw::WirepasMessage status = Status(LongId("g", i), ids);
      status.mutable_status_event()->set_gw_model(std::string(10'000, '\xFF'));
      for (gw::SinkReadConfig& config : *status.mutable_status_event()->mutable_configs()) {
        config.mutable_app_config()->set_diag_interval_s(60);
        config.mutable_app_config()->set_seq(1);
        config.mutable_app_config()->set_app_config_data(std::string(app_config, '\x01'));
      }
      ASSERT_LE(status.ByteSizeLong(), core::kMaxSinkListPayload);
      Retain(LongId("g", i), status);
    }
    ConnectAndSync();
    ASSERT_EQ(network_.directory().Snapshot()->gateways.size(), static_cast<size_t>(gateways));
  }

  template <typename Stub, typename Request, typename Response>
  void ExpectExhausted(Stub* stub,
                       grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                    Response*),
                       const Request& request) {
    const uint64_t before = broker_.published_count();
    Call call(stub, method, request);
    ExpectStatus(call.Finish(), grpc::StatusCode::RESOURCE_EXHAUSTED, {"narrow it by gateways"});
    EXPECT_EQ(broker_.published_count(), before) << "it acted all the same";
  }

  // Makes the call, whose questions nobody answers, to its end.
  template <typename Stub, typename Request, typename Response>
  Response Unanswered(Stub* stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request) {
    Call call(stub, method, request);
    std::atomic<bool> ended = false;
    std::thread waits([&] {
      call.Finish();
      ended.store(true);
    });
    Await([&] {
      Advance(absl::Milliseconds(500));
      return ended.load();
    });
    waits.join();
    EXPECT_TRUE(call.Finish().ok()) << call.Finish().error_message();
    EXPECT_LT(call.response().ByteSizeLong(), kMostOfClients);
    return call.response();
  }

  template <typename Request>
  static Request OfNetwork() {
    Request request;
    request.mutable_scope()->set_network_address(kNetwork);
    return request;
  }
};

TEST_F(ResponseSizeTest, ListGateways) {
  AddGateways(20, 1000, 0);
  mesh::ListGatewaysRequest request;
  request.set_page_size(10'000);
  int found = 0;
  do {
    Call call(stub_.get(), &mesh::NetworkService::Stub::ListGateways, request);
    ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
    EXPECT_LT(call.response().ByteSizeLong(), kMostOfClients);
    found += call.response().gateways_size();
    request.set_page_token(call.response().next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(found, 20);
}

TEST_F(ResponseSizeTest, ListSinks) {
  AddGateways(300, 2, core::kMaxSinkConfigBytes - 1000);
  mesh::ListSinksRequest request;
  request.set_page_size(10'000);
  int found = 0;
  do {
    Call call(stub_.get(), &mesh::NetworkService::Stub::ListSinks, request);
    ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
    EXPECT_LT(call.response().ByteSizeLong(), kMostOfClients);
    found += call.response().sinks_size();
    request.set_page_token(call.response().next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(found, 300 * 2);
}

TEST_F(ResponseSizeTest, ListSinksWithManySilentGateways) {
  AddGateways(6000, 1, 0);
  mesh::ListSinksRequest request;
  request.set_refresh(true);
  request.set_page_size(10'000);
  const mesh::ListSinksResponse response =
      Unanswered(stub_.get(), &mesh::NetworkService::Stub::ListSinks, request);
  // How many were asked and are silent, and how many were beyond what one peer may ask at a time,
  // is a matter of timing. Both are bounded, so not all are told.
  EXPECT_LE(response.errors_size(), 1000);
  EXPECT_GT(response.errors_size() + response.silent_gateway_ids_size(), 0);
  EXPECT_GT(response.sinks_size(), 1000);
}

TEST_F(ResponseSizeTest, WatchNetwork) {
  AddGateways(320, 62, 0);
  grpc::ClientContext context;
  const auto reader = stub_->WatchNetwork(&context, mesh::WatchNetworkRequest());
  mesh::WatchNetworkResponse response;
  int found = 0;
  while (!response.snapshot_complete()) {
    ASSERT_TRUE(reader->Read(&response)) << reader->Finish().error_message();
    EXPECT_LT(response.ByteSizeLong(), kMostOfClients);
    found += response.events_size();
  }
  EXPECT_EQ(found, 320 + 320 * 62);
  context.TryCancel();
}

// The longest that there can be, with numbers that take as much as they can.
TEST_F(ResponseSizeTest, AResultIsNoLargerThanItIsTakenFor) {
  const Target target{LongId("g", 0), LongId("s", 0)};
  core::RequestOutcome outcome;
  outcome.status = absl::DeadlineExceededError(std::string(100'000, 'x'));
  outcome.request_id = ~uint64_t{0};
  outcome.answer = gw::INVALID_SCRATCHPAD_CHUNK_SIZE;
  mesh::AppConfigChange change;
  change.mutable_sink()->set_gateway_id(target.gateway_id);
  change.mutable_sink()->set_sink_id(target.sink_id);
  change.set_outcome(mesh::APP_CONFIG_OUTCOME_FAILED);
  for (const auto* field : {"size_before", "size_after", "max_size"}) {
    change.GetReflection()->SetUInt32(&change, change.GetDescriptor()->FindFieldByName(field),
                                      ~uint32_t{0});
  }
  *change.mutable_error() = ToCallError(outcome, target);
  EXPECT_GT(change.error().message().size(), 600u);
  EXPECT_LE(change.ByteSizeLong() + 4, core::ResultBytesOf(target.gateway_id, target.sink_id));
}

// 32 gateways have about as many sinks with long ids as there is room for; 34 have more.
TEST_F(ResponseSizeTest, ResultsOfManySinks) {
  AddGateways(32, 63, 0);
  mesh::BroadcastMessageRequest broadcast;
  broadcast.mutable_scope()->set_network_address(kNetwork);
  broadcast.mutable_message()->set_destination_address(1);
  EXPECT_EQ(Unanswered(stub_.get(), &mesh::NetworkService::Stub::BroadcastMessage, broadcast)
                .results_size(),
            32 * 63);
  using Otap = mesh::OtapService::Stub;
  auto target = OfNetwork<mesh::SetTargetRequest>();
  target.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_NO_OTAP);
  EXPECT_EQ(Unanswered(otap_stub_.get(), &Otap::SetTarget, target).results_size(), 32 * 63);
  auto scratchpads = OfNetwork<mesh::ListScratchpadsRequest>();
  scratchpads.set_page_size(10000);
  const auto page = Unanswered(otap_stub_.get(), &Otap::ListScratchpads, scratchpads);
  scratchpads.set_page_token(page.next_page_token());
  EXPECT_EQ(page.sinks_size() +
                Unanswered(otap_stub_.get(), &Otap::ListScratchpads, scratchpads).sinks_size(),
            32 * 63);
  auto update = OfNetwork<mesh::UpdateAppConfigRequest>();
  update.set_override_non_tlv(true);
  update.add_set_entries()->set_type(1);
  EXPECT_EQ(
      Unanswered(app_config_stub_.get(), &mesh::AppConfigService::Stub::UpdateAppConfig, update)
          .changes_size(),
      32 * 63);
}

TEST_F(ResponseSizeTest, MoreSinksThanThereIsRoomForAreRefusedBeforeAnythingIsSent) {
  AddGateways(34, 63, 0);
  mesh::BroadcastMessageRequest broadcast;
  broadcast.mutable_scope()->set_network_address(kNetwork);
  broadcast.mutable_message()->set_destination_address(1);
  ExpectExhausted(stub_.get(), &mesh::NetworkService::Stub::BroadcastMessage, broadcast);
  using Otap = mesh::OtapService::Stub;
  auto target = OfNetwork<mesh::SetTargetRequest>();
  target.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_NO_OTAP);
  ExpectExhausted(otap_stub_.get(), &Otap::SetTarget, target);
  ExpectExhausted(otap_stub_.get(), &Otap::ListScratchpads,
                  OfNetwork<mesh::ListScratchpadsRequest>());
  using AppConfig = mesh::AppConfigService::Stub;
  ExpectExhausted(app_config_stub_.get(), &AppConfig::ListAppConfigs,
                  OfNetwork<mesh::ListAppConfigsRequest>());
}

// Whatever a few gateways tell, there is room for the others.
TEST_F(ResponseSizeTest, AFewHostileGatewaysDoNotKeepOthersFromCalling) {
  AddGateway("good", {"sink"});
  std::string entries = "\xF6\x7E\xFF";  // as many as possible, each in three bytes
  for (int i = 0; i < 255; ++i) entries += {static_cast<char>(i), 1, 'x'};
  for (int i = 0; i < 10; ++i) {
    const std::string gateway = LongId("g", i);
    std::vector<std::string> ids;
    for (int j = 0; j < 400; ++j) ids.push_back(LongId("s", j));
    gw::WirepasMessage status = Status(gateway, ids);
    for (gw::SinkReadConfig& config : *status.mutable_status_event()->mutable_configs()) {
      config.mutable_app_config()->set_diag_interval_s(60);
      config.mutable_app_config()->set_seq(1);
      config.mutable_app_config()->set_app_config_data(entries);
    }
    ASSERT_LE(status.ByteSizeLong(), core::kMaxSinkListPayload);
    Retain(gateway, status);
  }
  ConnectAndSync();
  EXPECT_GT(network_.directory().refused_sinks(), 10 * 300u) << "and that is told";
  const auto lists = OfNetwork<mesh::ListAppConfigsRequest>();
  Call list(app_config_stub_.get(), &mesh::AppConfigService::Stub::ListAppConfigs, lists);
  EXPECT_TRUE(list.Finish().ok()) << list.Finish().error_message();
  auto request = OfNetwork<mesh::ListScratchpadsRequest>();
  EXPECT_GT(
      Unanswered(otap_stub_.get(), &mesh::OtapService::Stub::ListScratchpads, request).sinks_size(),
      1);
}

// Ids of a usual length leave room for as many as there may be.
TEST_F(ResponseSizeTest, TenThousandSinksWithUsualIdsArePossible) {
  size_t bytes = 0;
  for (size_t i = 0; i < core::kMaxScopeSinks; ++i) {
    bytes += core::ResultBytesOf("gateway-0123456789", "sink10");
  }
  EXPECT_TRUE(core::CheckResults("the scope", core::kMaxScopeSinks, bytes).ok());
}

TEST_F(ResponseSizeTest, ListAppConfigs) {
  AddGateways(130, 2, core::kMaxSinkConfigBytes - 1000);
  auto request = OfNetwork<mesh::ListAppConfigsRequest>();
  int listed = 0;
  int pages = 0;
  do {
    Call call(app_config_stub_.get(), &mesh::AppConfigService::Stub::ListAppConfigs, request);
    ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
    EXPECT_LT(call.response().ByteSizeLong(), kMostOfClients);
    listed += call.response().app_configs_size();
    ++pages;
    request.set_page_token(call.response().next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, 130 * 2);
  EXPECT_EQ(pages, 2);
}

TEST_F(ResponseSizeTest, SubscribeUplink) {
  ConnectAndSync();
  grpc::ClientContext context;
  const auto reader = stub_->SubscribeUplink(&context, mesh::SubscribeUplinkRequest());
  mesh::SubscribeUplinkResponse response;
  ASSERT_TRUE(reader->Read(&response));
  constexpr int kPackets = 1000;
  for (int i = 0; i < kPackets; ++i) {
    DeliverUplink(LongId("g", 0), LongId("s", 0), static_cast<uint64_t>(i), 7,
                  std::string(core::kMaxPacketPayload - 1000, 'x'));
  }
  for (int found = 0; found < kPackets;) {
    ASSERT_TRUE(reader->Read(&response)) << reader->Finish().error_message();
    EXPECT_LT(response.ByteSizeLong(), kMostOfClients / 4);
    found += response.uplinks_size();
    ASSERT_FALSE(response.has_gap());
  }
  context.TryCancel();
}

// Each 512 at a time at most.
TEST_F(ResponseSizeTest, Nodes) {
  core::SinkNames sinks;
  core::Node node;
  core::Uplink uplink;
  uplink.gateway_id = LongId("g", 0);
  uplink.sink_id = LongId("s", 0);
  uplink.hop_count = ~uint32_t{0};
  uplink.travel_time = absl::Milliseconds(~uint32_t{0});
  uplink.receive_time = absl::FromUnixMillis(253402300799000);
  for (int i = 0; i < 1000; ++i) {
    uplink.source_endpoint = static_cast<uint8_t>(i);
    uplink.destination_endpoint = static_cast<uint8_t>(255 - i);
    node.record.Count(static_cast<uint64_t>(i), uplink, uplink.receive_time, &sinks);
  }
  for (auto& endpoints : node.record.endpoints) endpoints.packets = ~uint64_t{0};
  node.record.packets = ~uint64_t{0};
  node.key = ~core::NodeKey{0};
  EXPECT_LT((ToProto(node).ByteSizeLong() + 8) * kMaxEntries, kMostOfClients);
}

}  // namespace
}  // namespace wirepas_grpc::api
