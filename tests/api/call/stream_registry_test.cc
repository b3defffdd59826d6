// SPDX-License-Identifier: Apache-2.0
#include "api/call/stream_registry.h"

#include <memory>
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
  core::OpenWork acting;
  StreamRegistry registry(2, &acting);
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
  core::OpenWork acting;
  StreamRegistry registry(2, &acting);
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
  bool acts() const override { return true; }
  void Drain(const grpc::Status&) override { ++drains; }
  void Close() override { ++closes; }
  int drains = 0;
  int closes = 0;
};

TEST(StreamRegistry, StreamsThatActAreLeftToEndByThemselves) {
  core::OpenWork acting;
  StreamRegistry registry(2, &acting);
  const auto stream = std::make_shared<Acting>();
  auto place = registry.Add(stream);
  ASSERT_TRUE(place.ok());
  registry.Drain();
  EXPECT_EQ(stream->ends.size(), 0u);
  EXPECT_EQ(stream->drains, 1);
  EXPECT_FALSE(registry.AwaitNone(absl::Milliseconds(1)));
  registry.Close();
  EXPECT_EQ(stream->closes, 1);
  std::thread end([&] { place->reset(); });
  EXPECT_TRUE(registry.AwaitNone(absl::Hours(1)));
  EXPECT_EQ(registry.size(), 0u);
  end.join();
}

TEST(StreamRegistry, StreamsThatActCountAsWork) {
  core::OpenWork acting;
  StreamRegistry registry(2, &acting);
  const auto reads = registry.Add(std::make_shared<Stream>());
  EXPECT_TRUE(acting.AwaitNone(absl::ZeroDuration()));
  auto acts = registry.Add(std::make_shared<Acting>());
  EXPECT_FALSE(acting.AwaitNone(absl::ZeroDuration()));
  acts->reset();
  EXPECT_TRUE(acting.AwaitNone(absl::ZeroDuration()));
}

TEST(StreamRegistry, StreamsThatAreGoneAreLeftAlone) {
  StreamRegistry::PlacePtr place;
  {
    core::OpenWork acting;
    StreamRegistry registry(1, &acting);
    place = *registry.Add(std::make_shared<Stream>());
    registry.Drain();
  }
  place = nullptr;
}

}  // namespace
}  // namespace wirepas_grpc::api
