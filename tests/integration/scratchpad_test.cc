// SPDX-License-Identifier: Apache-2.0
//
// Scratchpads: loading, clearing, processing, targets.
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"
#include "tests/simulator/crc16.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;
using UploadReader = StreamReader<mesh::UploadScratchpadResponse>;

std::string Scratchpad(size_t size) {
  std::string bytes(size, '\0');
  uint32_t state = 12345;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

mesh::UploadScratchpadRequest UploadRequest(const std::string& gateway_id, uint32_t sequence,
                                            const std::string& scratchpad) {
  auto request = To<mesh::UploadScratchpadRequest>(gateway_id, kSink);
  request.set_sequence(sequence);
  request.set_scratchpad(scratchpad);
  return request;
}

class ScratchpadTest : public SharedStack<ScratchpadTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {"--gateways", "2", "--sinks", "1", "--rate", "0", "--max_scratchpad_size",
                         "1000"};
    return options;
  }

 protected:
  // Reads the upload to its end.
  struct Uploaded {
    std::vector<mesh::UploadScratchpadResponse> responses;
    grpc::Status status;
  };
  static Uploaded Upload(const mesh::UploadScratchpadRequest& request) {
    UploadReader reader(stub(), &Stub::UploadScratchpad, request, absl::Now() + kBound);
    Uploaded uploaded;
    while (std::optional<mesh::UploadScratchpadResponse> response = reader.Next()) {
      uploaded.responses.push_back(*response);
    }
    uploaded.status = reader.WaitForEnd().value_or(grpc::Status(StatusCode::ABORTED, "no end"));
    return uploaded;
  }

  static mesh::ScratchpadStatus StatusOf(const std::string& gateway_id) {
    const auto result = Call(stub(), &Stub::GetScratchpadStatus,
                             To<mesh::GetScratchpadStatusRequest>(gateway_id, kSink));
    EXPECT_TRUE(IsOk(result.status));
    return result.response.status();
  }

  static grpc::Status SetTarget(const mesh::TargetScratchpad& target) {
    auto request = To<mesh::SetTargetScratchpadRequest>(kGateway, kSink);
    *request.mutable_target() = target;
    return Call(stub(), &Stub::SetTargetScratchpad, request).status;
  }
};

TEST_F(ScratchpadTest, IsLoadedInChunksOfTheGatewaysSize) {
  const std::string scratchpad = Scratchpad(2500);
  const Uploaded uploaded = Upload(UploadRequest(kGateway, 42, scratchpad));
  ASSERT_TRUE(IsOk(uploaded.status));
  ASSERT_EQ(uploaded.responses.size(), 3u);
  const uint32_t accepted[] = {1000, 2000, 2500};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(uploaded.responses[i].accepted_bytes(), accepted[i]);
    EXPECT_EQ(uploaded.responses[i].total_bytes(), 2500u);
    EXPECT_EQ(uploaded.responses[i].done(), i == 2);
  }
  const mesh::ScratchpadStatus status = StatusOf(kGateway);
  EXPECT_EQ(status.stored().length(), 2500u);
  EXPECT_EQ(status.stored().crc(), sim::Crc16(scratchpad));
  EXPECT_EQ(status.stored().sequence(), 42u);
  EXPECT_EQ(status.stored_state(), mesh::SCRATCHPAD_STATE_NEW);
  EXPECT_EQ(status.stored_type(), mesh::SCRATCHPAD_TYPE_PRESENT);
}

TEST_F(ScratchpadTest, IsLoadedInSmallerChunksWhenTheClientWants) {
  auto request = UploadRequest(kGateway, 43, Scratchpad(777));
  request.set_max_chunk_size(100);
  const Uploaded uploaded = Upload(request);
  ASSERT_TRUE(IsOk(uploaded.status));
  ASSERT_EQ(uploaded.responses.size(), 8u);
  EXPECT_EQ(uploaded.responses[6].accepted_bytes(), 700u);
  EXPECT_FALSE(uploaded.responses[6].done());
  EXPECT_TRUE(uploaded.responses[7].done());
  EXPECT_EQ(StatusOf(kGateway).stored().length(), 777u);

  // More than the gateway takes is the gateway's size.
  request.set_max_chunk_size(5000);
  request.set_scratchpad(Scratchpad(1001));
  EXPECT_EQ(Upload(request).responses.size(), 2u);
}

TEST_F(ScratchpadTest, IsProcessedAndCleared) {
  ASSERT_TRUE(IsOk(Upload(UploadRequest(kGateway, 44, Scratchpad(900))).status));
  ASSERT_TRUE(IsOk(
      Call(stub(), &Stub::ProcessScratchpad, To<mesh::ProcessScratchpadRequest>(kGateway, kSink))
          .status));
  mesh::ScratchpadStatus status = StatusOf(kGateway);
  EXPECT_EQ(status.stored_type(), mesh::SCRATCHPAD_TYPE_PROCESS);
  EXPECT_EQ(status.stored_state(), mesh::SCRATCHPAD_STATE_SUCCESS);
  EXPECT_EQ(status.processed().sequence(), 44u);

  auto clear = To<mesh::UploadScratchpadRequest>(kGateway, kSink);
  const Uploaded cleared = Upload(clear);
  ASSERT_TRUE(IsOk(cleared.status));
  ASSERT_EQ(cleared.responses.size(), 1u);
  EXPECT_TRUE(cleared.responses[0].done());
  EXPECT_EQ(cleared.responses[0].accepted_bytes(), 0u);
  EXPECT_EQ(cleared.responses[0].total_bytes(), 0u);
  EXPECT_EQ(StatusOf(kGateway).stored_type(), mesh::SCRATCHPAD_TYPE_BLANK);
  ExpectFailure(
      Call(stub(), &Stub::ProcessScratchpad, To<mesh::ProcessScratchpadRequest>(kGateway, kSink))
          .status,
      StatusCode::FAILED_PRECONDITION,
      {"NO_SCRATCHPAD_PRESENT", kGateway, kSink, mesh::RESULT_CODE_NO_SCRATCHPAD_PRESENT, true});
}

TEST_F(ScratchpadTest, TargetIsSetAndReported) {
  mesh::TargetScratchpad target;
  target.set_action(mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY);
  target.set_sequence(12);
  target.set_crc(0xBEEF);
  target.set_delay(mesh::SCRATCHPAD_DELAY_SIX_HOURS);
  ASSERT_TRUE(IsOk(SetTarget(target)));
  EXPECT_EQ(StatusOf(kGateway).target().ShortDebugString(), target.ShortDebugString());

  target.set_raw(0x4A);
  ASSERT_TRUE(IsOk(SetTarget(target)));
  EXPECT_EQ(StatusOf(kGateway).target().raw(), 0x4Au);

  for (const auto action :
       {mesh::SCRATCHPAD_ACTION_PROPAGATE_ONLY, mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS}) {
    target.set_action(action);
    target.clear_parameter();
    ASSERT_TRUE(IsOk(SetTarget(target)));
    EXPECT_EQ(StatusOf(kGateway).target().ShortDebugString(), target.ShortDebugString());
  }
  for (const auto action : {mesh::SCRATCHPAD_ACTION_LEGACY_OTAP, mesh::SCRATCHPAD_ACTION_NO_OTAP}) {
    target.Clear();
    target.set_action(action);
    ASSERT_TRUE(IsOk(SetTarget(target)));
    EXPECT_EQ(StatusOf(kGateway).target().action(), action);
  }
}

TEST_F(ScratchpadTest, ChunkThatFailsEndsTheUploadWithItsError) {
  ASSERT_TRUE(IsOk(stack().SetFaults(
      kOtherGateway,
      {{"error_codes", {{"otap_load_scratchpad", "INVALID_SCRATCHPAD_CHUNK_SIZE"}}}})));
  const Uploaded uploaded = Upload(UploadRequest(kOtherGateway, 1, Scratchpad(5000)));
  EXPECT_TRUE(uploaded.responses.empty());
  ExpectFailure(uploaded.status, StatusCode::INVALID_ARGUMENT,
                {"INVALID_SCRATCHPAD_CHUNK_SIZE", kOtherGateway, kSink,
                 mesh::RESULT_CODE_INVALID_SCRATCHPAD_CHUNK_SIZE, true});
  // The sink is free for the next.
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  EXPECT_TRUE(IsOk(Upload(UploadRequest(kOtherGateway, 1, Scratchpad(5000))).status));
}

TEST_F(ScratchpadTest, SecondUploadToASinkIsAborted) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_answer", {"otap_load_scratchpad"}}})));
  const auto spy = stack().NewPeer({"gw-request/otap_load_scratchpad/#"});
  UploadReader first(stub(), &Stub::UploadScratchpad, UploadRequest(kGateway, 1, Scratchpad(5000)));
  ASSERT_TRUE(spy->Take([](const auto&) { return true; }).ok());
  const Uploaded second = Upload(UploadRequest(kGateway, 2, Scratchpad(10)));
  ExpectFailure(second.status, StatusCode::ABORTED, {"another upload", kGateway, kSink});
  // Another sink is free.
  EXPECT_TRUE(IsOk(Upload(UploadRequest(kOtherGateway, 2, Scratchpad(10))).status));

  first.Cancel();
  ASSERT_TRUE(first.WaitForEnd().has_value());
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  // Frees it, and leaves nothing pending.
  EXPECT_TRUE(
      Eventually([] { return Upload(UploadRequest(kGateway, 2, Scratchpad(10))).status.ok(); }));
  EXPECT_TRUE(
      Eventually([] { return stack().service().Metric("wirepas_grpc_pending_requests") == 0; }));
}

TEST_F(ScratchpadTest, CancelledUploadSendsNoFurtherChunk) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"answer_delay_ms", 50}})));
  const auto spy = stack().NewPeer({"gw-request/otap_load_scratchpad/#"});
  auto request = UploadRequest(kGateway, 3, Scratchpad(1000));
  request.set_max_chunk_size(1);  // 50 s in all
  UploadReader reader(stub(), &Stub::UploadScratchpad, request);
  ASSERT_TRUE(reader.Next().has_value());
  reader.Cancel();
  ASSERT_TRUE(reader.WaitForEnd().has_value());
  EXPECT_TRUE(
      Eventually([] { return stack().service().Metric("wirepas_grpc_pending_requests") == 0; }));
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  ASSERT_TRUE(IsOk(Upload(UploadRequest(kGateway, 99, "the end")).status));
  const auto heard = spy->TakeUpTo([](const MqttPeer::Message& message) {
    return Decoded(message.payload).upload_scratchpad_req().seq() == 99;
  });
  ASSERT_TRUE(heard.ok()) << heard.status();
  EXPECT_LT(heard->size(), 500u);
}

TEST_F(ScratchpadTest, DeadlineIsForTheWholeUpload) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"answer_delay_ms", 100}})));
  auto request = UploadRequest(kGateway, 3, Scratchpad(1000));
  request.set_max_chunk_size(1);  // 100 s in all
  UploadReader reader(stub(), &Stub::UploadScratchpad, request, absl::Now() + absl::Seconds(2));
  const std::optional<grpc::Status> status = reader.WaitForEnd();
  ASSERT_TRUE(status.has_value());
  ExpectFailure(*status, StatusCode::DEADLINE_EXCEEDED,
                {"no answer", kGateway, kSink, mesh::RESULT_CODE_UNSPECIFIED, true});
}

// A gateway that states no limit gets the scratchpad at once.
class LargeScratchpadTest : public SharedStack<LargeScratchpadTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "0"};
    return options;
  }
};

TEST_F(LargeScratchpadTest, GoesInOneRequest) {
  const std::string scratchpad = Scratchpad(900'000);
  UploadReader reader(stub(), &Stub::UploadScratchpad, UploadRequest(kGateway, 254, scratchpad),
                      absl::Now() + kBound);
  const auto response = reader.Next();
  ASSERT_TRUE(response.has_value());
  EXPECT_TRUE(response->done());
  EXPECT_EQ(response->accepted_bytes(), 900'000u);
  ASSERT_TRUE(reader.WaitForEnd().has_value());
  EXPECT_TRUE(IsOk(*reader.WaitForEnd()));
  const auto status = Call(stub(), &Stub::GetScratchpadStatus,
                           To<mesh::GetScratchpadStatusRequest>(kGateway, kSink));
  EXPECT_EQ(status.response.status().stored().crc(), sim::Crc16(scratchpad));
}

TEST_F(LargeScratchpadTest, BeyondTheServicesSizeIsResourceExhausted) {
  UploadReader reader(stub(), &Stub::UploadScratchpad,
                      UploadRequest(kGateway, 254, std::string(17 << 20, 'x')),
                      absl::Now() + kBound);
  const std::optional<grpc::Status> status = reader.WaitForEnd();
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->error_code(), StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace wirepas_grpc::integration
