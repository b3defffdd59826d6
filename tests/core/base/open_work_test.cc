// SPDX-License-Identifier: Apache-2.0
#include "core/base/open_work.h"

#include <thread>

#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

TEST(OpenWork, WithNoneThereIsNothingToWaitFor) {
  OpenWork work;
  EXPECT_TRUE(work.AwaitNone(absl::ZeroDuration()));
  work.Begin();
  EXPECT_TRUE(work.AwaitNone(absl::ZeroDuration()));
}

TEST(OpenWork, TheWaitEndsWithTheLast) {
  OpenWork work;
  OpenWork::EntryPtr first = work.Begin();
  OpenWork::EntryPtr second = work.Begin();
  first = nullptr;
  EXPECT_FALSE(work.AwaitNone(absl::Milliseconds(1)));
  std::thread end([&] { second = nullptr; });
  EXPECT_TRUE(work.AwaitNone(absl::Hours(1)));
  end.join();
}

TEST(OpenWork, AnEntryMayOutliveTheCount) {
  OpenWork::EntryPtr entry;
  {
    OpenWork work;
    entry = work.Begin();
  }
  entry = nullptr;
}

}  // namespace
}  // namespace wirepas_grpc::core
