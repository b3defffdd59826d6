// SPDX-License-Identifier: Apache-2.0
#include "core/otap/node_status_collector.h"

#include "tests/core/nodes/collector_fixture.h"

namespace wirepas_grpc::core {
namespace {

class NodeStatusCollectorTest : public CollectorFixture<NodeStatusCollector> {
 protected:
  NodeStatusRegistry& registry() { return run_->collector->registry(); }
  void Report(uint64_t event_id, uint32_t node) {
    Inject(event_id, node, 240, 255, "\x99\x18" + std::string(24, 'r'));
  }
  // When the gateway of the report that is known received it, less the fixture's begin.
  int64_t ReceivedMs(uint32_t node) {
    const auto status = registry().Find(MakeNodeKey(7, node));
    if (!status.has_value()) return -1;
    return absl::ToUnixMillis(status->receive_time()) - 1'700'000'000'000;
  }
  // The nodes that have rows.
  size_t Rows() {
    size_t rows = 0;
    const NodeTable table(NodeStatusCollector::kTable, run_->database.get(), &run_->scheduler);
    EXPECT_TRUE(table.Load([&](NodeKey, absl::string_view) { ++rows; }).ok());
    return rows;
  }
};

TEST_F(NodeStatusCollectorTest, AStatusIsOnDiskBeforeItIsKnown) {
  StartRun();
  for (uint32_t node = 1; node <= 50; ++node) {
    Report(node, node);
    Inject(1000 + node, node);  // of no interest
    ASSERT_TRUE(Eventually([&] { return registry().size() == node; }));
    ASSERT_EQ(Rows(), node);
  }
  StartRun();
  EXPECT_EQ(registry().size(), 50u);
}

TEST_F(NodeStatusCollectorTest, WhatWasNotLookedAtIsFoundInTheLog) {
  StartRun();
  Report(1, 1);
  ASSERT_TRUE(Eventually([&] { return registry().size() == 1; }));
  run_->collector->Stop();
  Report(2, 2);
  run_->broker.Flush();
  StartRun();
  EXPECT_EQ(registry().size(), 2u);
}

TEST_F(NodeStatusCollectorTest, ForgottenNodesAreForgottenOnDiskToo) {
  options_.registry.max_nodes = 5;
  StartRun();
  for (uint32_t node = 1; node <= 100; ++node) Report(node, node);
  ASSERT_TRUE(Eventually([&] { return registry().evicted() == 95; }));
  options_.registry.max_nodes = 1000;
  StartRun();
  EXPECT_EQ(registry().size(), 5u);
  EXPECT_EQ(Rows(), 5u);
}

// By a gateway whose clock is wrong, or who wants to do harm.
TEST_F(NodeStatusCollectorTest, AStampInTheFutureFreezesNothing) {
  constexpr uint64_t kFuture = 1'000'000'000'000;  // in milliseconds: 31 years on
  StartRun();
  Report(kFuture, 1);
  ASSERT_TRUE(Eventually([&] { return ReceivedMs(1) == kFuture; }));
  Report(2, 1);
  EXPECT_TRUE(Eventually([&] { return ReceivedMs(1) == 2; }));
  // Both in one turn, and of another node with a restart in between.
  run_->collector->Stop();
  Report(kFuture + 1, 1);
  Report(3, 1);
  Report(kFuture + 2, 2);
  run_->broker.Flush();
  StartRun();
  EXPECT_EQ(ReceivedMs(1), 3);
  EXPECT_EQ(ReceivedMs(2), kFuture + 2);
  Report(4, 2);
  EXPECT_TRUE(Eventually([&] { return ReceivedMs(2) == 4; }));
  StartRun();
  EXPECT_EQ(ReceivedMs(1), 3);
  EXPECT_EQ(ReceivedMs(2), 4);
}

TEST_F(NodeStatusCollectorTest, ProblemsAreCounted) {
  StartRun();
  Inject(1, 1, 240, 255, "\x80");
  Inject(2, 1, 240, 255, "\x99\x18");
  Inject(3, 1, 240, 254, "\x99\x18");
  Inject(4, 1, 240, 255, "\x99\x18" + std::string(24, 'r'), "None");
  Report(5, 1);
  ASSERT_TRUE(Eventually([&] { return registry().size() == 1; }));
  EXPECT_EQ(run_->collector->problems(ReportProblem::kOtherAnswer), 1u);
  EXPECT_EQ(run_->collector->problems(ReportProblem::kTruncated), 1u);
  EXPECT_EQ(run_->collector->problems(ReportProblem::kNoNetwork), 1u);
}

}  // namespace
}  // namespace wirepas_grpc::core
