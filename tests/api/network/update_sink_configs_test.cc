// SPDX-License-Identifier: Apache-2.0
#include "tests/api/network/sink_changes_fixture.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Stub = mesh::NetworkService::Stub;

class UpdateSinkConfigsTest
    : public SinkChangesTest<mesh::UpdateSinkConfigsRequest, mesh::UpdateSinkConfigsResponse> {
 protected:
  UpdateSinkConfigsTest() : SinkChangesTest(&Stub::UpdateSinkConfigs) {}

  // An online gateway whose sinks tell their channel, 5, its limits, and an app config.
  static gw::WirepasMessage Telling(const std::string& gateway,
                                    const std::vector<std::string>& sinks) {
    gw::WirepasMessage status = Status(gateway, sinks);
    for (gw::SinkReadConfig& config : *status.mutable_status_event()->mutable_configs()) {
      config.set_network_channel(5);
      config.mutable_channel_limits()->set_min_channel(1);
      config.mutable_channel_limits()->set_max_channel(40);
      config.mutable_app_config()->set_diag_interval_s(60);
      config.mutable_app_config()->set_app_config_data("data");
      config.mutable_app_config()->set_seq(254);
    }
    return status;
  }
  static Request Channel(uint32_t channel, uint32_t network = 12) {
    Request request;
    request.mutable_scope()->set_network_address(network);
    request.mutable_update()->set_network_channel(channel);
    return request;
  }

  // Answers a set_config request, as a sink that has taken it.
  void AnswerTo(const Incoming& incoming, gw::ErrorCode result = gw::OK) {
    gw::WirepasMessage answer;
    gw::SinkReadConfig* config = answer.mutable_set_config_resp()->mutable_config();
    config->set_sink_id(incoming.message.set_config_req().config().sink_id());
    config->set_network_address(12);
    config->set_network_channel(incoming.message.set_config_req().config().network_channel());
    Answer(incoming, answer, result);
  }
  void AnswerNext(gw::ErrorCode result = gw::OK) { AnswerTo(NextRequest(), result); }

  mesh::CallError RefusalOf(const Request& request) {
    Start(request);
    ReadAll();
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    EXPECT_EQ(changes_.size(), 1u);
    EXPECT_EQ(summary_.refused_count(), 1u);
    EXPECT_FALSE(summary_.complete());
    EXPECT_EQ(broker_.published_count(), 0u);
    return changes_.empty() ? mesh::CallError() : changes_[0].error();
  }
};

TEST_F(UpdateSinkConfigsTest, TellsResultsAsTheyComeAndThenTheSummary) {
  Retain("gw1", Telling("gw1", {"a", "b"}));
  Retain("gw2", Telling("gw2", {"c"}));
  ConnectAndSync();
  auto request = Channel(7);
  request.set_max_concurrent(1);
  Start(request);
  AnswerNext();
  EXPECT_THAT(ReadNext(), ElementsAre("gw1/a CHANGED"));
  EXPECT_EQ(broker_.published_count(), 1u) << "one at a time";
  AnswerNext(gw::INVALID_NETWORK_CHANNEL);
  AnswerNext();
  EXPECT_THAT(ReadAll(), ElementsAre("gw1/b FAILED 3", "gw2/c CHANGED"));
  EXPECT_TRUE(status_.ok()) << "also when sinks failed";
  EXPECT_EQ(summaries_, 1);
  EXPECT_EQ(summary_.changed_count(), 2u);
  EXPECT_EQ(summary_.failed_count(), 1u);
  EXPECT_FALSE(summary_.complete());
  const mesh::CallError error = ErrorOf("gw1", "b");
  EXPECT_EQ(error.reason(), mesh::ERROR_REASON_GATEWAY_REFUSED);
  EXPECT_EQ(error.gateway_error().result(), mesh::RESULT_CODE_INVALID_NETWORK_CHANNEL);
  EXPECT_EQ(error.gateway_error().outcome(), mesh::REQUEST_OUTCOME_REFUSED);
}

TEST_F(UpdateSinkConfigsTest, WhatASinkReportsAlreadyIsNotSent) {
  gw::WirepasMessage status = Telling("gw1", {"a", "b"});
  status.mutable_status_event()->mutable_configs(0)->set_network_channel(7);
  Retain("gw1", status);
  ConnectAndSync();
  Start(Channel(7));
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.topic, "gw-request/set_config/gw1/b");
  AnswerTo(incoming);
  EXPECT_THAT(ReadAll(), ElementsAre("gw1/a UNCHANGED", "gw1/b CHANGED"));
  EXPECT_TRUE(summary_.complete());
  EXPECT_EQ(summary_.unchanged_count(), 1u);
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(UpdateSinkConfigsTest, OneThatDoesNotPassTheCheckKeepsAllFromBeingSent) {
  gw::WirepasMessage status = Telling("gw1", {"a", "b", "c"});
  status.mutable_status_event()->mutable_configs(1)->mutable_channel_limits()->set_max_channel(6);
  status.mutable_status_event()->mutable_configs(2)->set_network_channel(7);
  Retain("gw1", status);
  Retain("off", Status("off", {"d"}, /*online=*/false));
  ConnectAndSync();
  Start(Channel(7));
  EXPECT_THAT(ReadAll(), UnorderedElementsAre("gw1/a CHECKED", "gw1/b REFUSED 3", "gw1/c UNCHANGED",
                                              "off/d REFUSED 14"));
  EXPECT_TRUE(status_.ok());
  EXPECT_EQ(summary_.checked_count(), 1u);
  EXPECT_EQ(summary_.refused_count(), 2u);
  EXPECT_EQ(summary_.unchanged_count(), 1u);
  EXPECT_FALSE(summary_.complete());
  EXPECT_EQ(broker_.published_count(), 0u);
  const mesh::CallError error = ErrorOf("gw1", "b");
  EXPECT_EQ(error.reason(), mesh::ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(error.field(), "update.network_channel");
  EXPECT_EQ(error.gateway_error().outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
}

TEST_F(UpdateSinkConfigsTest, ADryRunSendsNothingAndStandsInNobodysWay) {
  Retain("gw1", Telling("gw1", {"a"}));
  ConnectAndSync();
  Start(Channel(7));
  const Incoming under_way = NextRequest();
  auto request = Channel(8);
  request.set_dry_run(true);
  grpc::ClientContext context;
  const auto reader = stub_->UpdateSinkConfigs(&context, request);
  Response response;
  ASSERT_TRUE(reader->Read(&response));
  ASSERT_EQ(response.changes_size(), 1);
  EXPECT_EQ(response.changes(0).outcome(), mesh::SINK_CHANGE_OUTCOME_CHECKED);
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_TRUE(response.summary().complete());
  EXPECT_EQ(response.summary().checked_count(), 1u);
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(broker_.published_count(), 0u);
  AnswerTo(under_way);
  EXPECT_THAT(ReadAll(), ElementsAre("gw1/a CHANGED"));
}

TEST_F(UpdateSinkConfigsTest, AChangeUnderWayKeepsOthersAway) {
  Retain("gw1", Telling("gw1", {"a", "b"}));
  ConnectAndSync();
  auto request = Channel(7);
  request.set_max_concurrent(1);
  Start(request);
  const Incoming first = NextRequest();  // "b" waits for its turn

  const grpc::Status aborted = Refused(Channel(8));
  ExpectStatus(aborted, grpc::StatusCode::ABORTED, {"'gw1'", "'a'", "under way"});
  EXPECT_EQ(DetailOf(aborted).gateway_id(), "gw1");
  EXPECT_EQ(DetailOf(aborted).sink_id(), "a");
  EXPECT_EQ(DetailOf(aborted).outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  mesh::SetSinkConfigRequest single;
  single.set_gateway_id("gw1");
  single.set_sink_id("b");
  single.mutable_update()->set_sink_on(false);
  Call set(stub_.get(), &Stub::SetSinkConfig, single);
  ExpectStatus(set.Finish(), grpc::StatusCode::ABORTED, {"'gw1'", "'b'"});
  mesh::UpdateAppConfigRequest entries;
  entries.mutable_scope()->set_network_address(12);
  entries.add_remove_types(5);
  Call update(app_config_stub_.get(), &mesh::AppConfigService::Stub::UpdateAppConfig, entries);
  ExpectStatus(update.Finish(), grpc::StatusCode::ABORTED, {"'gw1'"});
  EXPECT_EQ(broker_.published_count(), 0u);

  AnswerTo(first);
  AnswerNext();
  EXPECT_EQ(ReadAll().size(), 2u);
  // Who has seen the end finds the sinks free.
  Call again(stub_.get(), &Stub::SetSinkConfig, single);
  AnswerNext();
  EXPECT_TRUE(again.Finish().ok()) << again.Finish().error_message();
}

TEST_F(UpdateSinkConfigsTest, ASetSinkConfigUnderWayKeepsItAway) {
  Retain("gw1", Telling("gw1", {"a", "b"}));
  ConnectAndSync();
  mesh::SetSinkConfigRequest single;
  single.set_gateway_id("gw1");
  single.set_sink_id("b");
  single.mutable_update()->set_sink_on(false);
  Call set(stub_.get(), &Stub::SetSinkConfig, single, absl::Hours(1));
  NextRequest();
  ExpectStatus(Refused(Channel(7)), grpc::StatusCode::ABORTED, {"'gw1'", "'b'"});
  // Not for as long as its client waits.
  Advance(absl::Seconds(5));
  Start(Channel(7));
  AnswerNext();
  AnswerNext();
  EXPECT_THAT(ReadAll(), UnorderedElementsAre("gw1/a CHANGED", "gw1/b CHANGED"));
}

TEST_F(UpdateSinkConfigsTest, PartsThatAreUnsetStayAsTheSinkToldThem) {
  Retain("gw1", Telling("gw1", {"a"}));
  ConnectAndSync();
  auto request = Channel(5);
  request.mutable_update()->clear_network_channel();
  request.mutable_update()->mutable_app_config()->set_data("new");
  Start(request);
  const Incoming incoming = NextRequest();
  const gw::AppConfigData& sent = incoming.message.set_config_req().config().app_config();
  EXPECT_EQ(sent.app_config_data(), "new");
  EXPECT_EQ(sent.diag_interval_s(), 60u);
  EXPECT_EQ(sent.seq(), 0u) << "it follows 254";
  EXPECT_FALSE(incoming.message.set_config_req().config().has_network_channel());
}

TEST_F(UpdateSinkConfigsTest, WhatIsToStayMustBeKnown) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  auto request = Channel(5);
  request.mutable_update()->mutable_node_role()->set_low_latency(true);
  const mesh::CallError error = RefusalOf(request);
  EXPECT_EQ(error.code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(error.reason(), mesh::ERROR_REASON_SINK_NOT_READY);
}

TEST_F(UpdateSinkConfigsTest, NumberedKeysNeedTheGatewaysFeature) {
  Retain("gw1", Telling("gw1", {"a"}));
  ConnectAndSync();
  auto request = Channel(5);
  mesh::SecurityKeys* keys = request.mutable_update()->mutable_management_keys();
  keys->set_cipher_key(std::string(16, 'c'));
  keys->set_authentication_key(std::string(16, 'a'));
  keys->set_sequence(1);
  const mesh::CallError error = RefusalOf(request);
  EXPECT_EQ(error.code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(error.reason(), mesh::ERROR_REASON_FEATURE_MISSING);
}

TEST_F(UpdateSinkConfigsTest, ASilentSinkHasItsTimeAndFailsAlone) {
  Retain("gw1", Telling("gw1", {"a", "b"}));
  ConnectAndSync();
  auto request = Channel(7);
  request.set_max_concurrent(1);
  Start(request);
  NextRequest();
  Advance(absl::Seconds(5));
  EXPECT_THAT(ReadNext(), ElementsAre("gw1/a FAILED 4"));
  // The time of the next one begins with its turn.
  const Incoming second = NextRequest();
  Advance(absl::Seconds(4));
  AnswerTo(second);
  EXPECT_THAT(ReadAll(), ElementsAre("gw1/b CHANGED"));
  EXPECT_TRUE(status_.ok());
  EXPECT_EQ(ErrorOf("gw1", "a").gateway_error().outcome(), mesh::REQUEST_OUTCOME_UNKNOWN);
}

TEST_F(UpdateSinkConfigsTest, AQuietStreamTellsThatItIsThere) {
  Retain("gw1", Telling("gw1", {"a"}));
  ConnectAndSync();
  auto request = Channel(7);
  request.mutable_progress_interval()->set_seconds(1);
  Start(request);
  const Incoming incoming = NextRequest();
  Advance(absl::Seconds(1));
  Response response;
  ASSERT_TRUE(reader_->Read(&response));
  EXPECT_EQ(response.ByteSizeLong(), 0u);
  AnswerTo(incoming);
  EXPECT_THAT(ReadAll(), ElementsAre("gw1/a CHANGED"));
  request.mutable_progress_interval()->set_seconds(0);
  ExpectStatus(Refused(request), grpc::StatusCode::INVALID_ARGUMENT, {"progress_interval:"});
}

TEST_F(UpdateSinkConfigsTest, ACancelSendsNothingFurther) {
  Retain("gw1", Telling("gw1", {"a", "b"}));
  ConnectAndSync();
  auto request = Channel(7);
  request.set_max_concurrent(1);
  Start(request);
  NextRequest();
  context_.TryCancel();
  ReadAll();
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::CANCELLED);
  Await([&] { return network_.tracker().pending() == 0; });
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(UpdateSinkConfigsTest, ShutdownLetsItGoOn) {
  Retain("gw1", Telling("gw1", {"a", "b"}));
  ConnectAndSync();
  auto request = Channel(7);
  request.set_max_concurrent(1);
  Start(request);
  const Incoming first = NextRequest();
  service_.Drain();
  AnswerTo(first);
  AnswerNext();
  EXPECT_THAT(ReadAll(), ElementsAre("gw1/a CHANGED", "gw1/b CHANGED"));
  EXPECT_TRUE(status_.ok());
  ExpectStatus(Refused(request), grpc::StatusCode::UNAVAILABLE, {});
}

TEST_F(UpdateSinkConfigsTest, TheEndOfCallsTellsWhichSinksWereSent) {
  Retain("gw1", Telling("gw1", {"a", "b"}));
  ConnectAndSync();
  auto request = Channel(7);
  request.set_max_concurrent(1);
  Start(request);
  NextRequest();
  service_.Drain();
  service_.EndCalls();
  EXPECT_THAT(ReadAll(), ElementsAre("gw1/a FAILED 4", "gw1/b FAILED 14"));
  EXPECT_TRUE(status_.ok());
  EXPECT_EQ(summary_.failed_count(), 2u);
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(UpdateSinkConfigsTest, AddressesAreForOneSink) {
  Retain("gw1", Telling("gw1", {"a", "b"}));
  ConnectAndSync();
  auto request = Channel(5);
  request.mutable_update()->set_node_address(77);
  ExpectStatus(Refused(request), grpc::StatusCode::INVALID_ARGUMENT, {"update.node_address:"});
  mesh::SinkRef* sink = request.mutable_scope()->add_sinks();
  sink->set_gateway_id("gw1");
  sink->set_sink_id("b");
  Start(request);
  EXPECT_EQ(NextRequest().message.set_config_req().config().node_address(), 77u);
}

TEST_F(UpdateSinkConfigsTest, RefusesWhatItCannotDo) {
  Request request;
  ExpectStatus(Refused(request), grpc::StatusCode::INVALID_ARGUMENT, {"scope:"});
  request = Channel(7);
  request.clear_update();
  ExpectStatus(Refused(request), grpc::StatusCode::INVALID_ARGUMENT, {"update:"});
  request = Channel(7);
  request.set_max_concurrent(101);
  ExpectStatus(Refused(request), grpc::StatusCode::INVALID_ARGUMENT, {"max_concurrent:"});
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  ExpectStatus(Refused(Channel(7, 13)), grpc::StatusCode::NOT_FOUND, {"network 13"});
  // What is known stays without a broker, but nothing could be sent.
  broker_.Disconnect();
  broker_.Flush();
  ExpectStatus(Refused(Channel(7)), grpc::StatusCode::UNAVAILABLE, {"not connected"});
}

}  // namespace
}  // namespace wirepas_grpc::api
