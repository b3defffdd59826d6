// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/hostile/attack_tools.h"
#include "tests/hostile/attacks.h"
#include "tests/hostile/http2.h"

namespace wirepas_grpc::hostile {
namespace {

// How much is sent between two looks at the clock.
constexpr size_t kChunk = 128 << 10;

RawConnection Begin(const Target& target) {
  RawConnection connection(target.grpc_port);
  connection.Send(absl::StrCat(Preface(), SettingsAck()), kRound);
  return connection;
}

uint64_t RepeatFrame(const Target& target, absl::string_view frame) {
  RawConnection connection = Begin(target);
  return Repeat(&connection, Times(frame, kChunk), /*reading=*/true);
}

// The headers of a call that go on with what follows.
uint64_t Continued(const Target& target, absl::string_view first, absl::string_view more) {
  RawConnection connection = Begin(target);
  connection.Send(Frame(kHeaders, kNoFlags, 1, absl::StrCat("\x83\x86", first)), kRound);
  return Repeat(&connection, Times(Frame(kContinuation, kNoFlags, 1, more), kChunk),
                /*reading=*/true);
}

uint64_t EmptyContinuations(const Target& target) { return Continued(target, "", ""); }

uint64_t ManyHeaders(const Target& target) {
  const std::string headers = Times(Literal("name", std::string(40, 'v'), false), 16'000);
  return Continued(target, "", headers);
}

// One header of 2 GiB, in parts.
uint64_t EndlessHeader(const Target& target) {
  const std::string first = absl::StrCat("\x40\x01", "a", "\x7f\x80\xff\xff\xff\x07", "x");
  return Continued(target, first, std::string(kMaxFramePayload, 'x'));
}

// A header of 3,900 bytes, and a byte for each time that it comes again.
uint64_t HeaderBomb(const Target& target) {
  return Continued(target, Literal("a", std::string(3900, 'x'), true),
                   std::string(kMaxFramePayload, '\xbe'));
}

// The size of the header table, changed again and again.
uint64_t TableSizes(const Target& target) {
  return Continued(target, "", Times("\x20\x3f\xe1\x1f", 16'000));
}

uint64_t Pings(const Target& target) {
  return RepeatFrame(target, Frame(kPing, kNoFlags, 0, "12345678"));
}

uint64_t Settings(const Target& target) {
  return RepeatFrame(target, Frame(kSettings, kNoFlags, 0, Setting(3, 100)));
}

uint64_t WindowUpdates(const Target& target) {
  return RepeatFrame(target, absl::StrCat(Frame(kWindowUpdate, kNoFlags, 0, Number(1))));
}

uint64_t Priorities(const Target& target) {
  return RepeatFrame(target, Frame(kPriority, kNoFlags, 1, std::string(5, '\1')));
}

uint64_t UnknownFrames(const Target& target) {
  return RepeatFrame(target, Frame(kUnknownType, kNoFlags, 0, std::string(kMaxFramePayload, 'x')));
}

uint64_t EmptyData(const Target& target) {
  RawConnection connection = Begin(target);
  CallWriter calls("/wirepas.mesh.v1.NetworkService/ListGateways");
  connection.Send(calls.Open(), kRound);
  return Repeat(&connection, Times(Frame(kData, kNoFlags, 1, ""), kChunk), /*reading=*/true);
}

}  // namespace

std::vector<Attack> FrameAttacks() {
  return {{"EmptyContinuations", EmptyContinuations},
          // gRPC 1.51 takes some twelve times the bytes of headers that do not end.
          {"ManyHeaders", ManyHeaders, 450},
          {"EndlessHeader", EndlessHeader},
          {"HeaderBomb", HeaderBomb},
          {"TableSizes", TableSizes},
          {"Pings", Pings},
          {"Settings", Settings},
          {"WindowUpdates", WindowUpdates},
          {"Priorities", Priorities},
          {"UnknownFrames", UnknownFrames},
          {"EmptyData", EmptyData}};
}

}  // namespace wirepas_grpc::hostile
