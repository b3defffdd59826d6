// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_UNIX_SOCKET_H_
#define WIREPAS_GRPC_SERVICE_UNIX_SOCKET_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace wirepas_grpc::service {

// A Unix socket that listens at a path of the file system, for one process at a time: a lock
// beside it (the path with ".lock" behind it) keeps others of this service away, and one that
// answers is left to whoever it is of. What a killed process left is replaced.
class UnixSocket {
 public:
  // Who may connect: write permission is what counts. Nothing: as the umask says, and the
  // group of the process.
  struct Access {
    std::optional<mode_t> mode;  // the nine bits of permissions
    std::optional<gid_t> group;
  };

  // Nobody can connect before mode and group are set. `path` is absolute. UNAVAILABLE, and
  // why: somebody else has it, it is something else than a socket, or the system says no.
  static absl::StatusOr<std::unique_ptr<UnixSocket>> Listen(const std::string& path,
                                                            const Access& access);
  // Closes the socket and removes it, if what is at the path is still it, and the lock.
  ~UnixSocket();
  UnixSocket(const UnixSocket&) = delete;
  UnixSocket& operator=(const UnixSocket&) = delete;

  // Listens, does not block and is closed on exec. Stays this object's.
  int fd() const { return fd_; }
  const std::string& path() const { return path_; }

 private:
  explicit UnixSocket(const std::string& path) : path_(path) {}

  absl::Status Lock();
  absl::Status RemoveStale() const;
  absl::Status Bind(const Access& access);
  std::string LockPath() const { return path_ + ".lock"; }

  const std::string path_;
  int lock_fd_ = -1;
  int fd_ = -1;
  // Of the socket at the path, once it is there.
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// The id of a group that is given by its name or number. NOT_FOUND: there is none.
absl::StatusOr<gid_t> FindGroup(const std::string& group);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_UNIX_SOCKET_H_
