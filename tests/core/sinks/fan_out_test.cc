// SPDX-License-Identifier: Apache-2.0
#include "core/sinks/fan_out.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// Notes what happens: "begin 0", "cancel 0", "result 0 ok", "end".
class SinkFanOutTest : public testing::Test {
 protected:
  ~SinkFanOutTest() override { executor_.Stop(); }

  void AddSink(const absl::Status& status = absl::OkStatus()) {
    const std::string id = absl::StrCat("gw", sinks_->size());
    sinks_->push_back({{*GatewayId::Parse(id), *SinkId::Parse("s")},
                       std::make_shared<GatewayRecord>(),
                       std::make_shared<SinkConfig>(),
                       false,
                       status});
    dones_.emplace_back();
  }
  void AddSinks(int count) {
    for (int i = 0; i < count; ++i) AddSink();
  }

  SinkFanOut::Ptr Start(const SinkFanOut::Options& options) {
    SinkFanOut::Work work;
    work.begin = [this](size_t index, RequestDone done) {
      Note(absl::StrCat("begin ", index));
      MutexLock lock(&mutex_);
      dones_[index] = std::move(done);
      return [this, index] {
        Note(absl::StrCat("cancel ", index));
        Done(index, absl::CancelledError("test"));
      };
    };
    work.result = [this](size_t index, const RequestOutcome& outcome) {
      Note(absl::StrCat("result ", index, " ", absl::StatusCodeToString(outcome.status.code())));
    };
    work.end = [this] { Note("end"); };
    return SinkFanOut::Start(&executor_, &scheduler_, sinks_, options, std::move(work));
  }

  void Done(size_t index, const absl::Status& status = absl::OkStatus()) {
    RequestOutcome outcome;
    outcome.status = status;
    executor_.Post([this, index, outcome] {
      std::optional<RequestDone> done;
      {
        MutexLock lock(&mutex_);
        done.swap(dones_[index]);
      }
      if (done.has_value()) (*done)(outcome);
    });
  }

  void Note(const std::string& what) {
    MutexLock lock(&mutex_);
    notes_.push_back(what);
  }

  // What happened since the call before.
  std::vector<std::string> Notes() {
    Drain(&executor_);
    MutexLock lock(&mutex_);
    std::vector<std::string> notes;
    notes.swap(notes_);
    return notes;
  }

  FakeScheduler scheduler_;
  Executor executor_{1};
  const std::shared_ptr<std::vector<ScopedSink>> sinks_ =
      std::make_shared<std::vector<ScopedSink>>();
  Mutex mutex_;
  std::vector<std::optional<RequestDone>> dones_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> notes_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(SinkFanOutTest, WorksOnSomeAtATime) {
  AddSinks(3);
  Start({.max_concurrent = 2});
  EXPECT_THAT(Notes(), ElementsAre("begin 0", "begin 1"));
  Done(1);
  EXPECT_THAT(Notes(), ElementsAre("result 1 OK", "begin 2"));
  Done(0, absl::InternalError("test"));
  EXPECT_THAT(Notes(), ElementsAre("result 0 INTERNAL"));
  Done(2);
  EXPECT_THAT(Notes(), ElementsAre("result 2 OK", "end"));
}

TEST_F(SinkFanOutTest, EndsAtOnceWithoutSinks) {
  Start({});
  EXPECT_THAT(Notes(), ElementsAre("end"));
}

TEST_F(SinkFanOutTest, SinksThatCannotBeAskedHaveTheirStatus) {
  AddSink(absl::UnavailableError("offline"));
  AddSink();
  Start({.max_concurrent = 1, .delay = absl::Seconds(10)});
  // The delay is for sinks to which something is sent.
  EXPECT_THAT(Notes(), ElementsAre("result 0 UNAVAILABLE", "begin 1"));
  Done(1);
  EXPECT_THAT(Notes(), ElementsAre("result 1 OK", "end"));
}

TEST_F(SinkFanOutTest, KeepsBeginningsApart) {
  AddSinks(3);
  Start({.max_concurrent = 3, .delay = absl::Seconds(10)});
  EXPECT_THAT(Notes(), ElementsAre("begin 0"));
  Done(0);
  EXPECT_THAT(Notes(), ElementsAre("result 0 OK"));
  scheduler_.Advance(absl::Seconds(9));
  EXPECT_THAT(Notes(), IsEmpty());
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_THAT(Notes(), ElementsAre("begin 1"));
  scheduler_.Advance(absl::Seconds(10));
  EXPECT_THAT(Notes(), ElementsAre("begin 2"));
  EXPECT_EQ(scheduler_.pending(), 0u);
  Done(1);
  Done(2);
  EXPECT_THAT(Notes(), ElementsAre("result 1 OK", "result 2 OK", "end"));
}

TEST_F(SinkFanOutTest, BeginsNoneAfterTheFirstFailureIfWanted) {
  AddSinks(4);
  Start({.max_concurrent = 2, .stop_at_first_failure = true});
  EXPECT_THAT(Notes(), ElementsAre("begin 0", "begin 1"));
  Done(0, absl::InternalError("test"));
  EXPECT_THAT(Notes(), ElementsAre("result 0 INTERNAL"));
  Done(1);
  EXPECT_THAT(Notes(), ElementsAre("result 1 OK", "end"));
}

TEST_F(SinkFanOutTest, StoppingEndsWhatIsUnderWay) {
  AddSinks(3);
  const SinkFanOut::Ptr fan_out = Start({.max_concurrent = 2});
  EXPECT_THAT(Notes(), ElementsAre("begin 0", "begin 1"));
  Done(0);
  EXPECT_THAT(Notes(), ElementsAre("result 0 OK", "begin 2"));
  fan_out->Stop();
  fan_out->Stop();
  std::vector<std::string> notes = Notes();
  ASSERT_FALSE(notes.empty());
  EXPECT_EQ(notes.back(), "end");
  notes.pop_back();
  EXPECT_THAT(notes, UnorderedElementsAre("cancel 1", "cancel 2", "result 1 CANCELLED",
                                          "result 2 CANCELLED"));
}

TEST_F(SinkFanOutTest, StoppingBetweenTwoBeginningsEndsIt) {
  AddSinks(2);
  const SinkFanOut::Ptr fan_out = Start({.delay = absl::Seconds(10)});
  Done(0);
  EXPECT_THAT(Notes(), ElementsAre("begin 0", "result 0 OK"));
  fan_out->Stop();
  EXPECT_THAT(Notes(), ElementsAre("end"));
  EXPECT_EQ(scheduler_.pending(), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::core
