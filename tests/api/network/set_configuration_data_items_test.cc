// SPDX-License-Identifier: Apache-2.0
#include "tests/api/network/sink_changes_fixture.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;
using Stub = mesh::NetworkService::Stub;

// Sets items in the sinks of "gw1", which announces the feature.
class SetConfigurationDataItemsTest
    : public SinkChangesTest<mesh::SetConfigurationDataItemsRequest,
                             mesh::SetConfigurationDataItemsResponse> {
 protected:
  SetConfigurationDataItemsTest() : SinkChangesTest(&Stub::SetConfigurationDataItems) {}

  void SetUp() override {
    status_of_gateway_ = Status("gw1", {"a", "b"});
    AddFeature(gw::CONFIGURATION_DATA_V1, &status_of_gateway_);
    Retain("gw1", status_of_gateway_);
  }
  static Request Item(uint32_t endpoint, const std::string& payload) {
    Request request;
    request.mutable_scope()->set_network_address(12);
    request.mutable_item()->set_endpoint(endpoint);
    request.mutable_item()->set_payload(payload);
    return request;
  }
  // The gateway is asked for its sinks, and tells the item of sink "b".
  void TellSinks(const std::string& payload_of_b = "") {
    const Incoming incoming = NextRequest();
    ASSERT_TRUE(incoming.message.has_get_configs_req()) << incoming.topic;
    gw::WirepasMessage answer;
    *answer.mutable_get_configs_resp()->mutable_configs() =
        status_of_gateway_.status_event().configs();
    if (!payload_of_b.empty()) {
      auto* item = answer.mutable_get_configs_resp()->mutable_configs(1)
                       ->add_configuration_data_content();
      item->set_endpoint(300);
      item->set_payload(payload_of_b);
    }
    Answer(incoming, answer);
  }
  // Takes the item of the next request, as text: "gw1/a 300 data".
  std::string TakeItem(gw::ErrorCode result = gw::OK) {
    const Incoming incoming = NextRequest();
    gw::WirepasMessage answer;
    answer.mutable_set_configuration_data_item_resp();
    Answer(incoming, answer, result);
    const auto& item =
        incoming.message.set_configuration_data_item_req().configuration_data_item();
    return absl::StrCat(
        incoming.topic.substr(sizeof("gw-request/set_configuration_data_item")), " ",
        item.endpoint(), " ", item.payload());
  }

  gw::WirepasMessage status_of_gateway_;
};

TEST_F(SetConfigurationDataItemsTest, SetsTheItemInEachSinkThatDoesNotReportIt) {
  ConnectAndSync();
  Start(Item(300, "data"));
  TellSinks("data");
  EXPECT_EQ(TakeItem(), "gw1/a 300 data");
  EXPECT_THAT(ReadAll(), UnorderedElementsAre("gw1/a CHANGED", "gw1/b UNCHANGED"));
  EXPECT_TRUE(status_.ok());
  EXPECT_TRUE(summary_.complete());
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(SetConfigurationDataItemsTest, ClearsTheItem) {
  ConnectAndSync();
  Start(Item(300, ""));
  TellSinks("data");
  EXPECT_EQ(TakeItem(), "gw1/a 300 ");
  EXPECT_EQ(TakeItem(gw::SINK_TIMEOUT), "gw1/b 300 ");
  EXPECT_THAT(ReadAll(), UnorderedElementsAre("gw1/a CHANGED", "gw1/b FAILED 4"));
  EXPECT_EQ(ErrorOf("gw1", "b").reason(), mesh::ERROR_REASON_SINK_SILENT);
}

TEST_F(SetConfigurationDataItemsTest, AGatewayWithoutTheFeatureKeepsAllFromBeingSent) {
  AddGateway("gw2", {"c"});
  ConnectAndSync();
  auto request = Item(300, "data");
  request.mutable_scope()->add_gateway_ids("gw1");
  request.mutable_scope()->add_gateway_ids("gw2");
  Start(request);
  for (int i = 0; i < 2; ++i) {
    const Incoming incoming = NextRequest();
    gw::WirepasMessage answer;
    *answer.mutable_get_configs_resp()->mutable_configs() =
        incoming.topic == "gw-request/get_configs/gw1"
            ? status_of_gateway_.status_event().configs()
            : Status("gw2", {"c"}).status_event().configs();
    Answer(incoming, answer);
  }
  EXPECT_THAT(ReadAll(),
              UnorderedElementsAre("gw1/a CHECKED", "gw1/b CHECKED", "gw2/c REFUSED 9"));
  EXPECT_EQ(ErrorOf("gw2", "c").reason(), mesh::ERROR_REASON_FEATURE_MISSING);
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(SetConfigurationDataItemsTest, ADryRunSendsNothing) {
  ConnectAndSync();
  auto request = Item(300, "data");
  request.set_dry_run(true);
  Start(request);
  TellSinks("data");
  EXPECT_THAT(ReadAll(), UnorderedElementsAre("gw1/a CHECKED", "gw1/b UNCHANGED"));
  EXPECT_TRUE(summary_.complete());
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(SetConfigurationDataItemsTest, EachSinkHas2Seconds) {
  ConnectAndSync();
  Start(Item(300, "data"));
  TellSinks();
  NextRequest();
  EXPECT_EQ(TakeItem(), "gw1/b 300 data");
  EXPECT_THAT(ReadNext(), ElementsAre("gw1/b CHANGED"));
  Advance(absl::Seconds(2));
  EXPECT_THAT(ReadAll(), ElementsAre("gw1/a FAILED 4"));
}

TEST_F(SetConfigurationDataItemsTest, AnotherChangeUnderWayKeepsItAway) {
  ConnectAndSync();
  Start(Item(300, "data"));
  TellSinks();
  NextRequest();
  NextRequest();
  mesh::UpdateSinkConfigsRequest update;
  update.mutable_scope()->set_network_address(12);
  update.mutable_update()->set_network_channel(3);
  grpc::ClientContext context;
  const auto reader = stub_->UpdateSinkConfigs(&context, update);
  mesh::UpdateSinkConfigsResponse response;
  EXPECT_FALSE(reader->Read(&response));
  ExpectStatus(reader->Finish(), grpc::StatusCode::ABORTED, {"'gw1'", "under way"});
}

TEST_F(SetConfigurationDataItemsTest, RefusesWhatItCannotDo) {
  auto request = Item(300, "data");
  request.clear_item();
  ExpectStatus(Refused(request), grpc::StatusCode::INVALID_ARGUMENT, {"item:"});
  ExpectStatus(Refused(Item(65536, "data")), grpc::StatusCode::INVALID_ARGUMENT,
               {"item.endpoint:"});
  request = Item(300, "data");
  request.clear_scope();
  ExpectStatus(Refused(request), grpc::StatusCode::INVALID_ARGUMENT, {"scope:"});
  request = Item(300, "data");
  request.set_max_concurrent(200);
  ExpectStatus(Refused(request), grpc::StatusCode::INVALID_ARGUMENT, {"max_concurrent:"});
}

}  // namespace
}  // namespace wirepas_grpc::api
