// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/split_broker_client.h"

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/mqtt/recording_handler.h"
#include "tests/support/fake_broker.h"

namespace wirepas_grpc::core {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kAnswers[] = "answers/#";
constexpr char kNews[] = "news/#";

class SplitBrokerClientTest : public testing::Test {
 protected:
  SplitBrokerClientTest() {
    auto kept = std::make_unique<FakeBroker>();
    auto clean = std::make_unique<FakeBroker>();
    kept_ = kept.get();
    clean_ = clean.get();
    client_ = std::make_unique<SplitBrokerClient>(std::move(kept), std::move(clean),
                                                  std::vector<std::string>{kAnswers});
  }

  void Flush() {
    kept_->Flush();
    clean_->Flush();
  }
  void StartConnected(bool session_present = false) {
    client_->Start(&handler_);
    kept_->Connect(session_present);
    Flush();
    clean_->Connect();
    Flush();
    ASSERT_EQ(handler_.states().size(), 1u);
    ASSERT_TRUE(Last().connected);
  }
  void StartSubscribed() {
    StartConnected();
    client_->Subscribe(kNews, 1);
    client_->Subscribe(kAnswers, 1);
    Flush();
    ASSERT_EQ(handler_.subscribed().size(), 2u);
  }
  BrokerState Last() { return handler_.states().back(); }
  size_t told() { return handler_.states().size(); }

  RecordingHandler handler_;
  FakeBroker* kept_;
  FakeBroker* clean_;
  std::unique_ptr<SplitBrokerClient> client_;
};

TEST_F(SplitBrokerClientTest, IsConnectedWhenBothAreInWhateverOrder) {
  client_->Start(&handler_);
  const auto connect = [&](FakeBroker* first, FakeBroker* second) {
    const size_t before = told();
    first->Connect();
    Flush();
    EXPECT_EQ(told(), before);
    second->Connect();
    Flush();
    ASSERT_EQ(told(), before + 1);
    EXPECT_TRUE(Last().connected);
    EXPECT_EQ(Last().reason, DisconnectReason::kNone);
    EXPECT_EQ(Last().endpoint, FakeBroker::kEndpoint);
    EXPECT_EQ(Last().attempts, 0u);
  };
  connect(kept_, clean_);
  kept_->Disconnect();
  clean_->Disconnect();
  Flush();
  EXPECT_FALSE(Last().connected);
  connect(clean_, kept_);
}

TEST_F(SplitBrokerClientTest, WhatIsPublishedAndWhatAnswersItIsOnTheCleanOne) {
  StartConnected();
  client_->Subscribe(kNews, 1);
  client_->Subscribe(kAnswers, 0);
  EXPECT_EQ(kept_->wanted(), (std::map<std::string, int>{{kNews, 1}}));
  EXPECT_EQ(clean_->wanted(), (std::map<std::string, int>{{kAnswers, 0}}));
  PublishResults results;
  ASSERT_TRUE(client_->Publish("questions/1", "what", 2, true, results.Done()).ok());
  ASSERT_TRUE(results.WaitFor(1));
  EXPECT_EQ(results.statuses()[0], absl::OkStatus());
  const auto published = clean_->NextPublished();
  ASSERT_TRUE(published.has_value());
  EXPECT_EQ(published->topic, "questions/1");
  EXPECT_EQ(published->payload, "what");
  EXPECT_EQ(published->qos, 2);
  EXPECT_TRUE(published->retain);
  Flush();
  EXPECT_EQ(kept_->published_count(), 0u);
  EXPECT_EQ(handler_.subscribed().size(), 2u);

  client_->Unsubscribe(kNews);
  client_->Unsubscribe(kAnswers);
  Flush();
  EXPECT_THAT(kept_->wanted(), IsEmpty());
  EXPECT_THAT(clean_->wanted(), IsEmpty());
  EXPECT_THAT(handler_.unsubscribed(), testing::UnorderedElementsAre(kNews, kAnswers));
}

TEST_F(SplitBrokerClientTest, WhatTheOwnerSaysIsOnTheCleanOneToo) {
  auto kept = std::make_unique<FakeBroker>();
  auto clean = std::make_unique<FakeBroker>();
  FakeBroker& on_kept = *kept;
  FakeBroker& on_clean = *clean;
  SplitBrokerClient client(std::move(kept), std::move(clean), {kAnswers},
                           [](const std::string& filter) { return filter == "one"; });
  client.Start(&handler_);
  on_kept.Connect();
  on_clean.Connect();
  on_kept.Flush();
  on_clean.Flush();
  for (const char* filter : {"one", "two", kAnswers}) client.Subscribe(filter, 1);
  EXPECT_EQ(on_kept.held(), std::set<std::string>{"two"});
  EXPECT_EQ(on_clean.held(), (std::set<std::string>{kAnswers, "one"}));
  client.Unsubscribe("one");
  EXPECT_EQ(on_clean.held(), std::set<std::string>{kAnswers});
  client.Stop();
}

TEST_F(SplitBrokerClientTest, WithoutTheCleanOneMessagesGoOnAndNothingIsPublished) {
  StartSubscribed();
  clean_->Disconnect();
  Flush();
  ASSERT_EQ(told(), 2u);
  EXPECT_FALSE(Last().connected);
  EXPECT_EQ(Last().reason, DisconnectReason::kConnectionLost);
  EXPECT_THAT(Last().detail, AllOf(HasSubstr("for requests"), HasSubstr("connection lost")));
  PublishResults results;
  EXPECT_EQ(client_->Publish("questions/1", "what", 2, false, results.Done()).code(),
            absl::StatusCode::kUnavailable);
  EXPECT_TRUE(kept_->Deliver("news/1", "new"));
  ASSERT_TRUE(handler_.WaitForMessages(1));
  EXPECT_EQ(handler_.messages()[0].payload, "new");

  clean_->FailAttempt(DisconnectReason::kClientIdRejected);
  Flush();
  ASSERT_EQ(told(), 3u);
  EXPECT_EQ(Last().reason, DisconnectReason::kClientIdRejected);
  EXPECT_EQ(Last().attempts, 1u);
  EXPECT_EQ(Last().since, handler_.states()[1].since);
}

TEST_F(SplitBrokerClientTest, WithoutTheKeptOneItSaysSo) {
  StartSubscribed();
  kept_->Disconnect();
  Flush();
  ASSERT_EQ(told(), 2u);
  EXPECT_FALSE(Last().connected);
  EXPECT_THAT(Last().detail, HasSubstr("for uplinks"));
}

TEST_F(SplitBrokerClientTest, SessionIsPresentThoughTheCleanOneWasLost) {
  StartSubscribed();
  for (int i = 0; i < 2; ++i) {
    clean_->Disconnect();
    clean_->Connect();
    Flush();
    ASSERT_TRUE(Last().connected);
    EXPECT_TRUE(Last().session_present);
  }
  kept_->Disconnect();
  kept_->Connect(/*session_present=*/true);
  Flush();
  ASSERT_TRUE(Last().connected);
  EXPECT_TRUE(Last().session_present);
  kept_->Disconnect();
  kept_->Connect(/*session_present=*/false);
  Flush();
  ASSERT_TRUE(Last().connected);
  EXPECT_FALSE(Last().session_present);
}

// The session that is there now began after the one that held the subscriptions.
TEST_F(SplitBrokerClientTest, SessionThatWasLostBeforeBothWereBackIsNotPresent) {
  StartSubscribed();
  clean_->Disconnect();
  Flush();  // each has a thread of its own
  kept_->Disconnect();
  kept_->Connect(/*session_present=*/false);
  kept_->Disconnect();
  kept_->Connect(/*session_present=*/true);
  Flush();
  ASSERT_FALSE(Last().connected);
  clean_->Connect();
  Flush();
  ASSERT_TRUE(Last().connected);
  EXPECT_FALSE(Last().session_present);
  clean_->Disconnect();
  clean_->Connect();
  Flush();
  EXPECT_TRUE(Last().session_present);
}

TEST_F(SplitBrokerClientTest, WhatHappensToBothIsToldOnce) {
  client_->Start(&handler_);
  for (int i = 1; i <= 3; ++i) {
    kept_->FailAttempt(DisconnectReason::kRefused);
    clean_->FailAttempt(DisconnectReason::kTimeout);
    Flush();
    ASSERT_EQ(told(), static_cast<size_t>(i));
    EXPECT_EQ(Last().reason, DisconnectReason::kRefused);
    EXPECT_EQ(Last().attempts, static_cast<uint32_t>(i));
    EXPECT_THAT(Last().detail, Not(HasSubstr("for ")));
  }
  // Now it is the other one that is missing.
  kept_->Connect();
  Flush();
  ASSERT_EQ(told(), 4u);
  EXPECT_FALSE(Last().connected);
  EXPECT_EQ(Last().reason, DisconnectReason::kTimeout);
  EXPECT_THAT(Last().detail, HasSubstr("for requests"));
  clean_->Connect();
  Flush();
  ASSERT_EQ(told(), 5u);
  EXPECT_TRUE(Last().connected);
}

TEST_F(SplitBrokerClientTest, NoAnswerOfTheBrokerIsToldWithoutAConnection) {
  StartConnected();
  kept_->HoldGrants(true);
  client_->Subscribe(kNews, 1);
  clean_->Disconnect();
  Flush();
  kept_->HoldGrants(false);
  Flush();
  EXPECT_THAT(handler_.subscribed(), IsEmpty());
}

// A session from before there were two connections.
TEST_F(SplitBrokerClientTest, KeptSessionIsRidOfWhatBelongsToTheOther) {
  ASSERT_NO_FATAL_FAILURE(StartConnected(/*session_present=*/true));
  EXPECT_EQ(kept_->unsubscribed(), std::set<std::string>{kAnswers});
  EXPECT_THAT(handler_.unsubscribed(), IsEmpty());
  // Once: the broker has confirmed it.
  client_->Subscribe(kAnswers, 1);
  client_->Unsubscribe(kAnswers);
  Flush();
  EXPECT_EQ(handler_.unsubscribed(), std::vector<std::string>{kAnswers});
}

TEST_F(SplitBrokerClientTest, FreshSessionHasNothingToBeRidOf) {
  ASSERT_NO_FATAL_FAILURE(StartConnected(/*session_present=*/false));
  kept_->Disconnect();
  kept_->Connect(/*session_present=*/true);
  Flush();
  EXPECT_THAT(kept_->unsubscribed(), IsEmpty());
}

TEST_F(SplitBrokerClientTest, MessagesOfTheTwoComeOneAtATime) {
  constexpr int kMessages = 3000;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  handler_.on_message = [&](const BrokerMessage&) {
    const int now = ++inside;
    if (now > most) most = now;
    std::this_thread::yield();
    --inside;
  };
  StartConnected();
  for (int i = 0; i < kMessages; ++i) {
    kept_->Inject("news/1", "new");
    clean_->Inject("answers/1", "because");
  }
  ASSERT_TRUE(handler_.WaitForMessages(2 * kMessages));
  EXPECT_EQ(most, 1);
}

TEST_F(SplitBrokerClientTest, StopEndsBothAndWhatIsBeingPublished) {
  StartConnected();
  clean_->HoldPublishes(true);
  PublishResults results;
  ASSERT_TRUE(client_->Publish("questions/1", "what", 2, false, results.Done()).ok());
  client_->Stop();
  ASSERT_EQ(results.statuses().size(), 1u);
  EXPECT_EQ(results.statuses()[0].code(), absl::StatusCode::kAborted);
  EXPECT_FALSE(Last().connected);
  EXPECT_EQ(Last().reason, DisconnectReason::kStopped);
  const size_t before = told();
  kept_->Connect();
  clean_->Connect();
  Flush();
  EXPECT_EQ(told(), before);
}

}  // namespace
}  // namespace wirepas_grpc::core
