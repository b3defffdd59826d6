// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_INTEREST_SUBSCRIPTIONS_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_INTEREST_SUBSCRIPTIONS_FIXTURE_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/interest/subscriptions.h"
#include "gtest/gtest.h"
#include "tests/support/fake_broker.h"
#include "tests/support/fake_scheduler.h"

namespace wirepas_grpc::core {

inline constexpr absl::Duration kLinger = absl::Seconds(10);
// Of a reader of uplinks.
inline const Subscriptions::Terms kReader = {.linger = kLinger, .remembered = true};
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

class SubscriptionsTest : public testing::Test, protected BrokerClient::Handler {
 protected:
  explicit SubscriptionsTest(size_t max_filters = 4)
      : subscriptions_({.max_uplink_filters = max_filters}, &log_, &broker_, &executor_,
                       &scheduler_) {
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
      subscriptions_.OnConnected(state.session_present);
    } else {
      subscriptions_.OnDisconnected();
    }
  }
  void OnSubscribed(const std::string& filter, const SubscribeAnswer& answer) override {
    subscriptions_.OnSubscribed(filter, answer);
  }

  void OnUnsubscribed(const std::string& filter) override { subscriptions_.OnUnsubscribed(filter); }

  InterestPtr Acquire(const TrafficFilter& filter = {},
                      const Subscriptions::Terms& terms = kReader) {
    return subscriptions_.AcquireUplinks(filter, terms, [told = told_] { told->Put(true); });
  }
  void Connect(bool session_present = false) {
    broker_.Connect(session_present);
    Settle();
  }
  // Loses the connection; the next one answers no subscription by itself.
  void ReconnectWithGrantsHeld(bool session_present = false) {
    broker_.Disconnect();
    broker_.HoldGrants(true);
    Connect(session_present);
  }
  void Settle() {
    broker_.Flush();
    Drain(&executor_, 2);
    broker_.Flush();
  }
  // What is asked for on this connection, and not given up.
  std::set<std::string> Filters() {
    Settle();
    std::set<std::string> filters;
    for (const auto& [filter, qos] : broker_.wanted()) filters.insert(filter);
    return filters;
  }
  // The reasons of the gaps that a reader of the log from `next` on is told.
  std::vector<GapReason> Gaps(uint64_t next = 1) {
    std::vector<GapReason> reasons;
    while (next < log_.next()) {
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
  Subscriptions subscriptions_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_INTEREST_SUBSCRIPTIONS_FIXTURE_H_
