// SPDX-License-Identifier: Apache-2.0
//
// Node statuses of OtapService: asked for, watched, listed and kept.
#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"
#include "wirepas/mesh/v1/otap_service.grpc.pb.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::OtapService::Stub;
using Watch = StreamReader<mesh::WatchNodeStatusResponse>;

constexpr char kReports[] = "gw-event/received_data/+/+/+/240/255";
constexpr char kClient[] = "the-service";

// A report of the shortest version, of a stored scratchpad with this sequence.
std::string Report(uint8_t sequence) {
  std::string report(26, '\0');
  report[0] = '\x99';
  report[1] = 24;
  report[2] = 100;                          // length
  report[8] = static_cast<char>(sequence);  // of the stored one
  report[10] = '\xff';                      // new
  return report;
}

class NodeStatusTest : public testing::Test {
 protected:
  void Start(std::vector<std::string> service = {}, bool durable = false) {
    Stack::Options options;
    options.broker.max_queued_messages = 1'000'000;
    options.simulator = {"--gateways", "2", "--sinks", "1", "--nodes", "20", "--rate", "0"};
    options.service = {"--mqtt_client_id", kClient};
    if (durable) options.service.insert(options.service.end(), {"--state_dir", StateDir()});
    options.service.insert(options.service.end(), service.begin(), service.end());
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
    Connect();
  }
  std::string StateDir() const { return state_.path() + "/state"; }
  void Connect() { stub_ = mesh::OtapService::NewStub(stack_->service().NewChannel()); }
  void Restart() {
    stack_->StopService();
    ASSERT_TRUE(IsOk(stack_->StartService()));
    Connect();
  }

  mesh::ListNodeStatusResponse List(const mesh::ListNodeStatusRequest& request = {}) {
    auto result = Call(stub_.get(), &Stub::ListNodeStatus, request);
    EXPECT_TRUE(IsOk(result.status));
    return std::move(result.response);
  }
  void Ask() {
    mesh::RequestNodeStatusRequest request;
    request.mutable_scope()->set_network_address(kNetwork);
    const auto result = Call(stub_.get(), &Stub::RequestNodeStatus, request);
    ASSERT_TRUE(IsOk(result.status));
    for (const mesh::SinkResult& sink : result.response.results()) EXPECT_FALSE(sink.has_error());
  }
  // A packet by hand between the endpoints of reports.
  void Send(MqttPeer* peer, uint64_t event_id, uint32_t node, int64_t seconds,
            const std::string& payload) {
    gw::WirepasMessage message = UplinkEvent(kGateway, kSink, event_id);
    gw::PacketReceivedEvent* event = message.mutable_packet_received_event();
    event->set_source_address(node);
    event->set_source_endpoint(240);
    event->set_destination_endpoint(255);
    event->set_rx_time_ms_epoch(static_cast<uint64_t>(1'700'000'000 + seconds) * 1000);
    event->set_payload(payload);
    ASSERT_TRUE(
        IsOk(peer->Publish(UplinkTopic(kGateway, kSink, kNetwork, 240, 255), Encoded(message))));
  }
  // A watcher for whom the broker has granted the reports.
  std::unique_ptr<Watch> WatchAll() {
    auto watch = std::make_unique<Watch>(stub_.get(), &Stub::WatchNodeStatus,
                                         mesh::WatchNodeStatusRequest());
    EXPECT_TRUE(watch->Next().has_value());
    return watch;
  }

  TemporaryDirectory state_;
  std::unique_ptr<Stack> stack_;
  std::unique_ptr<Stub> stub_;
};

TEST_F(NodeStatusTest, AnswersAreWatchedAsTheyComeAndListed) {
  Start();
  const auto watch = WatchAll();
  Ask();
  std::set<uint32_t> nodes;
  while (nodes.size() < 40) {
    const auto response = watch->Next();
    ASSERT_TRUE(response.has_value());
    for (const mesh::NodeStatus& status : response->statuses()) {
      EXPECT_EQ(status.report_version(), 3u);
      EXPECT_EQ(status.stored_type(), mesh::NODE_SCRATCHPAD_TYPE_BLANK);
      EXPECT_EQ(status.stored_state(), mesh::NODE_SCRATCHPAD_STATE_SUCCESS);
      EXPECT_EQ(status.stack().version().major(), 5u);
      EXPECT_TRUE(status.has_target());
      nodes.insert(status.node_address());
    }
  }
  const mesh::ListNodeStatusResponse all = List();
  ASSERT_EQ(all.statuses_size(), 40);
  EXPECT_EQ(stack_->service().Metric("wirepas_grpc_node_statuses"), 40);
  mesh::ListNodeStatusRequest request;
  request.set_page_size(15);
  std::vector<uint32_t> paged;
  int pages = 0;
  do {
    const mesh::ListNodeStatusResponse page = List(request);
    for (const mesh::NodeStatus& status : page.statuses()) paged.push_back(status.node_address());
    request.set_page_token(page.next_page_token());
  } while (++pages < 10 && !request.page_token().empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(paged, std::vector<uint32_t>(nodes.begin(), nodes.end()));
  mesh::ListNodeStatusRequest filtered;
  filtered.mutable_filter()->add_node_addresses(*nodes.begin());
  EXPECT_EQ(List(filtered).statuses_size(), 1);
  filtered.mutable_filter()->add_network_addresses(1);
  EXPECT_EQ(List(filtered).statuses_size(), 0);
}

TEST_F(NodeStatusTest, TheReportReceivedLaterIsTheNewer) {
  Start();
  const auto watch = WatchAll();
  const auto peer = stack_->NewPeer();
  Send(peer.get(), 1, 7, 100, Report(1));
  ASSERT_TRUE(watch->Next().has_value());
  Send(peer.get(), 2, 7, 50, Report(2));  // whatever the gateway's clock says
  Send(peer.get(), 3, 8, 60, Report(3));
  std::set<uint32_t> changed;
  while (changed.size() < 2) {
    const auto response = watch->Next();
    ASSERT_TRUE(response.has_value());
    for (const mesh::NodeStatus& status : response->statuses()) {
      changed.insert(status.node_address());
    }
  }
  const mesh::ListNodeStatusResponse list = List();
  ASSERT_EQ(list.statuses_size(), 2);
  EXPECT_EQ(list.statuses(0).stored().sequence(), 2u);
  EXPECT_EQ(list.statuses(0).stored_state(), mesh::NODE_SCRATCHPAD_STATE_NEW);
  EXPECT_EQ(list.statuses(0).stored_state_code(), 255u);
  EXPECT_EQ(list.statuses(0).receive_time().seconds(), 1'700'000'050);
  EXPECT_EQ(list.statuses(0).send_time().nanos(), 877'000'000);
  EXPECT_FALSE(list.statuses(0).has_application());
  mesh::WatchNodeStatusRequest known;
  known.set_include_known(true);
  Watch late(stub_.get(), &Stub::WatchNodeStatus, known);
  const auto first = late.Next();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->statuses_size(), 2);
}

TEST_F(NodeStatusTest, MalformedReportsAreCountedByKind) {
  Start();
  const auto watch = WatchAll();
  const auto peer = stack_->NewPeer();
  Send(peer.get(), 1, 1, 1, "");
  Send(peer.get(), 2, 1, 1, Report(1).substr(0, 20));
  Send(peer.get(), 3, 1, 1, std::string("\x99\x1e") + std::string(60, 'x'));
  Send(peer.get(), 4, 1, 1, std::string("\x80\x00", 2));
  Send(peer.get(), 5, 2, 1, Report(9) + "more");
  const auto response = watch->Next();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->statuses(0).node_address(), 2u);
  const auto count = [&](const char* reason) {
    return stack_->service().Metric(
        absl::StrCat("wirepas_grpc_node_statuses_malformed_total{reason=\"", reason, "\"}"));
  };
  EXPECT_EQ(count("truncated"), 2);
  EXPECT_EQ(count("unknown_length"), 1);
  EXPECT_EQ(count("other_answer"), 1);
  EXPECT_EQ(List().statuses_size(), 1);
}

TEST_F(NodeStatusTest, KeptOverARestart) {
  Start({}, /*durable=*/true);
  const mesh::ListNodeStatusResponse empty = List();
  Ask();
  ASSERT_TRUE(Eventually([&] { return List().statuses_size() == 40; }));
  const std::string before = List().SerializeAsString();
  Restart();
  EXPECT_EQ(List().SerializeAsString(), before);
}

// Nothing that was listed is missing or older after the end.
TEST_F(NodeStatusTest, KilledWhileReportsCome) {
  Start({"--collect_node_status"}, /*durable=*/true);
  const auto peer = stack_->NewPeer();
  uint64_t event = 1;
  for (int round = 0; round < 5 && !HasFailure(); ++round) {
    { const auto granted = WatchAll(); }
    std::atomic<bool> stop = false;
    std::thread sender([&] {
      while (!stop) {
        const auto number = static_cast<int64_t>(event++);
        Send(peer.get(), static_cast<uint64_t>(number), 1 + number % 500, number, Report(number));
      }
    });
    const size_t wanted = 100 * (round + 1);
    mesh::ListNodeStatusResponse listed;
    EXPECT_TRUE(Eventually([&] {
      listed = List();
      return static_cast<size_t>(listed.statuses_size()) >= wanted;
    }));
    EXPECT_EQ(stack_->service().process().Kill(), 128 + SIGKILL);
    stop = true;
    sender.join();
    ASSERT_TRUE(IsOk(stack_->StartService()));
    Connect();
    std::map<uint32_t, int64_t> known;
    const mesh::ListNodeStatusResponse after = List();
    for (const mesh::NodeStatus& status : after.statuses()) {
      known[status.node_address()] = status.receive_time().seconds();
    }
    for (const mesh::NodeStatus& status : listed.statuses()) {
      EXPECT_GE(known[status.node_address()], status.receive_time().seconds());
    }
  }
}

TEST_F(NodeStatusTest, SubscriptionEndsAfterTheLinger) {
  Start({"--collect_linger", "1s"});
  { const auto watch = WatchAll(); }
  EXPECT_TRUE(IsOk(stack_->broker().WaitForLog(absl::StrCat(kClient, " 1 ", kReports), kBound)));
  EXPECT_TRUE(IsOk(stack_->broker().WaitForLog(absl::StrCat(kClient, " ", kReports), kBound)));
}

TEST_F(NodeStatusTest, MoreNodesThanAreKept) {
  Start({"--max_nodes", "10"}, /*durable=*/true);
  Ask();
  ASSERT_TRUE(Eventually(
      [&] { return stack_->service().Metric("wirepas_grpc_node_statuses_evicted_total") == 30; }));
  EXPECT_EQ(List().statuses_size(), 10);
  Restart();
  EXPECT_EQ(List().statuses_size(), 10);
}

}  // namespace
}  // namespace wirepas_grpc::integration
