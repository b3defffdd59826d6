// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_INTEREST_UPLINK_DEMAND_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_INTEREST_UPLINK_DEMAND_FIXTURE_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/interest/uplink_demand.h"
#include "gtest/gtest.h"
#include "tests/support/fake_broker.h"
#include "tests/support/fake_scheduler.h"

namespace wirepas_grpc::core {

inline constexpr absl::Duration kLinger = absl::Seconds(10);
inline constexpr char kAll[] = "gw-event/received_data/#";

inline std::string Gateway(const std::string& id) {
  return absl::StrCat("gw-event/received_data/", id, "/#");
}

inline TrafficFilter OfGateway(const std::string& id) {
  TrafficFilter filter;
  filter.gateway_ids = {id};
  return filter;
}

inline TrafficFilter OfEndpoint(const std::string& gateway, int endpoint) {
  TrafficFilter filter = OfGateway(gateway);
  filter.source_endpoints.set(endpoint);
  return filter;
}

class UplinkDemandTest : public testing::Test, protected BrokerClient::Handler {
 protected:
  explicit UplinkDemandTest(size_t max_filters = 4)
      : demand_({kLinger, max_filters, 1}, &log_, &broker_, &executor_, &scheduler_) {
    broker_.Start(this);
  }
  // Before destruction begins: the broker calls this object.
  void TearDown() override {
    broker_.Stop();
    executor_.Stop();
  }

  // BrokerClient::Handler, as the network does it.
  void OnMessage(const BrokerMessage&) override {}
  void OnState(const BrokerState& state) override {
    if (state.connected) {
      demand_.OnConnected(state.session_present);
    } else {
      demand_.OnDisconnected();
    }
  }
  void OnSubscribed(const std::string& filter, const absl::Status& status) override {
    demand_.OnSubscribed(filter, status);
  }

  UplinkDemand::InterestPtr Acquire(const TrafficFilter& filter = {}) {
    return demand_.Acquire(filter, [told = told_] { told->Put(true); });
  }
  void Connect(bool session_present = false) {
    broker_.Connect(session_present);
    Settle();
  }
  // Loses the connection; the next one answers no subscription by itself.
  void ReconnectWithGrantsHeld() {
    broker_.Disconnect();
    broker_.HoldGrants(true);
    Connect();
  }
  void Settle() {
    broker_.Flush();
    Drain(&executor_, 2);
    broker_.Flush();
  }
  std::set<std::string> Filters() {
    Settle();
    std::set<std::string> filters;
    for (const auto& [filter, qos] : broker_.wanted()) filters.insert(filter);
    EXPECT_EQ(filters.size(), demand_.subscriptions());
    return filters;
  }
  // The reasons of the gaps that a reader of the whole log is told.
  std::vector<GapReason> Gaps() {
    std::vector<GapReason> reasons;
    for (uint64_t next = 1; next < log_.next();) {
      const auto read = log_.Read(next, 1000, [](const Uplink&) { return true; });
      if (read.gap.has_value()) reasons.push_back(read.gap->reason);
      next = read.next;
    }
    return reasons;
  }

  std::shared_ptr<Inbox<bool>> told_ = std::make_shared<Inbox<bool>>();
  FakeScheduler scheduler_;
  Executor executor_{1};
  FakeBroker broker_;
  UplinkLog log_{{}, {}, &executor_, &scheduler_};
  UplinkDemand demand_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_INTEREST_UPLINK_DEMAND_FIXTURE_H_
