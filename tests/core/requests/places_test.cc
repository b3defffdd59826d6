// SPDX-License-Identifier: Apache-2.0
#include "core/requests/places.h"

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

using testing::HasSubstr;
using AskerPtr = RequestPlaces::AskerPtr;
using PlacePtr = RequestPlaces::PlacePtr;

constexpr absl::Duration kPatience = absl::Seconds(30);

class RequestPlacesTest : public testing::Test {
 protected:
  ~RequestPlacesTest() override { executor_.Stop(); }

  // Takes places until there is none for the asker.
  std::vector<PlacePtr> TakeAll(RequestPlaces* places, const AskerPtr& asker) {
    std::vector<PlacePtr> taken;
    while (true) {
      absl::StatusOr<PlacePtr> place = places->Take(asker);
      if (!place.ok()) return taken;
      taken.push_back(*std::move(place));
    }
  }
  // Again and again, each in turn gives back one of its places and takes what it can.
  void Churn(RequestPlaces* places, std::vector<std::pair<AskerPtr, std::vector<PlacePtr>>>* all) {
    for (size_t round = 0; round < 2 * places->max(); ++round) {
      for (auto& [asker, held] : *all) {
        if (!held.empty()) held.pop_back();
        for (PlacePtr& place : TakeAll(places, asker)) held.push_back(std::move(place));
      }
    }
  }

  Executor executor_{2};
};

TEST_F(RequestPlacesTest, AloneOneHoldsNearlyAllAndLeavesSomeForTheNext) {
  RequestPlaces places(900, &executor_);
  const AskerPtr a = places.Named("a");
  const std::vector<PlacePtr> held = TakeAll(&places, a);
  EXPECT_EQ(held.size(), 800u);
  EXPECT_EQ(a->held(), 800u);
  EXPECT_EQ(places.taken(), 800u);
  EXPECT_EQ(TakeAll(&places, places.Named("b")).size(), 89u);
}

TEST_F(RequestPlacesTest, TheShareIsEqualWhenOthersWantAllToo) {
  for (const int askers : {2, 10}) {
    RequestPlaces places(1700, &executor_);
    std::vector<std::pair<AskerPtr, std::vector<PlacePtr>>> all;
    for (int i = 0; i < askers; ++i) {
      const AskerPtr asker = places.Named(absl::StrCat("asker ", i));
      all.emplace_back(asker, TakeAll(&places, asker));
    }
    EXPECT_GE(all[0].second.size(), 1500u);
    Churn(&places, &all);
    const double share = 1700.0 * 8 / (8 * askers + 1);
    for (const auto& [asker, held] : all) {
      EXPECT_NEAR(static_cast<double>(held.size()), share, share / 8) << askers << asker->name();
    }
    EXPECT_GT(TakeAll(&places, places.Named("next")).size(), 10u) << askers;
  }
}

TEST_F(RequestPlacesTest, ARefusalSaysWhoseBoundItWas) {
  RequestPlaces places(9, &executor_);
  const AskerPtr a = places.Named("ipv4:10.0.0.1");
  std::vector<PlacePtr> held = TakeAll(&places, a);
  ASSERT_EQ(held.size(), 8u);
  absl::Status status = places.Take(a).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("too many requests of ipv4:10.0.0.1 are pending: 8 are its share of the "
                        "bound of 9 for all, of which others hold 0; nothing was sent"));
  held.push_back(*places.Take(nullptr));  // the service itself
  status = places.Take(nullptr).status();
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("too many requests are pending, the bound is 9; nothing was sent"));
  EXPECT_EQ(places.Take(a).status(), status);
}

TEST_F(RequestPlacesTest, EvenASinglePlaceCanBeTaken) {
  RequestPlaces places(1, &executor_);
  const AskerPtr a = places.Named("a");
  EXPECT_EQ(TakeAll(&places, a).size(), 1u);
  EXPECT_EQ(places.taken(), 0u);
  EXPECT_EQ(TakeAll(&places, places.Named("b")).size(), 1u);
}

TEST_F(RequestPlacesTest, AnAskerIsTheSameAsLongAsAnybodyHoldsIt) {
  RequestPlaces places(90, &executor_);
  AskerPtr a = places.Named("a");
  EXPECT_EQ(places.Named("a"), a);
  EXPECT_NE(places.Named("b"), a);
  PlacePtr place = *places.Take(a);
  a = nullptr;
  EXPECT_EQ(places.Named("a")->held(), 1u);
  place = nullptr;
  EXPECT_EQ(places.Named("a")->held(), 0u);
}

TEST_F(RequestPlacesTest, APlaceIsGivenBackOnce) {
  RequestPlaces places(90, &executor_);
  const AskerPtr a = places.Named("a");
  PlacePtr first = *places.Take(a);
  const PlacePtr second = *places.Take(a);
  first->GiveBack();
  EXPECT_EQ(a->held(), 1u);
  first->GiveBack();
  first = nullptr;
  EXPECT_EQ(a->held(), 1u);
  EXPECT_EQ(places.taken(), 1u);
}

TEST_F(RequestPlacesTest, WhatComesFreeGoesToWhoWaits) {
  RequestPlaces places(9, &executor_);
  const AskerPtr a = places.Named("a");
  std::vector<PlacePtr> held = TakeAll(&places, a);
  Inbox<std::pair<int, PlacePtr>> got;
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(places.Wait(a, [&got, i](PlacePtr place) { got.Put({i, std::move(place)}); }), 0u);
  }
  EXPECT_EQ(got.size(), 0u);
  held.pop_back();
  auto first = got.Take(kPatience);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->first, 0) << "in order";
  EXPECT_EQ(a->held(), 8u);
  first.reset();
  EXPECT_EQ(got.Take(kPatience)->first, 1);
}

TEST_F(RequestPlacesTest, WhoHoldsFewestIsFirst) {
  RequestPlaces places(9, &executor_);
  std::vector<PlacePtr> many = TakeAll(&places, places.Named("many"));
  std::vector<PlacePtr> few = TakeAll(&places, places.Named("few"));
  ASSERT_EQ(many.size(), 8u);
  ASSERT_EQ(few.size(), 1u);
  Inbox<std::string> got;
  std::vector<PlacePtr> granted;
  for (const char* name : {"many", "few"}) {
    places.Wait(places.Named(name), [&got, name](PlacePtr) { got.Put(name); });
  }
  many.pop_back();
  EXPECT_EQ(got.Take(kPatience), "few");
  EXPECT_EQ(got.Take(kPatience), "many") << "that place was let go of at once";
}

TEST_F(RequestPlacesTest, OneThatIsThereIsGivenAtOnceThoughNotWithinTheCall) {
  RequestPlaces places(9, &executor_);
  Inbox<PlacePtr> got;
  places.Wait(places.Named("a"), [&got](PlacePtr place) { got.Put(std::move(place)); });
  const auto place = got.Take(kPatience);
  ASSERT_TRUE(place.has_value());
  EXPECT_NE(*place, nullptr);
  EXPECT_EQ(places.taken(), 1u);
}

TEST_F(RequestPlacesTest, AWaitCanBeTakenBack) {
  RequestPlaces places(1, &executor_);
  const AskerPtr a = places.Named("a");
  PlacePtr held = *places.Take(a);
  const uint64_t id = places.Wait(a, [](PlacePtr) { ADD_FAILURE(); });
  EXPECT_TRUE(places.CancelWait(id));
  EXPECT_FALSE(places.CancelWait(id));
  held = nullptr;
  EXPECT_EQ(places.taken(), 0u);
}

TEST_F(RequestPlacesTest, PlacesAndAskersMayOutliveIt) {
  auto places = std::make_unique<RequestPlaces>(1, &executor_);
  const AskerPtr a = places->Named("a");
  PlacePtr held = *places->Take(a);
  places->Wait(a, [](PlacePtr) { ADD_FAILURE(); });
  places = nullptr;
  held = nullptr;
  EXPECT_EQ(a->held(), 0u);
}

TEST_F(RequestPlacesTest, NoneIsLostOrMadeUpByThreads) {
  RequestPlaces places(50, &executor_);
  Inbox<bool> granted;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const AskerPtr asker = places.Named(absl::StrCat("asker ", t % 2));
      for (int i = 0; i < 500; ++i) {
        std::vector<PlacePtr> held = TakeAll(&places, asker);
        EXPECT_LE(places.taken(), 50u);
        places.Wait(asker, [&granted](PlacePtr place) { granted.Put(place != nullptr); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(granted.Take(kPatience), true) << i;
  executor_.Stop();  // what they hold is let go of
  EXPECT_EQ(places.taken(), 0u);
}

TEST_F(RequestPlacesTest, APlaceThatIsHeldComesFreeWhenItIsGivenBackAndHeldNoMore) {
  RequestPlaces places(1, &executor_);
  const AskerPtr a = places.Named("a");
  Inbox<PlacePtr> got;
  PlacePtr place = *places.Take(a);
  { const RequestPlaces::Hold unused(place); }
  std::optional<RequestPlaces::Hold> first(place);
  std::optional<RequestPlaces::Hold> second(place);
  place->GiveBack();
  const RequestPlaces::Hold late(place);  // keeps nothing: it is given back
  const uint64_t wait = places.Wait(a, [&](PlacePtr next) { got.Put(std::move(next)); });
  first.reset();
  EXPECT_EQ(a->held(), 1u);
  EXPECT_EQ(places.taken(), 1u);
  second.reset();
  std::optional<PlacePtr> next = got.Take(kPatience);
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(places.taken(), 1u);
  EXPECT_FALSE(places.CancelWait(wait));
  // One that nobody gives back is given back with its last owner, which may be a hold.
  std::optional<RequestPlaces::Hold> owner(std::move(*next));
  next.reset();
  EXPECT_EQ(places.taken(), 1u);
  owner.reset();
  EXPECT_EQ(places.taken(), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::core
