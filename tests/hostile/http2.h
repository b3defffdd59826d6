// SPDX-License-Identifier: Apache-2.0
//
// HTTP/2 frames by hand, also such as no library would send.
#ifndef WIREPAS_GRPC_TESTS_HOSTILE_HTTP2_H_
#define WIREPAS_GRPC_TESTS_HOSTILE_HTTP2_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace wirepas_grpc::hostile {

enum FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kRstStream = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
  kUnknownType = 0x42,
};

inline constexpr uint8_t kNoFlags = 0;
inline constexpr uint8_t kAck = 1;  // of settings and pings
inline constexpr uint8_t kEndStream = 1;
inline constexpr uint8_t kEndHeaders = 4;

inline constexpr size_t kMaxFramePayload = 16384;

std::string Frame(FrameType type, uint8_t flags, uint32_t stream, absl::string_view payload);

// What every client begins with; the acknowledgement of the server's settings is extra.
std::string Preface();
std::string SettingsAck();
std::string Setting(uint16_t id, uint32_t value);
// Windows as wide as they get, for the connection and for streams to come.
std::string WideWindows();
std::string Number(uint32_t value);  // four bytes, as frames have them

// A header that is spelt out, and put into the table if `remembered`.
std::string Literal(absl::string_view name, absl::string_view value, bool remembered);

// The calls of one connection, to one method. The first spells its headers out, the others
// refer to them: about 30 bytes each, with their empty request.
class CallWriter {
 public:
  explicit CallWriter(std::string method) : method_(std::move(method)) {}

  // The frame that opens the next call.
  std::string Open(uint8_t more_flags = kNoFlags, absl::string_view more_headers = "");
  // The call whole, with an empty message.
  std::string Whole();
  // Of the call that was opened last.
  uint32_t stream() const { return next_stream_ - 2; }

 private:
  const std::string method_;
  uint32_t next_stream_ = 1;
};

// The length that goes before a gRPC message.
std::string MessageHead(uint32_t length);

struct FrameHead {
  uint8_t type = 0;
  uint8_t flags = 0;
  uint32_t stream = 0;
  uint32_t error = 0;  // of RST_STREAM and GOAWAY
};

// The frames in what a server sent, the last left out if it is not whole.
std::vector<FrameHead> Frames(absl::string_view received);

}  // namespace wirepas_grpc::hostile

#endif  // WIREPAS_GRPC_TESTS_HOSTILE_HTTP2_H_
