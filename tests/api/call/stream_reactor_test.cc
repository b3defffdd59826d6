// SPDX-License-Identifier: Apache-2.0
#include "api/call/stream_reactor.h"

#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/open_work.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "wirepas/mesh/v1/network_service.grpc.pb.h"

namespace wirepas_grpc::api {
namespace {

using Response = mesh::SubscribeUplinkResponse;

constexpr absl::Duration kInterval = absl::Seconds(2);

// A stream of what the test gives it. What it tells of progress is numbered.
class TestStream final : public StreamReactor<Response> {
 public:
  TestStream(core::Executor* executor, core::Scheduler* scheduler, absl::Duration interval)
      : StreamReactor(executor, scheduler, interval) {}

  void Give(const std::string& text) {
    {
      core::MutexLock lock(&mutex_);
      waiting_.push_back(text);
    }
    Wake();
  }
  // Its pulls take many turns, without a result.
  void SetBusy(bool busy) {
    {
      core::MutexLock lock(&mutex_);
      busy_ = busy;
    }
    if (busy) Wake();
  }
  // Something comes while progress is being told.
  void GiveWhileItTells(const std::string& text) {
    core::MutexLock lock(&mutex_);
    given_while_telling_ = text;
  }
  int told() const {
    core::MutexLock lock(&mutex_);
    return told_;
  }

 private:
  Pulled Pull(Response* response) override {
    core::MutexLock lock(&mutex_);
    if (waiting_.empty()) return busy_ ? Pulled::kMore : Pulled::kNothing;
    response->set_cursor(waiting_.front());
    waiting_.pop_front();
    return Pulled::kSomething;
  }
  void FillProgress(Response* response) override {
    std::optional<std::string> given;
    {
      core::MutexLock lock(&mutex_);
      response->set_cursor(absl::StrCat("progress ", ++told_));
      given.swap(given_while_telling_);
    }
    if (given.has_value()) Give(*given);
  }
  void Release() override {}

  mutable core::Mutex mutex_;
  std::deque<std::string> waiting_ ABSL_GUARDED_BY(mutex_);
  std::optional<std::string> given_while_telling_ ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  int told_ ABSL_GUARDED_BY(mutex_) = 0;
};

class TestService final : public mesh::NetworkService::CallbackService {
 public:
  explicit TestService(std::shared_ptr<TestStream> stream) : stream_(std::move(stream)) {}

 private:
  grpc::ServerWriteReactor<Response>* SubscribeUplink(
      grpc::CallbackServerContext*, const mesh::SubscribeUplinkRequest*) override {
    return TestStream::Start(stream_, &registry_);
  }

  core::OpenWork work_;
  StreamRegistry registry_{10, &work_};
  const std::shared_ptr<TestStream> stream_;
};

// One call of the stream. The service's writes are done when the client has read them.
class StreamReactorTest : public testing::Test {
 protected:
  void Call(absl::Duration interval = kInterval) {
    stream_ = std::make_shared<TestStream>(&executor_, &scheduler_, interval);
    service_.emplace(stream_);
    grpc::ServerBuilder builder;
    builder.RegisterService(&*service_);
    server_ = builder.BuildAndStart();
    stub_ = mesh::NetworkService::NewStub(server_->InProcessChannel({}));
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    reader_ = stub_->SubscribeUplink(&context_, {});
    stream_->Give("first");
    EXPECT_EQ(Read(), "first");
  }
  void TearDown() override {
    context_.TryCancel();
    reader_->Finish();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5));
  }

  std::string Read() {
    Response response;
    return reader_->Read(&response) ? response.cursor() : "the end";
  }
  // Lets time pass, and what is due then be done.
  void Advance(absl::Duration by) {
    scheduler_.Advance(by);
    std::promise<void> done;
    executor_.Post([&done] { done.set_value(); });
    done.get_future().wait();
  }
  // Lets intervals pass until it tells. The service may hear only after the client that its last
  // write is done, and does not tell before that.
  void AwaitTold(absl::Duration step = kInterval) {
    const int told = stream_->told();
    Await([&] {
      Advance(step);
      return stream_->told() > told;
    });
  }
  void Await(const std::function<bool()>& condition) {
    const absl::Time end = absl::Now() + absl::Seconds(30);
    while (!condition()) {
      ASSERT_LT(absl::Now(), end) << "it did not come about";
      absl::SleepFor(absl::Milliseconds(1));
    }
  }
  void AwaitNoTimer() {
    Await([&] { return scheduler_.pending() == 0; });
  }

  core::FakeScheduler scheduler_;
  core::Executor executor_{1};
  std::shared_ptr<TestStream> stream_;
  std::optional<TestService> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<mesh::NetworkService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<Response>> reader_;
};

TEST_F(StreamReactorTest, TellsProgressEachTimeItWasQuietForTheInterval) {
  Call();
  AwaitTold();
  EXPECT_EQ(Read(), "progress 1");
  AwaitTold();
  EXPECT_EQ(Read(), "progress 2");
  stream_->Give("second");
  EXPECT_EQ(Read(), "second");
}

TEST_F(StreamReactorTest, TheIntervalCountsFromTheLastResponse) {
  Call();
  Advance(kInterval * 0.6);
  stream_->Give("second");
  EXPECT_EQ(Read(), "second");
  Advance(kInterval * 0.9);
  EXPECT_EQ(stream_->told(), 0);
  AwaitTold(kInterval * 0.1);
  EXPECT_EQ(Read(), "progress 1");
}

TEST_F(StreamReactorTest, WhatComesWhileItTellsFollows) {
  Call();
  stream_->GiveWhileItTells("second");
  AwaitTold();
  EXPECT_EQ(Read(), "progress 1");
  EXPECT_EQ(Read(), "second");
  AwaitTold();
  EXPECT_EQ(Read(), "progress 2");
}

TEST_F(StreamReactorTest, TellsWhileItIsBusyWithoutAResult) {
  Call();
  stream_->SetBusy(true);
  AwaitTold();
  EXPECT_EQ(Read(), "progress 1");
  AwaitTold();
  EXPECT_EQ(Read(), "progress 2");
  stream_->Give("second");
  EXPECT_EQ(Read(), "second");
  stream_->SetBusy(false);
}

TEST_F(StreamReactorTest, OfAClientThatDoesNotReadNonePilesUp) {
  Call();
  AwaitTold();
  stream_->Give("second");
  for (int i = 0; i < 10; ++i) Advance(kInterval);
  EXPECT_EQ(stream_->told(), 1);
  EXPECT_EQ(Read(), "progress 1");
  EXPECT_EQ(Read(), "second");
  AwaitTold();
  EXPECT_EQ(Read(), "progress 2");
}

TEST_F(StreamReactorTest, WithoutAnIntervalThereIsNoTimer) {
  Call(absl::InfiniteDuration());
  EXPECT_EQ(scheduler_.pending(), 0u);
}

TEST_F(StreamReactorTest, TheEndTakesTheTimerBack) {
  Call();
  EXPECT_EQ(scheduler_.pending(), 1u);
  stream_->End(grpc::Status(grpc::StatusCode::ABORTED, "enough"));
  AwaitNoTimer();
  Advance(10 * kInterval);
  EXPECT_EQ(Read(), "the end");
  EXPECT_EQ(stream_->told(), 0);
}

TEST_F(StreamReactorTest, AnEndWhileItTellsComesAfterIt) {
  Call();
  AwaitTold();
  stream_->End(grpc::Status(grpc::StatusCode::ABORTED, "enough"));
  EXPECT_EQ(Read(), "progress 1");
  EXPECT_EQ(Read(), "the end");
  AwaitNoTimer();
  Advance(10 * kInterval);
  EXPECT_EQ(stream_->told(), 1);
}

}  // namespace
}  // namespace wirepas_grpc::api
