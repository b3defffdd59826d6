// SPDX-License-Identifier: Apache-2.0
#include "core/storage/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace wirepas_grpc::core {
namespace {

namespace fs = ::std::filesystem;

constexpr char kDamagedPrefix[] = "damaged-";

absl::Status FolderError(const std::string& folder, int number) {
  const std::string message =
      absl::StrCat("state folder ", folder, ": ", std::generic_category().message(number));
  switch (number) {
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(message);
    case ENOENT:
      return absl::NotFoundError(absl::StrCat(message, " (its parent must exist)"));
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::ResourceExhaustedError(message);
    case ENOTDIR:
    case EEXIST:
    case ELOOP:
    case ENAMETOOLONG:
      return absl::FailedPreconditionError(message);
    default:
      return absl::UnavailableError(message);
  }
}

bool IsDatabaseFile(const std::string& name) {
  for (const char* prefix : {"CURRENT", "IDENTITY", "MANIFEST-", "OPTIONS-"}) {
    if (absl::StartsWith(name, prefix)) return true;
  }
  for (const char* suffix : {".log", ".sst", ".blob", ".dbtmp"}) {
    if (absl::EndsWith(name, suffix)) return true;
  }
  return false;
}

}  // namespace

std::string PathIn(absl::string_view folder, absl::string_view name) {
  return absl::StrCat(folder, "/", name);
}

absl::Status PrepareFolder(const std::string& folder) {
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return FolderError(folder, errno);
  struct stat status;
  if (stat(folder.c_str(), &status) != 0) return FolderError(folder, errno);
  if (!S_ISDIR(status.st_mode)) return FolderError(folder, ENOTDIR);
  if (access(folder.c_str(), R_OK | W_OK | X_OK) != 0) return FolderError(folder, errno);
  return absl::OkStatus();
}

std::vector<std::string> ListFiles(const std::string& folder, bool folders) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored) || (folders && entry->is_directory(ignored))) {
      names.push_back(entry->path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

uint64_t FileSize(const std::string& path) {
  std::error_code error;
  const uint64_t size = fs::file_size(path, error);
  return error ? 0 : size;
}

uint64_t FolderSize(const std::string& folder) {
  uint64_t size = 0;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) size += FileSize(entry->path().string());
  }
  return size;
}

absl::Status SyncFiles(const std::string& folder, absl::string_view suffix) {
  for (const std::string& name : ListFiles(folder)) {
    if (!absl::EndsWith(name, suffix)) continue;
    const int file = open(PathIn(folder, name).c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT) continue;
    if (file < 0) return FolderError(folder, errno);
    const int result = fdatasync(file);
    const int number = errno;
    close(file);
    if (result != 0) return FolderError(folder, number);
  }
  const int directory = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return FolderError(folder, errno);
  const int result = fsync(directory);
  const int number = errno;
  close(directory);
  return result == 0 ? absl::OkStatus() : FolderError(folder, number);
}

absl::Status CheckRoom(const std::string& folder, uint64_t bytes) {
  const std::string path = PathIn(folder, "room.tmp");
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return FolderError(folder, errno);
  // Where the file system cannot reserve, the C library writes.
  const int error = posix_fallocate(file, 0, static_cast<off_t>(bytes));
  close(file);
  unlink(path.c_str());
  return error == 0 ? absl::OkStatus() : FolderError(folder, error);
}

std::string DamagedName(const std::string& folder) {
  const std::string base =
      kDamagedPrefix + absl::FormatTime("%Y%m%dT%H%M%E3SZ", absl::Now(), absl::UTCTimeZone());
  std::string name = base;
  std::error_code error;
  for (int i = 2; fs::exists(PathIn(folder, name), error); ++i) name = absl::StrCat(base, "-", i);
  return name;
}

absl::Status MoveDatabaseFiles(const std::string& folder, const std::string& name) {
  const std::string target = PathIn(folder, name);
  if (mkdir(target.c_str(), 0700) != 0) return FolderError(target, errno);
  for (const std::string& file : ListFiles(folder)) {
    if (!IsDatabaseFile(file)) continue;
    const std::string source = PathIn(folder, file);
    if (rename(source.c_str(), PathIn(target, file).c_str()) != 0) {
      return FolderError(source, errno);
    }
  }
  return absl::OkStatus();
}

void TrimDamaged(const std::string& folder, size_t keep) {
  std::vector<std::string> damaged;  // the oldest first, as their names tell the time
  for (const std::string& name : ListFiles(folder, /*folders=*/true)) {
    if (absl::StartsWith(name, kDamagedPrefix)) damaged.push_back(name);
  }
  for (size_t i = 0; i + keep < damaged.size(); ++i) RemoveFolder(PathIn(folder, damaged[i]));
}

void RemoveFolder(const std::string& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

}  // namespace wirepas_grpc::core
