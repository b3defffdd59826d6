// SPDX-License-Identifier: Apache-2.0
//
// progress_interval of all streams of one direction.
#include <future>

#include "tests/api/collecting_fixture.h"

namespace wirepas_grpc::api {
namespace {

class ProgressIntervalTest : public CollectingTest {
 protected:
  // Asks for progress each second.
  template <typename Request>
  static Request EachSecond(Request request = {}) {
    request.mutable_progress_interval()->set_seconds(1);
    return request;
  }
  template <typename Request>
  static Request OfScope() {
    Request request;
    request.mutable_scope()->set_network_address(12);
    return EachSecond(request);
  }
  // The next response; time passes until it has come.
  template <typename Response>
  Response ReadAsTimePasses(Stream<Response>* stream) {
    auto read = std::async(std::launch::async, [stream] { return stream->Read(); });
    Await([&] {
      if (read.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready) return true;
      Advance(absl::Milliseconds(250));
      return false;
    });
    return read.get();
  }

  template <typename Stub, typename Request, typename Response>
  void ExpectBounds(Stub* stub, std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(
                                    grpc::ClientContext*, const Request&)) {
    for (const int nanos : {999'999'999, 1}) {
      Request request;
      request.mutable_progress_interval()->set_seconds(nanos == 1 ? 3600 : 0);
      request.mutable_progress_interval()->set_nanos(nanos);
      if constexpr (requires { request.mutable_scope(); }) {
        request.mutable_scope()->set_network_address(12);
      }
      if constexpr (requires { request.set_scratchpad(""); }) request.set_scratchpad("x");
      if constexpr (requires { request.set_gateway_id(""); }) {
        request.set_gateway_id("gw1");
        request.set_sink_id("a");
        request.set_sequence(1);
      }
      ExpectStatus(Stream<Response>(stub, method, request).Finish(),
                   grpc::StatusCode::INVALID_ARGUMENT, {"progress_interval: "});
    }
  }
};

TEST_F(ProgressIntervalTest, IsBetweenASecondAndAnHour) {
  using Network = mesh::NetworkService::Stub;
  using Otap = mesh::OtapService::Stub;
  ExpectBounds(stub_.get(), &Network::WatchNetwork);
  ExpectBounds(stub_.get(), &Network::WatchBroker);
  ExpectBounds(stub_.get(), &Network::SubscribeUplink);
  ExpectBounds(stub_.get(), &Network::SubscribeDownlink);
  ExpectBounds(stub_.get(), &Network::UploadScratchpad);
  ExpectBounds(node_stub_.get(), &mesh::NodeService::Stub::WatchNodes);
  ExpectBounds(otap_stub_.get(), &Otap::LoadScratchpad);
  ExpectBounds(otap_stub_.get(), &Otap::ProcessScratchpads);
  ExpectBounds(otap_stub_.get(), &Otap::WatchNodeStatus);
}

TEST_F(ProgressIntervalTest, UplinksHaveTheCursorOnceThereIsOne) {
  Stream<mesh::SubscribeUplinkResponse> stream(stub_.get(),
                                               &mesh::NetworkService::Stub::SubscribeUplink,
                                               EachSecond<mesh::SubscribeUplinkRequest>());
  EXPECT_EQ(ReadAsTimePasses(&stream).ByteSizeLong(), 0u) << "the broker is away";
  EXPECT_EQ(ReadAsTimePasses(&stream).ByteSizeLong(), 0u);
  broker_.Connect();
  mesh::SubscribeUplinkResponse response;
  while (response.cursor().empty()) response = ReadAsTimePasses(&stream);
  const std::string first = response.cursor();
  response = ReadAsTimePasses(&stream);
  EXPECT_EQ(response.cursor(), first) << "nothing has come";
  EXPECT_EQ(response.uplinks_size(), 0);
  DeliverUplink("gw1", "sink", 1);
  while (response.uplinks_size() == 0) response = ReadAsTimePasses(&stream);
  EXPECT_NE(response.cursor(), first);
  EXPECT_EQ(ReadAsTimePasses(&stream).cursor(), response.cursor());
}

// What its filter lets not through has moved it on all the same.
TEST_F(ProgressIntervalTest, TheCursorIsWhereTheStreamIs) {
  broker_.Connect();
  auto request = EachSecond<mesh::SubscribeUplinkRequest>();
  request.mutable_filter()->add_source_addresses(99);
  Stream<mesh::SubscribeUplinkResponse> stream(
      stub_.get(), &mesh::NetworkService::Stub::SubscribeUplink, request);
  mesh::SubscribeUplinkResponse response = ReadAsTimePasses(&stream);
  const std::string first = response.cursor();
  DeliverUplink("gw1", "sink", 1);
  broker_.Flush();
  while (response.cursor() == first) response = ReadAsTimePasses(&stream);
  EXPECT_EQ(response.uplinks_size(), 0);
  EXPECT_FALSE(response.has_gap());
}

TEST_F(ProgressIntervalTest, DownlinksTellWhetherTheBrokerHasConfirmed) {
  Stream<mesh::SubscribeDownlinkResponse> stream(stub_.get(),
                                                 &mesh::NetworkService::Stub::SubscribeDownlink,
                                                 EachSecond<mesh::SubscribeDownlinkRequest>());
  EXPECT_EQ(ReadAsTimePasses(&stream).ByteSizeLong(), 0u) << "the broker is away";
  broker_.Connect();
  while (!ReadAsTimePasses(&stream).confirmed()) {
  }
  const auto progress = ReadAsTimePasses(&stream);
  EXPECT_TRUE(progress.confirmed());
  EXPECT_EQ(progress.downlinks_size(), 0);
}

TEST_F(ProgressIntervalTest, TheBrokersStateIsNotRepeated) {
  Stream<mesh::WatchBrokerResponse> stream(stub_.get(), &mesh::NetworkService::Stub::WatchBroker,
                                           EachSecond<mesh::WatchBrokerRequest>());
  EXPECT_TRUE(stream.Read().has_state());
  EXPECT_FALSE(ReadAsTimePasses(&stream).has_state());
  EXPECT_FALSE(ReadAsTimePasses(&stream).has_state());
  broker_.Connect();
  mesh::WatchBrokerResponse response;
  while (!response.has_state()) response = ReadAsTimePasses(&stream);
}

TEST_F(ProgressIntervalTest, WatchersOfTheNetworkAndOfNodesGetNoEvents) {
  Stream<mesh::WatchNetworkResponse> network(stub_.get(), &mesh::NetworkService::Stub::WatchNetwork,
                                             EachSecond<mesh::WatchNetworkRequest>());
  EXPECT_TRUE(network.Read().snapshot_complete());
  EXPECT_EQ(ReadAsTimePasses(&network).ByteSizeLong(), 0u);
  Stream<mesh::WatchNodesResponse> nodes(node_stub_.get(), &mesh::NodeService::Stub::WatchNodes,
                                         EachSecond<mesh::WatchNodesRequest>());
  EXPECT_TRUE(nodes.Read().snapshot_complete());
  EXPECT_EQ(ReadAsTimePasses(&nodes).ByteSizeLong(), 0u);
}

TEST_F(ProgressIntervalTest, NodeStatusesTellWhetherTheBrokerHasConfirmed) {
  Stream<mesh::WatchNodeStatusResponse> stream(otap_stub_.get(),
                                               &mesh::OtapService::Stub::WatchNodeStatus,
                                               EachSecond<mesh::WatchNodeStatusRequest>());
  EXPECT_EQ(ReadAsTimePasses(&stream).ByteSizeLong(), 0u) << "the broker is away";
  broker_.Connect();
  while (!ReadAsTimePasses(&stream).confirmed()) {
  }
  const auto progress = ReadAsTimePasses(&stream);
  EXPECT_TRUE(progress.confirmed());
  EXPECT_EQ(progress.statuses_size(), 0);
}

TEST_F(ProgressIntervalTest, AnUploadRepeatsTheProgressBefore) {
  gw::WirepasMessage status = Status("gw1", {"a"});
  status.mutable_status_event()->set_max_scratchpad_size(16);
  Retain("gw1", status);
  ConnectAndSync();
  auto request = EachSecond<mesh::UploadScratchpadRequest>();
  request.set_gateway_id("gw1");
  request.set_sink_id("a");
  request.set_sequence(7);
  request.set_scratchpad(std::string(20, 'x'));
  Stream<mesh::UploadScratchpadResponse> stream(
      stub_.get(), &mesh::NetworkService::Stub::UploadScratchpad, request);
  const Incoming first = NextRequest();
  EXPECT_EQ(ReadAsTimePasses(&stream).ByteSizeLong(), 0u);
  gw::WirepasMessage answer;
  answer.mutable_upload_scratchpad_resp();
  Answer(first, answer);
  mesh::UploadScratchpadResponse response;
  while (response.accepted_bytes() == 0) response = ReadAsTimePasses(&stream);
  for (int i = 0; i < 2; ++i) {
    response = ReadAsTimePasses(&stream);
    EXPECT_EQ(response.accepted_bytes(), 16u);
    EXPECT_EQ(response.total_bytes(), 20u);
    EXPECT_FALSE(response.done());
  }
  Answer(NextRequest(), answer);
  while (!response.done()) response = ReadAsTimePasses(&stream);
  EXPECT_TRUE(stream.Finish().ok());
}

TEST_F(ProgressIntervalTest, ALoadTellsItsNumberAndNoSinks) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  auto request = OfScope<mesh::LoadScratchpadRequest>();
  request.set_scratchpad("x");
  request.set_sequence(7);
  Stream<mesh::LoadScratchpadResponse> stream(otap_stub_.get(),
                                              &mesh::OtapService::Stub::LoadScratchpad, request);
  const auto first = stream.Read();
  EXPECT_EQ(first.sinks_size(), 1);
  NextRequest();  // which is not answered
  mesh::LoadScratchpadResponse response = first;
  while (response.sinks_size() > 0) response = ReadAsTimePasses(&stream);
  EXPECT_EQ(response.load_id(), first.load_id());
  EXPECT_EQ(response.sequence(), 7u);
  EXPECT_FALSE(response.has_file());
  EXPECT_FALSE(response.has_summary());
}

TEST_F(ProgressIntervalTest, ProcessingTellsNoResults) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  Stream<mesh::ProcessScratchpadsResponse> stream(otap_stub_.get(),
                                                  &mesh::OtapService::Stub::ProcessScratchpads,
                                                  OfScope<mesh::ProcessScratchpadsRequest>());
  const Incoming incoming = NextRequest();
  EXPECT_EQ(ReadAsTimePasses(&stream).ByteSizeLong(), 0u);
  gw::WirepasMessage answer;
  answer.mutable_process_scratchpad_resp();
  Answer(incoming, answer);
  mesh::ProcessScratchpadsResponse response;
  while (response.results_size() == 0) response = ReadAsTimePasses(&stream);
  EXPECT_TRUE(stream.Finish().ok());
}

}  // namespace
}  // namespace wirepas_grpc::api
