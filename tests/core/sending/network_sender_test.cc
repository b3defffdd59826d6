// SPDX-License-Identifier: Apache-2.0
#include "core/sending/network_sender.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/reason.h"
#include "core/sending/derived_id.h"
#include "gmock/gmock.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr RequestId kChosen = 0xABCDEF0123456789;

// Network 7 has the sinks "s" and "t" of the gateways "g" and "h" each.
class NetworkSenderTest : public NetworkFixture {
 protected:
  explicit NetworkSenderTest(const Network::Options& options = {}) : NetworkFixture(options) {}
  void SetUp() override { StartSynced(); }
  // Nothing may run any more when the sender goes.
  ~NetworkSenderTest() override {
    network_.Stop();
    executor_.Stop();
  }

  static NetworkMessage ToAll(const std::string& payload = "payload") {
    NetworkMessage message{.network_address = 7, .packet = Packet(payload)};
    message.packet.set_destination_address(0xFFFFFFFF);
    return message;
  }
  static NetworkMessage Chosen(const std::string& payload = "payload") {
    NetworkMessage message = ToAll(payload);
    message.request_id = kChosen;
    return message;
  }

  NetworkSend::Ptr Send(const NetworkMessage& message, NetworkSend::Terms terms) {
    absl::StatusOr<RouteMemory::Use> use = sender_.Repeat(message);
    EXPECT_TRUE(use.ok()) << use.status();
    if (use.ok() && use->route() == nullptr) {
      absl::StatusOr<RouteMemory::Use> chosen = sender_.Choose(message, std::nullopt);
      EXPECT_TRUE(chosen.ok()) << chosen.status();
      return Send(message, *std::move(chosen), std::move(terms));
    }
    return Send(message, *std::move(use), std::move(terms));
  }
  NetworkSend::Ptr Send(const NetworkMessage& message) {
    return Send(message, {.limit = absl::Seconds(2)});
  }
  NetworkSend::Ptr Send(const NetworkMessage& message, RouteMemory::Use use,
                        NetworkSend::Terms terms) {
    return sender_.Send(message, std::move(use), sender_.Listen(message.network_address),
                        std::move(terms),
                        [done = done_](NetworkOutcome outcome) { done->Put(std::move(outcome)); });
  }

  // What was published since the last call, by topic behind "gw-request/send_data/".
  std::map<std::string, RequestId> PublishedNow() {
    Settle();
    std::map<std::string, RequestId> published;
    while (broker_.published_count() > 0) {
      const Published next = NextPublished();
      published[next.raw.topic.substr(21)] = next.message.send_packet_req().header().req_id();
    }
    return published;
  }
  void AnswerFrom(const std::string& sink, RequestId id, gw::ErrorCode code = gw::OK) {
    gw::WirepasMessage message;
    gw::ResponseHeader* header = message.mutable_send_packet_resp()->mutable_header();
    header->set_req_id(id);
    header->set_gw_id(sink.substr(0, 1));
    header->set_sink_id(sink.substr(2));
    header->set_res(code);
    broker_.Deliver("gw-response/send_data/" + sink, Encode(message));
    Settle();
  }
  void AnswerAll(gw::ErrorCode code = gw::OK) {
    for (const auto& [sink, id] : PublishedNow()) AnswerFrom(sink, id, code);
  }
  NetworkOutcome Outcome() {
    std::optional<NetworkOutcome> outcome = done_->Take();
    EXPECT_TRUE(outcome.has_value()) << "it did not end";
    return outcome.value_or(NetworkOutcome());
  }

  std::shared_ptr<Inbox<NetworkOutcome>> done_ = std::make_shared<Inbox<NetworkOutcome>>();
  NodeCollector nodes_{{}, &network_, nullptr};
  MessageSender messages_{&network_};
  NetworkSender sender_{&network_, &nodes_, &messages_};
};

TEST_F(NetworkSenderTest, GathersWhatTheSinksSay) {
  Send(ToAll());
  const auto published = PublishedNow();
  ASSERT_EQ(published.size(), 4u);
  AnswerFrom("h/s", published.at("h/s"));
  AnswerFrom("g/s", published.at("g/s"));
  AnswerFrom("g/t", published.at("g/t"), gw::INTERNAL_ERROR);
  Settle();
  EXPECT_TRUE(done_->empty());
  scheduler_.Advance(absl::Seconds(2));
  const NetworkOutcome outcome = Outcome();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  ASSERT_EQ(outcome.sinks.size(), 4u);
  EXPECT_EQ(outcome.decisive, 2u) << "h/s took it first";
  std::vector<absl::StatusCode> codes;
  for (const SinkOutcome& sink : outcome.sinks) codes.push_back(sink.outcome.status.code());
  EXPECT_THAT(codes, ElementsAre(absl::StatusCode::kOk, absl::StatusCode::kInternal,
                                 absl::StatusCode::kOk, absl::StatusCode::kDeadlineExceeded));
}

TEST_F(NetworkSenderTest, ARepeatedIdGetsTheFirstResultsAndSendsNothing) {
  Send(Chosen());
  const auto published = PublishedNow();
  ASSERT_EQ(published.size(), 4u);
  for (const auto& [sink, id] : published) {
    EXPECT_EQ(id, DerivedId(kChosen, {*GatewayId::Parse(sink.substr(0, 1)),
                                      *SinkId::Parse(sink.substr(2))}));
    AnswerFrom(sink, id);
  }
  Outcome();
  // Through the same sinks, though there are others now.
  broker_.Deliver("gw-event/status/h", [] {
    gw::WirepasMessage message;
    *message.mutable_status_event() = StatusOf("h", gw::ON, {"s", "t", "u"});
    message.mutable_status_event()->mutable_header()->set_event_id(2);
    return Encode(message);
  }());
  Settle();
  Send(Chosen());
  EXPECT_TRUE(PublishedNow().empty());
  EXPECT_EQ(Outcome().sinks.size(), 4u);
  EXPECT_TRUE(absl::IsInvalidArgument(sender_.Repeat(Chosen("another")).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(sender_.CheckForSink(kChosen)));
  EXPECT_TRUE(sender_.CheckForSink(kChosen + 1).ok());
}

TEST_F(NetworkSenderTest, ARepetitionIsSentToThoseThatDidNotTakeIt) {
  Send(Chosen());
  const auto first = PublishedNow();
  ASSERT_EQ(first.size(), 4u);
  for (const auto& [sink, id] : first) {
    AnswerFrom(sink, id, sink == "h/t" ? gw::SINK_OUT_OF_MEMORY : gw::OK);
  }
  // Of this one it is sure that it had no room until the end.
  while (done_->empty()) {
    scheduler_.Advance(absl::Milliseconds(50));
    for (const auto& [sink, id] : PublishedNow()) AnswerFrom(sink, id, gw::SINK_OUT_OF_MEMORY);
  }
  const NetworkOutcome outcome = Outcome();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.sinks[3].outcome.status));
  PublishedNow();
  Send(Chosen());
  // Its sink is still paused.
  std::map<std::string, RequestId> again;
  for (int i = 0; i < 20 && again.empty(); ++i) {
    scheduler_.Advance(absl::Milliseconds(70));
    again = PublishedNow();
  }
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again.begin()->first, "h/t");
  AnswerFrom("h/t", again.begin()->second);
  const NetworkOutcome repeated = Outcome();
  EXPECT_TRUE(repeated.sinks[3].outcome.status.ok());
}

TEST_F(NetworkSenderTest, AnIdOfAMessageThroughASinkIsNotOneByNetwork) {
  messages_.Send(g_, s_, Packet(), absl::Seconds(2), kChosen, Keep());
  EXPECT_TRUE(absl::IsInvalidArgument(sender_.Repeat(Chosen()).status()));
}

TEST_F(NetworkSenderTest, CancelledItTellsNothingAndForgetsWhatHadNoEffect) {
  const NetworkSend::Ptr sent = Send(Chosen());
  EXPECT_EQ(PublishedNow().size(), 4u);
  sent->Cancel();
  sent->Cancel();
  Settle();
  EXPECT_TRUE(done_->empty());
  EXPECT_FALSE(sender_.CheckForSink(kChosen).ok()) << "it was sent";
  broker_.Disconnect();
  Settle();
  NetworkMessage unsent = ToAll();
  unsent.request_id = kChosen + 1;
  const NetworkSend::Ptr none = Send(unsent);
  none->Cancel();
  Settle();
  EXPECT_TRUE(sender_.CheckForSink(kChosen + 1).ok()) << "it was not";
}

TEST_F(NetworkSenderTest, NoSinkTookIt) {
  Send(ToAll());
  AnswerAll(gw::ACCESS_DENIED);
  const NetworkOutcome outcome = Outcome();
  EXPECT_TRUE(absl::IsPermissionDenied(outcome.status)) << outcome.status;
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("no other sink took it"));
}

// Two places for four sinks.
class FewPlacesSenderTest : public NetworkSenderTest {
 protected:
  FewPlacesSenderTest() : NetworkSenderTest(FewPlaces()) {}
  static Network::Options FewPlaces() {
    Network::Options options;
    options.max_pending_requests = 2;
    return options;
  }
  RequestPlaces& places() { return network_.tracker().places(); }
  NetworkSend::Terms Waiting() {
    NetworkSend::Terms terms{.limit = absl::Seconds(2), .waits_for_places = true};
    terms.limit.asker = places().Named("client");
    terms.begun = [begun = begun_](size_t sinks) { begun->Put(sinks); };
    return terms;
  }

  std::shared_ptr<Inbox<size_t>> begun_ = std::make_shared<Inbox<size_t>>();
};

TEST_F(FewPlacesSenderTest, WithoutWaitingSinksBeyondThePlacesFail) {
  Send(ToAll());
  EXPECT_EQ(PublishedNow().size(), 2u);
  scheduler_.Advance(absl::Seconds(2));
  const NetworkOutcome outcome = Outcome();
  EXPECT_TRUE(absl::IsDeadlineExceeded(outcome.status)) << outcome.status;
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.sinks[3].outcome.status));
}

TEST_F(FewPlacesSenderTest, WaitingEachSinkGetsItsPlaceInTurn) {
  Send(ToAll(), Waiting());
  auto published = PublishedNow();
  ASSERT_EQ(published.size(), 2u);
  EXPECT_EQ(places().waiting(), 1u);
  EXPECT_TRUE(begun_->empty());
  AnswerFrom("g/s", published.at("g/s"));
  EXPECT_EQ(PublishedNow().size(), 1u);
  EXPECT_TRUE(begun_->empty());
  AnswerFrom("g/t", published.at("g/t"));
  published = PublishedNow();
  EXPECT_EQ(published.size(), 1u);
  EXPECT_EQ(begun_->Take(), 4u);
  scheduler_.Advance(absl::Seconds(2));
  EXPECT_EQ(Outcome().sinks.size(), 4u);
  EXPECT_EQ(places().taken(), 0u);
}

TEST_F(FewPlacesSenderTest, CancelledWhileItWaitsItGivesAllBack) {
  const NetworkSend::Ptr sent = Send(ToAll(), Waiting());
  EXPECT_EQ(PublishedNow().size(), 2u);
  sent->Cancel();
  Settle();
  EXPECT_EQ(places().taken(), 0u);
  EXPECT_EQ(places().waiting(), 0u);
  EXPECT_TRUE(begun_->empty());
  EXPECT_TRUE(done_->empty());
  EXPECT_TRUE(PublishedNow().empty());
}

}  // namespace
}  // namespace wirepas_grpc::core
