// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/sequence_mark.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

#include "absl/cleanup/cleanup.h"

namespace wirepas_grpc::core {
namespace {

constexpr char kMagic[] = "WIREPASU";  // the numbers follow these eight bytes
constexpr size_t kMagicSize = 8;

struct Content {
  char magic[kMagicSize];
  uint64_t next;
  uint64_t complement;
};
static_assert(sizeof(Content) == 24);

}  // namespace

std::optional<uint64_t> SequenceMark::Last(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  const absl::Cleanup close_file = [file] { close(file); };
  Content content;
  struct stat status;
  if (fstat(file, &status) != 0 || status.st_size != sizeof(content)) return std::nullopt;
  if (read(file, &content, sizeof(content)) != sizeof(content)) return std::nullopt;
  if (std::memcmp(content.magic, kMagic, kMagicSize) != 0) return std::nullopt;
  // The process may have ended between the two.
  const uint64_t other = ~content.complement;
  if (content.next != other && content.next != other + 1) return std::nullopt;
  return content.next;
}

std::unique_ptr<SequenceMark> SequenceMark::Create(const std::string& path, uint64_t next) {
  Content content;
  std::memcpy(content.magic, kMagic, kMagicSize);
  content.next = next;
  content.complement = ~next;
  // Under another name first: the file is whole at any moment.
  const std::string made = path + ".new";
  const int file = open(made.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return nullptr;
  const absl::Cleanup close_file = [file] { close(file); };
  // Written before it is mapped, so that the disk has given the block: storing to the
  // map never asks for room.
  if (write(file, &content, sizeof(content)) != sizeof(content) || fdatasync(file) != 0 ||
      rename(made.c_str(), path.c_str()) != 0) {
    unlink(made.c_str());
    return nullptr;
  }
  void* const map = mmap(nullptr, sizeof(content), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (map == MAP_FAILED) return nullptr;
  // Kept in memory, so that storing never reads the disk either. Where that is not
  // allowed the page is still most likely there.
  static_cast<void>(mlock(map, sizeof(content)));
  return std::unique_ptr<SequenceMark>(new SequenceMark(map));
}

SequenceMark::~SequenceMark() { munmap(file_, sizeof(Content)); }

void SequenceMark::Set(uint64_t next) {
  Content* const content = static_cast<Content*>(file_);
  std::atomic_ref<uint64_t>(content->next).store(next, std::memory_order_relaxed);
  std::atomic_ref<uint64_t>(content->complement).store(~next, std::memory_order_release);
}

}  // namespace wirepas_grpc::core
