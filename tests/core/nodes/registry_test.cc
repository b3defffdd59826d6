// SPDX-License-Identifier: Apache-2.0
#include "core/nodes/registry.h"

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "core/nodes/watch.h"
#include "gmock/gmock.h"
#include "tests/core/nodes/fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class NodeRegistryTest : public NodeFixture {};

TEST_F(NodeRegistryTest, CountsWhatTheLastPacketAndAllPacketsSay) {
  Count({.time_ms = 1000, .hops = 2, .travel_ms = 10});
  Count({.time_ms = 2000, .source_endpoint = 9, .hops = 5, .travel_ms = 60});
  Count({.time_ms = 3000, .gateway = "h", .travel_ms = 50});
  const NodeRecord node = Only();
  EXPECT_EQ(node.first_seen_ms, 1000);
  EXPECT_EQ(node.last_seen_ms, 3000);
  EXPECT_EQ(node.last_sink->gateway_id, "h");
  EXPECT_EQ(node.packets, 3u);
  EXPECT_FALSE(node.last_hop_known);
  EXPECT_EQ(node.mean_hop_count(), 3.5);
  EXPECT_EQ(node.last_travel_ms, 50u);
  EXPECT_EQ(node.mean_travel_time(), absl::Milliseconds(40));
  ASSERT_EQ(node.endpoints.size(), 2u);
  EXPECT_EQ(node.endpoints[0].packets, 2u);
  EXPECT_EQ(node.endpoints[1].source, 9);
}

// A gateway with a wrong clock, or one that wants to do harm, freezes nothing.
TEST_F(NodeRegistryTest, AStampInTheFutureOrThePastDoesNotLast) {
  Count({.time_ms = 1000});
  Count({.time_ms = 1'000'000'000'000, .gateway = "h", .hops = 9, .travel_ms = 7});
  Count({.time_ms = 2000, .gateway = "g", .hops = 2, .travel_ms = 5});
  EXPECT_EQ(Only().last_seen_ms, 2000);
  EXPECT_EQ(Only().last_sink->gateway_id, "g");
  EXPECT_EQ(Only().last_hop_count, 2u);
  EXPECT_EQ(Only().last_travel_ms, 5u);
  Count({.time_ms = 0});
  EXPECT_EQ(Only().first_seen_ms, 1000);
}

// What came later but was received earlier is the first then, if it is not older than the
// node's first arrival here.
TEST_F(NodeRegistryTest, AFirstStampInTheFutureIsPutRight) {
  const int64_t now = absl::ToUnixMillis(scheduler_.Now());
  Count({.time_ms = now + 1'000'000'000'000});
  Count({.time_ms = 0});
  EXPECT_EQ(Only().first_seen_ms, now + 1'000'000'000'000);
  Count({.time_ms = now + 5000});
  Count({.time_ms = now + 6000});
  EXPECT_EQ(Only().first_seen_ms, now + 5000);
  EXPECT_EQ(Only().last_seen_ms, now + 6000);
  std::string bytes;
  EncodeNodeRecord(Only(), &bytes);
  EXPECT_EQ(registry_.Decode(bytes)->first_arrival_ms, now);
}

// By the order of arrival, whatever else the packets say.
TEST_F(NodeRegistryTest, KeepsTheLastSinksThatHeardANodeTheLastFirst) {
  EXPECT_THAT(Heard(), IsEmpty());
  Count({.time_ms = 5000, .sink = "a", .hops = 2});
  Count({.time_ms = 4000, .sink = "b", .travel_ms = 9});
  EXPECT_THAT(Heard(), ElementsAre("g/b", "g/a"));
  Count({.time_ms = 1, .sink = "a", .hops = 200});
  EXPECT_THAT(Heard(), ElementsAre("g/a", "g/b")) << "moves at once";
  Count({.time_ms = 1, .sink = "a"});
  EXPECT_THAT(Heard(), ElementsAre("g/a", "g/b"));
  Count({.gateway = "h", .sink = "a"});
  Count({.gateway = "h", .sink = "b"});
  EXPECT_THAT(Heard(), ElementsAre("h/b", "h/a", "g/a", "g/b"));
  Count({.sink = "a"});
  EXPECT_THAT(Heard(), ElementsAre("g/a", "h/b", "h/a", "g/b"));
  Count({.sink = "new"});
  EXPECT_THAT(Heard(), ElementsAre("g/new", "g/a", "h/b", "h/a")) << "four at most";
}

// As version 0.2.0 wrote it.
TEST_F(NodeRegistryTest, ReadsARecordWithoutEarlierSinks) {
  Count({.time_ms = 1, .sink = "a"});
  std::string bytes;
  EncodeNodeRecord(Only(), &bytes);
  Count({.time_ms = 2, .sink = "b"});
  std::string with_earlier;
  EncodeNodeRecord(Only(), &with_earlier);
  const auto decoded = registry_.Decode(with_earlier);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->last_sink->sink_id, "b");
  EXPECT_EQ(decoded->earlier_sinks[0]->sink_id, "a");
  EXPECT_EQ(decoded->earlier_sinks[1], nullptr);
  // What version 2 lacks is the number of earlier sinks, behind the last one.
  const size_t place = bytes.find(std::string("\1\0a", 3)) + 3;
  ASSERT_EQ(bytes[place], '\0');
  std::string old = bytes;
  old.erase(place, 1);
  old[0] = 2;
  const auto of_old = registry_.Decode(old);
  ASSERT_TRUE(of_old.has_value());
  EXPECT_EQ(of_old->last_sink->sink_id, "a");
  EXPECT_EQ(of_old->earlier_sinks[0], nullptr);
  EXPECT_EQ(of_old->packets, 1u);
  std::string again;
  EncodeNodeRecord(*of_old, &again);
  EXPECT_EQ(again, bytes);
}

// Of which network the node is nobody knows.
TEST_F(NodeRegistryTest, APacketWithoutANetworkDoesNotCount) {
  const std::unique_ptr<Uplink> packet = MakePacket({});
  packet->network_address.reset();
  registry_.Count(1, *packet);
  EXPECT_THAT(Addresses(), IsEmpty());
}

TEST_F(NodeRegistryTest, KeepsTheEndpointsSeenFirst) {
  for (int i = 99; i >= 0; --i) Count({.source_endpoint = static_cast<uint8_t>(i)});
  Count({.source_endpoint = 99});
  const NodeRecord node = Only();
  ASSERT_EQ(node.endpoints.size(), 64u);
  EXPECT_EQ(node.endpoints.front().source, 36);
  EXPECT_EQ(node.endpoints.back().packets, 2u);
  EXPECT_EQ(node.packets, 101u);
}

TEST_F(NodeRegistryTest, APacketThatIsReadAgainDoesNotCount) {
  Count({});
  registry_.Count(1, *MakePacket({}));
  EXPECT_EQ(Only().packets, 1u);
}

TEST_F(NodeRegistryTest, ForgetsTheNodeThatWasHeardLongestAgo) {
  for (const uint32_t node : {1, 2, 3, 1, 4}) Count({.node = node});
  EXPECT_THAT(Addresses(), ElementsAre(1, 3, 4));
  EXPECT_EQ(registry_.evicted(), 1u);
}

TEST_F(NodeRegistryTest, ListsByNetworkThenAddressInParts) {
  Count({.node = 9, .network = 1});
  Count({.node = 4, .network = 3});
  Count({.node = 5, .network = 2});
  EXPECT_THAT(Addresses(), ElementsAre(9, 5, 4));
  const auto first = registry_.List(0, {}, 2, 1000);
  ASSERT_EQ(first.nodes.size(), 2u);
  ASSERT_EQ(first.next, MakeNodeKey(3, 4));
  EXPECT_FALSE(registry_.List(*first.next, {}, 2, 1000).next.has_value());
  EXPECT_EQ(registry_.List(0, {}, 10, 1).nodes.size(), 1u);
  NodeFilter filter;
  filter.network_addresses = {1, 3};
  EXPECT_THAT(Addresses(filter), ElementsAre(9, 4));
  filter.gateway_ids = {"h"};
  EXPECT_THAT(Addresses(filter), IsEmpty());
  filter = {};
  filter.node_addresses = {4, 5};
  EXPECT_THAT(Addresses(filter), ElementsAre(5, 4));
  filter.network_addresses = {3};
  EXPECT_THAT(Addresses(filter), ElementsAre(4));
  filter = {};
  filter.seen_since = absl::FromUnixMillis(1);
  EXPECT_THAT(Addresses(filter), IsEmpty());
}

TEST_F(NodeRegistryTest, RecordsAreTheSameAfterStoring) {
  for (const char* sink : {"a", "b", "c", "d", "e"}) Count({.sink = sink});
  Count({.time_ms = -5, .hops = 2, .travel_ms = 10});
  const NodeRecord node = Only();
  std::string bytes;
  EncodeNodeRecord(node, &bytes);
  const auto decoded = registry_.Decode(bytes);
  ASSERT_TRUE(decoded.has_value());
  std::string again;
  EncodeNodeRecord(*decoded, &again);
  EXPECT_EQ(again, bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(registry_.Decode(bytes.substr(0, size)).has_value());
  }
  EXPECT_FALSE(registry_.Decode(bytes + "x").has_value());
}

TEST_F(NodeRegistryTest, SavesWhatChangedOnce) {
  Count({.node = 1});
  Count({.node = 2});
  registry_.BeginSave();
  Count({.node = 3});
  EXPECT_EQ(registry_.TakeUnsaved(1).rows.size(), 1u);
  auto part = registry_.TakeUnsaved(10);
  EXPECT_EQ(part.rows.size(), 1u);
  EXPECT_TRUE(part.complete);
  EXPECT_TRUE(registry_.HasUnsaved());
  Count({.node = 4});  // 1 is forgotten, and stored
  registry_.BeginSave();
  part = registry_.TakeUnsaved(10);
  EXPECT_EQ(part.rows.size(), 2u);
  EXPECT_THAT(part.gone, ElementsAre(EncodeNodeKey(MakeNodeKey(7, 1))));
  EXPECT_FALSE(registry_.HasUnsaved());
}

TEST_F(NodeRegistryTest, NumbersOfAnotherLogDoNotCount) {
  Count({});
  NodeRecord record = Only();
  record.sequence = 1000;
  NodeRegistry other({}, &executor_, &scheduler_);
  other.Restore(MakeNodeKey(7, 1), record, /*next=*/10);
  EXPECT_FALSE(other.HasUnsaved());
  other.Count(10, *MakePacket({}));
  EXPECT_EQ(other.List(0, {}, 1, 1).nodes.at(0).record.packets, 2u);
}

// ---- watchers ----

class NodeWatchTest : public NodeFixture {
 protected:
  // "P1 A2 U1 R3" with the types' first letters; and "." at the snapshot's end.
  std::string Take(NodeWatch* watch, size_t max = 100) {
    std::string text;
    while (true) {
      const NodeWatch::Batch batch = watch->Take(max, 100);
      for (const NodeChange& change : batch.changes) {
        absl::StrAppend(&text, text.empty() ? "" : " ",
                        std::string(1, "PAUR"[static_cast<int>(change.type)]),
                        AddressOfNode(change.node.key));
      }
      if (batch.snapshot_complete) return text + ".";
      if (!batch.more) return text;
    }
  }
};

TEST_F(NodeWatchTest, SnapshotThenMergedChanges) {
  Count({.node = 1});
  NodeWatch watch(&registry_, {}, absl::ZeroDuration());
  EXPECT_EQ(Take(&watch), "P1.");
  EXPECT_EQ(Take(&watch), "");
  for (const uint32_t node : {2, 1, 2, 1, 2}) Count({.node = node});
  EXPECT_EQ(Take(&watch, 1), "U1 A2");
  for (const uint32_t node : {3, 4}) Count({.node = node});  // 1 goes
  EXPECT_EQ(Take(&watch), "R1 A3 A4");
  Count({.node = 1});  // 2 goes
  EXPECT_EQ(Take(&watch), "R2 A1");
}

TEST_F(NodeWatchTest, AnEmptySnapshotIsTold) {
  NodeWatch watch(&registry_, {}, absl::ZeroDuration());
  EXPECT_EQ(Take(&watch), ".");
}

TEST_F(NodeWatchTest, WhatCeasesToMatchIsRemoved) {
  NodeFilter filter;
  filter.gateway_ids = {"g"};
  NodeWatch watch(&registry_, filter, absl::ZeroDuration());
  Take(&watch);
  Count({.node = 1});
  Count({.node = 2, .gateway = "h"});
  EXPECT_EQ(Take(&watch), "A1");
  Count({.node = 1, .gateway = "h"});
  EXPECT_EQ(Take(&watch), "R1");
  Count({.node = 1, .gateway = "g"});
  EXPECT_EQ(Take(&watch), "A1");
}

TEST_F(NodeWatchTest, OneWhoHasMissedRemovalsIsToldAllTheSame) {
  for (const uint32_t node : {1, 2, 3}) Count({.node = node});
  NodeWatch watch(&registry_, {}, absl::ZeroDuration());
  EXPECT_EQ(Take(&watch), "P1 P2 P3.");
  for (const uint32_t node : {11, 12, 13, 14, 15}) Count({.node = node});
  const std::string told = Take(&watch);
  EXPECT_THAT(told, testing::HasSubstr("R1"));
  EXPECT_THAT(told, testing::HasSubstr("R2"));
  EXPECT_THAT(told, testing::HasSubstr("R3"));
  EXPECT_THAT(told, testing::HasSubstr("A13 A14 A15"));
}

TEST_F(NodeWatchTest, RestsBetweenRoundsAndWakes) {
  auto woken = std::make_shared<Inbox<bool>>();
  const auto wake = [woken] { woken->Put(true); };
  NodeWatch watch(&registry_, {}, absl::Seconds(5));
  Take(&watch);
  ASSERT_TRUE(watch.Wait(wake));
  Count({.node = 1});
  ASSERT_TRUE(woken->Take().has_value());
  EXPECT_EQ(Take(&watch), "A1");
  Count({.node = 1});
  EXPECT_EQ(Take(&watch), "");
  ASSERT_TRUE(watch.Wait(wake));
  Drain(&executor_);
  EXPECT_TRUE(woken->empty());
  scheduler_.Advance(absl::Seconds(5));
  ASSERT_TRUE(woken->Take().has_value());
  EXPECT_EQ(Take(&watch), "U1");
  scheduler_.Advance(absl::Seconds(5));
  EXPECT_EQ(scheduler_.pending(), 0u);
  Count({.node = 1});
  EXPECT_FALSE(watch.Wait(wake));
}

// For the sanitizers, and that every watcher ends with the truth.
TEST_F(NodeWatchTest, ManyThreads) {
  NodeRegistry registry({.max_nodes = 50, .max_removals = 20}, &executor_, &scheduler_);
  std::atomic<bool> done = false;
  std::thread counter([&] {
    for (uint64_t i = 1; i <= 20000; ++i) {
      registry.Count(i, *MakePacket({.node = static_cast<uint32_t>(i * i % 101)}));
    }
    done = true;
  });
  std::vector<std::thread> watchers;
  for (int w = 0; w < 3; ++w) {
    watchers.emplace_back([&registry, &done] {
      NodeWatch watch(&registry, {}, absl::ZeroDuration());
      std::map<NodeKey, uint64_t> known;
      for (bool last = false; !last;) {
        last = done;
        while (true) {
          const NodeWatch::Batch batch = watch.Take(7, 20);
          for (const NodeChange& change : batch.changes) {
            if (change.type == NodeChange::Type::kRemoved) {
              EXPECT_EQ(known.erase(change.node.key), 1u);
            } else {
              EXPECT_EQ(known.contains(change.node.key), change.type == NodeChange::Type::kUpdated);
              known[change.node.key] = change.node.record.packets;
            }
          }
          if (!batch.more) break;
        }
      }
      std::map<NodeKey, uint64_t> truth;
      for (const Node& node : registry.List(0, {}, 1000, 1000).nodes) {
        truth[node.key] = node.record.packets;
      }
      EXPECT_EQ(known, truth);
    });
  }
  std::thread saver([&] {
    while (!done) {
      registry.BeginSave();
      while (!registry.TakeUnsaved(8).complete) {
      }
    }
  });
  counter.join();
  for (std::thread& watcher : watchers) watcher.join();
  saver.join();
  EXPECT_EQ(registry.size(), 50u);
}

}  // namespace
}  // namespace wirepas_grpc::core
