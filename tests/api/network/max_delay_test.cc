// SPDX-License-Identifier: Apache-2.0
//
// SubscribeUplinkRequest.max_delay.
#include <future>

#include "tests/api/network/subscribe_uplink_fixture.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;

class MaxDelayTest : public SubscribeUplinkTest {
 protected:
  static mesh::SubscribeUplinkRequest Within(absl::Duration max_delay) {
    mesh::SubscribeUplinkRequest request;
    request.mutable_max_delay()->set_seconds(absl::ToInt64Seconds(max_delay));
    request.mutable_max_delay()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(max_delay % absl::Seconds(1))));
    return request;
  }
  static std::vector<uint64_t> EventsOf(const mesh::SubscribeUplinkResponse& response) {
    std::vector<uint64_t> events;
    for (const mesh::Uplink& uplink : response.uplinks()) events.push_back(uplink.event_id());
    return events;
  }
  // The next response; time passes until it has come.
  mesh::SubscribeUplinkResponse ReadAsTimePasses(Subscriber* subscriber) {
    auto read = std::async(std::launch::async, [subscriber] { return subscriber->Read(); });
    Await([&] {
      if (read.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready) return true;
      Advance(absl::Milliseconds(100));
      return false;
    });
    return read.get().value_or(mesh::SubscribeUplinkResponse());
  }
  void ExpectRefused(const mesh::SubscribeUplinkRequest& request) {
    Subscriber subscriber(stub_.get(), request);
    ExpectStatus(subscriber.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"max_delay"});
  }
};

TEST_F(MaxDelayTest, APacketWaitsForOthersSoLong) {
  broker_.Connect();
  const auto subscriber = Subscribe(Within(absl::Seconds(5)));
  const core::Instant begin = scheduler_.MonotonicNow();
  auto read = std::async(std::launch::async, [&] { return subscriber->Read(); });
  for (uint64_t id = 1; id <= 4; ++id) {
    Deliver(id, id);
    broker_.Flush();
    Advance(absl::Seconds(1));
  }
  Await([&] {
    if (read.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready) return true;
    Advance(absl::Milliseconds(100));
    return false;
  });
  const auto response = read.get();
  ASSERT_TRUE(response.has_value());
  EXPECT_THAT(EventsOf(*response), ElementsAre(1, 2, 3, 4));
  EXPECT_GE(scheduler_.MonotonicNow() - begin, absl::Seconds(5));
  Deliver(5, 5);
  EXPECT_THAT(EventsOf(ReadAsTimePasses(subscriber.get())), ElementsAre(5));
}

TEST_F(MaxDelayTest, AFullResponseGoesAtOnce) {
  broker_.Connect();
  const auto subscriber = Subscribe(Within(absl::Seconds(10)));
  Deliver(1, 600);
  const auto response = subscriber->Read();  // no time passes
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->uplinks_size(), 512);
  EXPECT_EQ(ReadAsTimePasses(subscriber.get()).uplinks_size(), 88);
}

TEST_F(MaxDelayTest, AGapGoesAtOnceAfterWhatWasGathered) {
  broker_.Connect();
  const auto subscriber = Subscribe(Within(absl::Seconds(10)));
  Deliver(1, 3);
  broker_.Flush();
  broker_.Disconnect();
  broker_.Connect();
  // No time passes.
  const auto gathered = subscriber->Read();
  ASSERT_TRUE(gathered.has_value());
  if (!gathered->has_gap()) {
    EXPECT_THAT(EventsOf(*gathered), ElementsAre(1, 2, 3));
    const auto gap = subscriber->Read();
    ASSERT_TRUE(gap.has_value());
    EXPECT_EQ(gap->gap().reason(), mesh::GAP_REASON_BROKER_DISCONNECTED);
    EXPECT_EQ(gap->uplinks_size(), 0);
  } else {
    ADD_FAILURE() << "the gap comes before the packets";
  }
}

TEST_F(MaxDelayTest, TheCursorOfProgressIsBeforeWhatIsGathered) {
  broker_.Connect();
  mesh::SubscribeUplinkRequest request = Within(absl::Seconds(10));
  request.mutable_progress_interval()->set_seconds(1);
  auto subscriber = Subscribe(request);
  Deliver(1, 2);
  broker_.Flush();
  EXPECT_THAT(EventsOf(ReadAsTimePasses(subscriber.get())), ElementsAre());
  mesh::SubscribeUplinkRequest resumed;
  resumed.set_after_cursor(subscriber->cursor());
  EXPECT_THAT(Subscribe(resumed)->Events(2), ElementsAre(1, 2));
  std::vector<uint64_t> events;
  while (events.empty()) events = EventsOf(ReadAsTimePasses(subscriber.get()));
  EXPECT_THAT(events, ElementsAre(1, 2));
}

TEST_F(MaxDelayTest, ACancelledOneLeavesNoTimer) {
  broker_.Connect();
  Subscribe();
  Await([&] { return service_.open_streams() == 0; });
  broker_.Flush();
  const size_t timers = scheduler_.pending();  // with the one that keeps the subscription
  auto subscriber = Subscribe(Within(absl::Seconds(10)));
  const size_t without = scheduler_.pending();
  Deliver(1, 1);
  Await([&] { return scheduler_.pending() > without; });
  subscriber = nullptr;
  Await([&] { return service_.open_streams() == 0 && scheduler_.pending() == timers; });
}

TEST_F(MaxDelayTest, IsUpTo10SecondsInWholeMilliseconds) {
  ExpectRefused(Within(absl::Milliseconds(10'001)));
  ExpectRefused(Within(absl::Microseconds(500)));
  ExpectRefused(Within(-absl::Milliseconds(1)));
  broker_.Connect();
  Subscribe(Within(absl::Seconds(10)));
  const auto none = Subscribe(Within(absl::ZeroDuration()));
  Deliver(1, 1);
  EXPECT_THAT(none->Events(1), ElementsAre(1));  // no time passes
}

}  // namespace
}  // namespace wirepas_grpc::api
