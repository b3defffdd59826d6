// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/mqtt_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"

namespace wirepas_grpc::integration {
namespace {

using core::MutexLock;
using sim::PacketType;
using How = CutPoint::How;
using Where = CutPoint::Where;

constexpr int kPublishesBeforeCut = 2;
constexpr size_t kBurst = 8192;                 // bytes: some fifty uplinks
constexpr size_t kMaxPacket = size_t{1} << 28;  // MQTT's own bound

bool IsOneOfMany(PacketType type) {
  return type == PacketType::kPublish || type == PacketType::kPuback;
}

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool SendAll(int to, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// The first of a SUBSCRIBE's or UNSUBSCRIBE's; the service asks for one at a time.
std::string FilterOf(absl::string_view body) {
  if (body.size() < 4) return "";
  const size_t size =
      static_cast<size_t>(static_cast<uint8_t>(body[2])) << 8 | static_cast<uint8_t>(body[3]);
  return std::string(body.substr(4, size));
}

// Of a CONNECT: behind the name of the protocol, its version, the flags and the keep-alive.
bool IsOfRequests(absl::string_view body) {
  constexpr size_t kIdAt = 10;
  if (body.size() < kIdAt + 2) return false;
  const size_t size = static_cast<size_t>(static_cast<uint8_t>(body[kIdAt])) << 8 |
                      static_cast<uint8_t>(body[kIdAt + 1]);
  return absl::StrContains(body.substr(kIdAt + 2, size), "-requests-");
}

}  // namespace

struct MqttRelay::Connection {
  Connection(int client_in, int broker_in) : client(client_in), broker(broker_in) {}
  ~Connection() {
    close(client);
    close(broker);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const int client;
  const int broker;
  std::string from_client;  // what is not a whole packet yet, or held up
  std::string from_broker;
  bool known = false;      // it is the one of the two
  int number = 0;          // set by its CONNECT
  int publishes_left = 0;  // not 0: the client is not heard, and after so many it is cut
  bool gathers = false;    // what the broker says, for a burst
  bool ended = false;      // nothing is passed on any more
  bool client_closed = false;
  bool broker_closed = false;
};

absl::StatusOr<std::unique_ptr<MqttRelay>> MqttRelay::Start(int broker_port, Of of) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof(address);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      listen(listener, 16) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    close(listener);
    return absl::UnavailableError("the relay cannot listen");
  }
  const int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return std::unique_ptr<MqttRelay>(
      new MqttRelay(listener, wake_fd, ntohs(address.sin_port), broker_port, of));
}

MqttRelay::MqttRelay(int listener, int wake_fd, int port, int broker_port, Of of)
    : listener_(listener), wake_fd_(wake_fd), port_(port), broker_port_(broker_port), of_(of) {
  thread_ = std::thread([this] { Run(); });
}

MqttRelay::~MqttRelay() {
  {
    MutexLock lock(&mutex_);
    stop_ = true;
  }
  Wake();
  thread_.join();
  close(listener_);
  close(wake_fd_);
}

void MqttRelay::Run() {
  while (Step()) {
  }
  connections_.clear();
}

bool MqttRelay::Step() {
  // poll() passes over what is negative.
  std::vector<pollfd> fds = {{wake_fd_, POLLIN, 0}, {listener_, POLLIN, 0}};
  for (const auto& connection : connections_) {
    const bool deaf = connection->client_closed || connection->publishes_left > 0;
    fds.push_back({deaf ? -1 : connection->client, POLLIN, 0});
    fds.push_back({connection->broker_closed ? -1 : connection->broker, POLLIN, 0});
  }
  poll(fds.data(), fds.size(), -1);
  eventfd_t ignored;
  eventfd_read(wake_fd_, &ignored);
  bool break_all;
  {
    MutexLock lock(&mutex_);
    if (stop_) return false;
    break_all = std::exchange(break_, false);
  }
  for (size_t i = 0; i < connections_.size(); ++i) {
    Connection* const connection = connections_[i].get();
    if (break_all) End(connection);
    if (fds[2 + 2 * i].revents != 0 && !connection->client_closed) Receive(connection, true);
    if (fds[3 + 2 * i].revents != 0 && !connection->broker_closed) Receive(connection, false);
  }
  connections_.erase(
      std::remove_if(connections_.begin(), connections_.end(),
                     [](const auto& c) { return c->client_closed && c->broker_closed; }),
      connections_.end());
  if (fds[1].revents != 0) Accept();
  return true;
}

void MqttRelay::Accept() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int broker = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto connection = std::make_unique<Connection>(client, broker);
  {
    MutexLock lock(&mutex_);
    if (down_) return;
  }
  const sockaddr_in address = Loopback(broker_port_);
  if (connect(broker, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return;
  connections_.push_back(std::move(connection));
}

void MqttRelay::Receive(Connection* connection, bool from_client) {
  char buffer[65536];
  const ssize_t count =
      recv(from_client ? connection->client : connection->broker, buffer, sizeof(buffer), 0);
  if (count <= 0) {
    (from_client ? connection->client_closed : connection->broker_closed) = true;
    End(connection);
    return;
  }
  if (connection->ended) return;
  (from_client ? connection->from_client : connection->from_broker)
      .append(buffer, static_cast<size_t>(count));
  PassPackets(connection, from_client);
}

void MqttRelay::PassPackets(Connection* connection, bool from_client) {
  std::string& buffer = from_client ? connection->from_client : connection->from_broker;
  if (connection->gathers && !from_client) {
    PassBurst(connection);
    return;
  }
  absl::string_view rest = buffer;
  const auto held = [&] { return from_client && connection->publishes_left > 0; };
  while (!connection->ended && !held()) {
    sim::Packet packet;
    const sim::ParseResult result =
        sim::ParsePacket({rest.data(), rest.size()}, kMaxPacket, &packet);
    if (result == sim::ParseResult::kBroken) End(connection);
    if (result != sim::ParseResult::kPacket) break;
    Pass(connection, from_client, packet, rest.substr(0, packet.size));
    if (connection->gathers && !from_client) break;
    rest.remove_prefix(packet.size);
  }
  buffer.erase(0, buffer.size() - rest.size());
}

void MqttRelay::Pass(Connection* connection, bool from_client, const sim::Packet& packet,
                     absl::string_view bytes) {
  std::optional<HandshakePacket> counted;
  Verdict verdict = Verdict::kPass;
  {
    MutexLock lock(&mutex_);
    counted = Count(connection, from_client, packet);
    if (counted.has_value()) verdict = Judge(*connection, *counted);
  }
  if (verdict == Verdict::kGather) {
    connection->gathers = true;
    MutexLock lock(&mutex_);
    Note(connection, *counted, {packet.body.data(), packet.body.size()});
    return;
  }
  if (verdict == Verdict::kCut) {
    Cut(connection);
    return;
  }
  const int other_side = from_client ? connection->broker : connection->client;
  if (verdict == Verdict::kPassHalfAndCut) {
    SendAll(other_side, bytes.substr(0, bytes.size() / 2));
    Cut(connection);
    return;
  }
  if (!SendAll(other_side, bytes)) {
    End(connection);
    return;
  }
  if (counted.has_value()) {
    MutexLock lock(&mutex_);
    Note(connection, *counted, {packet.body.data(), packet.body.size()});
  }
  if (verdict == Verdict::kPassAndHold) connection->publishes_left = kPublishesBeforeCut;
  if (connection->publishes_left > 0 && packet.type == PacketType::kPublish &&
      --connection->publishes_left == 0) {
    verdict = Verdict::kPassAndCut;
  }
  if (verdict == Verdict::kPassAndCut) Cut(connection);
}

void MqttRelay::PassBurst(Connection* connection) {
  if (connection->from_broker.size() < kBurst) return;
  SendAll(connection->client, connection->from_broker);
  Cut(connection);
}

void MqttRelay::End(Connection* connection, How how) {
  if (connection->ended) return;
  connection->ended = true;
  connection->publishes_left = 0;
  for (const int fd : {connection->client, connection->broker}) {
    if (how == How::kEnd) {
      shutdown(fd, SHUT_WR);
    } else {
      const linger at_once = {1, 0};
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    }
  }
  // A reset goes out with the close().
  if (how != How::kEnd) connection->client_closed = connection->broker_closed = true;
  MutexLock lock(&mutex_);
  if (connection->known && connection->number == present_) stands_ = false;
}

void MqttRelay::Cut(Connection* connection) {
  How how;
  {
    MutexLock lock(&mutex_);
    how = cut_->how;
    down_ |= std::exchange(down_after_cut_, false);
  }
  End(connection, how);
  MutexLock lock(&mutex_);
  ++cuts_;
  cut_.reset();
  const bool connect_passed =
      std::any_of(passed_.begin(), passed_.end(),
                  [](const HandshakePacket& p) { return p.type == PacketType::kConnect; });
  remains_ = {connect_passed, session_present_, passed_};
  changed_.SignalAll();
}

std::optional<HandshakePacket> MqttRelay::Count(Connection* connection, bool from_client,
                                                const sim::Packet& packet) {
  if (!IsToCutAt(packet.type, from_client)) return std::nullopt;
  if (packet.type == PacketType::kConnect) {
    connection->known =
        IsOfRequests({packet.body.data(), packet.body.size()}) == (of_ == Of::kRequests);
  }
  if (!connection->known) return std::nullopt;
  if (packet.type == PacketType::kConnect) {
    connection->number = ++present_;
    session_present_.reset();
    counts_.clear();
    passed_.clear();
    unanswered_.clear();
    granted_.clear();
  }
  if (connection->number != present_) return std::nullopt;
  HandshakePacket counted{packet.type, ++counts_[packet.type], ""};
  if (IsOneOfMany(packet.type) && counted.number > 1) return std::nullopt;
  const absl::string_view body(packet.body.data(), packet.body.size());
  if (packet.type == PacketType::kSubscribe || packet.type == PacketType::kUnsubscribe) {
    counted.filter = FilterOf(body);
  } else if (packet.type == PacketType::kSuback || packet.type == PacketType::kUnsuback) {
    const auto asked = unanswered_.find(sim::ParsePacketId(packet).value_or(0));
    if (asked != unanswered_.end()) counted.filter = asked->second;
  }
  return counted;
}

MqttRelay::Verdict MqttRelay::Judge(const Connection& connection, const HandshakePacket& packet) {
  if (!cut_.has_value() || connection.number < cut_from_ || packet.type != cut_->packet.type ||
      packet.number != cut_->packet.number) {
    return Verdict::kPass;
  }
  if (cut_->how == How::kResetInBurst) return Verdict::kGather;
  if (cut_->where == Where::kBefore) return Verdict::kCut;
  if (cut_->where == Where::kInside) return Verdict::kPassHalfAndCut;
  return cut_->where == Where::kAfter ? Verdict::kPassAndCut : Verdict::kPassAndHold;
}

void MqttRelay::Note(Connection* connection, const HandshakePacket& packet,
                     absl::string_view body) {
  passed_.push_back(packet);
  const auto id = [&body] {
    return static_cast<uint16_t>(static_cast<uint8_t>(body[0]) << 8 |
                                 static_cast<uint8_t>(body[1]));
  };
  constexpr uint8_t kFailure = 0x80;  // of a SUBACK, MQTT 3.1.1 section 3.9.3
  switch (packet.type) {
    case PacketType::kConnect:
      stands_ = !connection->ended;
      break;
    case PacketType::kConnack:
      session_present_ = (body[0] & 1) != 0;
      if (!*session_present_) session_.clear();
      break;
    case PacketType::kSubscribe:
      unanswered_[id()] = packet.filter;
      session_.insert(packet.filter);
      break;
    case PacketType::kUnsubscribe:
      unanswered_[id()] = packet.filter;
      session_.erase(packet.filter);
      break;
    case PacketType::kSuback:
      if (static_cast<uint8_t>(body.back()) < kFailure) granted_.insert(packet.filter);
      unanswered_.erase(id());
      break;
    case PacketType::kUnsuback:
      granted_.erase(packet.filter);
      unanswered_.erase(id());
      break;
    default:
      break;
  }
  changed_.SignalAll();
}

}  // namespace wirepas_grpc::integration
