// SPDX-License-Identifier: Apache-2.0
#include "service/page_server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <deque>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "core/base/instant.h"
#include "core/base/mutex.h"
#include "core/base/thread_name.h"

namespace wirepas_grpc::service {
namespace {

using core::Instant;

// The head of a request, in bytes. What comes after it is not read.
constexpr size_t kMaxHead = 8 << 10;
// How long a peer that has had its answer may take to close.
constexpr absl::Duration kCloseTime = absl::Seconds(1);
// After an accept() that had no descriptor left.
constexpr absl::Duration kAcceptPause = absl::Milliseconds(100);
constexpr int kPageBacklog = 128;
// With hardly any descriptors for the process.
constexpr size_t kLeastConnections = 2;

// How many descriptors the process may have.
size_t FileLimit() {
  rlimit limit = {};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<size_t>(limit.rlim_cur) : 0;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string Response(absl::string_view status, absl::string_view type, absl::string_view body,
                     bool head_only = false) {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Type: ", type,
                      "\r\nContent-Length: ", body.size(), "\r\nConnection: close\r\n\r\n",
                      head_only ? "" : body);
}

std::string ErrorResponse(absl::string_view status) {
  return Response(status, "text/plain", absl::StrCat(status, "\n"));
}

// One peer, from its request to the end of its answer.
class Connection {
 public:
  Connection(int fd, uint64_t number, Instant deadline)
      : fd_(fd), number_(number), deadline_(deadline) {}

  int fd() const { return fd_.get(); }
  uint64_t number() const { return number_; }
  Instant deadline() const { return deadline_; }
  // While its answer is being made, only whether the peer has gone.
  short events() const {
    return state_ == State::kWriting ? POLLOUT : state_ == State::kAwaiting ? 0 : POLLIN;
  }

  // The answer that answer() had not at once.
  bool Give(std::string text) {
    answer_ = std::move(text);
    state_ = State::kWriting;
    return Write();
  }

  // The socket is ready. `answer` makes the answer to the head of a request; nothing: it will be
  // given. False: the connection has ended.
  template <typename Answer>
  bool Go(Answer answer) {
    if (state_ == State::kWriting) return Write();
    if (state_ == State::kAwaiting) return false;  // an error, or the peer has gone
    char buffer[4096];
    const ssize_t count = recv(fd(), buffer, sizeof(buffer), 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
    if (state_ == State::kClosing) return true;  // what it says now is not looked at
    head_.append(buffer, static_cast<size_t>(count));
    const size_t end = head_.find("\r\n\r\n");
    if (end == std::string::npos && head_.size() < kMaxHead) return true;
    if (end == std::string::npos) {
      return Give(ErrorResponse("431 Request Header Fields Too Large"));
    }
    state_ = State::kAwaiting;
    std::optional<std::string> text = answer(absl::string_view(head_).substr(0, end));
    return !text.has_value() || Give(*std::move(text));
  }

 private:
  enum class State { kReading, kAwaiting, kWriting, kClosing };

  bool Write() {
    while (written_ < answer_.size()) {
      const ssize_t count =
          send(fd(), answer_.data() + written_, answer_.size() - written_, MSG_NOSIGNAL);
      if (count < 0) return errno == EAGAIN || errno == EINTR;
      written_ += static_cast<size_t>(count);
    }
    // A close with something unread would take the answer back on its way.
    shutdown(fd(), SHUT_WR);
    state_ = State::kClosing;
    deadline_ = std::min(deadline_, Instant::Now() + kCloseTime);
    return true;
  }

  const Descriptor fd_;
  const uint64_t number_;
  Instant deadline_;
  State state_ = State::kReading;
  std::string head_;
  std::string answer_;
  size_t written_ = 0;
};

absl::Status ErrnoStatus() { return absl::UnavailableError(std::strerror(errno)); }

absl::StatusOr<Descriptor> ListenAt(const addrinfo& address) {
  Descriptor listener(socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                             address.ai_protocol));
  const int on = 1;
  if (listener.get() < 0) return ErrnoStatus();
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(listener.get(), address.ai_addr, address.ai_addrlen) != 0 ||
      listen(listener.get(), kPageBacklog) != 0) {
    return ErrnoStatus();
  }
  return listener;
}

// The first of the host's addresses that can be listened at, those of IPv4 before others.
absl::StatusOr<Descriptor> Listen(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return absl::InvalidArgumentError("the port is missing");
  absl::string_view host = absl::string_view(address).substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(std::string(host).c_str(), address.c_str() + colon + 1, &hints, &found);
  if (error != 0) return absl::UnavailableError(gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, &freeaddrinfo);
  std::vector<const addrinfo*> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    addresses.push_back(each);
  }
  std::stable_partition(addresses.begin(), addresses.end(),
                        [](const addrinfo* each) { return each->ai_family == AF_INET; });
  absl::Status status;
  for (const addrinfo* each : addresses) {
    absl::StatusOr<Descriptor> listener = ListenAt(*each);
    // Another address is no help where the port of this one is in use.
    const bool not_ours = errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT;
    if (listener.ok() || !not_ours) return listener;
    status.Update(listener.status());
  }
  return status;
}

int PortOf(const Descriptor& listener) {
  sockaddr_storage address = {};
  socklen_t length = sizeof(address);
  if (getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  const in_port_t port = address.ss_family == AF_INET6
                             ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                             : reinterpret_cast<const sockaddr_in&>(address).sin_port;
  return ntohs(port);
}

class PollingServer final : public PageServer {
 public:
  PollingServer(Descriptor listener, const Options& options, Pages pages)
      : listener_(std::move(listener)),
        port_(PortOf(listener_)),
        options_(options),
        pages_(std::move(pages)),
        slow_thread_([this] { MakeSlowPages(); }),
        thread_([this] { Run(); }) {}

  ~PollingServer() override {
    Signal(stop_);
    thread_.join();
    {
      core::MutexLock lock(&mutex_);
      stopping_ = true;
      wanted_changed_.Signal();
    }
    slow_thread_.join();
  }

  int port() const override { return port_; }

 private:
  // A slow page that somebody waits for, and one that was made.
  struct Wanted {
    uint64_t connection;
    const Maker* maker;
    bool head_only;
  };
  struct Made {
    uint64_t connection;
    std::string answer;
  };

  static void Signal(const Descriptor& event) {
    const uint64_t one = 1;
    while (write(event.get(), &one, sizeof(one)) < 0 && errno == EINTR) {
    }
  }

  static std::string Make(const Maker& maker, bool head_only) {
    const Page page = maker.make();
    return Response(page.status, page.content_type, page.body, head_only);
  }

  void MakeSlowPages() {
    core::NameThisThread("slow_pages");
    mutex_.Lock();
    while (!stopping_) {
      if (wanted_.empty()) {
        wanted_changed_.Wait(&mutex_);
        continue;
      }
      const Wanted wanted = wanted_.front();
      wanted_.pop_front();
      mutex_.Unlock();
      std::string answer = Make(*wanted.maker, wanted.head_only);
      mutex_.Lock();
      made_.push_back({wanted.connection, std::move(answer)});
      Signal(made_event_);
    }
    mutex_.Unlock();
  }

  void GiveMadePages() {
    uint64_t count = 0;
    if (read(made_event_.get(), &count, sizeof(count)) < 0) return;
    std::vector<Made> made;
    {
      core::MutexLock lock(&mutex_);
      made.swap(made_);
    }
    for (Made& each : made) {
      const auto at =
          std::find_if(connections_.begin(), connections_.end(),
                       [&](const Connection& other) { return other.number() == each.connection; });
      if (at != connections_.end() && !at->Give(std::move(each.answer))) connections_.erase(at);
    }
  }

  void Run() {
    core::NameThisThread("pages");
    while (true) {
      std::vector<pollfd> watched = {
          {stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}, {made_event_.get(), POLLIN, 0}};
      if (Instant::Now() < accept_again_) watched[1].fd = -1;
      for (const Connection& connection : connections_) {
        watched.push_back({connection.fd(), connection.events(), 0});
      }
      if (poll(watched.data(), watched.size(), WaitMilliseconds()) < 0 && errno != EINTR) return;
      if (watched[0].revents != 0) return;
      Serve(watched);
      if (watched[2].revents != 0) GiveMadePages();
      CloseOverdue();
      if (watched[1].revents != 0) Accept();
    }
  }

  // `watched` has the connections behind the first three.
  void Serve(const std::vector<pollfd>& watched) {
    size_t i = 3;
    for (auto connection = connections_.begin(); i < watched.size(); ++i) {
      const bool open = watched[i].revents == 0 || connection->Go([&](absl::string_view head) {
        return Answer(connection->number(), head);
      });
      connection = open ? std::next(connection) : connections_.erase(connection);
    }
  }

  void CloseOverdue() {
    const Instant now = Instant::Now();
    connections_.remove_if([now](const Connection& each) { return each.deadline() <= now; });
  }

  // Not more at a time than there may be, so that those there are have their turn.
  void Accept() {
    for (size_t i = 0; i < options_.max_connections; ++i) {
      const int fd = accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        const bool no_room =
            errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        if (no_room && !connections_.empty()) {
          connections_.pop_front();
          continue;
        }
        if (no_room) accept_again_ = Instant::Now() + kAcceptPause;
        return;
      }
      if (connections_.size() == options_.max_connections) connections_.pop_front();
      connections_.emplace_back(fd, next_number_++, Instant::Now() + options_.timeout);
    }
  }

  int WaitMilliseconds() const {
    Instant next = Instant::InfiniteFuture();
    for (const Connection& connection : connections_) next = std::min(next, connection.deadline());
    if (Instant::Now() < accept_again_) next = std::min(next, accept_again_);
    if (next == Instant::InfiniteFuture()) return -1;
    return static_cast<int>(
        absl::ToInt64Milliseconds(std::max(next - Instant::Now(), absl::ZeroDuration())) + 1);
  }

  // Nothing: it is being made.
  std::optional<std::string> Answer(uint64_t connection, absl::string_view head) {
    const std::vector<absl::string_view> line =
        absl::StrSplit(head.substr(0, head.find("\r\n")), ' ');
    if (line.size() != 3 || !absl::StartsWith(line[2], "HTTP/1.")) {
      return ErrorResponse("400 Bad Request");
    }
    const bool head_only = line[0] == "HEAD";
    if (line[0] != "GET" && !head_only) return ErrorResponse("405 Method Not Allowed");
    const auto found = pages_.find(line[1].substr(0, line[1].find('?')));
    if (found == pages_.end()) return ErrorResponse("404 Not Found");
    if (!found->second.slow) return Make(found->second, head_only);
    core::MutexLock lock(&mutex_);
    // Of connections that have gone by now there may be some. Whoever waits gives up in time.
    if (wanted_.size() >= options_.max_connections) return ErrorResponse("503 Service Unavailable");
    wanted_.push_back({connection, &found->second, head_only});
    wanted_changed_.Signal();
    return std::nullopt;
  }

  const Descriptor stop_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  const Descriptor listener_;
  const int port_;
  const Options options_;
  const Pages pages_;
  const Descriptor made_event_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  core::Mutex mutex_;
  core::CondVar wanted_changed_;
  std::deque<Wanted> wanted_ ABSL_GUARDED_BY(mutex_);
  std::vector<Made> made_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Of the thread.
  std::list<Connection> connections_;  // the oldest first
  Instant accept_again_ = Instant::InfinitePast();
  uint64_t next_number_ = 1;
  std::thread slow_thread_;  // the last: they use the others
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PageServer>> PageServer::Start(const std::string& address,
                                                              const Options& options, Pages pages) {
  absl::StatusOr<Descriptor> listener = Listen(address);
  if (!listener.ok()) return listener.status();
  Options bounded = options;
  bounded.max_connections = std::min(options.max_connections, kLeastConnections + FileLimit() / 8);
  return std::make_unique<PollingServer>(*std::move(listener), bounded, std::move(pages));
}

}  // namespace wirepas_grpc::service
