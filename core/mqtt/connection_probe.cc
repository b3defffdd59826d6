// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/connection_probe.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/instant.h"
#include "core/mqtt/tls_context.h"

namespace wirepas_grpc::core {
namespace {

// A TLS 1.3 server refuses a client certificate only after the client believes that
// the handshake is done. So long is waited for that word.
constexpr absl::Duration kAlertWait = absl::Milliseconds(500);

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

// One connection to look at.
class Probe {
 public:
  Probe(const HostAddress& address, int cancel_fd, Instant deadline)
      : address_(address), cancel_fd_(cancel_fd), deadline_(deadline) {}
  ~Probe() {
    if (fd_ >= 0) close(fd_);
  }

  std::optional<ConnectFailure> OpenTcp();
  std::optional<ConnectFailure> OpenTls(const BrokerOptions& options);

 private:
  // 0: `events` came; otherwise the errno, ETIMEDOUT after the deadline.
  int Await(short events, Instant deadline);
  ConnectFailure HandshakeFailure(int kind);
  std::optional<ConnectFailure> AwaitAlert();

  const HostAddress& address_;
  const int cancel_fd_;
  const Instant deadline_;
  int fd_ = -1;
  std::unique_ptr<SSL, SslDeleter> ssl_;
};

int Probe::Await(short events, Instant deadline) {
  pollfd fds[] = {{fd_, events, 0}, {cancel_fd_, POLLIN, 0}};
  while (true) {
    const absl::Duration left = deadline - Instant::Now();
    if (left <= absl::ZeroDuration()) return ETIMEDOUT;
    const int count = poll(fds, 2, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    if (count < 0 && errno != EINTR) return errno;
    if (count > 0) return fds[1].revents != 0 ? ECANCELED : 0;
  }
}

std::optional<ConnectFailure> Probe::OpenTcp() {
  fd_ = socket(address_.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return ClassifySocketError(errno, address_.text);
  const auto* peer = reinterpret_cast<const sockaddr*>(&address_.storage);
  if (connect(fd_, peer, address_.length) == 0) return std::nullopt;
  int error = errno;
  if (error == EINPROGRESS) {
    error = Await(POLLOUT, deadline_);
    socklen_t length = sizeof(error);
    if (error == 0) getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
  }
  if (error == 0) return std::nullopt;
  return ClassifySocketError(error, address_.text);
}

ConnectFailure Probe::HandshakeFailure(int kind) {
  std::string said = TakeSslErrorText();
  if (const long verdict = SSL_get_verify_result(ssl_.get());  // NOLINT: OpenSSL's type
      verdict != X509_V_OK && SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE) {
    return {DisconnectReason::kTls, absl::StrCat("the broker's certificate is not accepted: ",
                                                 X509_verify_cert_error_string(verdict))};
  }
  if (said.empty()) said = kind == SSL_ERROR_SYSCALL ? "connection closed" : "no reason given";
  return {DisconnectReason::kTls, absl::StrCat("TLS handshake with ", address_.text, ": ", said)};
}

std::optional<ConnectFailure> Probe::AwaitAlert() {
  const Instant deadline = std::min(deadline_, Instant::Now() + kAlertWait);
  while (true) {
    char byte;
    const int result = SSL_read(ssl_.get(), &byte, 1);
    if (result > 0) return std::nullopt;
    if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) break;
    if (Await(POLLIN, deadline) != 0) return std::nullopt;
  }
  // Any other end than an alert is not TLS's fault.
  const std::string said = TakeSslErrorText();
  if (!absl::StrContains(said, "alert")) return std::nullopt;
  return ConnectFailure{DisconnectReason::kTls,
                        absl::StrCat("the broker ended the TLS session: ", said)};
}

std::optional<ConnectFailure> Probe::OpenTls(const BrokerOptions& options) {
  absl::StatusOr<SslContext> context = MakeSslContext(options);
  if (!context.ok()) {
    return ConnectFailure{DisconnectReason::kTls, std::string(context.status().message())};
  }
  ssl_.reset(SSL_new(context->get()));
  if (ssl_ == nullptr) return ConnectFailure{DisconnectReason::kTls, TakeSslErrorText()};
  SSL* ssl = ssl_.get();
  SSL_set_fd(ssl, fd_);
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), options.host.c_str()) != 1) {
    SSL_set_tlsext_host_name(ssl, options.host.c_str());
    SSL_set1_host(ssl, options.host.c_str());
  }
  ERR_clear_error();

  while (true) {
    const int result = SSL_connect(ssl);
    if (result == 1) return AwaitAlert();
    const int want = SSL_get_error(ssl, result);
    if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE) return HandshakeFailure(want);
    if (Await(want == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline_) != 0) {
      return ConnectFailure{
          DisconnectReason::kTimeout,
          absl::StrCat(address_.text, " accepts connections but does not answer in TLS")};
    }
  }
}

}  // namespace

ConnectionProbe::ConnectionProbe(const BrokerOptions& options)
    : options_(options), cancel_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

ConnectionProbe::~ConnectionProbe() { close(cancel_fd_); }

ConnectFailure ConnectionProbe::Diagnose(const HostAddress& address, absl::Duration timeout) {
  Probe probe(address, cancel_fd_, Instant::Now() + timeout);
  if (std::optional<ConnectFailure> failure = probe.OpenTcp()) return *std::move(failure);
  if (options_.use_tls) {
    if (std::optional<ConnectFailure> failure = probe.OpenTls(options_)) {
      return *std::move(failure);
    }
  }
  return {DisconnectReason::kProtocol,
          absl::StrCat(address.text,
                       " accepts connections but closed this one before MQTT was "
                       "set up: another protocol, or the broker turned it away")};
}

void ConnectionProbe::Cancel() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(cancel_fd_, &one, sizeof(one));
}

}  // namespace wirepas_grpc::core
