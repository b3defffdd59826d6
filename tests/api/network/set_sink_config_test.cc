// SPDX-License-Identifier: Apache-2.0
//
// What SetSinkConfig leaves as it is; what else it does is in sink_rpcs_test.cc.
#include "absl/strings/str_cat.h"
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

using Stub = mesh::NetworkService::Stub;

class SetSinkConfigTest : public ServiceTest {
 protected:
  static mesh::SetSinkConfigRequest To(const std::string& gateway) {
    mesh::SetSinkConfigRequest request;
    request.set_gateway_id(gateway);
    request.set_sink_id("sink");
    return request;
  }
  static mesh::SetSinkConfigRequest DataOf(const std::string& gateway) {
    mesh::SetSinkConfigRequest request = To(gateway);
    request.mutable_update()->mutable_app_config()->set_data("new");
    return request;
  }
  static void Tell(gw::SinkReadConfig* config) {
    config->mutable_app_config()->set_diag_interval_s(60);
    config->mutable_app_config()->set_app_config_data("data");
    config->mutable_app_config()->set_seq(9);
  }
  void AddTelling(const std::string& gateway) {
    gw::WirepasMessage status = Status(gateway, {"sink"});
    Tell(status.mutable_status_event()->mutable_configs(0));
    Retain(gateway, status);
  }
  static std::string TextOf(const Incoming& incoming) {
    const gw::AppConfigData& sent = incoming.message.set_config_req().config().app_config();
    return absl::StrCat(sent.diag_interval_s(), " ", sent.app_config_data(), " ", sent.seq());
  }
};

TEST_F(SetSinkConfigTest, DataAloneLeavesTheIntervalAlone) {
  AddTelling("gw1");
  ConnectAndSync();
  Call call(stub_.get(), &Stub::SetSinkConfig, DataOf("gw1"));
  EXPECT_EQ(TextOf(NextRequest()), "60 new 10");
}

TEST_F(SetSinkConfigTest, WhatIsSetWholeNeedsNothingOfTheSink) {
  AddGateway("gw1", {"sink"});
  ConnectAndSync();
  auto request = DataOf("gw1");
  request.mutable_update()->mutable_app_config()->mutable_diagnostics_interval()->set_seconds(30);
  request.mutable_update()->mutable_app_config()->set_sequence(3);
  Call call(stub_.get(), &Stub::SetSinkConfig, request);
  EXPECT_EQ(TextOf(NextRequest()), "30 new 3");
}

TEST_F(SetSinkConfigTest, ASinkThatDoesNotTellTheRestIsNotReady) {
  AddGateway("gw1", {"sink"});
  ConnectAndSync();
  Call call(stub_.get(), &Stub::SetSinkConfig, DataOf("gw1"));
  ExpectStatus(call.Finish(), grpc::StatusCode::FAILED_PRECONDITION,
               {"'gw1'", "'sink'", "app config"});
  EXPECT_EQ(DetailOf(call.Finish()).outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  EXPECT_EQ(DetailOf(call.Finish()).sink_id(), "sink");
  EXPECT_EQ(broker_.published_count(), 0u);
  // It was let go of.
  auto request = To("gw1");
  request.mutable_update()->set_network_channel(7);
  Call next(stub_.get(), &Stub::SetSinkConfig, request);
  EXPECT_TRUE(NextRequest().message.has_set_config_req());
}

TEST_F(SetSinkConfigTest, AGatewayThatHasNotToldItsSinksIsAskedFirst) {
  ConnectAndSync();
  auto request = DataOf("gw1");
  request.set_allow_unknown_gateway(true);
  Call call(stub_.get(), &Stub::SetSinkConfig, request);
  const Incoming question = NextRequest();
  ASSERT_TRUE(question.message.has_get_configs_req());
  gw::WirepasMessage answer;
  gw::SinkReadConfig* config = answer.mutable_get_configs_resp()->add_configs();
  config->set_sink_id("sink");
  Tell(config);
  Answer(question, answer);
  EXPECT_EQ(TextOf(NextRequest()), "60 new 10");
}

TEST_F(SetSinkConfigTest, AGatewayThatDoesNotTellItsSinksInTimeGetsNothing) {
  ConnectAndSync();
  auto request = DataOf("gw1");
  request.set_allow_unknown_gateway(true);
  Call call(stub_.get(), &Stub::SetSinkConfig, request);
  NextRequest();
  Advance(absl::Seconds(2));
  ExpectStatus(call.Finish(), grpc::StatusCode::DEADLINE_EXCEEDED, {"'gw1'", "sinks"});
  EXPECT_EQ(DetailOf(call.Finish()).outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(SetSinkConfigTest, NobodyIsAskedWhoIsNotKnown) {
  AddTelling("gw1");
  ConnectAndSync();
  Call gateway(stub_.get(), &Stub::SetSinkConfig, DataOf("gw2"));
  ExpectStatus(gateway.Finish(), grpc::StatusCode::NOT_FOUND, {"'gw2'"});
  auto request = DataOf("gw1");
  request.set_sink_id("other");
  Call sink(stub_.get(), &Stub::SetSinkConfig, request);
  ExpectStatus(sink.Finish(), grpc::StatusCode::NOT_FOUND, {"'gw1'", "'other'"});
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(SetSinkConfigTest, TheRangeThatItComesToIsChecked) {
  gw::WirepasMessage status = Status("gw1", {"sink"});
  gw::AccessCycleRange* range =
      status.mutable_status_event()->mutable_configs(0)->mutable_current_ac_range();
  range->set_min_ms(2000);
  range->set_max_ms(4000);
  Retain("gw1", status);
  ConnectAndSync();
  auto request = To("gw1");
  request.mutable_update()->mutable_access_cycle_range()->mutable_minimum()->set_seconds(8);
  Call call(stub_.get(), &Stub::SetSinkConfig, request);
  ExpectStatus(call.Finish(), grpc::StatusCode::INVALID_ARGUMENT,
               {"update.access_cycle_range.minimum:"});
}

TEST_F(SetSinkConfigTest, TwoAtATimeWouldUndoEachOther) {
  AddTelling("gw1");
  ConnectAndSync();
  Call first(stub_.get(), &Stub::SetSinkConfig, DataOf("gw1"));
  const Incoming incoming = NextRequest();
  Call second(stub_.get(), &Stub::SetSinkConfig, DataOf("gw1"));
  ExpectStatus(second.Finish(), grpc::StatusCode::ABORTED, {"'gw1'", "'sink'"});
  gw::WirepasMessage answer;
  answer.mutable_set_config_resp()->mutable_config()->set_sink_id("sink");
  Answer(incoming, answer, gw::INVALID_PARAM);
  EXPECT_EQ(first.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  // Who has seen the end finds the sink free.
  Call third(stub_.get(), &Stub::SetSinkConfig, DataOf("gw1"));
  EXPECT_EQ(TextOf(NextRequest()), "60 new 10");
}

}  // namespace
}  // namespace wirepas_grpc::api
