// SPDX-License-Identifier: Apache-2.0
#include "core/base/executor.h"

#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

TEST(ExecutorTest, OneThreadRunsTasksInTheOrderOfPosting) {
  Executor executor(1);
  Inbox<int> ran;
  for (int i = 0; i < 1000; ++i) executor.Post([&ran, i] { ran.Put(i); });
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(ran.Take(), i);
}

TEST(ExecutorTest, TwoThreadsRunTwoTasksAtTheSameTime) {
  Executor executor(2);
  Inbox<int> to_first;
  Inbox<int> to_second;
  Inbox<bool> met;
  // Each waits for the other: one thread alone would not get through.
  executor.Post([&] {
    to_second.Put(1);
    met.Put(to_first.Take().has_value());
  });
  executor.Post([&] {
    to_first.Put(2);
    met.Put(to_second.Take().has_value());
  });
  EXPECT_EQ(met.Take(), true);
  EXPECT_EQ(met.Take(), true);
}

TEST(ExecutorTest, StopRunsWhatIsQueuedAndWhatThatPosts) {
  Inbox<int> ran;
  Executor executor(2);
  for (int i = 0; i < 100; ++i) {
    executor.Post([&] {
      ran.Put(1);
      executor.Post([&] { ran.Put(2); });
    });
  }
  executor.Stop();
  EXPECT_EQ(ran.size(), 200u);
}

TEST(ExecutorTest, PostAfterStopDropsTheTaskAndWhatItOwns) {
  Executor executor(1);
  executor.Stop();
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = owned;
  executor.Post([owned = std::move(owned)] { FAIL() << "ran after Stop()"; });
  EXPECT_TRUE(watched.expired());
}

TEST(ExecutorTest, StopMayBeCalledTwice) {
  Executor executor(1);
  executor.Stop();
  executor.Stop();
}

// A task that was never run may own something that posts when it goes.
TEST(ExecutorTest, WhatADroppedTaskOwnsMayPost) {
  struct PostsWhenGone {
    explicit PostsWhenGone(Executor* executor) : executor(executor) {}
    ~PostsWhenGone() {
      executor->Post([] {});
    }
    Executor* const executor;
  };
  Executor executor(0);  // nothing runs
  executor.Post([gone = std::make_unique<PostsWhenGone>(&executor)] {});
  executor.Stop();
}

TEST(ExecutorTest, ATaskIsDestroyedOnceItRan) {
  Executor executor(1);
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = owned;
  executor.Post([owned = std::move(owned)] {});
  Drain(&executor);
  EXPECT_TRUE(watched.expired());
}

TEST(ExecutorTest, TakesTasksFromManyThreads) {
  Executor executor(3);
  Inbox<int> ran;
  std::vector<std::thread> posters;
  for (int i = 0; i < 4; ++i) {
    posters.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) executor.Post([&] { ran.Put(1); });
    });
  }
  for (std::thread& poster : posters) poster.join();
  executor.Stop();
  EXPECT_EQ(ran.size(), 4000u);
}

}  // namespace
}  // namespace wirepas_grpc::core
