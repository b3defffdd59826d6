// SPDX-License-Identifier: Apache-2.0
#include "core/storage/journal.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

namespace wirepas_grpc::core {
namespace {

constexpr size_t kChecked = 4;  // where what the checksum covers begins
constexpr size_t kHeader = 24;
constexpr const char* kSuffixes[] = {"-a", "-b"};

void Store(uint64_t value, size_t size, char* out) {
  for (size_t i = 0; i < size; ++i) out[i] = static_cast<char>(value >> (8 * i));
}

uint64_t Fetch(absl::string_view bytes, size_t offset, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) {
    value |= uint64_t{static_cast<uint8_t>(bytes[offset + i])} << (8 * i);
  }
  return value;
}

uint32_t Checksum(absl::string_view record) {
  const absl::string_view checked = record.substr(kChecked);
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(checked.data()), checked.size()));
}

void LoadFile(const std::string& path, std::vector<Journal::Record>* records) {
  std::ifstream file(path, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  absl::string_view rest = content;
  std::optional<uint64_t> turn;
  while (rest.size() >= kHeader) {
    const uint64_t length = Fetch(rest, 4, 4);
    if (length > rest.size() - kHeader) return;
    const absl::string_view record = rest.substr(0, kHeader + length);
    if (Fetch(record, 0, 4) != Checksum(record)) return;
    if (turn.value_or(Fetch(record, 8, 8)) != Fetch(record, 8, 8)) return;
    turn = Fetch(record, 8, 8);
    records->push_back({Fetch(record, 16, 8), std::string(record.substr(kHeader))});
    rest.remove_prefix(record.size());
  }
}

}  // namespace

std::vector<Journal::Record> Journal::Load(const std::string& path) {
  std::vector<Record> records;
  for (const char* suffix : kSuffixes) LoadFile(path + suffix, &records);
  std::sort(records.begin(), records.end(),
            [](const Record& a, const Record& b) { return a.number < b.number; });
  return records;
}

std::unique_ptr<Journal> Journal::Create(const std::string& path, size_t bytes) {
  std::unique_ptr<Journal> journal(new Journal(bytes / 2));
  for (size_t i = 0; i < journal->files_.size(); ++i) {
    const std::string name = path + kSuffixes[i];
    const int file = open(name.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return nullptr;
    journal->files_[i].descriptor = file;
  }
  return journal;
}

bool Journal::Exists(const std::string& path) {
  return std::any_of(std::begin(kSuffixes), std::end(kSuffixes), [&](const char* suffix) {
    return access((path + suffix).c_str(), F_OK) == 0;
  });
}

void Journal::Remove(const std::string& path) {
  for (const char* suffix : kSuffixes) unlink((path + suffix).c_str());
}

Journal::~Journal() {
  for (const File& file : files_) {
    if (file.descriptor >= 0) close(file.descriptor);
  }
}

bool Journal::FindRoom(size_t size) {
  if (files_[active_].size + size <= file_bytes_) return true;
  if (size > file_bytes_ || files_[1 - active_].last > released_) return false;
  active_ = 1 - active_;
  files_[active_].size = 0;
  ++turn_;
  return true;
}

bool Journal::Append(uint64_t number, absl::string_view value) {
  const size_t size = kHeader + value.size();
  if (!FindRoom(size)) return false;
  record_.resize(kHeader);
  Store(value.size(), 4, &record_[4]);
  Store(turn_, 8, &record_[8]);
  Store(number, 8, &record_[16]);
  record_.append(value.data(), value.size());
  Store(Checksum(record_), 4, &record_[0]);
  File& file = files_[active_];
  const ssize_t written =
      pwrite(file.descriptor, record_.data(), size, static_cast<off_t>(file.size));
  // What was written of it is overwritten by the next, and not whole until then.
  if (written != static_cast<ssize_t>(size)) return false;
  file.size += size;
  file.last = number;
  return true;
}

}  // namespace wirepas_grpc::core
