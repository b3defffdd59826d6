// SPDX-License-Identifier: Apache-2.0
#include "core/nodes/collector.h"

#include "tests/core/nodes/collector_fixture.h"

namespace wirepas_grpc::core {
namespace {

class NodeCollectorTest : public CollectorFixture<NodeCollector> {
 protected:
  NodeCollectorTest() { options_.save_interval = absl::Hours(1); }

  NodeRegistry& registry() { return run_->collector->registry(); }
  uint64_t Packets() {
    uint64_t packets = 0;
    for (const Node& node : registry().List(0, {}, 1000, 1000).nodes) {
      packets += node.record.packets;
    }
    return packets;
  }
};

TEST_F(NodeCollectorTest, WhatPassesIsCountedAndKeptOverRestarts) {
  StartRun();
  for (uint64_t i = 1; i <= 100; ++i) Inject(i, 1 + i % 10);
  ASSERT_TRUE(Eventually([&] { return Packets() == 100; }));
  StartRun();
  EXPECT_EQ(registry().size(), 10u);
  EXPECT_EQ(Packets(), 100u);
  Inject(101, 99);
  ASSERT_TRUE(Eventually([&] { return Packets() == 101; }));
  EXPECT_EQ(run_->collector->storage_failures(), 0u);
}

// As after SIGKILL: the table is older than the log.
TEST_F(NodeCollectorTest, WhatWasNotSavedIsCountedFromTheLogOnce) {
  options_.save_interval = absl::Milliseconds(1);
  StartRun();
  for (uint64_t i = 1; i <= 50; ++i) Inject(i, 1 + i % 10);
  NodeTable table(NodeCollector::kTable, run_->database.get(), &run_->scheduler);
  std::vector<std::pair<std::string, std::string>> old_rows;
  std::optional<uint64_t> old_position;
  ASSERT_TRUE(Eventually([&] {
    old_position = *table.Position();
    return Packets() == 50 && old_position == run_->network->uplinks().next();
  }));
  ASSERT_TRUE(table
                  .Load([&](NodeKey key, absl::string_view row) {
                    old_rows.emplace_back(EncodeNodeKey(key), std::string(row));
                  })
                  .ok());
  for (uint64_t i = 51; i <= 90; ++i) Inject(i, 1 + i % 20);
  ASSERT_TRUE(Eventually([&] { return Packets() == 90; }));
  run_->collector->Stop();
  // Some of the rows and the place go back.
  ASSERT_TRUE(table
                  .Save({.rows = {old_rows.begin(), old_rows.begin() + 5},
                         .gone = {EncodeNodeKey(MakeNodeKey(7, 20))},
                         .position = old_position})
                  .ok());
  StartRun();
  EXPECT_EQ(Packets(), 90u);
  EXPECT_EQ(registry().size(), 20u);
}

TEST_F(NodeCollectorTest, AnEarlierLogOfManyPacketsIsNotRead) {
  StartRun();
  Inject(1, 1);
  ASSERT_TRUE(Eventually([&] { return Packets() == 1; }));
  ASSERT_TRUE(run_->database->Delete(run_->database->meta(), "nodes/position").ok());
  run_->collector->Stop();
  ASSERT_TRUE(run_->database->Delete(run_->database->meta(), "nodes/position").ok());
  StartRun();
  EXPECT_EQ(Packets(), 1u);
}

TEST_F(NodeCollectorTest, ForgottenNodesAreForgottenOnDiskToo) {
  options_.registry.max_nodes = 5;
  options_.save_interval = absl::Milliseconds(5);
  StartRun();
  for (uint64_t i = 1; i <= 200; ++i) Inject(i, static_cast<uint32_t>(i));
  ASSERT_TRUE(Eventually([&] { return registry().evicted() == 195; }));
  options_.registry.max_nodes = 1000;
  StartRun();
  EXPECT_EQ(registry().size(), 5u);
}

TEST_F(NodeCollectorTest, ObservedSinceTheGrantOrTheLastGap) {
  StartRun();
  EXPECT_FALSE(run_->collector->observed_since().has_value());
  const auto hold = run_->collector->Acquire([] {});
  ASSERT_TRUE(Eventually([&] { return run_->collector->observed_since().has_value(); }));
  const absl::Time granted = *run_->collector->observed_since();
  run_->broker.Disconnect();
  run_->broker.Connect();
  EXPECT_TRUE(Eventually([&] { return *run_->collector->observed_since() > granted; }));
}

}  // namespace
}  // namespace wirepas_grpc::core
