// SPDX-License-Identifier: Apache-2.0
#include "core/otap/scratchpad_loader.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr uint32_t kSequence = 9;

class ScratchpadLoaderTest : public NetworkFixture {
 protected:
  // Nothing may run any more when the loader goes.
  ~ScratchpadLoaderTest() override {
    network_.Stop();
    executor_.Stop();
  }

  using Names = std::vector<std::pair<std::string, std::string>>;
  using LoadPtr = ScratchpadLoader::LoadPtr;

  // Of 150 bytes, which are two chunks for these gateways.
  LoadPlan PlanFor(const Names& names) {
    SinkScope scope;
    for (const auto& [gateway, sink] : names) {
      scope.sinks.insert({*GatewayId::Parse(gateway), *SinkId::Parse(sink)});
    }
    SinkSelection selection = SelectSinks(*network_.directory().Snapshot(), scope, {});
    EXPECT_TRUE(selection.status.ok()) << selection.status.message();
    LoadPlan plan;
    plan.sinks = std::make_shared<const std::vector<ScopedSink>>(std::move(selection.sinks));
    plan.scratchpad = std::make_shared<const std::string>(150, 'x');
    plan.file.size = 150;
    plan.chunk_timeout = absl::Seconds(60);
    return plan;
  }

  LoadPtr Begin(LoadPlan plan) {
    absl::StatusOr<LoadPtr> load = loader_.Prepare(std::move(plan));
    EXPECT_TRUE(load.ok()) << load.status().message();
    if (load.ok()) (*load)->Begin(kSequence, [] {});
    return load.value_or(nullptr);
  }

  // Answers a request with what `answer` holds, but for the header.
  void Answer(const Published& request, gw::WirepasMessage answer, gw::ErrorCode code = gw::OK) {
    gw::ResponseHeader* header;
    uint64_t id;
    if (request.message.has_upload_scratchpad_req()) {
      header = answer.mutable_upload_scratchpad_resp()->mutable_header();
      id = request.message.upload_scratchpad_req().header().req_id();
    } else {
      ASSERT_TRUE(request.message.has_get_scratchpad_status_req()) << request.raw.topic;
      header = answer.mutable_get_scratchpad_status_resp()->mutable_header();
      id = request.message.get_scratchpad_status_req().header().req_id();
    }
    const std::vector<std::string> levels = absl::StrSplit(request.raw.topic, '/');
    header->set_req_id(id);
    header->set_gw_id(levels[2]);
    header->set_sink_id(levels[3]);
    header->set_res(code);
    EXPECT_TRUE(broker_.Deliver(
        absl::StrReplaceAll(request.raw.topic, {{"gw-request", "gw-response"}}), Encode(answer)));
  }
  void Accept(const Published& chunk) { Answer(chunk, {}); }
  static gw::WirepasMessage Stored(uint32_t sequence, uint32_t length = 150, uint32_t crc = 77) {
    gw::WirepasMessage message;
    gw::ScratchpadInfo* stored =
        message.mutable_get_scratchpad_status_resp()->mutable_stored_scratchpad();
    stored->set_seq(sequence);
    stored->set_len(length);
    stored->set_crc(crc);
    return message;
  }
  // The next request is a chunk of that many bytes for `topic_end`, such as "g/s".
  Published NextChunk(const std::string& topic_end, size_t size) {
    Published chunk = NextPublished();
    EXPECT_EQ(chunk.raw.topic, "gw-request/otap_load_scratchpad/" + topic_end);
    EXPECT_EQ(chunk.message.upload_scratchpad_req().scratchpad().size(), size);
    EXPECT_EQ(chunk.message.upload_scratchpad_req().seq(), kSequence);
    return chunk;
  }
  Published NextQuestion(const std::string& topic_end) {
    Published question = NextPublished();
    EXPECT_EQ(question.raw.topic, "gw-request/otap_status/" + topic_end);
    return question;
  }
  // The whole load to one sink.
  void Serve(const std::string& topic_end) {
    Accept(NextChunk(topic_end, 100));
    Accept(NextChunk(topic_end, 50));
    Answer(NextQuestion(topic_end), Stored(kSequence));
  }

  // "done 150", as they are now.
  std::vector<std::string> States(const LoadPtr& load) {
    Settle();
    std::vector<std::string> texts;
    for (const SinkLoad& each : load->States()) texts.push_back(Text(each));
    return texts;
  }
  static std::string Text(const SinkLoad& load) {
    static const char* const kNames[] = {"queued", "uploading", "verifying",
                                         "done",   "failed",    "stopped"};
    return absl::StrCat(kNames[static_cast<int>(load.state)], " ", load.accepted);
  }
  std::vector<std::string> Changes(const LoadPtr& load, size_t max = 100) {
    Settle();
    std::vector<std::string> texts;
    for (const auto& change : load->TakeChanges(max)) {
      texts.push_back(absl::StrCat(change.index, " ", Text(change.load)));
    }
    return texts;
  }

  ScratchpadUploader uploader_{&network_};
  ScratchpadLoader loader_{&network_, &uploader_};
};

TEST_F(ScratchpadLoaderTest, LoadsSinkAfterSinkAndVerifies) {
  StartSynced();
  LoadPlan plan = PlanFor({{"g", "s"}, {"h", "t"}});
  plan.max_concurrent = 1;
  const LoadPtr load = Begin(std::move(plan));
  EXPECT_NE(load->id(), 0u);
  EXPECT_THAT(Changes(load), ElementsAre("0 uploading 0", "1 queued 0"));
  Accept(NextChunk("g/s", 100));
  EXPECT_THAT(Changes(load), ElementsAre("0 uploading 100"));
  Accept(NextChunk("g/s", 50));
  EXPECT_THAT(Changes(load), ElementsAre("0 verifying 150"));
  EXPECT_FALSE(load->ended());
  Answer(NextQuestion("g/s"), Stored(kSequence));
  EXPECT_THAT(Changes(load), ElementsAre("0 done 150", "1 uploading 0"));
  Serve("h/t");
  EXPECT_THAT(Changes(load), ElementsAre("1 done 150"));
  EXPECT_TRUE(load->ended());
  EXPECT_THAT(Changes(load), IsEmpty());
  EXPECT_THAT(States(load), ElementsAre("done 150", "done 150"));
}

TEST_F(ScratchpadLoaderTest, ChangesAreTakenInParts) {
  StartSynced();
  const LoadPtr load = Begin(PlanFor({{"g", "s"}, {"g", "t"}, {"off", "s"}}));
  EXPECT_THAT(Changes(load, 2), ElementsAre("0 uploading 0", "1 uploading 0"));
  EXPECT_THAT(Changes(load, 2), ElementsAre("2 failed 0"));
  EXPECT_TRUE(absl::IsUnavailable(load->States()[2].outcome.status));
  load->Stop();
}

// All of it is sent: what fails then is not unsent.
TEST_F(ScratchpadLoaderTest, ASinkThatCannotBeAskedAfterwardsIsUnknown) {
  StartSynced();
  const LoadPtr load = Begin(PlanFor({{"g", "s"}}));
  Accept(NextChunk("g/s", 100));
  const Published last = NextChunk("g/s", 50);
  RetainStatus(StatusOf("g", gw::OFF, {"s", "t"}));
  Settle();
  Accept(last);
  EXPECT_THAT(States(load), ElementsAre("failed 150"));
  const RequestOutcome outcome = load->States()[0].outcome;
  EXPECT_TRUE(absl::IsDeadlineExceeded(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.fate(), RequestFate::kUnknown);
}

TEST_F(ScratchpadLoaderTest, AnotherScratchpadInTheSinkIsDataLoss) {
  StartSynced();
  LoadPlan plan = PlanFor({{"g", "s"}});
  plan.file.crc = 77;
  const std::vector<std::pair<gw::WirepasMessage, std::string>> answers = {
      {Stored(kSequence + 1), "sequence 10, 150 bytes, checksum 77"},
      {Stored(kSequence, 150, 78), "what was sent is sequence 9, 150 bytes, checksum 77"},
      {gw::WirepasMessage(), "does not report"}};
  for (const auto& [answer, words] : answers) {
    const LoadPtr load = Begin(plan);
    Accept(NextChunk("g/s", 100));
    Accept(NextChunk("g/s", 50));
    Answer(NextQuestion("g/s"), answer);
    EXPECT_THAT(States(load), ElementsAre("failed 150"));
    const absl::Status status = load->States()[0].outcome.status;
    EXPECT_TRUE(absl::IsDataLoss(status)) << status.message();
    EXPECT_THAT(std::string(status.message()), HasSubstr("'g', sink 's'"));
    EXPECT_THAT(std::string(status.message()), HasSubstr(words));
  }
  const LoadPtr load = Begin(plan);
  Serve("g/s");
  EXPECT_THAT(States(load), ElementsAre("done 150"));
}

TEST_F(ScratchpadLoaderTest, TheLengthThatASinkReportsDoesNotMatter) {
  StartSynced();
  LoadPlan plan = PlanFor({{"g", "s"}});
  plan.file.crc = 77;
  for (const uint32_t length : {150u - 16u, 150u - 32u, 160u}) {
    const LoadPtr load = Begin(plan);
    Accept(NextChunk("g/s", 100));
    Accept(NextChunk("g/s", 50));
    Answer(NextQuestion("g/s"), Stored(kSequence, length));
    EXPECT_THAT(States(load), ElementsAre("done 150")) << length;
  }
}

TEST_F(ScratchpadLoaderTest, ASilentSinkFailsAloneWhateverItIsAsked) {
  StartSynced();
  const LoadPtr load = Begin(PlanFor({{"g", "s"}, {"h", "t"}}));
  const Published first = NextPublished();
  const Published second = NextPublished();
  const bool in_order = first.raw.topic == "gw-request/otap_load_scratchpad/g/s";
  Accept(in_order ? first : second);  // h/t is silent from the start
  Accept(NextChunk("g/s", 50));
  NextQuestion("g/s");  // and g/s now
  scheduler_.Advance(ScratchpadLoad::kVerifyLimit);
  EXPECT_THAT(States(load), ElementsAre("failed 150", "uploading 0"));
  EXPECT_THAT(std::string(load->States()[0].outcome.status.message()), HasSubstr("all is sent"));
  scheduler_.Advance(absl::Seconds(60));
  EXPECT_THAT(States(load), ElementsAre("failed 150", "failed 0"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(load->States()[1].outcome.status));
  EXPECT_TRUE(load->ended());
}

TEST_F(ScratchpadLoaderTest, StopsAtTheFirstFailureIfWanted) {
  StartSynced();
  LoadPlan plan = PlanFor({{"g", "s"}, {"g", "t"}});
  plan.max_concurrent = 1;
  plan.stop_at_first_failure = true;
  const LoadPtr load = Begin(std::move(plan));
  Answer(NextChunk("g/s", 100), {}, gw::INVALID_SCRATCHPAD);
  EXPECT_THAT(States(load), ElementsAre("failed 0", "queued 0"));
  EXPECT_TRUE(load->ended());
  EXPECT_EQ(load->States()[0].outcome.answer, gw::INVALID_SCRATCHPAD);
}

TEST_F(ScratchpadLoaderTest, ABeginningWaitsForItsTime) {
  StartSynced();
  LoadPlan plan = PlanFor({{"g", "s"}, {"g", "t"}});
  plan.delay = absl::Seconds(30);
  const LoadPtr load = Begin(std::move(plan));
  Serve("g/s");
  EXPECT_THAT(States(load), ElementsAre("done 150", "queued 0"));
  scheduler_.Advance(absl::Seconds(30));
  Serve("g/t");
  EXPECT_THAT(States(load), ElementsAre("done 150", "done 150"));
}

TEST_F(ScratchpadLoaderTest, StoppingSendsNothingMore) {
  StartSynced();
  LoadPlan plan = PlanFor({{"g", "s"}, {"g", "t"}, {"h", "s"}});
  plan.max_concurrent = 2;
  const LoadPtr load = Begin(std::move(plan));
  const Published one = NextPublished();
  const Published other = NextPublished();
  Accept(one);
  NextPublished();  // its second chunk
  EXPECT_TRUE(loader_.Stop(load->id()));
  Accept(other);
  std::vector<std::string> states = States(load);
  EXPECT_EQ(states[2], "queued 0");
  states.pop_back();
  EXPECT_THAT(states, testing::UnorderedElementsAre("stopped 100", "stopped 0"));
  EXPECT_TRUE(load->ended());
  EXPECT_EQ(broker_.published_count(), 0u);
  EXPECT_FALSE(loader_.Stop(load->id()));
}

TEST_F(ScratchpadLoaderTest, StoppingWhileVerifying) {
  StartSynced();
  const LoadPtr load = Begin(PlanFor({{"g", "s"}}));
  Accept(NextChunk("g/s", 100));
  Accept(NextChunk("g/s", 50));
  NextQuestion("g/s");
  load->Stop();
  EXPECT_THAT(States(load), ElementsAre("stopped 150"));
  EXPECT_TRUE(load->ended());
}

TEST_F(ScratchpadLoaderTest, StoppedBeforeItBeganItBeginsWithNone) {
  StartSynced();
  const LoadPtr load = *loader_.Prepare(PlanFor({{"g", "s"}}));
  EXPECT_TRUE(loader_.Stop(load->id()));
  EXPECT_TRUE(loader_.Prepare(PlanFor({{"g", "s"}})).ok());  // the sink is free
  load->Begin(kSequence, [] {});
  EXPECT_THAT(States(load), ElementsAre("queued 0"));
  EXPECT_TRUE(load->ended());
}

TEST_F(ScratchpadLoaderTest, AnAbandonedLoadStopsToo) {
  StartSynced();
  const LoadPtr load = Begin(PlanFor({{"g", "s"}, {"off", "s"}}));
  NextChunk("g/s", 100);
  load->Abandon();
  EXPECT_THAT(States(load), ElementsAre("stopped 0", "failed 0"));
  load->Abandon();
}

TEST_F(ScratchpadLoaderTest, ASinkIsInOneLoadOnly) {
  StartSynced();
  LoadPtr load = *loader_.Prepare(PlanFor({{"g", "s"}, {"g", "t"}}));
  const auto second = loader_.Prepare(PlanFor({{"g", "t"}, {"h", "s"}}));
  EXPECT_TRUE(absl::IsAborted(second.status()));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("'g', sink 't'"));
  EXPECT_TRUE(loader_.Prepare(PlanFor({{"h", "s"}})).ok());
  // Free with its end,
  load->Begin(kSequence, [] {});
  load->Stop();
  Settle();
  const uint64_t id = load->id();
  EXPECT_TRUE(loader_.Prepare(PlanFor({{"g", "t"}})).ok());
  EXPECT_FALSE(loader_.Stop(id));
  // or when nobody has it any more.
  LoadPtr dropped = *loader_.Prepare(PlanFor({{"g", "t"}}));
  dropped = nullptr;
  EXPECT_TRUE(loader_.Prepare(PlanFor({{"g", "t"}})).ok());
}

TEST_F(ScratchpadLoaderTest, TheNumberOfLoadsIsBounded) {
  std::vector<std::string> sinks;
  for (size_t i = 0; i <= ScratchpadLoader::kMaxLoads; ++i) sinks.push_back(absl::StrCat("s", i));
  RetainStatus(StatusOf("many", gw::ON, sinks));
  StartSynced(4);
  std::vector<LoadPtr> loads;
  for (size_t i = 0; i < ScratchpadLoader::kMaxLoads; ++i) {
    loads.push_back(*loader_.Prepare(PlanFor({{"many", sinks[i]}})));
  }
  const LoadPlan last = PlanFor({{"many", sinks.back()}});
  EXPECT_TRUE(absl::IsResourceExhausted(loader_.Prepare(last).status()));
  loads.pop_back();
  EXPECT_TRUE(loader_.Prepare(last).ok());
}

TEST_F(ScratchpadLoaderTest, ALostConnectionFailsAll) {
  StartSynced();
  const LoadPtr load = Begin(PlanFor({{"g", "s"}, {"g", "t"}}));
  NextPublished();
  NextPublished();
  broker_.Disconnect();
  EXPECT_THAT(States(load), ElementsAre("failed 0", "failed 0"));
  EXPECT_TRUE(load->ended());
}

}  // namespace
}  // namespace wirepas_grpc::core
