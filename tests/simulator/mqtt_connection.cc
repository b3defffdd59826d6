// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/mqtt_connection.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace wirepas_grpc::sim {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Seconds(5);
constexpr absl::Duration kConnectTimeout = absl::Seconds(10);
constexpr size_t kReadSize = 64 * 1024;
constexpr size_t kMaxPacket = 16 * 1024 * 1024;
constexpr size_t kMaxOutput = 64 * 1024 * 1024;
// Brokers take only so many unfinished messages of one client at a time and drop
// what goes beyond; 20 is the least that any is known to be set to. One place is for
// messages at QoS 1, which are acknowledged one by one as they are read.
constexpr size_t kMaxHandshakes = 19;
constexpr size_t kMaxWaiting = 1'000'000;
constexpr size_t kMaxInFlight = 60'000;  // Below the number of packet ids.

void Tell(const MqttConnection::Done& done, bool acknowledged) {
  if (done) done(acknowledged);
}

}  // namespace

MqttConnection::MqttConnection(EventLoop* loop, BrokerAddress broker, ConnectPacket connect,
                               Callbacks callbacks)
    : loop_(loop),
      broker_(std::move(broker)),
      connect_(std::move(connect)),
      callbacks_(std::move(callbacks)),
      next_pause_(kFirstPause) {}

MqttConnection::~MqttConnection() {
  if (open_timer_.has_value()) loop_->Cancel(*open_timer_);
  CloseSocket();
}

void MqttConnection::Start() {
  if (state_ == State::kPausing) loop_->Cancel(*open_timer_);
  if (state_ == State::kStopped || state_ == State::kPausing) Open();
}

void MqttConnection::Open() {
  open_timer_.reset();
  std::string reason;
  fd_ = OpenBrokerSocket(broker_, attempt_, &reason);
  state_ = State::kConnecting;
  if (fd_ < 0) {
    Fail(reason);
    return;
  }
  loop_->Watch(fd_, EPOLLIN | EPOLLOUT, [this](uint32_t events) { OnEvents(events); });
  wants_write_ = true;
  last_received_ = EventLoop::Now();
  alive_timer_ = loop_->RunAfter(kConnectTimeout, [this] { CheckAlive(); });
}

void MqttConnection::Stop() {
  const bool was_connected = connected();
  if (was_connected) {
    AppendBare(PacketType::kDisconnect, &output_);
    Flush();
  }
  if (open_timer_.has_value()) loop_->Cancel(*open_timer_);
  open_timer_.reset();
  CloseSocket();
  state_ = State::kStopped;
}

void MqttConnection::Drop(std::optional<absl::Duration> pause) {
  const bool was_connected = connected();
  if (open_timer_.has_value()) loop_->Cancel(*open_timer_);
  open_timer_.reset();
  CloseSocket();
  state_ = State::kStopped;
  if (pause.has_value()) OpenAfter(*pause);
  if (was_connected) callbacks_.disconnected("dropped on demand");
}

void MqttConnection::OpenAfter(absl::Duration pause) {
  state_ = State::kPausing;
  open_timer_ = loop_->RunAfter(pause, [this] { Open(); });
}

void MqttConnection::Fail(const std::string& reason) {
  if (!connected()) ++attempt_;
  CloseSocket();
  OpenAfter(next_pause_ * absl::Uniform(random_, 0.75, 1.25));
  next_pause_ = std::min(next_pause_ * 2, kLongestPause);
  callbacks_.disconnected(reason);
}

void MqttConnection::CloseSocket() {
  if (alive_timer_.has_value()) loop_->Cancel(*alive_timer_);
  alive_timer_.reset();
  if (fd_ >= 0) {
    loop_->Unwatch(fd_);
    close(fd_);
    fd_ = -1;
  }
  ++sockets_;
  state_ = State::kStopped;
  input_.clear();
  output_.clear();
  output_sent_ = 0;
  received_.clear();
  handshakes_ = 0;
  const auto in_flight = std::exchange(in_flight_, {});
  const auto waiting = std::exchange(waiting_, {});
  const auto subscribing = std::exchange(subscribing_, {});
  for (const auto& [id, message] : in_flight) Tell(message.done, false);
  for (const Waiting& message : waiting) Tell(message.done, false);
  for (const auto& [id, done] : subscribing) Tell(done, false);
}

void MqttConnection::OnEvents(uint32_t events) {
  if (state_ == State::kConnecting) {
    OnSocketConnected();
    return;
  }
  if ((events & EPOLLOUT) != 0) Flush();
  if (fd_ >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) Read();
}

void MqttConnection::OnSocketConnected() {
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    Fail(strerror(error));
    return;
  }
  state_ = State::kHandshake;
  AppendConnect(connect_, &output_);
  Flush();
}

void MqttConnection::Read() {
  char buffer[kReadSize];
  const ssize_t count = recv(fd_, buffer, sizeof(buffer), 0);
  if (count == 0) return Fail("closed by the broker");
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR) Fail(strerror(errno));
    return;
  }
  last_received_ = EventLoop::Now();
  // Neither may point into a member: a callback may close this connection.
  std::string joined;
  std::string_view rest(buffer, static_cast<size_t>(count));
  if (!input_.empty()) {
    joined = std::exchange(input_, {});
    joined.append(rest);
    rest = joined;
  }
  const uint64_t socket = sockets_;
  const bool window_was_open = in_flight_.size() <= kWindow / 2;
  while (true) {
    Packet packet;
    const ParseResult result = ParsePacket(rest, kMaxPacket, &packet);
    if (result == ParseResult::kNeedMore) break;
    if (result == ParseResult::kBroken) return Fail("broken packet from the broker");
    const bool expected = HandlePacket(packet);
    if (sockets_ != socket) return;
    if (!expected) return Fail("unexpected packet from the broker");
    rest.remove_prefix(packet.size);
  }
  input_.assign(rest);
  if (!window_was_open && in_flight_.size() <= kWindow / 2) callbacks_.window_open();
}

bool MqttConnection::HandlePacket(const Packet& packet) {
  if (state_ == State::kHandshake) return HandleConnack(packet);
  const std::optional<uint16_t> id = ParsePacketId(packet);
  switch (packet.type) {
    case PacketType::kPublish:
      return HandlePublish(packet);
    case PacketType::kPuback:
      return id.has_value() && HandlePuback(*id);
    case PacketType::kPubrec:
      return id.has_value() && HandlePubrec(*id);
    case PacketType::kPubcomp:
      return id.has_value() && HandlePubcomp(*id);
    case PacketType::kPubrel:
      if (!id.has_value()) return false;
      received_.erase(*id);
      AppendAcknowledgement(PacketType::kPubcomp, *id, &output_);
      FlushSoon();
      return true;
    case PacketType::kSuback:
      return HandleSuback(packet);
    case PacketType::kPingresp:
      return true;
    default:
      return false;
  }
}

bool MqttConnection::HandleConnack(const Packet& packet) {
  if (packet.type != PacketType::kConnack || packet.body.size() != 2) return false;
  const auto code = static_cast<uint8_t>(packet.body[1]);
  if (code != 0) {
    Fail(ConnackReason(code));
    return true;
  }
  state_ = State::kConnected;
  next_pause_ = kFirstPause;
  loop_->Cancel(*alive_timer_);
  alive_timer_ = loop_->RunAfter(connect_.keep_alive / 2, [this] { CheckAlive(); });
  callbacks_.connected();
  return true;
}

bool MqttConnection::HandlePublish(const Packet& packet) {
  const std::optional<PublishPacket> publish = ParsePublish(packet);
  if (!publish.has_value()) return false;
  bool repeated = false;
  if (publish->qos == 1) {
    AppendAcknowledgement(PacketType::kPuback, publish->packet_id, &output_);
  } else if (publish->qos == 2) {
    repeated = !received_.insert(publish->packet_id).second;
    AppendAcknowledgement(PacketType::kPubrec, publish->packet_id, &output_);
  }
  FlushSoon();
  if (!repeated) callbacks_.message(publish->topic, publish->payload);
  return true;
}

bool MqttConnection::HandleSuback(const Packet& packet) {
  constexpr char kRefused = '\x80';
  const std::optional<uint16_t> id = ParsePacketId(packet);
  if (!id.has_value()) return false;
  const auto found = subscribing_.find(*id);
  if (found == subscribing_.end()) return false;
  const Done done = std::move(found->second);
  subscribing_.erase(found);
  Tell(done, packet.body.find(kRefused, 2) == std::string_view::npos);
  return true;
}

bool MqttConnection::HandlePuback(uint16_t packet_id) {
  const auto found = in_flight_.find(packet_id);
  if (found == in_flight_.end() || found->second.awaits == PacketType::kPubcomp) return false;
  // Brokers that take QoS 2 for QoS 1 answer so.
  const bool ends_handshake = found->second.awaits == PacketType::kPubrec;
  if (ends_handshake) --handshakes_;
  Complete(packet_id);
  if (ends_handshake) StartWaiting();
  return true;
}

bool MqttConnection::HandlePubrec(uint16_t packet_id) {
  const auto found = in_flight_.find(packet_id);
  if (found == in_flight_.end() || found->second.awaits == PacketType::kPuback) return false;
  found->second.awaits = PacketType::kPubcomp;
  AppendAcknowledgement(PacketType::kPubrel, packet_id, &output_);
  FlushSoon();
  return true;
}

bool MqttConnection::HandlePubcomp(uint16_t packet_id) {
  const auto found = in_flight_.find(packet_id);
  if (found == in_flight_.end() || found->second.awaits != PacketType::kPubcomp) return false;
  --handshakes_;
  Complete(packet_id);
  StartWaiting();
  return true;
}

void MqttConnection::Complete(uint16_t packet_id) {
  const auto found = in_flight_.find(packet_id);
  const Done done = std::move(found->second.done);
  in_flight_.erase(found);
  Tell(done, true);
}

void MqttConnection::StartWaiting() {
  while (!waiting_.empty() && handshakes_ < kMaxHandshakes && connected()) {
    Waiting message = std::move(waiting_.front());
    waiting_.pop_front();
    Publish(message.topic, message.payload, 2, message.retain, std::move(message.done));
  }
}

void MqttConnection::Subscribe(const std::vector<std::string>& filters, int qos, Done done) {
  if (!connected()) return Tell(done, false);
  const uint16_t id = NextPacketId();
  subscribing_[id] = std::move(done);
  AppendSubscribe(id, filters, qos, &output_);
  FlushSoon();
}

char* MqttConnection::BeginPublish(std::string_view topic, size_t size, int qos, bool retain,
                                   Done* done) {
  if (!connected() || in_flight_.size() >= kMaxInFlight) {
    Tell(*done, false);
    return nullptr;
  }
  uint16_t id = 0;
  if (qos > 0) {
    id = NextPacketId();
    if (qos == 2) ++handshakes_;
    in_flight_[id] =
        InFlight{qos == 2 ? PacketType::kPubrec : PacketType::kPuback, std::move(*done)};
  }
  AppendPublishHead(topic, size, qos, retain, id, &output_);
  const size_t offset = output_.size();
  output_.resize(offset + size);
  FlushSoon();
  return output_.data() + offset;
}

void MqttConnection::Publish(std::string_view topic, std::string_view payload, int qos, bool retain,
                             Done done) {
  if (qos == 2 && handshakes_ >= kMaxHandshakes) {
    if (waiting_.size() >= kMaxWaiting) return Tell(done, false);
    waiting_.push_back({std::string(topic), std::string(payload), retain, std::move(done)});
    return;
  }
  char* room = BeginPublish(topic, payload.size(), qos, retain, &done);
  if (room != nullptr && !payload.empty()) std::memcpy(room, payload.data(), payload.size());
  if (room != nullptr && qos == 0) Tell(done, true);
}

void MqttConnection::Publish(std::string_view topic, const google::protobuf::MessageLite& message,
                             int qos, bool retain, Done done) {
  if (qos == 2) return Publish(topic, message.SerializeAsString(), qos, retain, std::move(done));
  // Straight into the output: this is the path of every uplink.
  char* room = BeginPublish(topic, message.ByteSizeLong(), qos, retain, &done);
  if (room != nullptr) message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(room));
  if (room != nullptr && qos == 0) Tell(done, true);
}

uint16_t MqttConnection::NextPacketId() {
  do {
    ++last_packet_id_;
  } while (last_packet_id_ == 0 || in_flight_.contains(last_packet_id_) ||
           subscribing_.contains(last_packet_id_));
  return last_packet_id_;
}

void MqttConnection::FlushSoon() {
  if (flush_pending_) return;
  flush_pending_ = true;
  loop_->RunBeforeWait([this] {
    flush_pending_ = false;
    Flush();
  });
}

void MqttConnection::Flush() {
  if (fd_ < 0 || state_ == State::kConnecting) return;
  while (output_sent_ < output_.size()) {
    const ssize_t count = send(fd_, output_.data() + output_sent_, output_.size() - output_sent_,
                               MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EAGAIN) return Fail(strerror(errno));
    if (count < 0) break;
    output_sent_ += static_cast<size_t>(count);
  }
  output_.erase(0, output_sent_);
  output_sent_ = 0;
  if (output_.size() > kMaxOutput) return Fail("the broker reads too slowly");
  const bool wants_write = !output_.empty();
  if (wants_write == wants_write_) return;
  wants_write_ = wants_write;
  loop_->Rewatch(fd_, wants_write ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void MqttConnection::CheckAlive() {
  alive_timer_.reset();
  if (!connected()) return Fail("no answer in time");
  if (EventLoop::Now() - last_received_ > connect_.keep_alive * 1.5) {
    return Fail("no sign of life");
  }
  AppendBare(PacketType::kPingreq, &output_);
  FlushSoon();
  alive_timer_ = loop_->RunAfter(connect_.keep_alive / 2, [this] { CheckAlive(); });
}

}  // namespace wirepas_grpc::sim
