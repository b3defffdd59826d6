// SPDX-License-Identifier: Apache-2.0
#include "service/unix_socket.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace wirepas_grpc::service {
namespace {

constexpr int kBacklog = 512;

absl::Status Fail(absl::string_view what) {
  const int error = errno;
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(error)));
}

absl::Status InUse(const std::string& path) {
  return absl::UnavailableError(absl::StrCat(path, " is in use by another process"));
}

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

const sockaddr* Generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

bool SameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace

absl::StatusOr<std::unique_ptr<UnixSocket>> UnixSocket::Listen(const std::string& path,
                                                               const Access& access) {
  if (path.size() >= sizeof(sockaddr_un{}.sun_path)) {
    return absl::UnavailableError("the path is too long");
  }
  std::unique_ptr<UnixSocket> made(new UnixSocket(path));
  absl::Status status = made->Lock();
  if (status.ok()) status = made->RemoveStale();
  if (status.ok()) status = made->Bind(access);
  if (!status.ok()) return status;
  return made;
}

UnixSocket::~UnixSocket() {
  struct stat now = {};
  const bool ours = inode_ != 0 && lstat(path_.c_str(), &now) == 0 && now.st_dev == device_ &&
                    now.st_ino == inode_;
  if (ours) unlink(path_.c_str());
  if (fd_ >= 0) close(fd_);
  if (lock_fd_ < 0) return;
  // While it is held, see Lock(), and only the one that is.
  struct stat locked = {};
  const bool still_there = fstat(lock_fd_, &locked) == 0 && lstat(LockPath().c_str(), &now) == 0 &&
                           SameFile(locked, now);
  if (still_there) unlink(LockPath().c_str());
  close(lock_fd_);
}

// Whoever ends removes the file of the lock, so the one that was locked may be gone by then.
absl::Status UnixSocket::Lock() {
  // Each round somebody else has ended in between.
  for (int round = 0; round < 100; ++round) {
    const int fd =
        open(LockPath().c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (fd < 0) {
      return Fail(absl::StrCat(LockPath(), " (remove it if no other service uses the socket)"));
    }
    struct stat locked = {};
    struct stat now = {};
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
      const absl::Status status = errno == EWOULDBLOCK ? InUse(path_) : Fail(LockPath());
      close(fd);
      return status;
    }
    if (fstat(fd, &locked) == 0 && stat(LockPath().c_str(), &now) == 0 && SameFile(locked, now)) {
      lock_fd_ = fd;
      return absl::OkStatus();
    }
    close(fd);
  }
  return absl::UnavailableError(absl::StrCat(LockPath(), " cannot be held"));
}

// Of a process that was killed. One of somebody who knows of no lock may be in use.
absl::Status UnixSocket::RemoveStale() const {
  struct stat there = {};
  if (lstat(path_.c_str(), &there) != 0) {
    return errno == ENOENT ? absl::OkStatus() : Fail(path_);
  }
  if (!S_ISSOCK(there.st_mode)) {
    return absl::UnavailableError(absl::StrCat(path_, " is there and is no socket"));
  }
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) return Fail("socket");
  const sockaddr_un address = AddressOf(path_);
  const int connected = connect(probe, Generic(address), sizeof(address));
  const int error = connected == 0 ? 0 : errno;
  close(probe);
  if (error == 0 || error == EAGAIN) return InUse(path_);
  if (error != ECONNREFUSED && error != ENOENT) {
    return absl::UnavailableError(absl::StrCat(path_, ": ", std::strerror(error)));
  }
  return unlink(path_.c_str()) == 0 || errno == ENOENT ? absl::OkStatus() : Fail(path_);
}

// It can be connected to only once it listens, which is last.
absl::Status UnixSocket::Bind(const Access& access) {
  fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return Fail("socket");
  const sockaddr_un address = AddressOf(path_);
  if (bind(fd_, Generic(address), sizeof(address)) != 0) return Fail(path_);
  struct stat made = {};
  if (lstat(path_.c_str(), &made) != 0) return Fail(path_);
  device_ = made.st_dev;
  inode_ = made.st_ino;
  if (access.group.has_value() &&
      lchown(path_.c_str(), static_cast<uid_t>(-1), *access.group) != 0) {
    return Fail(absl::StrCat(path_, ": its group cannot be set"));
  }
  if (access.mode.has_value() && chmod(path_.c_str(), *access.mode) != 0) {
    return Fail(absl::StrCat(path_, ": its mode cannot be set"));
  }
  return listen(fd_, kBacklog) == 0 ? absl::OkStatus() : Fail(path_);
}

absl::StatusOr<gid_t> FindGroup(const std::string& group) {
  uint32_t number = 0;
  constexpr uint32_t kNone = ~uint32_t{0};  // "leave it as it is" to the system
  if (absl::SimpleAtoi(group, &number) && number != kNone) return number;
  std::vector<char> buffer(1024);
  while (true) {
    struct group entry = {};
    struct group* found = nullptr;
    const int error = getgrnam_r(group.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found != nullptr) return found->gr_gid;
    if (error != ERANGE || buffer.size() > (1 << 20)) {
      return absl::NotFoundError("no such group");
    }
    buffer.resize(2 * buffer.size());
  }
}

}  // namespace wirepas_grpc::service
