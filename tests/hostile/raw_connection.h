// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_HOSTILE_RAW_CONNECTION_H_
#define WIREPAS_GRPC_TESTS_HOSTILE_RAW_CONNECTION_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace wirepas_grpc::hostile {

// A connection that writes what it is told, byte for byte. It can only be made to a port of
// 127.0.0.1 or ::1 or to a Unix socket: these tests have no way to reach another machine. Nothing
// waits longer than its bound.
class RawConnection {
 public:
  explicit RawConnection(int port, bool ipv6 = false);
  explicit RawConnection(const std::string& unix_path);
  ~RawConnection();
  RawConnection(RawConnection&& other) noexcept;
  RawConnection& operator=(RawConnection&&) = delete;

  bool connected() const { return fd_ >= 0; }

  // How many bytes the peer's machine took, all or as many as went within `bound`, or until
  // the connection ended. With `reading`, what comes meanwhile is read and thrown away.
  size_t Send(absl::string_view bytes, absl::Duration bound, bool reading = false);

  // What has come so far, and comes within `bound`, at most `max_bytes`; also less than that
  // when the connection ends.
  std::string Receive(absl::Duration bound, size_t max_bytes);

  // Reads and throws away until the peer has ended the connection. False: not within `bound`.
  bool AwaitEnd(absl::Duration bound);

  // The kernel takes little for it when nobody reads: before much has come.
  void KeepReceiveBufferSmall();

 private:
  int fd_ = -1;
};

}  // namespace wirepas_grpc::hostile

#endif  // WIREPAS_GRPC_TESTS_HOSTILE_RAW_CONNECTION_H_
