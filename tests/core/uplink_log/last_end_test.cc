// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/last_end.h"

#include <initializer_list>

#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

// Entries 10 to 19 are in the table, and the mark says so.
EndEvidence Evidence() {
  EndEvidence evidence;
  evidence.run = {.ordinal = 3, .id = 7, .first = 10};
  evidence.stored = 20;
  evidence.mark = 20;
  evidence.same_boot = true;
  return evidence;
}

EndEvidence Clean() {
  EndEvidence evidence = Evidence();
  evidence.run.end = 20;
  evidence.run.clean = true;
  return evidence;
}

TEST(SameBootTest, AnIdThatCannotBeReadIsTheSameAsNone) {
  EXPECT_TRUE(SameBoot("a", "a"));
  EXPECT_FALSE(SameBoot("a", "b"));
  EXPECT_FALSE(SameBoot("a", ""));
  EXPECT_FALSE(SameBoot("", "a"));
  EXPECT_FALSE(SameBoot("", ""));
}

TEST(LastEndTest, ANewLogBeginsAtOne) {
  EndEvidence evidence;
  evidence.stored = 1;
  EXPECT_EQ(FindLastEnd(evidence).end, 1u);
  EXPECT_EQ(FindLastEnd(evidence).missing, 0u);
  EXPECT_FALSE(FindLastEnd(evidence).lost);
}

TEST(LastEndTest, TheEndIsTheLargestNumberThatIsKnown) {
  EndEvidence evidence = Evidence();
  EXPECT_EQ(FindLastEnd(evidence).end, 20u);
  evidence.mark = 23;  // three could not be stored
  EXPECT_EQ(FindLastEnd(evidence).end, 23u);
  EXPECT_EQ(FindLastEnd(evidence).missing, 3u);
  evidence.mark = 19;  // the process ended between table and mark
  EXPECT_EQ(FindLastEnd(evidence).end, 20u);
  evidence.mark.reset();
  EXPECT_EQ(FindLastEnd(evidence).end, 20u);
  evidence.stored = 1;  // an empty table
  EXPECT_EQ(FindLastEnd(evidence).end, 10u);
  EXPECT_FALSE(FindLastEnd(evidence).lost);

  EndEvidence clean = Clean();
  clean.run.end = 25;
  EXPECT_EQ(FindLastEnd(clean).end, 25u);
  EXPECT_EQ(FindLastEnd(clean).missing, 0u) << "a clean end knew of them";
}

TEST(LastEndTest, WhatCannotBeReadIsNotCountedAsMissing) {
  EndEvidence evidence = Evidence();
  evidence.stored.reset();
  EXPECT_EQ(FindLastEnd(evidence).end, 20u);
  EXPECT_EQ(FindLastEnd(evidence).missing, 0u);
}

TEST(LastEndTest, AMarkOfSomethingElseCountsForNothing) {
  for (const uint64_t mark : {uint64_t{0}, uint64_t{18}, uint64_t{20} + (uint64_t{1} << 40)}) {
    EndEvidence evidence = Evidence();
    evidence.mark = mark;
    EXPECT_EQ(FindLastEnd(evidence).end, 20u) << mark;
    EXPECT_FALSE(FindLastEnd(evidence).lost) << mark;
    evidence.damaged = true;
    EXPECT_TRUE(FindLastEnd(evidence).lost) << mark;
  }
}

TEST(LastEndTest, ACleanEndLosesNothing) {
  for (const bool same_boot : {true, false}) {
    EndEvidence evidence = Clean();
    evidence.same_boot = same_boot;
    EXPECT_FALSE(FindLastEnd(evidence).lost);
    evidence.journal_left = true;
    EXPECT_FALSE(FindLastEnd(evidence).lost);
    evidence.damaged = true;
    EXPECT_FALSE(FindLastEnd(evidence).lost) << "the mark and the record agree";
    evidence.mark.reset();
    EXPECT_TRUE(FindLastEnd(evidence).lost) << "a later run may be gone";
  }
}

TEST(LastEndTest, ACleanRecordThatTheMarkIsBeyondIsNotTheLast) {
  EndEvidence evidence = Clean();
  evidence.mark = 30;
  evidence.damaged = true;
  EXPECT_FALSE(FindLastEnd(evidence).lost);
  EXPECT_EQ(FindLastEnd(evidence).end, 30u);
  evidence.same_boot = false;
  EXPECT_TRUE(FindLastEnd(evidence).lost);
}

TEST(LastEndTest, AnUncleanEndOnTheSameBootLosesNothing) {
  EndEvidence evidence = Evidence();
  EXPECT_FALSE(FindLastEnd(evidence).lost);
  evidence.mark.reset();
  EXPECT_FALSE(FindLastEnd(evidence).lost);
}

TEST(LastEndTest, AnUncleanEndOnAnotherBootLosesWhatWasNotSynced) {
  EndEvidence evidence = Evidence();
  evidence.same_boot = false;
  EXPECT_TRUE(FindLastEnd(evidence).lost);
  evidence.run.every_synced = true;
  EXPECT_FALSE(FindLastEnd(evidence).lost);
}

TEST(LastEndTest, DamageIsMadeGoodByAMarkOfTheSameBoot) {
  using Damage = void (*)(EndEvidence*);
  for (const Damage damage :
       std::initializer_list<Damage>{[](EndEvidence* evidence) { evidence->damaged = true; },
                                     [](EndEvidence* evidence) { evidence->torn = true; },
                                     [](EndEvidence* evidence) { evidence->journal_left = true; },
                                     [](EndEvidence* evidence) { evidence->stored.reset(); }}) {
    EndEvidence evidence = Evidence();
    damage(&evidence);
    EXPECT_FALSE(FindLastEnd(evidence).lost);
    EXPECT_EQ(FindLastEnd(evidence).end, 20u);
    evidence.mark.reset();
    EXPECT_TRUE(FindLastEnd(evidence).lost);
  }
}

TEST(LastEndTest, WithEveryPacketSyncedATornLogAloneIsNoDamage) {
  EndEvidence evidence = Evidence();
  evidence.run.every_synced = true;
  evidence.torn = true;
  for (const bool same_boot : {true, false}) {
    evidence.same_boot = same_boot;
    EXPECT_FALSE(FindLastEnd(evidence).lost);
    evidence.mark.reset();
    EXPECT_FALSE(FindLastEnd(evidence).lost);
  }
  evidence.damaged = true;
  EXPECT_TRUE(FindLastEnd(evidence).lost);
}

TEST(LastEndTest, WithoutItsRecordADamagedLogMayHaveLostAll) {
  EndEvidence evidence = Evidence();
  evidence.run = UplinkRun();
  EXPECT_FALSE(FindLastEnd(evidence).lost);
  evidence.damaged = true;
  EXPECT_FALSE(FindLastEnd(evidence).lost) << "the mark is of this boot";
  evidence.same_boot = false;
  EXPECT_TRUE(FindLastEnd(evidence).lost);
}

// Of a run that began with a loss damage takes the record and all entries; its mark is left.
TEST(LastEndTest, NumbersOfARunWhoseRecordIsGoneAreNotUsedAgain) {
  EndEvidence evidence = Evidence();
  evidence.damaged = true;
  evidence.same_boot = false;
  evidence.mark = 20 + kMostMissing + 1000;
  EXPECT_EQ(FindLastEnd(evidence).end, 20 + kMostMissing + 1000);
  EXPECT_TRUE(FindLastEnd(evidence).lost);
}

TEST(LastEndTest, WhatWasRestoredLacksWhatCameSince) {
  EndEvidence evidence;
  evidence.run = {.ordinal = 1, .id = 7, .first = 10, .end = 20, .clean = true};
  evidence.stored = 20;
  evidence.mark = 20;
  evidence.same_boot = true;
  EXPECT_FALSE(FindLastEnd(evidence).lost);
  evidence.restored = true;
  EXPECT_TRUE(FindLastEnd(evidence).lost);
  EXPECT_EQ(FindLastEnd(evidence).end, 20u);
  EXPECT_EQ(FindLastEnd(evidence).missing, 0u);
}

}  // namespace
}  // namespace wirepas_grpc::core
