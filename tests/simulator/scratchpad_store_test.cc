// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/scratchpad_store.h"

#include <gtest/gtest.h>

#include "tests/simulator/crc16.h"
#include "tests/simulator/scratchpad_header.h"

namespace wirepas_grpc::sim {
namespace {

pb::UploadScratchpadReq Whole(uint32_t sequence, const std::string& bytes) {
  pb::UploadScratchpadReq request;
  request.set_seq(sequence);
  request.set_scratchpad(bytes);
  return request;
}

pb::UploadScratchpadReq Chunk(uint32_t sequence, uint32_t total, uint32_t offset,
                              const std::string& bytes) {
  pb::UploadScratchpadReq request = Whole(sequence, bytes);
  request.mutable_chunk_info()->set_scratchpad_total_size(total);
  request.mutable_chunk_info()->set_start_offset(offset);
  return request;
}

pb::TargetScratchpadAndAction Target(pb::ScratchpadAction action) {
  pb::TargetScratchpadAndAction target;
  target.set_action(action);
  return target;
}

TEST(Crc16, KnownValues) {
  EXPECT_EQ(Crc16(""), 0xFFFF);
  EXPECT_EQ(Crc16("123456789"), 0x29B1);
}

TEST(ScratchpadStore, ReportsTheChecksumOfTheFilesHeader) {
  ScratchpadStore store(std::nullopt, true);
  const std::string file = ScratchpadFile("123456789");
  EXPECT_EQ(file.size(), 41U);
  EXPECT_EQ(store.Upload(Whole(7, file)), pb::OK);
  EXPECT_EQ(store.stored().len(), 41U);
  EXPECT_EQ(store.stored().crc(), 0x29B1U);
  EXPECT_EQ(store.stored().seq(), 7U);
}

TEST(ScratchpadStore, RefusesAFileThatIsDamaged) {
  ScratchpadStore store(std::nullopt, true);
  const std::string file = ScratchpadFile("123456789");
  EXPECT_EQ(store.Upload(Whole(7, file.substr(0, 40))), pb::INVALID_SCRATCHPAD);
  EXPECT_EQ(store.Upload(Whole(7, file.substr(0, 20))), pb::INVALID_SCRATCHPAD);
  EXPECT_EQ(store.Upload(Chunk(7, 41, 0, file.substr(0, 40))), pb::OK);
  EXPECT_EQ(store.Upload(Chunk(7, 41, 40, "x")), pb::INVALID_SCRATCHPAD);
  EXPECT_EQ(store.stored_type(), pb::BLANK);
}

TEST(ScratchpadStore, StartsBlank) {
  const ScratchpadStore store(std::nullopt, true);
  EXPECT_EQ(store.stored_type(), pb::BLANK);
  EXPECT_EQ(store.stored().len(), 0U);
  EXPECT_EQ(store.processed().len(), 0U);
  EXPECT_EQ(store.target().action(), pb::NO_OTAP);
}

TEST(ScratchpadStore, StoresAWholeScratchpad) {
  ScratchpadStore store(std::nullopt, true);
  EXPECT_EQ(store.Upload(Whole(7, "123456789")), pb::OK);
  EXPECT_EQ(store.stored().len(), 9U);
  EXPECT_EQ(store.stored().crc(), 0x29B1U);
  EXPECT_EQ(store.stored().seq(), 7U);
  EXPECT_EQ(store.stored_status(), pb::NEW);
  EXPECT_EQ(store.stored_type(), pb::PRESENT);
  EXPECT_EQ(store.stored_bytes(), "123456789");
}

TEST(ScratchpadStore, ClearsWithoutScratchpad) {
  ScratchpadStore store(std::nullopt, true);
  ASSERT_EQ(store.Upload(Whole(7, "abc")), pb::OK);
  pb::UploadScratchpadReq clear;
  clear.set_seq(0);
  EXPECT_EQ(store.Upload(clear), pb::OK);
  EXPECT_EQ(store.stored_type(), pb::BLANK);
  EXPECT_TRUE(store.stored_bytes().empty());
}

TEST(ScratchpadStore, RejectedUploadKeepsWhatIsStored) {
  ScratchpadStore store(4, true);
  ASSERT_EQ(store.Upload(Whole(7, "abc")), pb::OK);
  EXPECT_EQ(store.Upload(Whole(0, "abc")), pb::INVALID_SEQUENCE_NUMBER);
  EXPECT_EQ(store.Upload(Whole(255, "abc")), pb::INVALID_SEQUENCE_NUMBER);
  EXPECT_EQ(store.Upload(Whole(8, "")), pb::INVALID_SCRATCHPAD_SIZE);
  EXPECT_EQ(store.Upload(Whole(8, "abcde")), pb::INVALID_SCRATCHPAD_SIZE);
  EXPECT_EQ(store.stored().seq(), 7U);
}

TEST(ScratchpadStore, JoinsChunksInOrder) {
  ScratchpadStore store(4, true);
  const size_t version = store.version();
  EXPECT_EQ(store.Upload(Chunk(9, 9, 0, "1234")), pb::OK);
  EXPECT_EQ(store.Upload(Chunk(9, 9, 4, "5678")), pb::OK);
  EXPECT_EQ(store.version(), version);
  EXPECT_EQ(store.stored_type(), pb::BLANK);
  EXPECT_EQ(store.Upload(Chunk(9, 9, 8, "9")), pb::OK);
  EXPECT_NE(store.version(), version);
  EXPECT_EQ(store.stored().crc(), 0x29B1U);
  EXPECT_EQ(store.stored().seq(), 9U);
}

TEST(ScratchpadStore, ChunkAtAWrongOffsetEndsTheUpload) {
  ScratchpadStore store(std::nullopt, true);
  EXPECT_EQ(store.Upload(Chunk(9, 9, 4, "5678")), pb::INVALID_SCRATCHPAD_CHUNK_OFFSET);
  ASSERT_EQ(store.Upload(Chunk(9, 9, 0, "1234")), pb::OK);
  EXPECT_EQ(store.Upload(Chunk(9, 9, 3, "5678")), pb::INVALID_SCRATCHPAD_CHUNK_OFFSET);
  EXPECT_EQ(store.Upload(Chunk(9, 9, 4, "56789")), pb::INVALID_SCRATCHPAD_CHUNK_OFFSET);
}

TEST(ScratchpadStore, ChunkOfAWrongSizeIsRefused) {
  ScratchpadStore store(4, true);
  EXPECT_EQ(store.Upload(Chunk(9, 9, 0, "")), pb::INVALID_SCRATCHPAD_CHUNK_SIZE);
  EXPECT_EQ(store.Upload(Chunk(9, 9, 0, "12345")), pb::INVALID_SCRATCHPAD_CHUNK_SIZE);
  EXPECT_EQ(store.Upload(Chunk(9, 3, 0, "1234")), pb::INVALID_SCRATCHPAD_CHUNK_SIZE);
  EXPECT_EQ(store.Upload(Chunk(9, 0, 0, "1")), pb::INVALID_SCRATCHPAD_SIZE);
}

TEST(ScratchpadStore, AnotherSequenceOrTotalDropsTheUpload) {
  ScratchpadStore store(std::nullopt, true);
  ASSERT_EQ(store.Upload(Chunk(9, 8, 0, "1234")), pb::OK);
  EXPECT_EQ(store.Upload(Chunk(10, 8, 4, "5678")), pb::INVALID_SCRATCHPAD_CHUNK_OFFSET);
  ASSERT_EQ(store.Upload(Chunk(9, 8, 0, "1234")), pb::OK);
  EXPECT_EQ(store.Upload(Chunk(9, 9, 4, "5678")), pb::INVALID_SCRATCHPAD_CHUNK_OFFSET);
}

TEST(ScratchpadStore, OffsetZeroStartsAnew) {
  ScratchpadStore store(std::nullopt, true);
  ASSERT_EQ(store.Upload(Chunk(9, 8, 0, "xxxx")), pb::OK);
  ASSERT_EQ(store.Upload(Chunk(9, 8, 0, "1234")), pb::OK);
  ASSERT_EQ(store.Upload(Chunk(9, 8, 4, "5678")), pb::OK);
  EXPECT_EQ(store.stored_bytes(), "12345678");
}

TEST(ScratchpadStore, WithoutTheFeatureAChunkIsAWholeScratchpad) {
  ScratchpadStore store(std::nullopt, false);
  EXPECT_EQ(store.Upload(Chunk(9, 8, 4, "5678")), pb::OK);
  EXPECT_EQ(store.stored_bytes(), "5678");
}

TEST(ScratchpadStore, ProcessingNeedsAScratchpad) {
  ScratchpadStore store(std::nullopt, true);
  EXPECT_EQ(store.Process(), pb::NO_SCRATCHPAD_PRESENT);
  ASSERT_EQ(store.Upload(Whole(7, "abc")), pb::OK);
  EXPECT_EQ(store.Process(), pb::OK);
  EXPECT_EQ(store.stored_type(), pb::PROCESS);
  EXPECT_EQ(store.stored_status(), pb::SUCCESS);
  EXPECT_EQ(store.processed().seq(), 7U);
}

TEST(ScratchpadStore, TargetTakesSequenceAndCrcOfTheStoredOne) {
  ScratchpadStore store(std::nullopt, true);
  ASSERT_EQ(store.Upload(Whole(7, "123456789")), pb::OK);
  EXPECT_EQ(store.SetTarget(Target(pb::PROPAGATE_ONLY)), pb::OK);
  EXPECT_EQ(store.target().target_sequence(), 7U);
  EXPECT_EQ(store.target().target_crc(), 0x29B1U);
}

TEST(ScratchpadStore, TargetKeepsWhatWasGiven) {
  ScratchpadStore store(std::nullopt, true);
  pb::TargetScratchpadAndAction target = Target(pb::PROPAGATE_AND_PROCESS_WITH_DELAY);
  target.set_target_sequence(254);
  target.set_target_crc(0xFFFF);
  target.set_delay(pb::FIVE_DAYS);
  EXPECT_EQ(store.SetTarget(target), pb::OK);
  EXPECT_EQ(store.target().SerializeAsString(), target.SerializeAsString());
}

TEST(ScratchpadStore, TargetOutOfRangeIsRefused) {
  ScratchpadStore store(std::nullopt, true);
  EXPECT_EQ(store.SetTarget(Target(pb::UNKNOWN_ACTION)), pb::INVALID_PARAM);
  EXPECT_EQ(store.SetTarget(Target(pb::PROPAGATE_AND_PROCESS_WITH_DELAY)), pb::INVALID_PARAM);
  pb::TargetScratchpadAndAction target = Target(pb::PROPAGATE_ONLY);
  target.set_target_sequence(255);
  EXPECT_EQ(store.SetTarget(target), pb::INVALID_SEQUENCE_NUMBER);
  target.set_target_sequence(1);
  target.set_target_crc(0x10000);
  EXPECT_EQ(store.SetTarget(target), pb::INVALID_PARAM);
  target = Target(pb::PROPAGATE_AND_PROCESS_WITH_DELAY);
  target.set_raw(0x3F);  // No unit.
  EXPECT_EQ(store.SetTarget(target), pb::INVALID_PARAM);
  target.set_raw(256);
  EXPECT_EQ(store.SetTarget(target), pb::INVALID_PARAM);
  EXPECT_EQ(store.target().action(), pb::NO_OTAP);
}

TEST(Delay, NamedDelaysAsMinutes) {
  const std::pair<pb::ProcessingDelay, int> kDelays[] = {
      {pb::TEN_MINUTES, 10}, {pb::THIRTY_MINUTES, 30}, {pb::ONE_HOUR, 60},   {pb::SIX_HOURS, 360},
      {pb::ONE_DAY, 1440},   {pb::TWO_DAYS, 2880},     {pb::FIVE_DAYS, 7200}};
  for (const auto& [delay, minutes] : kDelays) {
    pb::TargetScratchpadAndAction target = Target(pb::PROPAGATE_AND_PROCESS_WITH_DELAY);
    target.set_delay(delay);
    const std::optional<uint8_t> raw = RawDelay(target);
    ASSERT_TRUE(raw.has_value());
    EXPECT_EQ(DelayMinutes(*raw), minutes);
  }
}

}  // namespace
}  // namespace wirepas_grpc::sim
