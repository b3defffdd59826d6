// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/packet_search.h"

#include <memory>
#include <utility>
#include <vector>

#include "core/base/reason.h"
#include "core/traffic/packet_id.h"
#include "core/uplink_log/packets_had.h"
#include "gmock/gmock.h"
#include "tests/core/traffic/uplink_payload.h"
#include "tests/core/uplink_log/store_fixture.h"

namespace wirepas_grpc::core {
namespace {

using Next = PacketSearch::Next;

class PacketSearchTest : public UplinkStoreFixture {
 protected:
  ~PacketSearchTest() override { executor_.Stop(); }

  // With memory for a few packets only.
  void OpenLog() {
    Open();
    UplinkLog::Options options;
    options.segment_entries = 4;
    options.max_bytes = 6000;
    log_ = std::make_unique<UplinkLog>(
        options, UplinkLog::Durable{store_.get(), &executor_, &executor_}, &executor_, &scheduler_);
  }
  void OpenLogInMemory() {
    log_ = std::make_unique<UplinkLog>(UplinkLog::Options(), UplinkLog::Durable{}, &executor_,
                                       &scheduler_);
  }

  // A packet of the gateway; its id.
  uint64_t Append(const std::string& gateway) {
    const std::string topic = absl::StrCat("gw-event/received_data/", gateway, "/s/7/1/2");
    const std::string payload = UplinkPayload(log_->next(), gateway);
    wirepas::proto::gateway_api::GenericMessage scratch;
    DropReason reason;
    auto uplink = DecodeUplink(topic, payload, &scratch, &reason);
    EXPECT_NE(uplink, nullptr);
    const uint64_t id = uplink->packet_id;
    log_->Append(std::move(uplink), topic, payload);
    return id;
  }
  std::vector<uint64_t> Append(const std::string& gateway, int count) {
    std::vector<uint64_t> ids;
    for (int i = 0; i < count; ++i) ids.push_back(Append(gateway));
    return ids;
  }

  PacketPlaces Search(const PacketIds& wanted) {
    PacketSearch search(log_.get(), &wanted);
    Next next = Next::kInMemory;
    slices_in_memory_ = slices_on_disk_ = 0;
    while (next != Next::kDone) {
      if (next == Next::kInMemory) {
        next = search.SearchMemory();
        ++slices_in_memory_;
      } else {
        const auto stored = search.SearchStored();
        EXPECT_TRUE(stored.ok()) << stored.status();
        next = stored.value_or(Next::kDone);
        ++slices_on_disk_;
      }
    }
    return search.places();
  }

  std::unique_ptr<UplinkLog> log_;
  int slices_in_memory_ = 0;
  int slices_on_disk_ = 0;
};

TEST_F(PacketSearchTest, FindsTheNewestOfEachGateway) {
  OpenLogInMemory();
  const auto a = Append("a", 3);  // 1 to 3
  const auto b = Append("b", 2);  // 4 and 5
  const auto more = Append("a", 2);
  const PacketPlaces places = Search({{"a", {a[0], a[2], 12345}}, {"b", {b[0]}}, {"c", {b[1]}}});
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places.at("a").sequence, 3u);
  EXPECT_EQ(places.at("a").packet_id, a[2]);
  EXPECT_EQ(places.at("b").sequence, 4u);
  EXPECT_EQ(slices_on_disk_, 0);
}

TEST_F(PacketSearchTest, FindsOnDiskWhatMemoryHasForgotten) {
  OpenLog();
  const auto a = Append("a", 3);
  const auto b = Append("b", 100);
  ASSERT_GT(log_->oldest_in_memory(), 4u);
  const PacketPlaces places = Search({{"a", {a[1]}}, {"b", {b[97], b[3]}}});
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places.at("a").sequence, 2u);
  EXPECT_EQ(places.at("b").sequence, 101u);
  EXPECT_GT(slices_on_disk_, 0);
  Search({{"b", {b[99]}}});
  EXPECT_EQ(slices_on_disk_, 0) << "it has found all in memory";
}

TEST_F(PacketSearchTest, LooksAtSlicesAndEndsAtTheOldestEntry) {
  OpenLogInMemory();
  Append("a", 2 * PacketSearch::kSlice + 10);
  EXPECT_TRUE(Search({{"a", {12345}}}).empty());
  EXPECT_EQ(slices_in_memory_, 3);
}

TEST_F(PacketSearchTest, OnDiskToo) {
  OpenLog();
  Append("a", PacketSearch::kSlice + 200);
  EXPECT_TRUE(Search({{"a", {12345}}}).empty());
  EXPECT_EQ(slices_on_disk_, 2);
}

TEST_F(PacketSearchTest, AnEmptyLogHasNothing) {
  OpenLog();
  EXPECT_TRUE(Search({{"a", {1}}}).empty());
}

TEST(PacketSearchesTest, SoManyAtATime) {
  PacketSearches searches;
  std::vector<PacketSearches::Ticket> tickets;
  for (int i = 0; i < PacketSearches::kMost; ++i) {
    auto ticket = searches.Begin();
    ASSERT_TRUE(ticket.ok());
    tickets.push_back(*std::move(ticket));
  }
  const absl::Status refused = searches.Begin().status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_EQ(ReasonOf(refused), Reason::kTooMany);
  EXPECT_EQ(RetryDelayOf(refused), absl::Seconds(1));
  tickets.pop_back();
  EXPECT_TRUE(searches.Begin().ok());
}

class PacketsHadTest : public testing::Test {
 protected:
  static bool Had(const PacketsHad& had, uint64_t sequence, const std::string& gateway,
                  uint64_t packet_id) {
    Uplink uplink;
    uplink.gateway_id = gateway;
    uplink.packet_id = packet_id;
    return had.Had(sequence, uplink);
  }
};

TEST_F(PacketsHadTest, OfEachGatewayAllUpToItsPlace) {
  const PacketsHad had({{"a", {7}}, {"b", {8}}}, {{"a", {10, 7}}, {"b", {20, 8}}});
  EXPECT_EQ(had.first(), 10u);
  EXPECT_TRUE(Had(had, 10, "a", 7));
  EXPECT_FALSE(Had(had, 11, "a", 1));
  EXPECT_TRUE(Had(had, 11, "b", 2));
  EXPECT_TRUE(Had(had, 20, "b", 8));
  EXPECT_FALSE(Had(had, 21, "b", 3));
  EXPECT_TRUE(Had(had, 9, "c", 4)) << "of others from the first place on";
  EXPECT_FALSE(Had(had, 11, "c", 4));
  EXPECT_FALSE(had.over(20));
  EXPECT_TRUE(had.over(21));
}

TEST_F(PacketsHadTest, OthersOfThePacketsAreNotGivenWhereverTheyCome) {
  const PacketsHad had({{"a", {7, 9}}}, {{"a", {10, 7}}});
  EXPECT_FALSE(Had(had, 11, "a", 8));
  EXPECT_TRUE(Had(had, 12, "a", 9)) << "it has come here only now";
  EXPECT_FALSE(Had(had, 12, "b", 9)) << "of another gateway";
  EXPECT_FALSE(had.over(1000));
}

TEST_F(PacketsHadTest, OfAGatewayWithoutAPlaceNothingButItsPackets) {
  const PacketsHad had({{"a", {7}}, {"b", {8}}}, {{"a", {10, 7}}});
  EXPECT_FALSE(Had(had, 1, "b", 3));
  EXPECT_TRUE(Had(had, 2, "b", 8));
  EXPECT_TRUE(Had(had, 3, "c", 1)) << "of others from the first place on";
  const PacketsHad none({{"a", {7}}}, {});
  EXPECT_EQ(none.first(), 0u);
  EXPECT_FALSE(Had(none, 1, "a", 1));
  EXPECT_FALSE(Had(none, 1, "c", 1));
}

}  // namespace
}  // namespace wirepas_grpc::core
