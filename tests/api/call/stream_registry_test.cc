// SPDX-License-Identifier: Apache-2.0
#include "api/call/stream_registry.h"

#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

using testing::HasSubstr;

struct Stream : OpenStream {
  void End(const grpc::Status& status) override { ends.push_back(status); }
  std::vector<grpc::Status> ends;
};

TEST(StreamRegistry, BoundsTheNumberOfStreams) {
  StreamRegistry registry(2);
  const auto stream = std::make_shared<Stream>();
  auto first = registry.Add(stream);
  auto second = registry.Add(stream);
  ASSERT_TRUE(first.ok() && second.ok());
  const auto third = registry.Add(stream);
  ASSERT_FALSE(third.ok());
  EXPECT_TRUE(absl::IsResourceExhausted(third.status()));
  EXPECT_THAT(std::string(third.status().message()), HasSubstr("2"));
  first->reset();
  EXPECT_EQ(registry.size(), 1u);
  EXPECT_TRUE(registry.Add(stream).ok());
}

TEST(StreamRegistry, DrainEndsStreamsAndRefusesNewOnes) {
  StreamRegistry registry(2);
  const auto stream = std::make_shared<Stream>();
  const auto place = registry.Add(stream);
  registry.Drain();
  ASSERT_EQ(stream->ends.size(), 1u);
  EXPECT_EQ(stream->ends[0].error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(stream->ends[0].error_message(), "the service is shutting down");
  EXPECT_NE(stream->ends[0].error_details(), "");
  EXPECT_TRUE(absl::IsUnavailable(registry.Add(stream).status()));
}

// One that goes on when it is drained.
struct Acting : Stream {
  void Drain(const grpc::Status&) override { ++drains; }
  void Close() override { ++closes; }
  int drains = 0;
  int closes = 0;
};

TEST(StreamRegistry, StreamsThatActAreLeftToEndByThemselves) {
  StreamRegistry registry(2);
  const auto acting = std::make_shared<Acting>();
  auto place = registry.Add(acting);
  ASSERT_TRUE(place.ok());
  registry.Drain();
  EXPECT_EQ(acting->ends.size(), 0u);
  EXPECT_EQ(acting->drains, 1);
  EXPECT_FALSE(registry.AwaitNone(absl::Milliseconds(1)));
  registry.Close();
  EXPECT_EQ(acting->closes, 1);
  std::thread end([&] { place->reset(); });
  EXPECT_TRUE(registry.AwaitNone(absl::Hours(1)));
  EXPECT_EQ(registry.size(), 0u);
  end.join();
}

TEST(StreamRegistry, StreamsThatAreGoneAreLeftAlone) {
  StreamRegistry::PlacePtr place;
  {
    StreamRegistry registry(1);
    place = *registry.Add(std::make_shared<Stream>());
    registry.Drain();
  }
  place = nullptr;
}

}  // namespace
}  // namespace wirepas_grpc::api
