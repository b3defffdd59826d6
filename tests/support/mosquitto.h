// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_SUPPORT_MOSQUITTO_H_
#define WIREPAS_GRPC_TESTS_SUPPORT_MOSQUITTO_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/support/certificates.h"
#include "tests/support/process.h"

namespace wirepas_grpc {

// A real broker for one test, on a free port of 127.0.0.1, with a configuration and
// data that are thrown away. One thread at a time.
class Mosquitto {
 public:
  struct Options {
    // Name and password. Empty: everybody may connect.
    std::vector<std::pair<std::string, std::string>> users;
    std::string acl;  // the text of an ACL file; empty: everything is allowed
    // TLS with this certificate; not owned, outlives the broker. Null: plain TCP.
    const TestCertificates* tls = nullptr;
    bool tls_for_other_host = false;  // presents the certificate of another host
    bool require_client_certificate = false;
    bool websockets = false;         // needs a mosquitto that is built with them
    bool persistence = false;        // keeps sessions and retained messages over a restart
    int max_inflight = 0;            // per client; 0: mosquitto's default, 20
    int max_queued_messages = 0;     // per client; 0: mosquitto's default, 1000
    std::vector<std::string> extra;  // further lines of the configuration
  };

  // Returns once the broker accepts connections.
  static absl::StatusOr<std::unique_ptr<Mosquitto>> Start(Options options);
  static absl::StatusOr<std::unique_ptr<Mosquitto>> Start();  // all defaults

  // Whether the installed mosquitto can do WebSockets.
  static bool HasWebSockets();

  int port() const { return port_; }
  bool running() const { return process_ != nullptr; }

  // SIGTERM and SIGKILL; both wait for the end. The port stays this broker's by habit
  // only: nothing listens there until Restart().
  void Stop();
  void Kill();
  absl::Status Restart();

  // What it logged since it was (re)started, with every packet and connection.
  std::string log() const;
  // Waits for a line of the log that contains `text`.
  absl::Status WaitForLog(absl::string_view text, absl::Duration timeout = absl::Seconds(20));

 private:
  explicit Mosquitto(Options options);
  absl::Status WriteFiles();
  absl::Status Launch();
  std::string Configuration() const;

  const Options options_;
  TemporaryDirectory directory_;
  int port_ = 0;
  std::unique_ptr<ChildProcess> process_;
  std::string old_log_;
};

}  // namespace wirepas_grpc

#endif  // WIREPAS_GRPC_TESTS_SUPPORT_MOSQUITTO_H_
