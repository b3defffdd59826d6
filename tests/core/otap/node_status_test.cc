// SPDX-License-Identifier: Apache-2.0
#include "core/otap/node_status.h"

#include <random>

#include "core/nodes/key.h"
#include "core/otap/node_report.h"
#include "core/otap/node_status_registry.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

// A report whose bytes after the head are 1, 2, 3, ...
std::string Report(uint8_t length) {
  std::string report = {'\x99', static_cast<char>(length)};
  for (int i = 1; i <= length; ++i) report.push_back(static_cast<char>(i));
  return report;
}

ReportProblem Decode(const std::string& payload, NodeReport* report) {
  size_t size;
  return DecodeNodeReport(payload, report, &size);
}

TEST(NodeReportTest, AllFieldsOfTheLongestVersion) {
  NodeReport report;
  size_t size;
  ASSERT_EQ(DecodeNodeReport(Report(47) + "more", &report, &size), ReportProblem::kNone);
  EXPECT_EQ(size, 49u);
  EXPECT_EQ(report.version, 3);
  EXPECT_EQ(report.stored.length, 0x04030201u);
  EXPECT_EQ(report.stored.crc, 0x0605);
  EXPECT_EQ(report.stored.sequence, 7);
  EXPECT_EQ(report.stored_type, 8);
  EXPECT_EQ(report.stored_state, 9);
  EXPECT_EQ(report.stack.scratchpad.length, 0x0d0c0b0au);
  EXPECT_EQ(report.stack.scratchpad.crc, 0x0f0e);
  EXPECT_EQ(report.stack.scratchpad.sequence, 16);
  EXPECT_EQ(report.stack.area_id, 0x14131211u);
  EXPECT_THAT(report.stack.version, testing::ElementsAre(21, 22, 23, 24));
  ASSERT_TRUE(report.application.has_value());
  EXPECT_EQ(report.application->scratchpad.length, 0x1c1b1a19u);
  EXPECT_EQ(report.application->area_id, 0x23222120u);
  EXPECT_THAT(report.application->version, testing::ElementsAre(36, 37, 38, 39));
  ASSERT_TRUE(report.target.has_value());
  EXPECT_EQ(report.target->action, 40);
  EXPECT_EQ(report.target->sequence, 41);
  EXPECT_EQ(report.target->crc, 0x2b2a);
  EXPECT_EQ(report.target->delay, absl::Minutes(0x2d2c));
  EXPECT_EQ(report.target->remaining_delay, absl::Minutes(0x2f2e));
}

TEST(NodeReportTest, OlderVersions) {
  NodeReport report;
  ASSERT_EQ(Decode(Report(24), &report), ReportProblem::kNone);
  EXPECT_EQ(report.version, 1);
  EXPECT_FALSE(report.application.has_value());
  ASSERT_EQ(Decode(Report(39), &report), ReportProblem::kNone);
  EXPECT_EQ(report.version, 2);
  EXPECT_TRUE(report.application.has_value());
  EXPECT_FALSE(report.target.has_value());
}

TEST(NodeReportTest, WhatIsNoReport) {
  NodeReport report;
  EXPECT_EQ(Decode("", &report), ReportProblem::kTruncated);
  EXPECT_EQ(Decode("\x99", &report), ReportProblem::kTruncated);
  EXPECT_EQ(Decode("\x80", &report), ReportProblem::kOtherAnswer);
  for (const uint8_t length : {24, 39, 47}) {
    const std::string whole = Report(length);
    for (size_t size = 2; size < whole.size(); ++size) {
      EXPECT_EQ(Decode(whole.substr(0, size), &report), ReportProblem::kTruncated);
    }
  }
  for (int length = 0; length < 256; ++length) {
    if (length == 24 || length == 39 || length == 47) continue;
    EXPECT_EQ(Decode(Report(static_cast<uint8_t>(length)), &report), ReportProblem::kUnknownLength);
  }
}

TEST(NodeReportTest, RandomBytesDoNoHarm) {
  std::minstd_rand random(4711);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random() % 80, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (!bytes.empty() && i % 2 == 0) bytes[0] = '\x99';
    NodeReport report;
    size_t size;
    const ReportProblem problem = DecodeNodeReport(bytes, &report, &size);
    EXPECT_LE(size, bytes.size());
    EXPECT_EQ(problem == ReportProblem::kNone, report.version > 0);
  }
}

class NodeStatusRegistryTest : public testing::Test {
 protected:
  ~NodeStatusRegistryTest() override { executor_.Stop(); }

  NodeWithStatus Status(uint32_t node, int64_t time_ms, uint8_t length = 24) {
    Uplink uplink;
    uplink.gateway_id = "g";
    uplink.sink_id = "s";
    uplink.receive_time = absl::FromUnixMillis(time_ms);
    uplink.travel_time = absl::Milliseconds(3);
    uplink.payload = Report(length);
    ReportProblem problem;
    return {MakeNodeKey(7, node), *NodeStatus::FromUplink(++sequence_, uplink, &sinks_, &problem)};
  }
  std::string Take(NodeStatusWatch* watch) {
    std::string text;
    while (true) {
      const auto batch = watch->Take(2, 2);
      for (const NodeWithStatus& node : batch.statuses) {
        absl::StrAppend(&text, AddressOfNode(node.key), "@",
                        absl::ToUnixMillis(node.status.receive_time()), " ");
      }
      if (!batch.more) return text;
    }
  }

  uint64_t sequence_ = 0;  // of the last one
  SinkNames sinks_;
  FakeScheduler scheduler_;
  Executor executor_{1};
  NodeStatusRegistry registry_{{.max_nodes = 3}, &executor_, &scheduler_};
};

TEST_F(NodeStatusRegistryTest, TheOneThatCameLastCounts) {
  NodeStatusWatch watch(&registry_, {}, NodeStatusWatch::From::kNow);
  const NodeWithStatus first = Status(1, 100);
  const NodeWithStatus second = Status(2, 100);
  registry_.Put({first, second});
  EXPECT_EQ(Take(&watch), "1@100 2@100 ");
  EXPECT_FALSE(registry_.IsNewer(first.key, first.status));
  registry_.Put({first, second});  // read again
  EXPECT_EQ(Take(&watch), "");
  registry_.Put({Status(1, 99), Status(2, 102), Status(1, 103)});
  EXPECT_EQ(Take(&watch), "2@102 1@103 ");
  EXPECT_EQ(registry_.List(0, {}, 10, 10).nodes.size(), 2u);
}

// As a gateway with a wrong clock stamps it, or one that wants to do harm.
TEST_F(NodeStatusRegistryTest, AStampInTheFutureDoesNotLast) {
  NodeStatusWatch watch(&registry_, {}, NodeStatusWatch::From::kNow);
  registry_.Put({Status(1, 1'000'000'000'000)});
  registry_.Put({Status(1, 100)});
  EXPECT_EQ(Take(&watch), "1@100 ");
}

TEST_F(NodeStatusRegistryTest, TheOnesThatCameLongestAgoGo) {
  EXPECT_THAT(registry_.Put({Status(1, 1), Status(2, 2), Status(3, 3), Status(4, 4)}),
              testing::ElementsAre(MakeNodeKey(7, 1)));
  EXPECT_EQ(registry_.evicted(), 1u);
  NodeStatusWatch known(&registry_, {}, NodeStatusWatch::From::kKnown);
  EXPECT_EQ(Take(&known), "2@2 3@3 4@4 ");
}

TEST_F(NodeStatusRegistryTest, FiltersAndParts) {
  registry_.Put({Status(1, 1), Status(2, 2), Status(3, 3)});
  NodeStatusFilter filter;
  filter.received_since = absl::FromUnixMillis(2);
  EXPECT_EQ(registry_.List(0, filter, 10, 10).nodes.size(), 2u);
  filter.node_addresses = {3};
  EXPECT_EQ(registry_.List(0, filter, 10, 10).nodes.size(), 1u);
  filter.network_addresses = {8};
  EXPECT_TRUE(registry_.List(0, filter, 10, 10).nodes.empty());
  const auto page = registry_.List(0, {}, 2, 10);
  EXPECT_EQ(page.next, MakeNodeKey(7, 3));
}

TEST_F(NodeStatusRegistryTest, WakesWhoWaits) {
  auto woken = std::make_shared<Inbox<bool>>();
  NodeStatusWatch watch(&registry_, {}, NodeStatusWatch::From::kNow);
  ASSERT_TRUE(watch.Wait([woken] { woken->Put(true); }));
  registry_.Put({Status(1, 1)});
  EXPECT_TRUE(woken->Take().has_value());
  EXPECT_FALSE(watch.Wait([] {}));
}

TEST_F(NodeStatusRegistryTest, RowsWithoutANumberAreReadAndOlderThanAllOthers) {
  std::string bytes;
  Status(1, 123456).status.Encode(&bytes);
  bytes[0] = 1;
  bytes.erase(1, 8);
  const auto decoded = NodeStatus::Decode(bytes, &sinks_);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->receive_time(), absl::FromUnixMillis(123456));
  registry_.Put({{MakeNodeKey(7, 1), *decoded}});
  const NodeWithStatus next = Status(1, 5);
  registry_.Put({next});
  EXPECT_EQ(registry_.Find(next.key)->sequence(), next.status.sequence());
}

TEST_F(NodeStatusRegistryTest, TheSameAfterStoring) {
  for (const uint8_t length : {24, 39, 47}) {
    std::string bytes;
    const NodeStatus status = Status(1, 123456, length).status;
    status.Encode(&bytes);
    const auto decoded = NodeStatus::Decode(bytes, &sinks_);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->send_time(), absl::FromUnixMillis(123453));
    EXPECT_EQ(decoded->sequence(), status.sequence());
    std::string again;
    decoded->Encode(&again);
    EXPECT_EQ(again, bytes);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(NodeStatus::Decode(bytes.substr(0, size), &sinks_).has_value());
    }
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
