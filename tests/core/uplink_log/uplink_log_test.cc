// SPDX-License-Identifier: Apache-2.0
//
// The uplink log with its durable part: real files, memory for a few packets only.
#include "core/uplink_log/uplink_log.h"

#include <memory>
#include <utility>
#include <vector>

#include "gateway_api/generic_message.pb.h"
#include "gmock/gmock.h"
#include "tests/core/traffic/uplink_payload.h"
#include "tests/core/uplink_log/store_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::IsEmpty;

constexpr char kEventTopic[] = "gw-event/received_data/g/s/7/1/2";

class UplinkLogTest : public UplinkStoreFixture {
 protected:
  ~UplinkLogTest() override { executor_.Stop(); }

  void OpenLog() {
    Open();
    UplinkLog::Options options;
    options.segment_entries = 4;
    options.max_bytes = 6000;
    log_ = std::make_unique<UplinkLog>(
        options, UplinkLog::Durable{store_.get(), &executor_, &executor_}, &executor_, &scheduler_);
  }
  void ReopenLog() {
    log_.reset();
    CloseAll();
    OpenLog();
  }

  // Packets whose event ids are their numbers.
  void AppendPackets(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string payload = UplinkPayload(log_->next());
      wirepas::proto::gateway_api::GenericMessage scratch;
      DropReason reason;
      auto uplink = DecodeUplink(kEventTopic, payload, &scratch, &reason);
      ASSERT_NE(uplink, nullptr);
      log_->Append(std::move(uplink), kEventTopic, payload);
    }
  }

  struct Read {
    std::vector<uint64_t> events;
    std::vector<Gap> gaps;
    int from_disk = 0;  // reads
  };
  // All from `next` on, as a subscriber reads it.
  Read ReadAll(uint64_t next, size_t max_scan = 7) {
    Read all;
    const auto visit = [&all](uint64_t, const Uplink& uplink) {
      all.events.push_back(uplink.event_id);
      return true;
    };
    while (next < log_->next()) {
      UplinkLog::ReadResult read = log_->Read(next, max_scan, visit);
      if (read.forgotten) {
        const auto stored = log_->ReadStored(next, max_scan, visit);
        EXPECT_TRUE(stored.ok()) << stored.status();
        if (!stored.ok()) break;
        read = *stored;
        ++all.from_disk;
      }
      if (read.gap.has_value()) all.gaps.push_back(*read.gap);
      EXPECT_GT(read.next, next);
      if (read.next <= next) break;
      next = read.next;
    }
    return all;
  }

  std::unique_ptr<UplinkLog> log_;
};

std::vector<uint64_t> Numbers(uint64_t first, uint64_t last) {
  std::vector<uint64_t> numbers;
  for (uint64_t i = first; i <= last; ++i) numbers.push_back(i);
  return numbers;
}

TEST_F(UplinkLogTest, AReaderPassesFromDiskToMemoryWithoutASeam) {
  OpenLog();
  AppendPackets(100);
  ASSERT_GT(log_->Read(100, 1, [](const Uplink&) { return true; }).next, 100u);
  const Read all = ReadAll(1);
  EXPECT_EQ(all.events, Numbers(1, 100));
  EXPECT_THAT(all.gaps, IsEmpty());
  EXPECT_GT(all.from_disk, 5);
  EXPECT_LT(all.from_disk, 15) << "the newest are in memory";
  EXPECT_EQ(log_->oldest(), 1u);
}

TEST_F(UplinkLogTest, GoesOnAfterARestart) {
  OpenLog();
  AppendPackets(20);
  const Cursor cursor{log_->run_id(), 11};
  ReopenLog();
  EXPECT_NE(log_->run_id(), cursor.run_id);
  EXPECT_EQ(log_->next(), 21u);
  const auto place = log_->Resolve(cursor);
  ASSERT_TRUE(place.has_value());
  EXPECT_TRUE(place->exact);
  EXPECT_EQ(place->sequence, 11u);
  EXPECT_EQ(ReadAll(11).events, Numbers(11, 20));
  AppendPackets(50);
  EXPECT_EQ(ReadAll(11).events, Numbers(11, 70));
  EXPECT_EQ(log_->Resolve({cursor.run_id + 1, 11}), std::nullopt);
}

TEST_F(UplinkLogTest, MarkersAreKeptToo) {
  OpenLog();
  AppendPackets(1);
  log_->AppendGap({GapReason::kBrokerDisconnected, std::nullopt});
  log_->AppendGap({GapReason::kNotSubscribed, 0});  // tells nothing
  AppendPackets(60);
  ReopenLog();
  const Read all = ReadAll(1);
  ASSERT_EQ(all.gaps.size(), 1u);
  EXPECT_EQ(all.gaps[0].reason, GapReason::kBrokerDisconnected);
  EXPECT_EQ(all.events.size(), 61u);
}

TEST_F(UplinkLogTest, WhatIsNoLongerKeptIsAGap) {
  options_.retention = absl::Seconds(10);
  OpenLog();
  AppendPackets(50);
  ASSERT_TRUE(database_->Flush().ok());
  scheduler_.Advance(absl::Seconds(60));
  AppendPackets(30);
  ASSERT_TRUE(store_->ApplyRetention().ok());
  const uint64_t oldest = log_->oldest();
  ASSERT_GT(oldest, 1u);
  const Read all = ReadAll(1);
  ASSERT_EQ(all.gaps.size(), 1u);
  EXPECT_EQ(all.gaps[0].reason, GapReason::kSlowReader);
  EXPECT_EQ(all.gaps[0].lost, oldest - 1);
  EXPECT_EQ(all.events, Numbers(oldest, 80));
}

TEST_F(UplinkLogTest, WhatCouldNotBeStoredIsReadFromMemoryAndToldWhenThatForgetsIt) {
  OpenLog();
  AppendPackets(10);
  store_->Close();  // takes nothing more
  AppendPackets(4);
  EXPECT_EQ(ReadAll(11).events, Numbers(11, 14));
  EXPECT_EQ(store_->next(), 11u);
  AppendPackets(100);
  const Read all = ReadAll(1);
  ASSERT_EQ(all.gaps.size(), 1u);
  EXPECT_EQ(all.gaps[0].reason, GapReason::kStorageLoss);
  EXPECT_EQ(all.events.size() + *all.gaps[0].lost, 114u);
}

// Earlier versions stored packets of up to 4 MiB, which with a long id are more than a client
// takes in one response.
TEST_F(UplinkLogTest, AStoredPacketThatIsTooLargeIsAGapAndTheRestGoesOn) {
  OpenLog();
  AppendPackets(5);
  wirepas::proto::gateway_api::GenericMessage large;
  ASSERT_EQ(Decode(UplinkPayload(log_->next()), &large), DropReason::kNone);
  large.mutable_wirepas()->mutable_packet_received_event()->set_payload(
      std::string(4'000'000, 'x'));
  auto uplink = std::make_unique<Uplink>();
  uplink->gateway_id = "g";
  log_->Append(std::move(uplink), kEventTopic, Encode(large.wirepas()));
  AppendPackets(50);
  ReopenLog();
  const Read all = ReadAll(1);
  EXPECT_EQ(all.events.size(), 55u);
  ASSERT_EQ(all.gaps.size(), 1u);
  EXPECT_EQ(all.gaps[0].reason, GapReason::kStorageLoss);
  EXPECT_EQ(all.gaps[0].lost, 1u);
}

TEST_F(UplinkLogTest, TellsWhenPacketsCameFromMemoryAndFromDisk) {
  OpenLog();
  const absl::Time begin = scheduler_.Now();
  for (int i = 0; i < 60; ++i) {
    AppendPackets(1);
    scheduler_.Advance(absl::Seconds(1));
  }
  ASSERT_GT(log_->oldest_in_memory(), 1u);
  for (const bool reopened : {false, true}) {
    if (reopened) ReopenLog();
    std::vector<absl::Time> times;
    const auto visit = [&](uint64_t, const Uplink& uplink) {
      times.push_back(log_->arrival_times().Of(uplink.moment));
      return true;
    };
    for (uint64_t next = 1; next < log_->oldest_in_memory();) {
      const auto read = log_->ReadStored(next, 100, visit);
      ASSERT_TRUE(read.ok());
      next = read->next;
    }
    log_->Read(log_->oldest_in_memory(), 100, visit);
    ASSERT_EQ(times.size(), 60u);
    for (int i = 0; i < 60; ++i) EXPECT_EQ(times[i], begin + absl::Seconds(i)) << reopened;
  }
}

TEST_F(UplinkLogTest, ATimeIsSoughtOnDiskAndInMemory) {
  OpenLog();
  const absl::Time begin = scheduler_.Now();
  for (int i = 0; i < 60; ++i) {
    AppendPackets(1);
    scheduler_.Advance(absl::Seconds(1));
  }
  EXPECT_EQ(log_->oldest_time(), begin);
  for (const int seconds : {0, 1, 30, 58, 59}) {
    EXPECT_EQ(*log_->SeekTime(begin + absl::Seconds(seconds)), seconds + 1u) << seconds;
  }
  EXPECT_EQ(*log_->SeekTime(begin + absl::Milliseconds(29'500)), 31u);
  EXPECT_EQ(*log_->SeekTime(begin + absl::Hours(1)), 61u);
}

}  // namespace
}  // namespace wirepas_grpc::core
