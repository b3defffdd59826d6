// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_SUPPORT_CERTIFICATES_H_
#define WIREPAS_GRPC_TESTS_SUPPORT_CERTIFICATES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tests/support/process.h"

namespace wirepas_grpc {

// A certificate authority of a test with the certificates it signed, made by the
// openssl program in a directory of its own. Valid for a day. All files are PEM and
// readable by everybody.
class TestCertificates {
 public:
  struct Pair {
    std::string certificate;  // file names
    std::string key;
  };

  // `name` tells apart the authorities of one test.
  static absl::StatusOr<std::unique_ptr<TestCertificates>> Create(absl::string_view name);

  const std::string& ca_file() const { return ca_.certificate; }
  // For localhost and 127.0.0.1.
  const Pair& server() const { return server_; }
  // For another host name.
  const Pair& other_server() const { return other_server_; }
  const Pair& client() const { return client_; }

 private:
  TestCertificates() = default;
  absl::Status MakeAuthority(absl::string_view name);
  absl::StatusOr<Pair> Sign(absl::string_view name, absl::string_view extensions);

  TemporaryDirectory directory_;
  Pair ca_;
  Pair server_;
  Pair other_server_;
  Pair client_;
};

}  // namespace wirepas_grpc

#endif  // WIREPAS_GRPC_TESTS_SUPPORT_CERTIFICATES_H_
