// SPDX-License-Identifier: Apache-2.0
//
// What Subscriptions remembers, on a disk that fills up.
#include <filesystem>
#include <memory>

#include "core/interest/subscriptions.h"
#include "gmock/gmock.h"
#include "tests/core/interest/subscriptions_fixture.h"
#include "tests/core/uplink_log/full_disk_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class SubscriptionStoreFullDiskTest : public FullDiskFixture, protected BrokerClient::Handler {
 protected:
  void Begin() {
    Open();
    subscription_store_ = std::make_unique<SubscriptionStore>(database_.get(), &scheduler_);
    ASSERT_TRUE(subscription_store_->Load().ok());
    log_ = std::make_unique<UplinkLog>(UplinkLog::Options(), UplinkLog::Durable(), &executor_,
                                       &scheduler_);
    subscriptions_ =
        std::make_unique<Subscriptions>(Subscriptions::Options{.store = subscription_store_.get()},
                                        log_.get(), &broker_, &executor_, &scheduler_);
    broker_.Start(this);
    broker_.Connect();
    broker_.Flush();
  }
  void TearDown() override {
    broker_.Stop();
    subscriptions_.reset();
    subscription_store_.reset();
    FullDiskFixture::TearDown();
  }

  void OnMessage(const BrokerMessage&) override {}
  void OnState(const BrokerState& state) override {
    if (state.connected) subscriptions_->OnConnected(state.session_present);
  }
  void OnSubscribed(const std::string& filter, const SubscribeAnswer& answer) override {
    subscriptions_->OnSubscribed(filter, answer);
  }
  void OnUnsubscribed(const std::string& filter) override {
    subscriptions_->OnUnsubscribed(filter);
  }

  void AcquireAndRelease(const TrafficFilter& filter) {
    subscriptions_->AcquireUplinks(filter, kReader, [] {});
    broker_.Flush();
  }
  void LetLingerOver() {
    scheduler_.Advance(kLinger);
    broker_.Flush();
  }
  // And waits until it is made use of: the first attempts may come too early.
  void MakeRoom() {
    std::filesystem::remove(Ballast());
    for (int i = 0; i < 20; ++i) {
      Upkeep();
      scheduler_.Advance(SubscriptionStore::kRetryInterval);
      broker_.Flush();
    }
  }
  SubscriptionStore::Contents OnDisk() {
    return *SubscriptionStore(database_.get(), &scheduler_).Load();
  }

  FakeBroker broker_;
  std::unique_ptr<SubscriptionStore> subscription_store_;
  std::unique_ptr<UplinkLog> log_;
  std::unique_ptr<Subscriptions> subscriptions_;
};

TEST_F(SubscriptionStoreFullDiskTest, WhatCouldNotBeWrittenIsWrittenWhenThereIsRoom) {
  Begin();
  Fill();
  AppendUntilItFails();
  const auto reader = subscriptions_->AcquireUplinks(OfGateway("a"), kReader, [] {});
  broker_.Flush();
  EXPECT_THAT(broker_.held(), ElementsAre(Gateway("a"))) << "readers do not wait for the disk";
  EXPECT_THAT(OnDisk().asked, IsEmpty());
  MakeRoom();
  EXPECT_THAT(OnDisk().asked, ElementsAre(Gateway("a")));
  EXPECT_EQ(OnDisk().covered.size(), 1u);
}

// A run that ends now would leave a state that says that it was served all the time.
TEST_F(SubscriptionStoreFullDiskTest, NothingIsGivenUpThatTheDiskSaysIsServed) {
  Begin();
  AcquireAndRelease(OfGateway("a"));
  Fill();
  AppendUntilItFails();
  AcquireAndRelease(OfGateway("b"));
  LetLingerOver();
  EXPECT_THAT(broker_.held(), ElementsAre(Gateway("a"))) << "of the other the disk says nothing";
  EXPECT_EQ(OnDisk().covered.size(), 1u);
  MakeRoom();
  EXPECT_THAT(broker_.held(), IsEmpty());
  EXPECT_THAT(OnDisk().covered, IsEmpty());
  EXPECT_THAT(OnDisk().asked, IsEmpty());
}

}  // namespace
}  // namespace wirepas_grpc::core
