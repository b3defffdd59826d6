// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/instant.h"
#include "tests/hostile/attack_tools.h"
#include "tests/hostile/attacks.h"
#include "tests/hostile/http2.h"

namespace wirepas_grpc::hostile {
namespace {

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kListGateways[] = "/wirepas.mesh.v1.NetworkService/ListGateways";
constexpr char kListSinks[] = "/wirepas.mesh.v1.NetworkService/ListSinks";
constexpr char kWatchNetwork[] = "/wirepas.mesh.v1.NetworkService/WatchNetwork";
constexpr char kUpload[] = "/wirepas.mesh.v1.NetworkService/UploadScratchpad";
constexpr char kReflect[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

// What well-behaved clients may have open over a connection, nearly.
constexpr int kMostCalls = 1400;

// For the service to send its settings, so that the acknowledgement is one.
RawConnection Ready(const Target& target) {
  RawConnection connection(target.grpc_port);
  connection.Send(Preface(), kRound);
  connection.Receive(kRound, 9);
  connection.Send(SettingsAck(), kRound);
  return connection;
}

std::string Calls(const char* method, size_t bytes) {
  CallWriter calls(method);
  std::string all;
  while (all.size() < bytes) absl::StrAppend(&all, calls.Whole());
  return all;
}

uint64_t Pipelined(const Target& target) {
  RawConnection connection = Ready(target);
  return connection.Send(Calls(kCheck, kMostBytes), 3 * kRound, /*reading=*/true);
}

uint64_t Unacknowledged(const Target& target) {
  RawConnection connection(target.grpc_port);
  connection.Send(Preface(), kRound);
  return connection.Send(Calls(kCheck, kMostBytes), 3 * kRound, /*reading=*/true);
}

uint64_t OfUnknownMethods(const Target& target) {
  RawConnection connection(target.grpc_port);
  connection.Send(Preface(), kRound);
  return connection.Send(Calls("/no/such", kMostBytes), 3 * kRound, /*reading=*/true);
}

uint64_t Unread(const Target& target) {
  RawConnection connection(target.grpc_port);
  connection.KeepReceiveBufferSmall();
  connection.Send(absl::StrCat(Preface(), WideWindows()), kRound);
  return connection.Send(Calls(kListGateways, kMostBytes), 3 * kRound);
}

uint64_t SlowlyRead(const Target& target) {
  RawConnection connection = Ready(target);
  connection.KeepReceiveBufferSmall();
  CallWriter calls(kListGateways);
  uint64_t sent = 0;
  for (int i = 0; i < kMostCalls; ++i) sent += connection.Send(calls.Whole(), kRound);
  for (int i = 0; i < 35; ++i) {
    connection.Receive(absl::Milliseconds(10), 100);
    Hold(absl::Milliseconds(10));
  }
  return sent;
}

uint64_t Resets(const Target& target) {
  constexpr uint32_t kCancel = 8;
  RawConnection connection = Ready(target);
  CallWriter calls(kCheck);
  std::string all;
  while (all.size() < kMostBytes) {
    absl::StrAppend(&all, calls.Open());
    absl::StrAppend(&all, Frame(kRstStream, kNoFlags, calls.stream(), Number(kCancel)));
  }
  return connection.Send(all, 3 * kRound, /*reading=*/true);
}

uint64_t HalfRequests(const Target& target) {
  RawConnection connection = Ready(target);
  CallWriter calls(kListGateways);
  std::string all;
  for (int i = 0; i < kMostCalls; ++i) absl::StrAppend(&all, calls.Open());
  const uint64_t sent = connection.Send(all, kRound, /*reading=*/true);
  Hold();
  return sent;
}

// Each message stops before its end.
uint64_t HalfMessages(const Target& target) {
  constexpr int kStreams = 60;
  RawConnection connection = Ready(target);
  CallWriter calls(kUpload);
  std::string all;
  for (int i = 0; i < kStreams; ++i) {
    absl::StrAppend(&all, calls.Open());
    absl::StrAppend(&all, Frame(kData, kNoFlags, calls.stream(), MessageHead(15 << 20)));
  }
  uint64_t sent = connection.Send(all, kRound, /*reading=*/true);
  std::string round;
  for (int i = 0; i < kStreams; ++i) {
    const uint32_t stream = calls.stream() - 2 * static_cast<uint32_t>(i);
    absl::StrAppend(&round, Frame(kData, kNoFlags, stream, std::string(kMaxFramePayload, 'x')));
  }
  sent += Repeat(&connection, round, /*reading=*/true);
  return sent;
}

// From several connections, of which each keeps to its own bounds.
uint64_t HalfMessagesOfMany(const Target& target) {
  constexpr int kConnections = 8;
  constexpr int kStreams = 8;
  struct Sender {
    RawConnection connection;
    std::string round;
  };
  std::vector<Sender> senders;
  uint64_t sent = 0;
  for (int i = 0; i < kConnections; ++i) {
    Sender sender{Ready(target), ""};
    CallWriter calls(kUpload);
    std::string all;
    for (int j = 0; j < kStreams; ++j) {
      absl::StrAppend(&all, calls.Open());
      absl::StrAppend(&all, Frame(kData, kNoFlags, calls.stream(), MessageHead(15 << 20)));
      absl::StrAppend(&sender.round,
                      Frame(kData, kNoFlags, calls.stream(), std::string(kMaxFramePayload, 'x')));
    }
    sent += sender.connection.Send(all, kRound, /*reading=*/true);
    senders.push_back(std::move(sender));
  }
  const core::Instant end = core::Instant::Now() + 3 * kRound;
  while (core::Instant::Now() < end) {
    uint64_t went = 0;
    for (Sender& sender : senders) {
      went += sender.connection.Send(sender.round, absl::Milliseconds(20), /*reading=*/true);
    }
    if (went == 0) break;
    sent += went;
  }
  return sent;
}

// One request of millions of fields, which take a hundred times as much when they are decoded.
uint64_t Bomb(const Target& target, absl::string_view field) {
  constexpr uint32_t kBytes = 15 << 20;
  RawConnection connection = Ready(target);
  CallWriter calls(kListSinks);
  const std::string payload = Times(field, kMaxFramePayload);
  const uint32_t frames = kBytes / static_cast<uint32_t>(payload.size());
  std::string all = calls.Open();
  absl::StrAppend(&all, Frame(kData, kNoFlags, calls.stream(),
                              MessageHead(frames * static_cast<uint32_t>(payload.size()))));
  for (uint32_t i = 0; i < frames; ++i) {
    const uint8_t flags = i + 1 == frames ? kEndStream : kNoFlags;
    absl::StrAppend(&all, Frame(kData, flags, calls.stream(), payload));
  }
  const uint64_t sent = connection.Send(all, 5 * kRound, /*reading=*/true);
  Hold();
  return sent;
}

uint64_t BombOfUnknownFields(const Target& target) {
  return Bomb(target, absl::string_view("\xfa\x3e\x00", 3));
}
uint64_t BombOfEmptyIds(const Target& target) {
  return Bomb(target, absl::string_view("\x12\x00", 2));
}

uint64_t NeverReadStreams(const Target& target) {
  constexpr uint16_t kInitialWindowSize = 4;
  RawConnection connection = Ready(target);
  connection.Send(Frame(kSettings, kNoFlags, 0, Setting(kInitialWindowSize, 0)), kRound);
  CallWriter calls(kWatchNetwork);
  std::string all;
  for (int i = 0; i < 500; ++i) absl::StrAppend(&all, calls.Whole());
  const uint64_t sent = connection.Send(all, kRound);
  Hold();
  return sent;
}

// gRPC serves each with a thread.
uint64_t Reflections(const Target& target) {
  RawConnection connection = Ready(target);
  CallWriter calls(kReflect);
  std::string all;
  for (int i = 0; i < 300; ++i) absl::StrAppend(&all, calls.Open());
  const uint64_t sent = connection.Send(all, kRound, /*reading=*/true);
  Hold();
  return sent;
}

// Headers as large as they may be, of which all but the first are two bytes long.
uint64_t FatCalls(const Target& target) {
  RawConnection connection = Ready(target);
  CallWriter calls(kListGateways);
  const std::string fat = Literal("x-fat", std::string(3500, 'x'), true);
  std::string all = calls.Open(kNoFlags, fat);
  for (int i = 1; i < kMostCalls; ++i) {
    // The fat one is the newest of the table, those that the others refer to have moved on.
    const std::string headers = "\x83\x86\xc2\xc1\xc0\xbf\xbe\xbe";
    absl::StrAppend(
        &all, Frame(kHeaders, kEndHeaders, calls.stream() + 2 * static_cast<uint32_t>(i), headers));
  }
  const uint64_t sent = connection.Send(all, kRound, /*reading=*/true);
  Hold();
  return sent;
}

}  // namespace

std::vector<Attack> CallAttacks() {
  return {{"PipelinedCalls", Pipelined},
          {"UnacknowledgedCalls", Unacknowledged},
          {"CallsOfUnknownMethods", OfUnknownMethods},
          {"UnreadCalls", Unread},
          {"SlowlyReadCalls", SlowlyRead},
          {"RapidResets", Resets},
          {"HalfRequests", HalfRequests},
          {"HalfMessages", HalfMessages},
          {"HalfMessagesOfMany", HalfMessagesOfMany},
          {"BombOfUnknownFields", BombOfUnknownFields},
          {"BombOfEmptyIds", BombOfEmptyIds},
          {"NeverReadStreams", NeverReadStreams},
          {"Reflections", Reflections},
          {"FatCalls", FatCalls}};
}

}  // namespace wirepas_grpc::hostile
