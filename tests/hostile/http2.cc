// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/http2.h"

#include "absl/strings/str_cat.h"

namespace wirepas_grpc::hostile {
namespace {

constexpr uint16_t kInitialWindowSize = 4;
constexpr size_t kHeadSize = 9;

// HPACK's number behind the bits of `first` that are set, which leave `prefix` bits.
std::string Integer(uint8_t first, int prefix, size_t value) {
  const size_t most = (size_t{1} << prefix) - 1;
  if (value < most) return std::string(1, static_cast<char>(first | value));
  std::string bytes(1, static_cast<char>(first | most));
  for (value -= most; value >= 128; value >>= 7) bytes += static_cast<char>(0x80 | (value & 0x7f));
  return bytes + static_cast<char>(value);
}

std::string Text(absl::string_view text) { return absl::StrCat(Integer(0, 7, text.size()), text); }

uint32_t ReadNumber(absl::string_view bytes, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

}  // namespace

std::string Number(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string Frame(FrameType type, uint8_t flags, uint32_t stream, absl::string_view payload) {
  return absl::StrCat(Number(static_cast<uint32_t>(payload.size())).substr(1),
                      std::string{static_cast<char>(type), static_cast<char>(flags)},
                      Number(stream), payload);
}

std::string Setting(uint16_t id, uint32_t value) {
  return absl::StrCat(Number(id).substr(2), Number(value));
}

std::string Preface() {
  return absl::StrCat("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Frame(kSettings, kNoFlags, 0, ""));
}

std::string SettingsAck() { return Frame(kSettings, kAck, 0, ""); }

std::string WideWindows() {
  constexpr uint32_t kMost = 0x7fffffff;
  constexpr uint32_t kBefore = 65535;
  return absl::StrCat(Frame(kSettings, kNoFlags, 0, Setting(kInitialWindowSize, kMost)),
                      Frame(kWindowUpdate, kNoFlags, 0, Number(kMost - kBefore)));
}

std::string Literal(absl::string_view name, absl::string_view value, bool remembered) {
  return absl::StrCat(std::string(1, remembered ? '\x40' : '\0'), Text(name), Text(value));
}

std::string CallWriter::Open(uint8_t more_flags, absl::string_view more_headers) {
  // From the table that every connection has: POST and http.
  std::string headers = "\x83\x86";
  if (next_stream_ == 1) {
    absl::StrAppend(&headers, Literal(":path", method_, true), Literal(":authority", "x", true),
                    Literal("te", "trailers", true),
                    Literal("content-type", "application/grpc", true));
  } else {
    absl::StrAppend(&headers, "\xc1\xc0\xbf\xbe");  // the same, from the connection's own table
  }
  const uint32_t stream = next_stream_;
  next_stream_ += 2;
  return Frame(kHeaders, kEndHeaders | more_flags, stream, absl::StrCat(headers, more_headers));
}

std::string CallWriter::Whole() {
  const std::string open = Open();
  return absl::StrCat(open, Frame(kData, kEndStream, stream(), MessageHead(0)));
}

std::string MessageHead(uint32_t length) {
  return absl::StrCat(std::string(1, '\0'), Number(length));
}

std::vector<FrameHead> Frames(absl::string_view received) {
  std::vector<FrameHead> frames;
  while (received.size() >= kHeadSize) {
    const size_t size = kHeadSize + ReadNumber(received, 3);
    if (received.size() < size) break;
    FrameHead frame;
    frame.type = static_cast<uint8_t>(received[3]);
    frame.flags = static_cast<uint8_t>(received[4]);
    frame.stream = ReadNumber(received.substr(5), 4);
    if (frame.type == kRstStream) frame.error = ReadNumber(received.substr(kHeadSize), 4);
    if (frame.type == kGoAway) frame.error = ReadNumber(received.substr(kHeadSize + 4), 4);
    frames.push_back(frame);
    received.remove_prefix(size);
  }
  return frames;
}

}  // namespace wirepas_grpc::hostile
