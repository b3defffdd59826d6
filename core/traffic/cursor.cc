// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/cursor.h"

namespace wirepas_grpc::core {
namespace {

constexpr char kPlain = 1;
constexpr size_t kPlainSize = 17;
constexpr char kWithTold = 2;
constexpr size_t kWithToldSize = 25;

void AppendLittleEndian(uint64_t value, std::string* out) {
  for (int shift = 0; shift < 64; shift += 8) out->push_back(static_cast<char>(value >> shift));
}

uint64_t ReadLittleEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

}  // namespace

std::string EncodeCursor(const Cursor& cursor) {
  std::string bytes(1, cursor.told == 0 ? kPlain : kWithTold);
  bytes.reserve(kWithToldSize);
  AppendLittleEndian(cursor.run_id, &bytes);
  AppendLittleEndian(cursor.next_sequence, &bytes);
  if (cursor.told != 0) AppendLittleEndian(cursor.told, &bytes);
  return bytes;
}

std::optional<Cursor> DecodeCursor(absl::string_view bytes) {
  const bool plain = bytes.size() == kPlainSize && bytes[0] == kPlain;
  const bool with_told = bytes.size() == kWithToldSize && bytes[0] == kWithTold;
  if (!plain && !with_told) return std::nullopt;
  Cursor cursor;
  cursor.run_id = ReadLittleEndian(bytes.substr(1, 8));
  cursor.next_sequence = ReadLittleEndian(bytes.substr(9, 8));
  if (with_told) cursor.told = ReadLittleEndian(bytes.substr(17, 8));
  if (cursor.next_sequence == 0 || (with_told && cursor.told == 0)) return std::nullopt;
  return cursor;
}

}  // namespace wirepas_grpc::core
