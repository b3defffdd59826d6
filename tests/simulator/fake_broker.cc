// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/fake_broker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace wirepas_grpc::sim {
namespace {

constexpr size_t kMaxPacket = 1 << 20;

}  // namespace

FakeBroker::FakeBroker(EventLoop* loop) : loop_(loop) {
  if (listener_.port() == 0) std::abort();
  loop_->Watch(listener_.fd(), EPOLLIN, [this](uint32_t) { Accept(); });
}

FakeBroker::~FakeBroker() {
  Close();
  loop_->Unwatch(listener_.fd());
}

void FakeBroker::Accept() {
  Close();
  client_ = accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
  ++connections_;
  loop_->Watch(client_, EPOLLIN, [this](uint32_t) { Read(); });
}

void FakeBroker::Close() {
  if (client_ < 0) return;
  loop_->Unwatch(client_);
  close(client_);
  client_ = -1;
  input_.clear();
  handshakes_ = 0;
}

void FakeBroker::Read() {
  char buffer[4096];
  const ssize_t count = recv(client_, buffer, sizeof(buffer), 0);
  if (count <= 0) return Close();
  input_.append(buffer, static_cast<size_t>(count));
  Packet packet;
  while (client_ >= 0 && ParsePacket(input_, kMaxPacket, &packet) == ParseResult::kPacket) {
    Handle(packet);
    input_.erase(0, packet.size);
  }
}

void FakeBroker::Handle(const Packet& packet) {
  if (packet.type == PacketType::kPublish) return HandlePublish(packet);
  Received received;
  received.type = packet.type;
  received.body = std::string(packet.body);
  received_.push_back(received);
  std::string out;
  if (packet.type == PacketType::kConnect) {
    out = std::string("\x20\x02\x00\x00", 4);
  } else if (packet.type == PacketType::kSubscribe) {
    out = std::string("\x90\x03", 2) + received.body.substr(0, 2) + "\x02";
  } else if (packet.type == PacketType::kPubrel) {
    --handshakes_;
    AppendAcknowledgement(PacketType::kPubcomp, *ParsePacketId(packet), &out);
  } else if (packet.type == PacketType::kPubrec) {
    AppendAcknowledgement(PacketType::kPubrel, *ParsePacketId(packet), &out);
  }
  Send(out);
}

void FakeBroker::HandlePublish(const Packet& packet) {
  const PublishPacket publish = ParsePublish(packet).value();
  Received received;
  received.topic = std::string(publish.topic);
  received.payload = std::string(publish.payload);
  received.qos = publish.qos;
  received.retain = publish.retain;
  received_.push_back(received);
  if (publish.qos == 2) most_handshakes_ = std::max(most_handshakes_, ++handshakes_);
  if (publish.qos == 0 || !acknowledge_) return;
  std::string out;
  const bool as_qos_1 = publish.qos == 1 || takes_two_for_one_;
  AppendAcknowledgement(as_qos_1 ? PacketType::kPuback : PacketType::kPubrec, publish.packet_id,
                        &out);
  Send(out);
}

void FakeBroker::Publish(std::string_view topic, std::string_view payload, int qos,
                         uint16_t packet_id) {
  std::string out;
  AppendPublishHead(topic, payload.size(), qos, false, packet_id, &out);
  Send(out.append(payload));
}

void FakeBroker::Send(const std::string& bytes) {
  if (!bytes.empty() && send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) Close();
}

size_t FakeBroker::Count(PacketType type) const {
  return static_cast<size_t>(std::count_if(received_.begin(), received_.end(),
                                           [&](const auto& r) { return r.type == type; }));
}

std::vector<FakeBroker::Received> FakeBroker::Published(std::string_view prefix) const {
  std::vector<Received> found;
  for (const Received& received : received_) {
    if (received.type == PacketType::kPublish && received.topic.starts_with(prefix)) {
      found.push_back(received);
    }
  }
  return found;
}

bool FakeBroker::RunUntil(EventLoop* loop, const std::function<bool()>& condition) {
  const absl::Time end = EventLoop::Now() + absl::Seconds(5);
  std::function<void()> check = [&] {
    if (condition() || EventLoop::Now() > end) return loop->Stop();
    loop->RunAfter(absl::Milliseconds(1), check);
  };
  loop->RunAfter(absl::ZeroDuration(), check);
  loop->Run();
  return condition();
}

}  // namespace wirepas_grpc::sim
