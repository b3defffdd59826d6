// SPDX-License-Identifier: Apache-2.0
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

using Stub = mesh::NetworkService::Stub;
using testing::ElementsAre;
using testing::IsEmpty;

class ListSinksTest : public ServiceTest {
 protected:
  static std::vector<std::string> Names(const mesh::ListSinksResponse& response) {
    std::vector<std::string> names;
    for (const mesh::Sink& sink : response.sinks()) {
      names.push_back(sink.gateway_id() + "/" + sink.sink_id());
    }
    return names;
  }

  static gw::WirepasMessage Configs(const std::vector<std::string>& sinks) {
    gw::WirepasMessage answer;
    answer.mutable_get_configs_resp();
    for (const std::string& sink : sinks) {
      gw::SinkReadConfig* config = answer.mutable_get_configs_resp()->add_configs();
      config->set_sink_id(sink);
      config->set_network_address(12);
    }
    return answer;
  }
};

TEST_F(ListSinksTest, ListsSinksOfOnlineGateways) {
  AddGateway("gw2", {"b", "a"});
  AddGateway("gw1", {"c"});
  AddGateway("off", {"d"});
  Retain("off", Status("off", {}, /*online=*/false));
  ConnectAndSync();
  Call call(stub_.get(), &Stub::ListSinks, mesh::ListSinksRequest());
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_THAT(Names(call.response()), ElementsAre("gw1/c", "gw2/a", "gw2/b"));
  EXPECT_EQ(call.response().sinks(0).config().network_address(), 12u);
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(ListSinksTest, SelectsByNetworkAndGateway) {
  AddGateway("gw1", {"a"});
  AddGateway("gw2", {"b"});
  ConnectAndSync();
  mesh::ListSinksRequest request;
  request.add_gateway_ids("gw2");
  Call one(stub_.get(), &Stub::ListSinks, request);
  ASSERT_TRUE(one.Finish().ok());
  EXPECT_THAT(Names(one.response()), ElementsAre("gw2/b"));
  request.set_network_address(13);
  Call other(stub_.get(), &Stub::ListSinks, request);
  ASSERT_TRUE(other.Finish().ok());
  EXPECT_THAT(Names(other.response()), IsEmpty());
  request.add_gateway_ids("none");
  Call unknown(stub_.get(), &Stub::ListSinks, request);
  ExpectStatus(unknown.Finish(), grpc::StatusCode::NOT_FOUND, {"'none'"});
  EXPECT_EQ(DetailOf(unknown.Finish()).gateway_id(), "none");
}

TEST_F(ListSinksTest, SelectsBySinkOfWhicheverGateway) {
  AddGateway("gw1", {"a", "b", "c"});
  AddGateway("gw2", {"b", "d"});
  ConnectAndSync();
  mesh::ListSinksRequest request;
  for (const char* sink : {"b", "d", "none"}) request.add_sink_ids(sink);
  Call all(stub_.get(), &Stub::ListSinks, request);
  ASSERT_TRUE(all.Finish().ok());
  EXPECT_THAT(Names(all.response()), ElementsAre("gw1/b", "gw2/b", "gw2/d"));
  // A page ends where another sink of the filter follows, and nowhere else.
  request.set_page_size(2);
  Call first(stub_.get(), &Stub::ListSinks, request);
  ASSERT_TRUE(first.Finish().ok());
  EXPECT_THAT(Names(first.response()), ElementsAre("gw1/b", "gw2/b"));
  request.set_page_token(first.response().next_page_token());
  Call last(stub_.get(), &Stub::ListSinks, request);
  ASSERT_TRUE(last.Finish().ok());
  EXPECT_THAT(Names(last.response()), ElementsAre("gw2/d"));
  EXPECT_EQ(last.response().next_page_token(), "");
  request.add_sink_ids("a/b");
  Call wrong(stub_.get(), &Stub::ListSinks, request);
  ExpectInvalidField(wrong.Finish(), "sink_ids[3]");
}

TEST_F(ListSinksTest, RefreshAsksAllGateways) {
  AddGateway("gw1", {"a"});
  AddGateway("gw2", {"b"});
  ConnectAndSync();
  mesh::ListSinksRequest request;
  request.set_refresh(true);
  Call call(stub_.get(), &Stub::ListSinks, request);
  for (int i = 0; i < 2; ++i) {
    const Incoming incoming = NextRequest();
    if (incoming.topic == "gw-request/get_configs/gw1") Answer(incoming, Configs({"a", "new"}));
  }
  Await([&] { return network_.tracker().pending() == 1; });
  Advance(absl::Seconds(2));
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_THAT(Names(call.response()), ElementsAre("gw1/a", "gw1/new", "gw2/b"));
  EXPECT_THAT(call.response().silent_gateway_ids(), ElementsAre("gw2"));
}

TEST_F(ListSinksTest, ACancelledCallLeavesNoRequests) {
  AddGateway("gw1", {"a"});
  AddGateway("gw2", {"b"});
  ConnectAndSync();
  mesh::ListSinksRequest request;
  request.set_refresh(true);
  Call call(stub_.get(), &Stub::ListSinks, request);
  NextRequest();
  NextRequest();
  EXPECT_EQ(network_.tracker().pending(), 2u);
  call.Cancel();
  Await([&] { return network_.tracker().pending() == 0; });
}

TEST_F(ListSinksTest, RequireAllFailsForAGatewayThatIsSilentOrOffline) {
  AddGateway("gw1", {"a"});
  Retain("off", Status("off", {}, /*online=*/false));
  ConnectAndSync();
  mesh::ListSinksRequest request;
  request.set_refresh(true);
  request.set_require_all(true);
  Call silent(stub_.get(), &Stub::ListSinks, request);
  NextRequest();
  Advance(absl::Seconds(2));
  ExpectStatus(silent.Finish(), grpc::StatusCode::DEADLINE_EXCEEDED, {"'gw1'"});
  EXPECT_EQ(DetailOf(silent.Finish()).gateway_id(), "gw1");
  request.add_gateway_ids("off");
  Call offline(stub_.get(), &Stub::ListSinks, request);
  ExpectStatus(offline.Finish(), grpc::StatusCode::UNAVAILABLE, {"'off'", "offline"});
}

TEST_F(ListSinksTest, OneThatAnswersWithAnErrorIsInErrors) {
  AddGateway("gw1", {"a"});
  AddGateway("gw2", {"b"});
  ConnectAndSync();
  mesh::ListSinksRequest request;
  request.set_refresh(true);
  for (const bool require_all : {false, true}) {
    request.set_require_all(require_all);
    Call call(stub_.get(), &Stub::ListSinks, request);
    for (int i = 0; i < 2; ++i) {
      const Incoming incoming = NextRequest();
      const bool first = incoming.topic == "gw-request/get_configs/gw1";
      Answer(incoming, Configs({"b"}), first ? gw::ACCESS_DENIED : gw::OK);
    }
    if (require_all) {
      ExpectStatus(call.Finish(), grpc::StatusCode::PERMISSION_DENIED, {"'gw1'"});
      continue;
    }
    ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
    EXPECT_THAT(Names(call.response()), ElementsAre("gw1/a", "gw2/b")) << "as known before";
    EXPECT_THAT(call.response().silent_gateway_ids(), IsEmpty());
    ASSERT_EQ(call.response().errors_size(), 1);
    const mesh::CallError& error = call.response().errors(0);
    EXPECT_EQ(error.code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(error.gateway_error().gateway_id(), "gw1");
    EXPECT_EQ(error.gateway_error().result(), mesh::RESULT_CODE_ACCESS_DENIED);
  }
}

TEST_F(ListSinksTest, WithoutABrokerNobodyIsSilent) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  broker_.Disconnect();
  broker_.Flush();
  mesh::ListSinksRequest request;
  request.set_refresh(true);
  Call call(stub_.get(), &Stub::ListSinks, request);
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_THAT(Names(call.response()), ElementsAre("gw1/a"));
  EXPECT_THAT(call.response().silent_gateway_ids(), IsEmpty());
  ASSERT_EQ(call.response().errors_size(), 1);
  EXPECT_EQ(call.response().errors(0).code(), grpc::StatusCode::UNAVAILABLE);
  request.set_require_all(true);
  Call all(stub_.get(), &Stub::ListSinks, request);
  ExpectStatus(all.Finish(), grpc::StatusCode::UNAVAILABLE, {"'gw1'", "not connected"});
}

TEST_F(ListSinksTest, ListingsThatComeTogetherShareAQuestion) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  mesh::ListSinksRequest request;
  request.set_refresh(true);
  Call first(stub_.get(), &Stub::ListSinks, request);
  const Incoming question = NextRequest();
  Call second(stub_.get(), &Stub::ListSinks, request);
  Await([&] { return network_.sink_refresh().waiting() == 2; });
  first.Cancel();
  Await([&] { return network_.sink_refresh().waiting() == 1; });
  Answer(question, Configs({"a", "new"}));
  ASSERT_TRUE(second.Finish().ok()) << second.Finish().error_message();
  EXPECT_THAT(Names(second.response()), ElementsAre("gw1/a", "gw1/new"));
  EXPECT_THAT(second.response().silent_gateway_ids(), IsEmpty());
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(ListSinksTest, PagesGoThroughGatewaysAndSinksAndAskOnce) {
  // "gw-" sorts before "gw" + '/' as text, but behind it as an id.
  AddGateway("gw", {"a", "b", "c"});
  AddGateway("gw-", {"a", "b"});
  ConnectAndSync();
  mesh::ListSinksRequest request;
  request.set_page_size(2);
  request.set_refresh(true);
  std::vector<std::string> names;
  for (int page = 0; page < 3; ++page) {
    Call call(stub_.get(), &Stub::ListSinks, request);
    if (page == 0) {
      for (int i = 0; i < 2; ++i) {
        const Incoming incoming = NextRequest();
        const bool first = incoming.topic == "gw-request/get_configs/gw";
        Answer(incoming, first ? Configs({"a", "b", "c"}) : Configs({"a", "b"}));
      }
    }
    ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
    for (const std::string& name : Names(call.response())) names.push_back(name);
    request.set_page_token(call.response().next_page_token());
    EXPECT_EQ(request.page_token().empty(), page == 2);
  }
  EXPECT_THAT(names, ElementsAre("gw/a", "gw/b", "gw/c", "gw-/a", "gw-/b"));
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(ListSinksTest, NamesTheFieldThatIsWrong) {
  mesh::ListSinksRequest request;
  request.set_network_address(0);
  Call network(stub_.get(), &Stub::ListSinks, request);
  ExpectStatus(network.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"network_address:"});
  request.Clear();
  request.add_gateway_ids("a#");
  Call id(stub_.get(), &Stub::ListSinks, request);
  ExpectStatus(id.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"gateway_ids[0]:"});
  request.Clear();
  request.set_page_size(-1);
  Call size(stub_.get(), &Stub::ListSinks, request);
  ExpectStatus(size.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"page_size:"});
}

}  // namespace
}  // namespace wirepas_grpc::api
