// SPDX-License-Identifier: Apache-2.0
//
// Gateways without a status, and such that nobody has heard of.
#include "absl/strings/match.h"
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

using Stub = mesh::NetworkService::Stub;
using testing::ElementsAre;
using testing::IsEmpty;

class UnknownGatewayTest : public ServiceTest {
 protected:
  // Heard, and asked for its sinks in vain.
  void Hear(const std::string& gateway) {
    interest_ = network_.AcquireUplinks({}, [] {});
    broker_.Flush();
    DeliverUplink(gateway, "a", 1);
    Await([&] { return network_.directory().Find(gateway) != nullptr; });
    EXPECT_EQ(NextRequest().topic, "gw-request/get_configs/" + gateway);
    Advance(core::SinkQuestions::kTimeout);
    Await([&] { return network_.directory().Find(gateway)->mute; });
  }

  static gw::WirepasMessage Configs(const std::string& sink) {
    gw::WirepasMessage answer;
    gw::SinkReadConfig* config = answer.mutable_get_configs_resp()->add_configs();
    config->set_sink_id(sink);
    config->set_network_address(12);
    return answer;
  }

  template <typename Request>
  static Request To(const std::string& gateway, bool allow_unknown) {
    Request request;
    if constexpr (requires { request.mutable_sink(); }) {
      request.mutable_sink()->set_gateway_id(gateway);
    } else {
      request.set_gateway_id(gateway);
    }
    request.set_allow_unknown_gateway(allow_unknown);
    return request;
  }
  template <typename Request>
  static Request ToSink(bool allow_unknown) {
    Request request = To<Request>("new", allow_unknown);
    if constexpr (requires { request.mutable_sink(); }) {
      request.mutable_sink()->set_sink_id("a");
    } else {
      request.set_sink_id("a");
    }
    return request;
  }
  static mesh::Message Message() {
    mesh::Message message;
    message.set_destination_address(1);
    message.set_source_endpoint(1);
    message.set_destination_endpoint(2);
    message.set_payload("x");
    return message;
  }

  // Without allow_unknown_gateway it is refused, with it `answer` ends it.
  template <typename Request, typename Response>
  void ExpectSentIfAllowed(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                        Response*),
                           Request request, const std::string& topic, gw::WirepasMessage answer) {
    SCOPED_TRACE(topic);
    request.set_allow_unknown_gateway(false);
    Call refused(stub_.get(), method, request);
    ExpectStatus(refused.Finish(), grpc::StatusCode::NOT_FOUND, {"'new'"});
    request.set_allow_unknown_gateway(true);
    Call sent(stub_.get(), method, request);
    const Incoming incoming = NextRequest();
    EXPECT_EQ(incoming.topic, "gw-request/" + topic);
    EXPECT_EQ(network_.directory().Find("new"), nullptr);
    Answer(incoming, std::move(answer));
    EXPECT_TRUE(sent.Finish().ok()) << sent.Finish().error_message();
    Forget();
  }

  // Whoever is heard is asked for its sinks, at some time.
  Incoming NextBesidesConfigs() {
    Incoming incoming = NextRequest();
    while (absl::StartsWith(incoming.topic, "gw-request/get_configs/")) incoming = NextRequest();
    return incoming;
  }

  // It answered, so it is known, and asked for its sinks.
  void Forget() {
    Await([&] { return network_.directory().Find("new") != nullptr; });
    if (!network_.directory().Find("new")->sinks_known) {
      EXPECT_EQ(NextRequest().topic, "gw-request/get_configs/new");
    }
    Advance(core::SinkQuestions::kTimeout);
    Await([&] { return network_.tracker().pending() == 0; });
    Drain(&executor_, 2);
    broker_.Retain("gw-event/status/new", "");
    broker_.Flush();
    Await([&] { return network_.directory().Find("new") == nullptr; });
  }

  core::InterestPtr interest_;
};

TEST_F(UnknownGatewayTest, AGatewayWithoutAStatusIsListedWithWhatIsKnown) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  Hear("new");
  Call call(stub_.get(), &Stub::ListGateways, mesh::ListGatewaysRequest());
  ASSERT_TRUE(call.Finish().ok());
  ASSERT_EQ(call.response().gateways_size(), 2);
  EXPECT_TRUE(call.response().gateways(0).online());
  const mesh::Gateway& gateway = call.response().gateways(1);
  EXPECT_EQ(gateway.gateway_id(), "new");
  EXPECT_FALSE(gateway.has_online());
  EXPECT_FALSE(gateway.has_status_time());
  EXPECT_THAT(gateway.sink_ids(), IsEmpty());
}

TEST_F(UnknownGatewayTest, ItsSinksAreAskedForAndListed) {
  ConnectAndSync();
  Hear("new");
  // It left the service's own question unanswered.
  Call hasty(stub_.get(), &Stub::ListSinks, mesh::ListSinksRequest());
  ASSERT_TRUE(hasty.Finish().ok());
  EXPECT_EQ(hasty.response().sinks_size(), 0);
  mesh::ListSinksRequest request;
  request.set_refresh(true);
  Call call(stub_.get(), &Stub::ListSinks, request);
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.topic, "gw-request/get_configs/new");
  Answer(incoming, Configs("a"));
  ASSERT_TRUE(call.Finish().ok());
  ASSERT_EQ(call.response().sinks_size(), 1);
  EXPECT_EQ(call.response().sinks(0).gateway_id(), "new");
}

// What it can do is not known: it decides.
TEST_F(UnknownGatewayTest, ItIsNotRefusedForAMissingFeature) {
  ConnectAndSync();
  Hear("new");
  auto request = ToSink<mesh::GetConfigurationDataItemRequest>(false);
  request.set_endpoint(5);
  Call call(stub_.get(), &Stub::GetConfigurationDataItem, request);
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.topic, "gw-request/get_configuration_data_item/new/a");
  gw::WirepasMessage answer;
  answer.mutable_get_configuration_data_item_resp();
  Answer(incoming, answer);
  EXPECT_TRUE(call.Finish().ok()) << call.Finish().error_message();
}

TEST_F(UnknownGatewayTest, EveryRequestToOneGatewayCanBeSentUnknown) {
  ConnectAndSync();
  gw::WirepasMessage answer;
  answer.Clear();
  answer.mutable_get_gateway_info_resp()->mutable_info()->set_current_time_s_epoch(1);
  ExpectSentIfAllowed(&Stub::GetGatewayInfo, To<mesh::GetGatewayInfoRequest>("new", true),
                      "get_gw_info/new", answer);

  auto config = ToSink<mesh::SetSinkConfigRequest>(true);
  config.mutable_update()->set_network_channel(5);
  answer.Clear();
  answer.mutable_set_config_resp()->mutable_config()->set_sink_id("a");
  ExpectSentIfAllowed(&Stub::SetSinkConfig, config, "set_config/new/a", answer);

  auto item = ToSink<mesh::SetConfigurationDataItemRequest>(true);
  item.mutable_item()->set_endpoint(5);
  item.mutable_item()->set_payload("x");
  answer.Clear();
  answer.mutable_set_configuration_data_item_resp();
  ExpectSentIfAllowed(&Stub::SetConfigurationDataItem, item, "set_configuration_data_item/new/a",
                      answer);

  auto read = ToSink<mesh::GetConfigurationDataItemRequest>(true);
  read.set_endpoint(5);
  answer.Clear();
  answer.mutable_get_configuration_data_item_resp();
  ExpectSentIfAllowed(&Stub::GetConfigurationDataItem, read, "get_configuration_data_item/new/a",
                      answer);

  auto send = ToSink<mesh::SendMessageRequest>(true);
  *send.mutable_message() = Message();
  answer.Clear();
  answer.mutable_send_packet_resp();
  ExpectSentIfAllowed(&Stub::SendMessage, send, "send_data/new/a", answer);

  send.set_request_id(0x123456789abcdef0);
  ExpectSentIfAllowed(&Stub::SendMessage, send, "send_data/new/a", answer);

  answer.Clear();
  answer.mutable_get_scratchpad_status_resp();
  ExpectSentIfAllowed(&Stub::GetScratchpadStatus, ToSink<mesh::GetScratchpadStatusRequest>(true),
                      "otap_status/new/a", answer);

  answer.Clear();
  answer.mutable_process_scratchpad_resp();
  ExpectSentIfAllowed(&Stub::ProcessScratchpad, ToSink<mesh::ProcessScratchpadRequest>(true),
                      "otap_process_scratchpad/new/a", answer);

  auto target = ToSink<mesh::SetTargetScratchpadRequest>(true);
  target.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_NO_OTAP);
  answer.Clear();
  answer.mutable_set_scratchpad_target_and_action_resp();
  ExpectSentIfAllowed(&Stub::SetTargetScratchpad, target, "otap_set_target_scratchpad/new/a",
                      answer);
}

TEST_F(UnknownGatewayTest, AMessageOfAStreamCanBeSentUnknown) {
  ConnectAndSync();
  grpc::ClientContext context;
  const auto stream = stub_->SendMessages(&context);
  mesh::SendMessagesRequest request;
  *request.mutable_request() = ToSink<mesh::SendMessageRequest>(true);
  *request.mutable_request()->mutable_message() = Message();
  ASSERT_TRUE(stream->Write(request));
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.topic, "gw-request/send_data/new/a");
  gw::WirepasMessage answer;
  answer.mutable_send_packet_resp();
  Answer(incoming, answer);
  mesh::SendMessagesResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_TRUE(response.has_sent()) << response.ShortDebugString();
  context.TryCancel();
}

// As it has stated no size, all goes at once.
TEST_F(UnknownGatewayTest, AScratchpadCanBeLoadedUnknown) {
  ConnectAndSync();
  for (const uint32_t chunk : {0u, 3u}) {
    auto request = ToSink<mesh::UploadScratchpadRequest>(true);
    // One upload to a sink at a time: the one before may not have ended yet.
    const std::string sink = chunk > 0 ? "b" : "a";
    request.set_sink_id(sink);
    request.set_sequence(1);
    request.set_scratchpad("12345");
    if (chunk > 0) request.set_max_chunk_size(chunk);
    grpc::ClientContext context;
    const auto stream = stub_->UploadScratchpad(&context, request);
    const Incoming question = NextBesidesConfigs();
    EXPECT_EQ(question.topic, "gw-request/get_gw_info/new");
    gw::WirepasMessage info;
    info.mutable_get_gateway_info_resp()->mutable_info()->set_current_time_s_epoch(1);
    Answer(question, info);
    const Incoming incoming = NextBesidesConfigs();
    EXPECT_EQ(incoming.topic, "gw-request/otap_load_scratchpad/new/" + sink);
    EXPECT_EQ(incoming.message.upload_scratchpad_req().scratchpad(), chunk > 0 ? "123" : "12345");
    context.TryCancel();
  }
}

TEST_F(UnknownGatewayTest, ListSinksAsksUnknownGatewaysIfAllowed) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  mesh::ListSinksRequest request;
  for (const char* id : {"gw1", "new", "nobody"}) request.add_gateway_ids(id);
  request.set_allow_unknown_gateway(true);
  Call call(stub_.get(), &Stub::ListSinks, request);
  for (int i = 0; i < 2; ++i) {
    const Incoming incoming = NextRequest();
    if (incoming.topic == "gw-request/get_configs/new") Answer(incoming, Configs("b"));
  }
  Await([&] { return network_.tracker().pending() == 1; });
  Advance(absl::Seconds(2));
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  ASSERT_EQ(call.response().sinks_size(), 2);
  EXPECT_EQ(call.response().sinks(0).gateway_id(), "gw1");
  EXPECT_EQ(call.response().sinks(1).gateway_id(), "new");
  EXPECT_THAT(call.response().silent_gateway_ids(), ElementsAre("nobody"));
  EXPECT_EQ(network_.directory().Find("nobody"), nullptr);
}

TEST_F(UnknownGatewayTest, BroadcastMessageAsksUnknownGatewaysIfAllowed) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  mesh::BroadcastMessageRequest request;
  request.mutable_scope()->set_network_address(12);
  *request.mutable_message() = Message();
  for (const char* id : {"gw1", "new", "nobody"}) request.mutable_scope()->add_gateway_ids(id);
  Call refused(stub_.get(), &Stub::BroadcastMessage, request);
  ExpectStatus(refused.Finish(), grpc::StatusCode::NOT_FOUND, {"'new'"});
  request.mutable_scope()->set_allow_unknown_gateway(true);
  Call call(stub_.get(), &Stub::BroadcastMessage, request);
  for (int i = 0; i < 2; ++i) {
    const Incoming incoming = NextRequest();
    if (incoming.topic == "gw-request/get_configs/new") Answer(incoming, Configs("b"));
  }
  Await([&] { return network_.tracker().pending() == 1; });
  Advance(absl::Seconds(1));
  for (int i = 0; i < 2; ++i) {
    gw::WirepasMessage answer;
    answer.mutable_send_packet_resp();
    Answer(NextRequest(), answer);
  }
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  ASSERT_EQ(call.response().results_size(), 2);
  EXPECT_EQ(call.response().results(0).sink().gateway_id(), "gw1");
  EXPECT_EQ(call.response().results(1).sink().gateway_id(), "new");
  EXPECT_TRUE(call.response().results(1).has_sent());
}

TEST_F(UnknownGatewayTest, ABroadcastThatIsCancelledWhileGatewaysAreAskedSendsNothing) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  mesh::BroadcastMessageRequest request;
  request.mutable_scope()->set_network_address(12);
  *request.mutable_message() = Message();
  for (const char* id : {"gw1", "nobody"}) request.mutable_scope()->add_gateway_ids(id);
  request.mutable_scope()->set_allow_unknown_gateway(true);
  Call call(stub_.get(), &Stub::BroadcastMessage, request);
  EXPECT_EQ(NextRequest().topic, "gw-request/get_configs/nobody");
  call.Cancel();
  Await([&] { return network_.tracker().pending() == 0; });
  Drain(&executor_, 2);
  broker_.Flush();
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(UnknownGatewayTest, AScopeMayNameUnknownGateways) {
  ConnectAndSync();
  mesh::ListScratchpadsRequest request;
  mesh::SinkRef* sink = request.mutable_scope()->add_sinks();
  sink->set_gateway_id("new");
  sink->set_sink_id("a");
  Call refused(otap_stub_.get(), &mesh::OtapService::Stub::ListScratchpads, request);
  ExpectStatus(refused.Finish(), grpc::StatusCode::NOT_FOUND, {"'new'"});
  request.mutable_scope()->set_allow_unknown_gateway(true);
  Call call(otap_stub_.get(), &mesh::OtapService::Stub::ListScratchpads, request);
  Answer(NextRequest(), Configs("a"));
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.topic, "gw-request/otap_status/new/a");
  gw::WirepasMessage answer;
  answer.mutable_get_scratchpad_status_resp();
  Answer(incoming, answer);
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  ASSERT_EQ(call.response().sinks_size(), 1);
  EXPECT_FALSE(call.response().sinks(0).has_error());
}

TEST_F(UnknownGatewayTest, AnAppConfigOfAGatewayThatDoesNotExistIsNotUpdated) {
  ConnectAndSync();
  mesh::UpdateAppConfigRequest request;
  mesh::SinkRef* sink = request.mutable_scope()->add_sinks();
  sink->set_gateway_id("nobody");
  sink->set_sink_id("a");
  request.mutable_scope()->set_allow_unknown_gateway(true);
  request.add_set_entries()->set_type(7);
  request.mutable_set_entries(0)->set_value("x");
  Call call(app_config_stub_.get(), &mesh::AppConfigService::Stub::UpdateAppConfig, request);
  for (int i = 0; i < 2; ++i) {  // for the scope, and for what the app configs are now
    EXPECT_EQ(NextRequest().topic, "gw-request/get_configs/nobody");
    Advance(absl::Seconds(2));
  }
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  ASSERT_EQ(call.response().changes_size(), 1);
  EXPECT_EQ(call.response().changes(0).error().code(),
            static_cast<int>(grpc::StatusCode::DEADLINE_EXCEEDED))
      << call.response().ShortDebugString();
}

TEST_F(UnknownGatewayTest, AWatcherIsToldOfAGatewayThatIsFound) {
  ConnectAndSync();
  grpc::ClientContext context;
  const auto stream = stub_->WatchNetwork(&context, mesh::WatchNetworkRequest());
  mesh::WatchNetworkResponse response;
  ASSERT_TRUE(stream->Read(&response));
  Hear("new");
  ASSERT_TRUE(stream->Read(&response));
  ASSERT_EQ(response.events_size(), 1);
  EXPECT_EQ(response.events(0).type(), mesh::NETWORK_EVENT_TYPE_GATEWAY_FOUND);
  EXPECT_EQ(response.events(0).gateway().gateway_id(), "new");
  EXPECT_FALSE(response.events(0).gateway().has_online());
  Retain("new", Status("new", {}));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.events(0).type(), mesh::NETWORK_EVENT_TYPE_GATEWAY_ONLINE);
  context.TryCancel();
}

}  // namespace
}  // namespace wirepas_grpc::api
