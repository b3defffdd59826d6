// SPDX-License-Identifier: Apache-2.0
//
// States that released versions have written, in tests/vectors/states: every later version opens
// them and gives what they hold.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/uplink_stream.h"
#include "wirepas/mesh/v1/node_service.grpc.pb.h"
#include "wirepas/mesh/v1/otap_service.grpc.pb.h"

namespace wirepas_grpc::integration {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr int kPerGateway = 100;  // packets, of each of the two gateways
constexpr size_t kNodes = 20;     // of both together

// What has to be found in a state, written beside it.
struct Expected {
  std::string cursor;  // a subscriber's, behind half of the packets
  std::string client_id;
};

mesh::SubscribeUplinkRequest After(const std::string& cursor) {
  mesh::SubscribeUplinkRequest request;
  request.set_after_cursor(cursor);
  return request;
}

Stack::Options OptionsFor(const std::string& state_dir) {
  Stack::Options options;
  options.broker.max_queued_messages = 100'000;
  options.simulator = {"--gateways", "2", "--sinks", "1", "--nodes", "10", "--rate", "0"};
  // A state is read years later.
  options.service = {"--collect_nodes", "--collect_node_status", "--state_dir",
                     state_dir,         "--uplink_retention",    "8760h"};
  return options;
}

size_t CountNodes(mesh::NodeService::Stub* stub) {
  const auto list = Call(stub, &mesh::NodeService::Stub::ListNodes, {});
  EXPECT_TRUE(IsOk(list.status));
  return static_cast<size_t>(list.response.nodes_size());
}

size_t CountStatuses(mesh::OtapService::Stub* stub) {
  const auto list = Call(stub, &mesh::OtapService::Stub::ListNodeStatus, {});
  EXPECT_TRUE(IsOk(list.status));
  return static_cast<size_t>(list.response.statuses_size());
}

// The archives, the oldest version first.
std::vector<fs::path> Archives() {
  std::vector<fs::path> archives;
  for (const auto& entry : fs::directory_iterator(WIREPAS_OLD_STATES)) {
    if (entry.path().extension() == ".gz") archives.push_back(entry.path());
  }
  std::sort(archives.begin(), archives.end());
  return archives;
}

Expected ReadExpected(const std::string& file) {
  const auto json = nlohmann::json::parse(std::ifstream(file));
  Expected expected;
  EXPECT_TRUE(absl::Base64Unescape(json.at("cursor").get<std::string>(), &expected.cursor));
  expected.client_id = json.at("mqtt_client_id").get<std::string>();
  return expected;
}

class OldStateTest : public testing::TestWithParam<fs::path> {};

TEST_P(OldStateTest, IsOpenedWithAllThatItHolds) {
  const TemporaryDirectory folder;
  ASSERT_TRUE(IsOk(RunProgram({"tar", "-xzf", GetParam(), "-C", folder.path()}).status()));
  const Expected expected = ReadExpected(folder.File("expected.json"));
  Stack stack(OptionsFor(folder.File("state")));
  ASSERT_TRUE(IsOk(stack.Start()));
  ASSERT_TRUE(IsOk(stack.broker().WaitForLog(" as " + expected.client_id + " ", kBound)));
  {
    SequenceCheck check;
    mesh::SubscribeUplinkRequest oldest;
    oldest.set_oldest(true);
    UplinkStream stream(stack.stub(), oldest);
    const std::vector<mesh::Uplink> uplinks = stream.Take(2 * kPerGateway);
    check.Add(uplinks);
    EXPECT_EQ(check.next(kGateway), kPerGateway);
    // What an earlier version did not tell.
    for (const mesh::Uplink& uplink : uplinks) {
      EXPECT_EQ(uplink.publish_time().seconds(), uplink.receive_time().seconds());
      EXPECT_NEAR(static_cast<double>(uplink.arrival_time().seconds()),
                  static_cast<double>(uplink.publish_time().seconds()), 60);
    }
    EXPECT_TRUE(stream.gaps().empty());
  }
  {
    UplinkStream stream(stack.stub(), After(expected.cursor));
    const std::vector<mesh::Uplink> rest = stream.Take(kPerGateway);
    ASSERT_EQ(rest.size(), size_t{kPerGateway});
    EXPECT_EQ(SequenceOf(rest.front()), uint64_t{kPerGateway / 2});
    // A cursor of before the restart, so what came between it and now may be missing; nothing else.
    for (const mesh::Gap& gap : stream.gaps()) {
      EXPECT_EQ(gap.reason(), mesh::GAP_REASON_BROKER_DISCONNECTED) << gap.ShortDebugString();
    }
  }
  const auto channel = stack.service().NewChannel();
  EXPECT_EQ(CountNodes(mesh::NodeService::NewStub(channel).get()), kNodes);
  EXPECT_EQ(CountStatuses(mesh::OtapService::NewStub(channel).get()), kNodes);
  EXPECT_EQ(stack.service().Metric("wirepas_grpc_state_open"), 1);
  EXPECT_THAT(stack.service().process().output(), Not(HasSubstr("damaged")));
}

INSTANTIATE_TEST_SUITE_P(Versions, OldStateTest, testing::ValuesIn(Archives()),
                         [](const auto& info) {
                           std::string name = info.param.stem().stem();
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return !absl::ascii_isalnum(c); }, '_');
                           return name;
                         });

// Writes the archive of this version: see tests/vectors/README.md.
TEST(OldStateArchive, DISABLED_IsWritten) {
  const char* const file = std::getenv("WIREPAS_STATE_ARCHIVE");
  ASSERT_NE(file, nullptr) << "WIREPAS_STATE_ARCHIVE is to name the file";
  const TemporaryDirectory folder;
  nlohmann::json expected;
  {
    Stack stack(OptionsFor(folder.File("state")));
    ASSERT_TRUE(IsOk(stack.Start()));
    for (int half = 0; half < 2; ++half) {
      UplinkStream stream(stack.stub());
      ASSERT_TRUE(IsOk(stack.Control("all", {{"command", "burst"}, {"count", kPerGateway / 2}})));
      stream.Take(kPerGateway);
      if (half == 1) break;
      expected["cursor"] = absl::Base64Escape(stream.cursor());
      // A start brings what is in the log into tables.
      stack.StopService();
      ASSERT_TRUE(IsOk(stack.StartService()));
    }
    const auto channel = stack.service().NewChannel();
    const auto otap = mesh::OtapService::NewStub(channel);
    const auto nodes = mesh::NodeService::NewStub(channel);
    mesh::RequestNodeStatusRequest request;
    request.mutable_scope()->set_network_address(kNetwork);
    ASSERT_TRUE(
        IsOk(Call(otap.get(), &mesh::OtapService::Stub::RequestNodeStatus, request).status));
    ASSERT_TRUE(Eventually([&] { return CountStatuses(otap.get()) == kNodes; }));
    ASSERT_TRUE(Eventually([&] { return CountNodes(nodes.get()) == kNodes; }));
    std::smatch id;
    const std::string log = stack.broker().log();
    ASSERT_TRUE(std::regex_search(log, id, std::regex(" as (wirepas-grpc-[^- ]+) ")));
    expected["mqtt_client_id"] = id[1].str();
    stack.StopService();
  }
  std::ofstream(folder.File("expected.json")) << expected.dump(2) << "\n";
  ASSERT_TRUE(IsOk(RunProgram({"tar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner",
                               "-czf", file, "-C", folder.path(), "state", "expected.json"})
                       .status()));
}

}  // namespace
}  // namespace wirepas_grpc::integration
