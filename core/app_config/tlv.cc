// SPDX-License-Identifier: Apache-2.0
#include "core/app_config/tlv.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace wirepas_grpc::core {
namespace {

constexpr absl::string_view kMark = "\xF6\x7E";
constexpr uint8_t kLongType = 0x80;
constexpr uint16_t kMaxShortType = 0xFF;

// Takes bytes from the front of data. False: there are too few.
class Reader {
 public:
  explicit Reader(absl::string_view data) : data_(data) {}

  bool Byte(uint8_t* value) {
    if (data_.empty()) return false;
    *value = static_cast<uint8_t>(data_.front());
    data_.remove_prefix(1);
    return true;
  }

  bool Bytes(size_t size, std::string* value) {
    if (data_.size() < size) return false;
    *value = std::string(data_.substr(0, size));
    data_.remove_prefix(size);
    return true;
  }

  bool Entry(TlvEntry* entry) {
    uint8_t type = 0;
    uint8_t length = 0;
    uint8_t high = 0;
    if (!Byte(&type) || !Byte(&length)) return false;
    if ((length & kLongType) != 0 && !Byte(&high)) return false;
    entry->type = static_cast<uint16_t>(type | high << 8);
    return Bytes(length & ~kLongType, &entry->value);
  }

 private:
  absl::string_view data_;
};

size_t SizeOf(const TlvEntry& entry) {
  return kMinTlvEntrySize + (entry.type > kMaxShortType ? 1 : 0) + entry.value.size();
}

}  // namespace

absl::StatusOr<TlvEntries> DecodeTlv(absl::string_view data) {
  if (!absl::StartsWith(data, kMark)) {
    return absl::InvalidArgumentError("it does not begin with F6 7E");
  }
  Reader reader(data.substr(kMark.size()));
  uint8_t count = 0;
  if (!reader.Byte(&count)) return absl::InvalidArgumentError("the number of entries is cut off");
  TlvEntries entries;
  absl::flat_hash_map<uint16_t, size_t> places;
  for (int i = 1; i <= count; ++i) {
    TlvEntry entry;
    if (!reader.Entry(&entry)) {
      return absl::InvalidArgumentError(absl::StrCat("entry ", i, " of ", count, " is cut off"));
    }
    const auto [place, first] = places.try_emplace(entry.type, entries.size());
    if (first) {
      entries.push_back(std::move(entry));
    } else {
      entries[place->second].value = std::move(entry.value);
    }
  }
  return entries;
}

size_t TlvSize(const TlvEntries& entries) {
  size_t size = kTlvHeaderSize;
  for (const TlvEntry& entry : entries) size += SizeOf(entry);
  return size;
}

absl::StatusOr<std::string> EncodeTlv(const TlvEntries& entries) {
  if (entries.size() > kMaxTlvEntries) {
    return absl::InvalidArgumentError(
        absl::StrCat(entries.size(), " entries, ", kMaxTlvEntries, " are possible"));
  }
  std::string data(kMark);
  data.reserve(TlvSize(entries));
  data.push_back(static_cast<char>(entries.size()));
  absl::flat_hash_set<uint16_t> types;
  for (const TlvEntry& entry : entries) {
    if (entry.value.size() > kMaxTlvValueSize) {
      return absl::InvalidArgumentError(absl::StrCat("type ", entry.type, ": ", entry.value.size(),
                                                     " bytes, ", kMaxTlvValueSize,
                                                     " are possible"));
    }
    if (!types.insert(entry.type).second) {
      return absl::InvalidArgumentError(absl::StrCat("type ", entry.type, " is there twice"));
    }
    const bool long_type = entry.type > kMaxShortType;
    data.push_back(static_cast<char>(entry.type & 0xFF));
    data.push_back(static_cast<char>(entry.value.size() | (long_type ? kLongType : 0)));
    if (long_type) data.push_back(static_cast<char>(entry.type >> 8));
    data.append(entry.value);
  }
  return data;
}

}  // namespace wirepas_grpc::core
