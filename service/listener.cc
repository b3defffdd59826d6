// SPDX-License-Identifier: Apache-2.0
#include "service/listener.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/thread_name.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

// How many connections are taken before those are served that have been taken.
constexpr int kAcceptBatch = 64;
constexpr int kMaxEvents = 128;

// After an accept() for which there was no descriptor or memory.
constexpr absl::Duration kWantPause = absl::Milliseconds(20);

// Closed connections are looked for when there is no room, but not more often than this, and
// for at most a twentieth of the time.
constexpr absl::Duration kSweepInterval = absl::Milliseconds(10);
constexpr int kSweepShare = 20;
// How often connections over which something comes are inspected: what gRPC makes of a flood
// grows by 2 MiB a millisecond. For at most a tenth of the time.
constexpr absl::Duration kArrivalInterval = absl::Milliseconds(5);
constexpr int kArrivalShare = 9;
// And all of them, for about a hundredth of the time.
constexpr absl::Duration kLookInterval = absl::Milliseconds(100);
constexpr absl::Duration kLongestLookInterval = absl::Milliseconds(500);
constexpr int kLookShare = 100;

constexpr absl::Duration kLogInterval = absl::Seconds(10);

bool Watch(int epoll, int operation, int fd, uint32_t events) {
  epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  return epoll_ctl(epoll, operation, fd, &event) == 0;
}

int OpenReserve() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

// Negative: errno says why not.
int AcceptOne(int listener_fd, Peer* peer) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  const int fd = accept4(listener_fd, reinterpret_cast<sockaddr*>(&address), &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) *peer = PeerOf(address);
  return fd;
}

bool IsWant(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Listener::Listener(const Options& options, ConnectionTable* connections)
    : options_(options),
      connections_(connections),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  ready_ = Watch(epoll_, EPOLL_CTL_ADD, stop_, EPOLLIN);
}

Listener::~Listener() {
  Stop();
  if (stop_ >= 0) close(stop_);
  if (epoll_ >= 0) close(epoll_);
}

absl::Status Listener::Listen(const std::string& address, const UnixSocket::Access& access) {
  auto socket = ListenSocket::Open(address, access);
  if (!socket.ok()) return socket.status();
  for (const int fd : (*socket)->fds()) ready_ = ready_ && Watch(epoll_, EPOLL_CTL_ADD, fd, 0);
  if (!ready_) {
    return absl::UnavailableError("the listener does not get what it waits with from the system");
  }
  sockets_.push_back(*std::move(socket));
  return absl::OkStatus();
}

std::vector<std::string> Listener::addresses() const {
  std::vector<std::string> addresses;
  for (const auto& socket : sockets_) addresses.push_back(socket->address());
  return addresses;
}

void Listener::Start(ServerSide server) {
  server_ = std::move(server);
  reserve_ = OpenReserve();
  paused_ = !WatchSockets(true);
  thread_ = std::thread([this] { Run(); });
}

void Listener::Stop() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    while (write(stop_, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
    thread_.join();
  }
  while (!silent_.empty()) {
    connections_->Remove(silent_.front().fd);
    close(silent_.front().fd);
    Forget(silent_.begin());
  }
  if (reserve_ >= 0) close(std::exchange(reserve_, -1));
  sockets_.clear();
  server_ = nullptr;
}

// The sockets stay with epoll all the time: to put one there again could fail.
bool Listener::WatchSockets(bool watch) {
  bool done = true;
  for (const auto& socket : sockets_) {
    for (const int fd : socket->fds()) {
      done &= Watch(epoll_, EPOLL_CTL_MOD, fd, watch ? EPOLLIN : 0u);
    }
  }
  return done;
}

bool Listener::IsListening(int fd) const {
  return std::any_of(sockets_.begin(), sockets_.end(), [fd](const auto& socket) {
    return std::count(socket->fds().begin(), socket->fds().end(), fd) != 0;
  });
}

void Listener::Run() {
  core::NameThisThread("listener");
  epoll_event events[kMaxEvents];
  while (true) {
    heartbeat_.Beat();
    const int ready = epoll_wait(epoll_, events, kMaxEvents, TimeoutMs());
    if (ready < 0 && errno != EINTR) {
      Log(absl::StrCat("cannot wait for connections: ", std::strerror(errno)));
      absl::SleepFor(kWantPause);
    }
    for (int i = 0; i < ready; ++i) {
      const int fd = events[i].data.fd;
      if (fd == stop_) return;
      // Paused, or taken out of the silent ones, by what came before in this round.
      if (IsListening(fd)) {
        Accept(fd);
      } else if (!OnFirstByte(fd)) {
        arrivals_.insert(fd);
      }
    }
    CloseLateOnes();
    const core::Instant now = core::Instant::Now();
    if (paused_ && now >= pause_end_) {
      paused_ = !WatchSockets(true);
      pause_end_ = now + kWantPause;
    }
    Look(now);
  }
}

void Listener::Look(core::Instant now) {
  if (now >= next_look_) {
    connections_->Inspect(now);
    const core::Instant end = core::Instant::Now();
    next_look_ = now + std::clamp((end - now) * kLookShare, kLookInterval, kLongestLookInterval);
    next_arrival_look_ = end + kArrivalInterval;
    AwaitArrivals();
  } else if (!arrivals_.empty() && now >= next_arrival_look_) {
    connections_->InspectSome(arrivals_, now);
    const core::Instant end = core::Instant::Now();
    next_arrival_look_ = end + std::max(kArrivalInterval, (end - now) * kArrivalShare);
    AwaitArrivals();
  }
}

// One that is closed meanwhile has gone from the epoll.
void Listener::AwaitArrivals() {
  for (const int fd : arrivals_) Watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT);
  arrivals_.clear();
}

int Listener::TimeoutMs() const {
  core::Instant next = core::Instant::Now() + core::Heartbeat::kInterval;
  if (paused_) next = std::min(next, pause_end_);
  if (!silent_.empty()) next = std::min(next, silent_.front().since + options_.first_byte);
  if (connections_->size() != 0) {
    next = std::min(next, next_look_);
    if (!arrivals_.empty()) next = std::min(next, next_arrival_look_);
  }
  const absl::Duration left = std::max(next - core::Instant::Now(), absl::ZeroDuration());
  return static_cast<int>(absl::ToInt64Milliseconds(left)) + 1;
}

void Listener::Accept(int listener_fd) {
  for (int i = 0; i < kAcceptBatch && !paused_; ++i) {
    Peer peer;
    const int fd = AcceptOne(listener_fd, &peer);
    if (fd < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      if (IsWant(errno)) {
        if (GiveUpSome(listener_fd)) continue;
        return Pause(kWantPause);
      }
      // A connection that has failed already is as good as taken.
      if (errno == ECONNABORTED || errno == EPROTO || errno == EINTR) continue;
      Log(absl::StrCat("cannot take a connection: ", std::strerror(errno)));
      return Pause(kWantPause);
    }
    TakeInOrRefuse(fd, peer, listener_fd);
  }
}

// Those that wait are told at once, rather than when there is a descriptor again. True: there is
// one, and the connection that was found to be next has been taken with it.
bool Listener::GiveUpSome(int listener_fd) {
  const int error = errno;
  for (int i = 0; i < kAcceptBatch && reserve_ >= 0; ++i) {
    close(std::exchange(reserve_, -1));
    Peer peer;
    const int fd = AcceptOne(listener_fd, &peer);
    // Others of the process may have closed some meanwhile.
    reserve_ = OpenReserve();
    if (fd < 0) break;
    if (reserve_ >= 0) {
      TakeInOrRefuse(fd, peer, listener_fd);
      return true;
    }
    connections_->CountClosed(CloseReason::kDescriptors);
    close(fd);
    reserve_ = OpenReserve();
  }
  if (reserve_ < 0) reserve_ = OpenReserve();
  Log(absl::StrCat("cannot take a connection: ", std::strerror(error)));
  return false;
}

void Listener::Pause(absl::Duration how_long) {
  pause_end_ = core::Instant::Now() + how_long;
  paused_ = true;
  WatchSockets(false);
}

bool Listener::MakeRoom(const Peer& peer, CloseReason* refusal) {
  ConnectionTable::Room room = connections_->RoomFor(peer);
  if (room == ConnectionTable::Room::kFree) return true;
  const core::Instant begin = core::Instant::Now();
  if (begin >= next_sweep_) {
    connections_->Sweep();
    const core::Instant end = core::Instant::Now();
    next_sweep_ = end + std::max(kSweepInterval, (end - begin) * kSweepShare);
    room = connections_->RoomFor(peer);
    if (room == ConnectionTable::Room::kFree) return true;
  }
  for (int i = 0; i < kAcceptBatch && room != ConnectionTable::Room::kFree; ++i) {
    const auto victim = Victim(peer, room);
    if (victim == silent_.end()) break;
    char byte = 0;
    // What it said may not have been seen yet.
    if (recv(victim->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
      OnFirstByte(victim->fd);
    } else {
      CloseSilent(victim, CloseReason::kRoom);
    }
    room = connections_->RoomFor(peer);
  }
  *refusal =
      room == ConnectionTable::Room::kPeerFull ? CloseReason::kPeerLimit : CloseReason::kLimit;
  return room == ConnectionTable::Room::kFree;
}

// The oldest silent one that makes room: of the same peer if that has all that it may have, else
// of the one with most silent ones, on this machine if there are as many of those as may be.
std::deque<Listener::Silent>::iterator Listener::Victim(const Peer& peer,
                                                        ConnectionTable::Room room) {
  std::string address = peer.address;
  if (room != ConnectionTable::Room::kPeerFull) {
    size_t most = 0;
    for (const auto& [each, silent] : silent_of_) {
      if (silent.count <= most) continue;
      if (room == ConnectionTable::Room::kLocalFull && !silent.local) continue;
      most = silent.count;
      address = each;
    }
    if (most == 0) return silent_.end();
  }
  return std::find_if(silent_.begin(), silent_.end(),
                      [&](const Silent& silent) { return silent.peer_address == address; });
}

void Listener::TakeInOrRefuse(int fd, const Peer& peer, int listener_fd) {
  CloseReason refusal = CloseReason::kLimit;
  if (MakeRoom(peer, &refusal)) {
    TakeIn(fd, peer, listener_fd);
  } else {
    Refuse(fd, peer, refusal);
  }
}

void Listener::TakeIn(int fd, const Peer& peer, int listener_fd) {
  if (!Watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLRDHUP)) {
    Log(absl::StrCat("cannot take a connection: ", std::strerror(errno)));
    connections_->CountClosed(CloseReason::kDescriptors);
    close(fd);
    return;
  }
  connections_->Add(fd, peer);
  arrivals_.erase(fd);  // another's, which has been closed
  silent_.push_back({fd, peer.address, core::Instant::Now(), listener_fd});
  SilentOf& of_peer = silent_of_[peer.address];
  ++of_peer.count;
  of_peer.local = peer.local;
}

void Listener::Forget(std::deque<Silent>::iterator at) {
  const auto of_peer = silent_of_.find(at->peer_address);
  if (--of_peer->second.count == 0) silent_of_.erase(of_peer);
  silent_.erase(at);
}

bool Listener::OnFirstByte(int fd) {
  const auto at = std::find_if(silent_.begin(), silent_.end(),
                               [fd](const Silent& silent) { return silent.fd == fd; });
  if (at == silent_.end()) return false;
  char byte = 0;
  const ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return true;
  const int listener_fd = at->listener_fd;
  Forget(at);
  if (got <= 0) {  // the client has gone again
    connections_->Remove(fd);
    close(fd);
    return true;
  }
  CountBytesRead(fd);
  Watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT);
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
  connection.listener_fd = listener_fd;
  connection.fd = fd;
  server_->HandleNewConnection(&connection);
  return true;
}

void Listener::CloseSilent(std::deque<Silent>::iterator at, CloseReason reason) {
  connections_->Remove(at->fd);
  connections_->CountClosed(reason);
  close(at->fd);
  Forget(at);
}

void Listener::CloseLateOnes() {
  const core::Instant now = core::Instant::Now();
  while (!silent_.empty() && silent_.front().since + options_.first_byte <= now) {
    CloseSilent(silent_.begin(), CloseReason::kSilence);
  }
}

void Listener::Refuse(int fd, const Peer& peer, CloseReason reason) {
  connections_->CountClosed(reason);
  close(fd);
  Log(reason == CloseReason::kPeerLimit
          ? absl::StrCat("refused a connection: ", peer.address,
                         " has as many as --max_connections_per_peer allows")
          : "refused a connection: there are as many as --max_connections allows");
}

void Listener::Log(const std::string& what) {
  const core::Instant now = core::Instant::Now();
  if (now < next_log_) {
    ++not_logged_;
    return;
  }
  next_log_ = now + kLogInterval;
  spdlog::warn("{} ({} more were not logged)", what, std::exchange(not_logged_, 0));
}

}  // namespace wirepas_grpc::service
