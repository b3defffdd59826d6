// SPDX-License-Identifier: Apache-2.0
//
// Requests that are refused before anything is sent: INVALID_ARGUMENT, naming the
// field.
#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway_rpcs.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;

// What no part of a topic may be made of.
const std::vector<std::string>& BadIds() {
  static const auto* const ids = new std::vector<std::string>{"",
                                                              "a/b",
                                                              "a+b",
                                                              "#",
                                                              "+",
                                                              "a#",
                                                              "/",
                                                              "a\tb",
                                                              "a\nb",
                                                              std::string("a\0b", 3),
                                                              "\x7F",
                                                              "gr\xC3\xBC\xC3\x9F",
                                                              std::string(257, 'x')};
  return *ids;
}

class BadArgumentsTest : public SharedStack<BadArgumentsTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "0"};
    return options;
  }

 protected:
  // Everything that anybody publishes from now on.
  void SetUp() override { everything_ = stack().NewPeer({"#"}); }

  // Nothing of what a test did may have been published.
  void TearDown() override {
    ASSERT_TRUE(IsOk(FindGatewayRpc("GetGatewayInfo").Run(stub(), kGateway, "", kBound)));
    const auto heard =
        everything_->TakeUpTo(OnTopic(absl::StrCat("gw-request/get_gw_info/", kGateway)));
    ASSERT_TRUE(heard.ok()) << heard.status();
    for (size_t i = 0; i + 1 < heard->size(); ++i) {
      EXPECT_TRUE((*heard)[i].retained) << (*heard)[i].topic;
    }
  }

  // Expects that the request is refused for `field` once `spoil` has changed it.
  template <typename Request, typename Response>
  void ExpectRefused(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                     Request request, const std::string& field,
                     const std::function<void(Request*)>& spoil) {
    SCOPED_TRACE(field);
    spoil(&request);
    const grpc::Status status = Call(stub(), method, request).status;
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), testing::StartsWith(field + ":"));
  }

 private:
  std::unique_ptr<MqttPeer> everything_;
};

TEST_F(BadArgumentsTest, IdsThatCannotBePartOfATopic) {
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    for (const std::string& id : BadIds()) {
      SCOPED_TRACE(absl::StrCat(rpc.name, " '", id, "'"));
      // gRPC refuses text that is not UTF-8 by itself; all of these are.
      const grpc::Status gateway = rpc.Run(stub(), id, kSink, kBound);
      EXPECT_EQ(gateway.error_code(), StatusCode::INVALID_ARGUMENT);
      EXPECT_THAT(gateway.error_message(), testing::HasSubstr("gateway_id"));
      const auto detail = GatewayErrorOf(gateway);
      ASSERT_TRUE(detail.has_value());
      EXPECT_EQ(detail->gateway_id(), "") << "it is none";
      EXPECT_EQ(detail->outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
      if (!rpc.names_sink) continue;
      ExpectFailure(rpc.Run(stub(), kGateway, id, kBound), StatusCode::INVALID_ARGUMENT,
                    {"sink_id", kGateway});
    }
  }
}

// In lists, and in the RPCs that are not about one gateway.
TEST_F(BadArgumentsTest, IdsInLists) {
  for (const std::string& id : BadIds()) {
    SCOPED_TRACE(id);
    ExpectRefused<mesh::ClearGatewayStatusRequest>(&Stub::ClearGatewayStatus, {}, "gateway_id",
                                                   [&](auto* r) { r->set_gateway_id(id); });
    ExpectRefused<mesh::ListSinksRequest>(&Stub::ListSinks, {}, "gateway_ids[0]",
                                          [&](auto* r) { r->add_gateway_ids(id); });
    mesh::BroadcastMessageRequest broadcast;
    broadcast.mutable_scope()->set_network_address(kNetwork);
    *broadcast.mutable_message() = SendRequest("", "").message();
    ExpectRefused<mesh::BroadcastMessageRequest>(
        &Stub::BroadcastMessage, broadcast, "scope.gateway_ids[0]",
        [&](auto* r) { r->mutable_scope()->add_gateway_ids(id); });
  }
}

TEST_F(BadArgumentsTest, SendMessage) {
  using Request = mesh::SendMessageRequest;
  const std::vector<std::pair<std::string, std::function<void(Request*)>>> cases = {
      {"message", [](Request* r) { r->clear_message(); }},
      {"message.destination_address",
       [](Request* r) { r->mutable_message()->clear_destination_address(); }},
      {"message.source_endpoint",
       [](Request* r) { r->mutable_message()->set_source_endpoint(256); }},
      {"message.destination_endpoint",
       [](Request* r) { r->mutable_message()->set_destination_endpoint(0xFFFFFFFF); }},
      {"message.qos", [](Request* r) { r->mutable_message()->set_qos(2); }},
      {"message.hop_limit", [](Request* r) { r->mutable_message()->set_hop_limit(16); }},
      {"message.payload",
       [](Request* r) { r->mutable_message()->set_payload(std::string(1501, 'x')); }},
      {"message.initial_delay",
       [](Request* r) { r->mutable_message()->mutable_initial_delay()->set_seconds(-1); }},
      {"message.initial_delay",
       [](Request* r) { r->mutable_message()->mutable_initial_delay()->set_seconds(4294968); }},
      {"message.initial_delay",
       [](Request* r) { r->mutable_message()->mutable_initial_delay()->set_nanos(1'000'000'000); }},
      {"request_id", [](Request* r) { r->set_request_id(0); }},
      {"if_unheard", [](Request* r) { r->set_if_unheard(mesh::IF_UNHEARD_FAIL); }},
  };
  for (const auto& [field, spoil] : cases) {
    ExpectRefused<Request>(&Stub::SendMessage, SendRequest(kGateway, kSink), field, spoil);
  }
}

TEST_F(BadArgumentsTest, SendMessageByNetwork) {
  using Request = mesh::SendMessageRequest;
  Request good = SendRequest(kGateway, kSink);
  good.set_network_address(kNetwork);
  const std::vector<std::pair<std::string, std::function<void(Request*)>>> cases = {
      {"sink", [](Request* r) { r->clear_through(); }},
      {"network_address", [](Request* r) { r->set_network_address(0); }},
      {"network_address", [](Request* r) { r->set_network_address(0x1000000); }},
      {"allow_unknown_gateway", [](Request* r) { r->set_allow_unknown_gateway(true); }},
      {"if_unheard", [](Request* r) { r->set_if_unheard(static_cast<mesh::IfUnheard>(9)); }},
      {"message.qos", [](Request* r) { r->mutable_message()->set_qos(2); }},
      {"request_id", [](Request* r) { r->set_request_id(0); }},
  };
  for (const auto& [field, spoil] : cases) {
    ExpectRefused<Request>(&Stub::SendMessage, good, field, spoil);
  }
}

TEST_F(BadArgumentsTest, BroadcastMessage) {
  using Request = mesh::BroadcastMessageRequest;
  Request good;
  good.mutable_scope()->set_network_address(kNetwork);
  *good.mutable_message() = SendRequest("", "").message();
  const std::vector<std::pair<std::string, std::function<void(Request*)>>> cases = {
      {"scope", [](Request* r) { r->clear_scope(); }},
      {"scope.network_address", [](Request* r) { r->mutable_scope()->clear_network_address(); }},
      {"scope.network_address",
       [](Request* r) { r->mutable_scope()->set_network_address(0x1000000); }},
      {"message", [](Request* r) { r->clear_message(); }},
      {"message.payload",
       [](Request* r) { r->mutable_message()->set_payload(std::string(1501, 'x')); }},
      {"request_id", [](Request* r) { r->set_request_id(0); }},
  };
  for (const auto& [field, spoil] : cases) {
    ExpectRefused<Request>(&Stub::BroadcastMessage, good, field, spoil);
  }
}

TEST_F(BadArgumentsTest, SetSinkConfig) {
  using Update = mesh::SinkConfigUpdate;
  const auto set_keys = [](auto* keys, size_t size) {
    keys->set_cipher_key(std::string(16, 'c'));
    keys->set_authentication_key(std::string(size, 'a'));
  };
  const std::vector<std::pair<std::string, std::function<void(Update*)>>> cases = {
      {"update", [](Update*) {}},
      {"update.node_role", [](Update* u) { u->mutable_node_role(); }},
      {"update.node_role.base_role",
       [](Update* u) { u->mutable_node_role()->set_base_role(mesh::BASE_ROLE_UNSPECIFIED); }},
      {"update.node_role.base_role",
       [](Update* u) { u->mutable_node_role()->set_base_role(static_cast<mesh::BaseRole>(9)); }},
      {"update.node_address", [](Update* u) { u->set_node_address(0); }},
      {"update.node_address", [](Update* u) { u->set_node_address(0x80000000); }},
      {"update.network_address", [](Update* u) { u->set_network_address(0); }},
      {"update.network_address", [](Update* u) { u->set_network_address(0x1000000); }},
      {"update.app_config.diagnostics_interval",
       [](Update* u) {
         u->mutable_app_config()->mutable_diagnostics_interval()->set_nanos(500'000'000);
       }},
      {"update.app_config.diagnostics_interval",
       [](Update* u) { u->mutable_app_config()->mutable_diagnostics_interval()->set_seconds(-1); }},
      {"update.app_config", [](Update* u) { u->mutable_app_config(); }},
      {"update.access_cycle_range", [](Update* u) { u->mutable_access_cycle_range(); }},
      {"update.access_cycle_range.minimum",
       [](Update* u) {
         u->mutable_access_cycle_range()->mutable_minimum()->set_seconds(8);
         u->mutable_access_cycle_range()->mutable_maximum()->set_seconds(2);
       }},
      {"update.keys.authentication_key", [&](Update* u) { set_keys(u->mutable_keys(), 15); }},
      {"update.network_keys.authentication_key",
       [&](Update* u) { set_keys(u->mutable_network_keys(), 17); }},
      {"update.management_keys.authentication_key",
       [&](Update* u) { set_keys(u->mutable_management_keys(), 0); }},
      {"update.management_keys.sequence",
       [&](Update* u) { set_keys(u->mutable_management_keys(), 16); }},
      {"update.keys",
       [&](Update* u) {
         set_keys(u->mutable_keys(), 16);
         set_keys(u->mutable_network_keys(), 16);
       }},
  };
  for (const auto& [field, spoil] : cases) {
    ExpectRefused<mesh::SetSinkConfigRequest>(
        &Stub::SetSinkConfig, To<mesh::SetSinkConfigRequest>(kGateway, kSink), field,
        [&spoil = spoil](auto* request) { spoil(request->mutable_update()); });
  }
}

TEST_F(BadArgumentsTest, ConfigurationDataItems) {
  ExpectRefused<mesh::GetConfigurationDataItemRequest>(
      &Stub::GetConfigurationDataItem, To<mesh::GetConfigurationDataItemRequest>(kGateway, kSink),
      "endpoint", [](auto* request) { request->set_endpoint(65536); });
  const auto set = To<mesh::SetConfigurationDataItemRequest>(kGateway, kSink);
  ExpectRefused<mesh::SetConfigurationDataItemRequest>(&Stub::SetConfigurationDataItem, set, "item",
                                                       [](auto*) {});
  ExpectRefused<mesh::SetConfigurationDataItemRequest>(
      &Stub::SetConfigurationDataItem, set, "item.endpoint",
      [](auto* request) { request->mutable_item()->set_endpoint(65536); });
}

TEST_F(BadArgumentsTest, SetTargetScratchpad) {
  using Target = mesh::TargetScratchpad;
  const auto propagate = [](Target* t) {
    t->set_action(mesh::SCRATCHPAD_ACTION_PROPAGATE_ONLY);
    t->set_sequence(1);
    t->set_crc(1);
  };
  const auto delayed = [](Target* t) {
    t->set_action(mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY);
    t->set_sequence(1);
    t->set_crc(1);
  };
  const std::vector<std::pair<std::string, std::function<void(Target*)>>> cases = {
      {"target.action", [](Target* t) { t->set_sequence(1); }},
      {"target.action", [](Target* t) { t->set_action(static_cast<mesh::ScratchpadAction>(77)); }},
      {"target.sequence", [&](Target* t) { propagate(t), t->set_sequence(0); }},
      {"target.sequence", [&](Target* t) { propagate(t), t->set_sequence(255); }},
      {"target.crc", [&](Target* t) { propagate(t), t->set_crc(65536); }},
      {"target.delay",
       [&](Target* t) { propagate(t), t->set_delay(mesh::SCRATCHPAD_DELAY_ONE_DAY); }},
      {"target.delay", [&](Target* t) { delayed(t); }},
      {"target.delay",
       [&](Target* t) { delayed(t), t->set_delay(mesh::SCRATCHPAD_DELAY_UNSPECIFIED); }},
      {"target.raw", [&](Target* t) { delayed(t), t->set_raw(256); }},
  };
  for (const auto& [field, spoil] : cases) {
    ExpectRefused<mesh::SetTargetScratchpadRequest>(
        &Stub::SetTargetScratchpad, To<mesh::SetTargetScratchpadRequest>(kGateway, kSink), field,
        [&spoil = spoil](auto* request) { spoil(request->mutable_target()); });
  }
  ExpectRefused<mesh::SetTargetScratchpadRequest>(
      &Stub::SetTargetScratchpad, To<mesh::SetTargetScratchpadRequest>(kGateway, kSink), "target",
      [](auto*) {});
}

TEST_F(BadArgumentsTest, UploadScratchpad) {
  using Request = mesh::UploadScratchpadRequest;
  const std::vector<std::pair<std::string, std::function<void(Request*)>>> cases = {
      {"sequence", [](Request* r) { r->set_sequence(0); }},
      {"sequence", [](Request* r) { r->set_sequence(255); }},
      {"scratchpad", [](Request* r) { r->set_scratchpad(""); }},
      {"max_chunk_size", [](Request* r) { r->set_max_chunk_size(0); }},
  };
  for (const auto& [field, spoil] : cases) {
    SCOPED_TRACE(field);
    auto request = To<Request>(kGateway, kSink);
    request.set_sequence(1);
    request.set_scratchpad("scratchpad");
    spoil(&request);
    grpc::ClientContext context;
    SetDeadline(&context, kBound);
    ExpectFailure(stub()->UploadScratchpad(&context, request)->Finish(),
                  StatusCode::INVALID_ARGUMENT, {field + ":", kGateway, kSink});
  }
}

TEST_F(BadArgumentsTest, Listings) {
  ExpectRefused<mesh::ListGatewaysRequest>(&Stub::ListGateways, {}, "page_size",
                                           [](auto* r) { r->set_page_size(-1); });
  ExpectRefused<mesh::ListGatewaysRequest>(&Stub::ListGateways, {}, "page_token",
                                           [](auto* r) { r->set_page_token("no token"); });
  ExpectRefused<mesh::ListSinksRequest>(&Stub::ListSinks, {}, "page_size",
                                        [](auto* r) { r->set_page_size(-1); });
  ExpectRefused<mesh::ListSinksRequest>(&Stub::ListSinks, {}, "page_token",
                                        [](auto* r) { r->set_page_token("AAAA"); });
  ExpectRefused<mesh::ListSinksRequest>(&Stub::ListSinks, {}, "network_address",
                                        [](auto* r) { r->set_network_address(0x1000000); });
}

TEST_F(BadArgumentsTest, Subscriptions) {
  const auto refused = [&](const std::string& field,
                           const std::function<void(mesh::SubscribeUplinkRequest*)>& spoil) {
    SCOPED_TRACE(field);
    mesh::SubscribeUplinkRequest request;
    spoil(&request);
    grpc::ClientContext context;
    SetDeadline(&context, kBound);
    ExpectFailure(stub()->SubscribeUplink(&context, request)->Finish(),
                  StatusCode::INVALID_ARGUMENT, {field});
  };
  refused("filter.gateway_ids[1]", [](auto* r) {
    r->mutable_filter()->add_gateway_ids("fine");
    r->mutable_filter()->add_gateway_ids("gw/#");
  });
  refused("filter.sink_ids[0]", [](auto* r) { r->mutable_filter()->add_sink_ids("+"); });
  refused("filter.network_addresses[0]",
          [](auto* r) { r->mutable_filter()->add_network_addresses(0x1000000); });
  refused("filter.source_endpoints[0]",
          [](auto* r) { r->mutable_filter()->add_source_endpoints(256); });
  refused("filter.destination_endpoints[0]",
          [](auto* r) { r->mutable_filter()->add_destination_endpoints(256); });
  refused("filter.source_addresses", [](auto* r) {
    for (uint32_t i = 0; i <= 10000; ++i) r->mutable_filter()->add_source_addresses(i);
  });
  refused("after_cursor", [](auto* r) { r->set_after_cursor("no cursor"); });
  refused("from_time", [](auto* r) { r->mutable_from_time()->set_nanos(-1); });
  refused("oldest", [](auto* r) { r->set_oldest(false); });

  mesh::SubscribeDownlinkRequest downlink;
  downlink.mutable_filter()->add_sink_ids("a/b");
  grpc::ClientContext downlink_context;
  SetDeadline(&downlink_context, kBound);
  ExpectFailure(stub()->SubscribeDownlink(&downlink_context, downlink)->Finish(),
                StatusCode::INVALID_ARGUMENT, {"filter.sink_ids[0]"});
  mesh::WatchNetworkRequest watch;
  watch.set_network_address(0);
  grpc::ClientContext watch_context;
  SetDeadline(&watch_context, kBound);
  ExpectFailure(stub()->WatchNetwork(&watch_context, watch)->Finish(), StatusCode::INVALID_ARGUMENT,
                {"network_address"});
}

}  // namespace
}  // namespace wirepas_grpc::integration
