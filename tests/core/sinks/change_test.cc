// SPDX-License-Identifier: Apache-2.0
#include "core/sinks/change.h"

#include <memory>
#include <string>

#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;
using testing::HasSubstr;

// Gateway "g" with the sink "s" in network 7.
class ChangeTest : public testing::Test {
 protected:
  ChangeTest() {
    config_.set_sink_id("s");
    config_.set_network_address(7);
    config_.set_network_channel(5);
    gateway_.id = "g";
    gateway_.state = GatewayState::kOnline;
    gateway_.sinks_known = true;
    scope_.network_address = 7;
  }

  GatewayPtr Gateway() const {
    auto gateway = std::make_shared<GatewayRecord>(gateway_);
    if (has_sink_) gateway->sinks["s"] = std::make_shared<SinkConfig>(config_);
    return gateway;
  }
  ScopedSink Sink() const {
    return {{*GatewayId::Parse("g"), *SinkId::Parse("s")},
            Gateway(),
            std::make_shared<SinkConfig>(config_),
            /*silent=*/false,
            absl::OkStatus()};
  }
  // The sink as it was selected, after this look at what the gateway is now.
  ScopedSink LookedAt(ScopedSink sink, bool known = true) const {
    DirectorySnapshot snapshot;
    if (known) snapshot.gateways.push_back(Gateway());
    LookAgain(snapshot, scope_, &sink);
    return sink;
  }

  static SinkCheck Check(const SinkConfigUpdate& update, const ScopedSink& sink) {
    return CheckConfigUpdate(std::make_shared<const SinkConfigUpdate>(update), sink);
  }
  static SinkCheck CheckItem(const gw::ConfigurationDataItem& item, const ScopedSink& sink) {
    return CheckConfigurationData(std::make_shared<const gw::ConfigurationDataItem>(item), sink);
  }

  SinkConfig config_;
  GatewayRecord gateway_;
  bool has_sink_ = true;
  SinkScope scope_;
};

TEST_F(ChangeTest, WhatIsKnownNowCounts) {
  const ScopedSink before = Sink();
  config_.set_network_channel(9);
  const ScopedSink after = LookedAt(before);
  EXPECT_TRUE(after.status.ok());
  EXPECT_EQ(after.config->network_channel(), 9u);
}

TEST_F(ChangeTest, OneThatHasLeftTheScopeIsNotChanged) {
  const ScopedSink before = Sink();
  config_.set_network_address(8);
  EXPECT_EQ(ReasonOf(LookedAt(before).status), Reason::kSinkNotKnown);
  scope_.network_address.reset();
  EXPECT_TRUE(LookedAt(before).status.ok());
  has_sink_ = false;
  EXPECT_EQ(ReasonOf(LookedAt(before).status), Reason::kSinkNotKnown);
  gateway_.state = GatewayState::kOffline;
  EXPECT_EQ(ReasonOf(LookedAt(before).status), Reason::kGatewayOffline);
  EXPECT_TRUE(absl::IsNotFound(LookedAt(before, /*known=*/false).status));
  scope_.allow_unknown_gateway = true;
  EXPECT_TRUE(LookedAt(before, /*known=*/false).status.ok());
}

TEST_F(ChangeTest, AStatusThatIsNotOkStays) {
  ScopedSink sink = Sink();
  sink.status = absl::DeadlineExceededError("silent");
  EXPECT_TRUE(absl::IsDeadlineExceeded(LookedAt(sink).status));
  SinkConfigUpdate update;
  update.whole.set_network_channel(6);
  EXPECT_TRUE(absl::IsDeadlineExceeded(Check(update, sink).status));
  EXPECT_TRUE(absl::IsDeadlineExceeded(CheckItem({}, sink).status));
}

TEST_F(ChangeTest, AConfigUpdateIsSentUnlessItIsThere) {
  SinkConfigUpdate update;
  update.whole.set_network_channel(6);
  SinkCheck check = Check(update, Sink());
  ASSERT_TRUE(check.status.ok());
  ASSERT_TRUE(check.request.has_value());
  EXPECT_EQ(check.request->kind, RequestKind::kSetConfig);
  EXPECT_EQ(check.request->make().set_config_req().config().network_channel(), 6u);
  EXPECT_EQ(check.request->make().set_config_req().config().sink_id(), "s");
  EXPECT_FALSE(check.request->in_parts);
  update.whole.set_sink_state(gw::ON);
  EXPECT_TRUE(Check(update, Sink()).request->in_parts);
  config_.set_network_channel(6);
  config_.set_sink_state(gw::ON);
  check = Check(update, Sink());
  EXPECT_TRUE(check.status.ok());
  EXPECT_FALSE(check.request.has_value());
}

TEST_F(ChangeTest, NumberedKeysNeedAFeature) {
  SinkConfigUpdate update;
  update.whole.mutable_management_keys();
  const absl::Status status = Check(update, Sink()).status;
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(ReasonOf(status), Reason::kFeatureMissing);
  EXPECT_THAT(std::string(status.message()), HasSubstr("SINK_KEY_MANAGEMENT_V1"));
  gateway_.features = {gw::SINK_KEY_MANAGEMENT_V1};
  EXPECT_TRUE(Check(update, Sink()).request.has_value());
  // One without a status announces nothing, and decides by itself.
  gateway_.features.clear();
  gateway_.state = GatewayState::kUnknown;
  EXPECT_TRUE(Check(update, Sink()).request.has_value());
}

TEST_F(ChangeTest, ItemsNeedAFeatureAndAreSentUnlessTheyAreThere) {
  gw::ConfigurationDataItem item;
  item.set_endpoint(300);
  item.set_payload("data");
  EXPECT_EQ(ReasonOf(CheckItem(item, Sink()).status), Reason::kFeatureMissing);
  gateway_.features = {gw::CONFIGURATION_DATA_V1};
  const SinkCheck check = CheckItem(item, Sink());
  ASSERT_TRUE(check.request.has_value());
  EXPECT_EQ(check.request->kind, RequestKind::kSetConfigurationDataItem);
  EXPECT_EQ(
      check.request->make().set_configuration_data_item_req().configuration_data_item().payload(),
      "data");
  *config_.add_configuration_data_content() = item;
  EXPECT_FALSE(CheckItem(item, Sink()).request.has_value());
  // What a silent gateway told is old.
  ScopedSink silent = Sink();
  silent.silent = true;
  EXPECT_TRUE(CheckItem(item, silent).request.has_value());
  item.set_payload("");
  EXPECT_TRUE(CheckItem(item, Sink()).request.has_value());
  config_.clear_configuration_data_content();
  EXPECT_TRUE(CheckItem(item, Sink()).request.has_value());
}

}  // namespace
}  // namespace wirepas_grpc::core
