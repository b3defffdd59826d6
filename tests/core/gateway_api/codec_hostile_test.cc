// SPDX-License-Identifier: Apache-2.0
//
// Bytes that nobody should send.
#include <time.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "core/gateway_api/codec.h"
#include "google/protobuf/stubs/logging.h"
#include "gtest/gtest.h"
#include "tests/core/gateway_api/samples.h"

namespace wirepas_grpc::core {
namespace {

// What Decode() says is good has all its required fields and holds one message.
void ExpectSound(DropReason reason, const gw::GenericMessage& message) {
  if (reason != DropReason::kNone) return;
  EXPECT_TRUE(message.IsInitialized());
  EXPECT_TRUE(message.has_wirepas());
  std::vector<const google::protobuf::FieldDescriptor*> set;
  message.wirepas().GetReflection()->ListFields(message.wirepas(), &set);
  EXPECT_EQ(set.size(), 1u);
}

// A debug build of protobuf writes a line for each text that is not UTF-8.
using Silence = google::protobuf::LogSilencer;

TEST(CodecHostileTest, AMessageCutOffAtAnyByteIsMalformed) {
  const Silence silence;
  for (const Sample& sample : Samples()) {
    const std::string bytes = Encode(sample.message);
    for (size_t size = 1; size < bytes.size(); ++size) {
      gw::GenericMessage decoded;
      ASSERT_EQ(Decode(bytes.substr(0, size), &decoded), DropReason::kMalformedPayload)
          << sample.name << " cut off at " << size;
    }
  }
}

// The outer length agrees with what is there, so that the inner parts are cut.
TEST(CodecHostileTest, AnInnerMessageCutOffAtAnyByteIsNeverHalfRead) {
  const Silence silence;
  int malformed = 0;
  for (const Sample& sample : Samples()) {
    const std::string inner = sample.message.SerializeAsString();
    for (size_t size = 0; size < inner.size(); ++size) {
      gw::GenericMessage generic;
      generic.GetReflection()->MutableUnknownFields(&generic)->AddLengthDelimited(
          1, inner.substr(0, size));
      gw::GenericMessage decoded;
      const DropReason reason = Decode(generic.SerializeAsString(), &decoded);
      ASSERT_EQ(reason, size == 0 ? DropReason::kUnexpectedContent : DropReason::kMalformedPayload)
          << sample.name << " cut off at " << size;
      ++malformed;
    }
  }
  EXPECT_GT(malformed, 1000);
}

TEST(CodecHostileTest, RandomBytesNeverPassForMoreThanTheyAre) {
  const Silence silence;
  std::mt19937_64 random(1);
  for (int i = 0; i < 50000; ++i) {
    std::string bytes(random() % 200, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    gw::GenericMessage decoded;
    ExpectSound(Decode(bytes, &decoded), decoded);
  }
}

TEST(CodecHostileTest, MessagesWithFlippedBitsAreEitherSoundOrRefused) {
  const Silence silence;
  std::mt19937_64 random(2);
  for (const Sample& sample : Samples()) {
    const std::string bytes = Encode(sample.message);
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      gw::GenericMessage decoded;
      ExpectSound(Decode(flipped, &decoded), decoded);
    }
    for (int i = 0; i < 200; ++i) {
      std::string scrambled = bytes;
      for (int j = 0; j < 4; ++j)
        scrambled[random() % scrambled.size()] = static_cast<char>(random());
      gw::GenericMessage decoded;
      ExpectSound(Decode(scrambled, &decoded), decoded);
    }
  }
}

// The least of several, in time of this thread.
absl::Duration TimeToDecode(const gw::GenericMessage& message, DropReason expected) {
  std::string bytes;
  EXPECT_TRUE(message.SerializePartialToString(&bytes));
  absl::Duration least = absl::InfiniteDuration();
  for (int i = 0; i < 3; ++i) {
    gw::GenericMessage decoded;
    timespec begin = {};
    timespec end = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    EXPECT_EQ(Decode(bytes, &decoded), expected);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    least = std::min(least, absl::DurationFromTimespec(end) - absl::DurationFromTimespec(begin));
  }
  return least;
}

TEST(CodecHostileTest, WhatIsTooLargeIsNotLookedAt) {
  gw::WirepasMessage upload;
  upload.mutable_upload_scratchpad_req()->mutable_header()->set_req_id(1);
  upload.mutable_upload_scratchpad_req()->set_seq(1);
  upload.mutable_upload_scratchpad_req()->set_scratchpad("x");
  // Around one byte of scratchpad; three lengths grow from one byte to four.
  const size_t frame = Encode(upload).size() - 1 + 9;
  upload.mutable_upload_scratchpad_req()->set_scratchpad(std::string(kMaxPayloadSize - frame, 'x'));
  const std::string bytes = Encode(upload);
  ASSERT_EQ(bytes.size(), kMaxPayloadSize);
  gw::GenericMessage decoded;
  EXPECT_EQ(Decode(bytes, &decoded), DropReason::kNone);
  upload.mutable_upload_scratchpad_req()->mutable_scratchpad()->push_back('x');
  EXPECT_EQ(Decode(Encode(upload), &decoded), DropReason::kOversized);
  EXPECT_EQ(Decode(std::string(10 << 20, '\0'), &decoded), DropReason::kOversized);
}

// Mending looks at each part of a message: not at those of a hostile one, which would hold up
// all others for a second.
TEST(CodecHostileTest, AMessageOfBrokenPartsIsGivenUpAboutAsSoonAsAGoodOneIsRead) {
  gw::GenericMessage good;
  gw::StatusEvent* status = good.mutable_wirepas()->mutable_status_event();
  status->mutable_header()->set_gw_id("g");
  status->mutable_header()->set_event_id(1);
  status->set_version(1);
  status->set_state(gw::ON);
  for (int i = 0; i < 300'000; ++i) status->add_configs()->set_sink_id("");
  gw::GenericMessage broken = good;
  for (auto& config : *broken.mutable_wirepas()->mutable_status_event()->mutable_configs()) {
    config.clear_sink_id();
  }
  const absl::Duration usual = TimeToDecode(good, DropReason::kNone);
  EXPECT_LT(TimeToDecode(broken, DropReason::kMalformedPayload), 8 * usual);
}

// Groups in groups, and messages in messages, deeper than any stack.
TEST(CodecHostileTest, DeepNestingIsRefused) {
  gw::GenericMessage decoded;
  EXPECT_EQ(Decode(std::string(1 << 20, '\x1B'), &decoded), DropReason::kMalformedPayload);
  EXPECT_EQ(Decode(std::string(1 << 20, '\x0B'), &decoded), DropReason::kMalformedPayload);
}

TEST(CodecHostileTest, LengthsBeyondTheEndAreRefused) {
  gw::GenericMessage decoded;
  // Lengths of 127, 2^31 - 1, 2^32 - 1 and 2^64 - 1 with nothing behind them.
  EXPECT_EQ(Decode("\x0A\x7F", &decoded), DropReason::kMalformedPayload);
  EXPECT_EQ(Decode("\x0A\xFF\xFF\xFF\xFF\x07", &decoded), DropReason::kMalformedPayload);
  EXPECT_EQ(Decode("\x0A\xFF\xFF\xFF\xFF\x0F", &decoded), DropReason::kMalformedPayload);
  EXPECT_EQ(Decode("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", &decoded),
            DropReason::kMalformedPayload);
}

// Text that is not UTF-8 where the contract says string: it is bytes to proto2.
TEST(CodecHostileTest, TextThatIsNotUtf8Decodes) {
  const Silence silence;
  for (Sample& sample : Samples()) {
    if (sample.name != "status_online") continue;
    sample.message.mutable_status_event()->set_gw_model("\xFF\xFE");
    gw::GenericMessage decoded;
    EXPECT_EQ(Decode(Encode(sample.message), &decoded), DropReason::kNone);
    EXPECT_EQ(decoded.wirepas().status_event().gw_model(), "\xFF\xFE");
  }
}

// Decode() starts afresh: nothing of the message before shows.
TEST(CodecHostileTest, NothingOfTheMessageBeforeRemains) {
  gw::GenericMessage decoded;
  for (const Sample& sample : Samples()) {
    ASSERT_EQ(Decode(Encode(sample.message), &decoded), DropReason::kNone) << sample.name;
    EXPECT_EQ(decoded.wirepas().SerializeAsString(), sample.message.SerializeAsString());
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
