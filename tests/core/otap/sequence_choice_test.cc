// SPDX-License-Identifier: Apache-2.0
#include "core/otap/sequence_choice.h"

#include <set>

#include "absl/random/random.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

TEST(SequenceChoiceTest, CollectsAllThatASinkReports) {
  gw::GetScratchpadStatusResp status;
  UsedSequences used;
  AddSequences(status, &used);
  EXPECT_TRUE(used.none());
  status.mutable_stored_scratchpad()->set_seq(3);
  status.mutable_processed_scratchpad()->set_seq(4);
  status.mutable_target_and_action()->set_target_sequence(5);
  AddSequences(status, &used);
  status.mutable_stored_scratchpad()->set_seq(1000);  // no sequence at all
  AddSequences(status, &used);
  EXPECT_EQ(used.count(), 3u);
  EXPECT_TRUE(used.test(3) && used.test(4) && used.test(5));
}

TEST(SequenceChoiceTest, ChoosesOneThatIsFree) {
  absl::BitGen random;
  UsedSequences used;
  used.set();
  EXPECT_FALSE(ChooseSequence(used, random).has_value());
  used.reset(0);
  used.reset(255);
  EXPECT_FALSE(ChooseSequence(used, random).has_value());
  used.reset(254);
  EXPECT_EQ(ChooseSequence(used, random), 254u);
  used.reset(1);
  used.reset(77);
  std::set<uint32_t> chosen;
  for (int i = 0; i < 1000; ++i) chosen.insert(*ChooseSequence(used, random));
  EXPECT_EQ(chosen, (std::set<uint32_t>{1, 77, 254}));
}

}  // namespace
}  // namespace wirepas_grpc::core
