// SPDX-License-Identifier: Apache-2.0
//
// Sinks that do not answer have the limit of the RPC and no more, however long the client waits.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;
using Stub = mesh::OtapService::Stub;

constexpr absl::Duration kLong = absl::Hours(1);

class SilentSinksTest : public ServiceTest {
 protected:
  template <typename Request>
  static Request OfNetwork() {
    Request request;
    request.mutable_scope()->set_network_address(12);
    return request;
  }
  template <typename Results>
  static std::vector<std::string> Texts(const Results& results) {
    std::vector<std::string> texts;
    for (const auto& result : results) {
      texts.push_back(absl::StrCat(result.sink().sink_id(), " ", result.error().code()));
    }
    return texts;
  }
  static std::string SinkOf(const Incoming& incoming) {
    return incoming.topic.substr(incoming.topic.rfind('/') + 1);
  }
  bool NothingIsPending() { return network_.tracker().pending() == 0; }
};

TEST_F(SilentSinksTest, AsManyAsAreProcessedAtATimeDoNotStopTheOthers) {
  AddGateway("gw1", {"a", "b", "c", "d", "e", "f"});
  ConnectAndSync();
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kLong));
  const auto reader =
      otap_stub_->ProcessScratchpads(&context, OfNetwork<mesh::ProcessScratchpadsRequest>());
  std::vector<std::string> silent;
  for (int i = 0; i < 4; ++i) silent.push_back(SinkOf(NextRequest()));
  EXPECT_THAT(silent, UnorderedElementsAre("a", "b", "c", "d"));
  Advance(absl::Seconds(121));
  EXPECT_EQ(broker_.published_count(), 0u) << "they have 122 s";
  Advance(absl::Seconds(1));
  for (int i = 0; i < 2; ++i) {
    gw::WirepasMessage answer;
    answer.mutable_process_scratchpad_resp();
    Answer(NextRequest(), answer);
  }
  std::vector<std::string> texts;
  mesh::ProcessScratchpadsResponse response;
  while (reader->Read(&response)) {
    for (const std::string& text : Texts(response.results())) texts.push_back(text);
  }
  EXPECT_THAT(texts, UnorderedElementsAre("a 4", "b 4", "c 4", "d 4", "e 0", "f 0"));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(SilentSinksTest, HaveTwoSecondsToReportTheirScratchpads) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  Call call(otap_stub_.get(), &Stub::ListScratchpads, OfNetwork<mesh::ListScratchpadsRequest>(),
            kLong);
  NextRequest();
  Advance(absl::Seconds(2));
  Await([&] { return NothingIsPending(); });
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_THAT(Texts(call.response().sinks()), ElementsAre("a 4"));
}

TEST_F(SilentSinksTest, HaveTwoSecondsToTakeATarget) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  auto request = OfNetwork<mesh::SetTargetRequest>();
  request.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_NO_OTAP);
  Call call(otap_stub_.get(), &Stub::SetTarget, request, kLong);
  NextRequest();
  Advance(absl::Seconds(2));
  Await([&] { return NothingIsPending(); });
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_THAT(Texts(call.response().results()), ElementsAre("a 4"));
}

TEST_F(SilentSinksTest, HaveTwoSecondsToSendAQuestionToNodes) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  Call call(otap_stub_.get(), &Stub::RequestNodeStatus, OfNetwork<mesh::RequestNodeStatusRequest>(),
            kLong);
  NextRequest();
  Advance(absl::Seconds(2));
  Await([&] { return NothingIsPending(); });
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_THAT(Texts(call.response().results()), ElementsAre("a 4"));
}

TEST_F(SilentSinksTest, DoNotHoldUpALoadThatAsksForSequences) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  auto request = OfNetwork<mesh::LoadScratchpadRequest>();
  request.set_scratchpad(std::string(40, 'x'));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kLong));
  const auto reader = otap_stub_->LoadScratchpad(&context, request);
  EXPECT_TRUE(NextRequest().message.has_get_scratchpad_status_req());
  Advance(absl::Seconds(2));
  EXPECT_TRUE(NextRequest().message.has_upload_scratchpad_req());
  context.TryCancel();
  mesh::LoadScratchpadResponse response;
  while (reader->Read(&response)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(SilentSinksTest, DoNotHoldUpTheResultsOfABroadcast) {
  AddGateway("gw1", {"a"});
  AddGateway("gw2", {"b"});
  ConnectAndSync();
  mesh::BroadcastMessageRequest request;
  request.mutable_scope()->set_network_address(12);
  request.mutable_message()->set_destination_address(0xffffffff);
  request.mutable_message()->set_source_endpoint(1);
  request.mutable_message()->set_destination_endpoint(1);
  request.mutable_message()->set_payload("x");
  Call call(stub_.get(), &mesh::NetworkService::Stub::BroadcastMessage, request, kLong);
  gw::WirepasMessage answer;
  answer.mutable_send_packet_resp();
  for (int i = 0; i < 2; ++i) {
    const Incoming incoming = NextRequest();
    if (SinkOf(incoming) == "b") Answer(incoming, answer);
  }
  Await([&] { return network_.tracker().pending() == 1; });
  Advance(absl::Seconds(2));
  Await([&] { return NothingIsPending(); });
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  ASSERT_EQ(call.response().results_size(), 2);
  EXPECT_EQ(call.response().results(0).error().code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(call.response().results(1).has_sent());
}

}  // namespace
}  // namespace wirepas_grpc::api
