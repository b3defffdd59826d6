// SPDX-License-Identifier: Apache-2.0
#include "api/convert/scratchpad.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

using testing::StartsWith;

mesh::TargetScratchpad Target(mesh::ScratchpadAction action) {
  mesh::TargetScratchpad target;
  target.set_action(action);
  target.set_sequence(7);
  target.set_crc(65535);
  return target;
}

void ExpectInvalid(const mesh::TargetScratchpad& target, const std::string& field) {
  const auto result = ToGateway(target);
  ASSERT_FALSE(result.ok()) << field;
  EXPECT_TRUE(absl::IsInvalidArgument(result.status()));
  EXPECT_THAT(std::string(result.status().message()), StartsWith("target." + field + ":"));
}

TEST(ConvertScratchpadStatus, UnsetStaysUnset) {
  const mesh::ScratchpadStatus status = ToProto(gw::GetScratchpadStatusResp());
  EXPECT_EQ(status.ByteSizeLong(), 0u);
}

TEST(ConvertScratchpadStatus, TellsAll) {
  gw::GetScratchpadStatusResp response;
  response.mutable_stored_scratchpad()->set_len(1000);
  response.mutable_stored_scratchpad()->set_crc(2);
  response.mutable_stored_scratchpad()->set_seq(3);
  response.set_stored_status(gw::NEW);
  response.set_stored_type(gw::PROCESS);
  response.mutable_processed_scratchpad()->set_seq(1);
  response.set_firmware_area_id(0);
  response.mutable_target_and_action()->set_action(gw::PROPAGATE_AND_PROCESS_WITH_DELAY);
  response.mutable_target_and_action()->set_delay(gw::ONE_DAY);
  const mesh::ScratchpadStatus status = ToProto(response);
  EXPECT_EQ(status.stored().length(), 1000u);
  EXPECT_EQ(status.stored().crc(), 2u);
  EXPECT_EQ(status.stored().sequence(), 3u);
  EXPECT_EQ(status.stored_state(), mesh::SCRATCHPAD_STATE_NEW);
  EXPECT_EQ(status.stored_type(), mesh::SCRATCHPAD_TYPE_PROCESS);
  EXPECT_EQ(status.processed().sequence(), 1u);
  EXPECT_TRUE(status.has_firmware_area_id());
  EXPECT_EQ(status.target().action(), mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY);
  EXPECT_EQ(status.target().delay(), mesh::SCRATCHPAD_DELAY_ONE_DAY);
  EXPECT_FALSE(status.target().has_sequence());
}

TEST(TargetToGateway, EveryActionHasItsOwn) {
  for (int action = 1; action <= 5; ++action) {
    mesh::TargetScratchpad target = Target(static_cast<mesh::ScratchpadAction>(action));
    if (action == mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY) target.set_raw(0x4a);
    const auto result = ToGateway(target);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ("SCRATCHPAD_ACTION_" + gw::ScratchpadAction_Name(result->action()),
              mesh::ScratchpadAction_Name(target.action()));
    EXPECT_EQ(result->target_sequence(), 7u);
    EXPECT_EQ(result->target_crc(), 65535u);
  }
}

TEST(TargetToGateway, EveryDelayHasItsOwn) {
  auto target = Target(mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY);
  for (int delay = 1; delay <= 7; ++delay) {
    target.set_delay(static_cast<mesh::ScratchpadDelay>(delay));
    const auto result = ToGateway(target);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ("SCRATCHPAD_DELAY_" + gw::ProcessingDelay_Name(result->delay()),
              mesh::ScratchpadDelay_Name(target.delay()));
  }
}

TEST(TargetToGateway, SequenceAndCrcMayBeLeftOut) {
  for (const auto action : {mesh::SCRATCHPAD_ACTION_NO_OTAP, mesh::SCRATCHPAD_ACTION_PROPAGATE_ONLY,
                            mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS}) {
    mesh::TargetScratchpad target = Target(action);
    target.clear_sequence();
    auto result = ToGateway(target);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_FALSE(result->has_target_sequence());
    EXPECT_EQ(result->target_crc(), 65535u);
    target = Target(action);
    target.clear_crc();
    result = ToGateway(target);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->target_sequence(), 7u);
    EXPECT_FALSE(result->has_target_crc());
  }
}

TEST(TargetToGateway, NamesTheFieldThatIsWrong) {
  ExpectInvalid({}, "action");
  ExpectInvalid(Target(static_cast<mesh::ScratchpadAction>(99)), "action");
  auto target = Target(mesh::SCRATCHPAD_ACTION_PROPAGATE_ONLY);
  target.set_sequence(255);
  ExpectInvalid(target, "sequence");
  target.set_sequence(0);
  ExpectInvalid(target, "sequence");
  target = Target(mesh::SCRATCHPAD_ACTION_LEGACY_OTAP);
  target.set_crc(65536);
  ExpectInvalid(target, "crc");
}

TEST(TargetToGateway, DelayBelongsToItsAction) {
  auto target = Target(mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY);
  ExpectInvalid(target, "delay");
  target.set_delay(mesh::SCRATCHPAD_DELAY_UNSPECIFIED);
  ExpectInvalid(target, "delay");
  target.set_delay(static_cast<mesh::ScratchpadDelay>(8));
  ExpectInvalid(target, "delay");
  target = Target(mesh::SCRATCHPAD_ACTION_PROPAGATE_ONLY);
  target.set_delay(mesh::SCRATCHPAD_DELAY_ONE_HOUR);
  ExpectInvalid(target, "delay");
  target.set_raw(255);
  EXPECT_EQ(ToGateway(target)->raw(), 255u);
  target.set_raw(256);
  ExpectInvalid(target, "raw");
}

}  // namespace
}  // namespace wirepas_grpc::api
