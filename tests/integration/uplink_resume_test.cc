// SPDX-License-Identifier: Apache-2.0
//
// SubscribeUplink over breaks: where to start, what is kept, and what is told to be
// missing.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;

// The broker shall not be the one who loses packets.
Mosquitto::Options PatientBroker() {
  Mosquitto::Options options;
  options.max_queued_messages = 1'000'000;
  options.max_inflight = 60'000;
  return options;
}

void SetTime(absl::Time time, google::protobuf::Timestamp* timestamp) {
  const int64_t nanos = absl::ToUnixNanos(time);
  timestamp->set_seconds(nanos / 1'000'000'000);
  timestamp->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

mesh::SubscribeUplinkRequest After(const std::string& cursor, bool allow_gap = false) {
  mesh::SubscribeUplinkRequest request;
  request.set_after_cursor(cursor);
  request.set_allow_gap(allow_gap);
  return request;
}

mesh::SubscribeUplinkRequest From(absl::Time time, bool allow_gap = false) {
  mesh::SubscribeUplinkRequest request;
  SetTime(time, request.mutable_from_time());
  request.set_allow_gap(allow_gap);
  return request;
}

mesh::SubscribeUplinkRequest Oldest() {
  mesh::SubscribeUplinkRequest request;
  request.set_oldest(true);
  return request;
}

void Burst(Stack* stack, int count) {
  ASSERT_TRUE(IsOk(stack->Control("all", {{"command", "burst"}, {"count", count}})));
}

class UplinkResumeTest : public SharedStack<UplinkResumeTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.broker = PatientBroker();
    options.simulator = {"--gateways", "2", "--sinks",     "1",
                         "--rate",     "0", "--endpoints", "1:1,2:2"};
    // The break of a client is longer than any test is slow.
    options.service = {"--uplink_linger", "10m"};
    return options;
  }
};

TEST_F(UplinkResumeTest, GoesOnAfterTheCursorWithoutLossOrDoubles) {
  SequenceCheck check;
  std::string cursor;
  size_t sent = 0;
  size_t received = 0;
  for (int round = 0; round < 5; ++round) {
    SCOPED_TRACE(round);
    UplinkStream stream(stub(), cursor.empty() ? mesh::SubscribeUplinkRequest() : After(cursor));
    Burst(&stack(), 500);
    sent += 1000;
    // Takes whole responses, as the cursor is that of a response.
    size_t taken = 0;
    const size_t wanted = cursor.empty() ? 300 : 600;
    while (taken < wanted) {
      const size_t count = stream.HasUntaken() ? stream.untaken() : 1;
      check.Add(stream.Take(count));
      taken += count;
      ASSERT_FALSE(HasFailure());
    }
    taken += stream.untaken();
    check.Add(stream.Take(stream.untaken()));
    received += taken;
    EXPECT_TRUE(stream.gaps().empty());
    cursor = stream.cursor();
    if (round % 2 == 0) {  // while nobody reads
      Burst(&stack(), 100);
      sent += 200;
    }
  }
  // All the rest, so that nothing is still on its way when the next test begins.
  UplinkStream stream(stub(), After(cursor));
  check.Add(stream.Take(sent - received));
}

TEST_F(UplinkResumeTest, ResumedWithAnotherFilter) {
  UplinkStream all(stub());
  const std::string cursor = all.cursor();
  Burst(&stack(), 100);
  all.Take(200);
  auto request = After(cursor);
  request.mutable_filter()->add_source_endpoints(2);
  UplinkStream filtered(stub(), request);
  for (const mesh::Uplink& uplink : filtered.Take(100)) EXPECT_EQ(uplink.source_endpoint(), 2u);
  EXPECT_FALSE(filtered.HasUntaken());
}

TEST_F(UplinkResumeTest, NowMeansWhatComesFromNowOn) {
  UplinkStream before(stub());
  Burst(&stack(), 50);
  before.Take(100);
  SequenceCheck check;
  UplinkStream now(stub());
  UplinkStream future(stub(), From(absl::Now() + absl::Hours(1)));
  Burst(&stack(), 1);
  const std::vector<mesh::Uplink> later = before.Take(2);
  for (UplinkStream* stream : {&now, &future}) {
    const std::vector<mesh::Uplink> seen = stream->Take(2);
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_EQ(seen[0].event_id(), later[0].event_id());
    EXPECT_EQ(seen[1].event_id(), later[1].event_id());
  }
}

TEST_F(UplinkResumeTest, FromATimeMeansWhatCameSince) {
  UplinkStream live(stub());
  Burst(&stack(), 50);
  live.Take(100);
  absl::SleepFor(absl::Milliseconds(15));  // times are found early rather than late, by 10 ms
  const absl::Time time = absl::Now();
  Burst(&stack(), 50);
  const std::vector<mesh::Uplink> later = live.Take(100);
  UplinkStream stream(stub(), From(time));
  const std::vector<mesh::Uplink> seen = stream.Take(100);
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i].event_id(), later[i].event_id());
  EXPECT_TRUE(stream.gaps().empty());
}

TEST_F(UplinkResumeTest, OldestMeansAllThatIsKept) {
  UplinkStream live(stub());
  Burst(&stack(), 10);
  live.Take(20);
  const double total = stack().service().Metric("wirepas_grpc_uplinks_total");
  UplinkStream stream(stub(), Oldest());
  SequenceCheck check;
  check.Add(stream.Take(static_cast<size_t>(total)));
  Burst(&stack(), 1);
  check.Add(stream.Take(2));
  EXPECT_TRUE(stream.gaps().empty());
}

TEST_F(UplinkResumeTest, TimeBeforeTheServiceIsOutOfRange) {
  const auto status = RefusalOf(stub(), From(absl::Now() - absl::Hours(24)));
  ASSERT_TRUE(status.has_value());
  ExpectFailure(*status, StatusCode::OUT_OF_RANGE, {"oldest"});

  UplinkStream stream(stub(), From(absl::Now() - absl::Hours(24), true));
  ASSERT_EQ(stream.gaps().size(), 1u);
  EXPECT_EQ(stream.gaps()[0].reason(), mesh::GAP_REASON_CURSOR_EXPIRED);
  EXPECT_FALSE(stream.gaps()[0].has_lost_packets());
}

TEST_F(UplinkResumeTest, QuietFilterStillMovesItsCursor) {
  mesh::SubscribeUplinkRequest request;
  request.mutable_filter()->add_gateway_ids("nobody");
  UplinkStream quiet(stub(), request);
  const std::string start = quiet.cursor();
  Burst(&stack(), 35'000);
  ASSERT_TRUE(quiet.AwaitResponse());
  EXPECT_NE(quiet.cursor(), start);
  EXPECT_FALSE(quiet.HasUntaken());
}

// A log of 1 MiB, the least that the service takes: a few thousand packets.
class SmallLogTest : public testing::Test {
 protected:
  void SetUp() override {
    Stack::Options options;
    options.broker = PatientBroker();
    options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "0", "--payload_size", "100"};
    options.service = {"--uplink_log_bytes", "1MiB", "--uplink_linger", "10m"};
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
  }

  static constexpr int kPackets = 30'000;
  std::unique_ptr<Stack> stack_;
};

// There is nothing in the log but the marker of the moment in which the broker granted it.
TEST_F(SmallLogTest, ResumingFromTheFirstCursorTellsNoGap) {
  for (const mesh::SubscribeUplinkRequest& start : {Oldest(), mesh::SubscribeUplinkRequest()}) {
    std::string cursor;
    {
      UplinkStream stream(stack_->stub(), start);
      EXPECT_TRUE(stream.gaps().empty());
      cursor = stream.cursor();
    }
    UplinkStream stream(stack_->stub(), After(cursor));
    EXPECT_TRUE(stream.gaps().empty());
  }
}

TEST_F(SmallLogTest, SlowSubscriberIsToldHowManyItMissed) {
  grpc::ClientContext context;
  SetDeadline(&context, 4 * kBound);
  const auto reader = stack_->stub()->SubscribeUplink(&context, mesh::SubscribeUplinkRequest());
  mesh::SubscribeUplinkResponse response;
  ASSERT_TRUE(reader->Read(&response));
  UplinkStream fast(stack_->stub());
  SequenceCheck fast_check;
  constexpr int kPart = 1000;  // less than the log holds
  for (int i = 0; i < kPackets / kPart; ++i) {
    Burst(stack_.get(), kPart);
    fast_check.Add(fast.Take(kPart));
  }
  EXPECT_TRUE(fast.gaps().empty());

  uint64_t expected = 0;
  uint64_t lost = 0;
  while (expected < kPackets && reader->Read(&response)) {
    if (response.has_gap()) {
      EXPECT_EQ(response.gap().reason(), mesh::GAP_REASON_SLOW_SUBSCRIBER);
      ASSERT_TRUE(response.gap().has_lost_packets());
      lost += response.gap().lost_packets();
      expected += response.gap().lost_packets();
    }
    for (const mesh::Uplink& uplink : response.uplinks()) {
      ASSERT_EQ(SequenceOf(uplink), expected++);
    }
  }
  EXPECT_EQ(expected, static_cast<uint64_t>(kPackets));
  EXPECT_GT(lost, 0u);
  EXPECT_GT(stack_->service().Metric("wirepas_grpc_uplink_gaps_total{reason=\"slow_subscriber\"}"),
            0);
  EXPECT_TRUE(absl::StrContains(stack_->service().process().output(), "a subscriber misses"));
  context.TryCancel();
  reader->Finish();
  EXPECT_LE(stack_->service().Metric("wirepas_grpc_uplink_log_bytes"), (1 << 20) + (256 << 10));
}

TEST_F(SmallLogTest, CursorThatIsNoLongerKeptIsOutOfRangeOrAGap) {
  std::string old_cursor;
  {
    UplinkStream stream(stack_->stub());
    Burst(stack_.get(), 10);
    stream.Take(10);
    old_cursor = stream.cursor();
    Burst(stack_.get(), kPackets);
    stream.Take(kPackets);
  }
  const auto status = RefusalOf(stack_->stub(), After(old_cursor));
  ASSERT_TRUE(status.has_value());
  ExpectFailure(*status, StatusCode::OUT_OF_RANGE, {"oldest"});

  UplinkStream stream(stack_->stub(), After(old_cursor, true));
  ASSERT_EQ(stream.gaps().size(), 1u);
  EXPECT_EQ(stream.gaps()[0].reason(), mesh::GAP_REASON_CURSOR_EXPIRED);
  const uint64_t lost = stream.gaps()[0].lost_packets();
  ASSERT_GT(lost, 0u);
  ASSERT_LT(lost, static_cast<uint64_t>(kPackets));
  const auto first = stream.TakeOne();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(SequenceOf(*first), 10 + lost);

  UplinkStream oldest(stack_->stub(), Oldest());
  EXPECT_TRUE(oldest.gaps().empty());
  const auto oldest_first = oldest.TakeOne();
  ASSERT_TRUE(oldest_first.has_value());
  EXPECT_EQ(oldest_first->event_id(), first->event_id());
}

TEST_F(SmallLogTest, CursorOfAnotherRunIsOutOfRangeOrAGap) {
  std::string cursor;
  {
    UplinkStream stream(stack_->stub());
    Burst(stack_.get(), 10);
    stream.Take(10);
    cursor = stream.cursor();
  }
  stack_->StopService();
  ASSERT_TRUE(IsOk(stack_->StartService()));
  const auto status = RefusalOf(stack_->stub(), After(cursor));
  ASSERT_TRUE(status.has_value());
  ExpectFailure(*status, StatusCode::OUT_OF_RANGE, {"another run"});

  UplinkStream stream(stack_->stub(), After(cursor, true));
  ASSERT_EQ(stream.gaps().size(), 1u);
  EXPECT_EQ(stream.gaps()[0].reason(), mesh::GAP_REASON_SERVICE_RESTARTED);
  EXPECT_FALSE(stream.gaps()[0].has_lost_packets());
  UplinkStream resumed(stack_->stub(), After(stream.cursor()));
  EXPECT_TRUE(resumed.gaps().empty()) << "the gap is told by the time of the first cursor";
  Burst(stack_.get(), 1);
  const auto uplink = stream.TakeOne();
  ASSERT_TRUE(uplink.has_value());
  EXPECT_EQ(SequenceOf(*uplink), 10u);
}

}  // namespace
}  // namespace wirepas_grpc::integration
