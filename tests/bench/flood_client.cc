// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/flood_client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include "tests/support/topic_match.h"

namespace wirepas_grpc::bench {
namespace {

using sim::Packet;
using sim::PacketType;
using sim::ParseResult;

constexpr size_t kMaxPacket = 16 << 20;
constexpr size_t kReadSize = 256 << 10;
// Written at once; more waits here only when the client does not read.
constexpr size_t kBatchBytes = 256 << 10;
constexpr size_t kPubackSize = 4;
constexpr absl::Duration kTick = absl::Milliseconds(1);
constexpr int kProtocolLevel311 = 4;

// Takes a number or text off the front; nothing when it is not there.
std::optional<uint16_t> TakeUint16(std::string_view* in) {
  if (in->size() < 2) return std::nullopt;
  const auto value =
      static_cast<uint16_t>(static_cast<uint8_t>((*in)[0]) << 8 | static_cast<uint8_t>((*in)[1]));
  in->remove_prefix(2);
  return value;
}

std::optional<std::string> TakeString(std::string_view* in) {
  const std::optional<uint16_t> size = TakeUint16(in);
  if (!size.has_value() || in->size() < *size) return std::nullopt;
  std::string text(in->substr(0, *size));
  in->remove_prefix(*size);
  return text;
}

}  // namespace

FloodClient::FloodClient(sim::EventLoop* loop, const FloodLoad* load, int fd, uint32_t window,
                         Callbacks callbacks)
    : loop_(loop), load_(load), fd_(fd), window_(window), callbacks_(std::move(callbacks)) {
  loop_->Watch(fd_, EPOLLIN, [this](uint32_t events) { OnEvents(events); });
}

FloodClient::~FloodClient() {
  if (tick_.has_value()) loop_->Cancel(*tick_);
  if (open_) loop_->Unwatch(fd_);
  close(fd_);
}

void FloodClient::StartRound(uint64_t packets) {
  packets_.clear();
  for (const FloodPacket& packet : load_->packets()) {
    const auto matches = [&](const std::string& f) { return TopicMatches(f, packet.topic()); };
    if (std::any_of(filters_.begin(), filters_.end(), matches)) packets_.push_back(&packet);
  }
  wanted_ = packets_.empty() ? 0 : packets;
  sent_ = acknowledged_ = 0;
  round_start_ = sim::EventLoop::Now();
  if (!InRound()) return;
  constexpr uint32_t kNoEvents = 0;
  loop_->Rewatch(fd_, kNoEvents);
  Tick();
}

void FloodClient::OnEvents(uint32_t events) {
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) Read();
  Flush();
}

// In a round the client is looked at by the clock and not for each acknowledgement: a
// wake-up for every one would take a core that those measured need. Nor may they wait for
// TCP: a client that sends with Nagle's algorithm holds its acknowledgements back until
// the earlier ones are confirmed, which is put off by up to 40 ms if not asked for.
void FloodClient::Tick() {
  tick_.reset();
  Read();
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
  Fill();
  Flush();
  if (open_ && InRound()) tick_ = loop_->RunAfter(kTick, [this] { Tick(); });
}

void FloodClient::Read() {
  // Uninitialized: it is filled by the kernel each time.
  static const std::unique_ptr<char[]> buffer(new char[kReadSize]);
  const ssize_t count = recv(fd_, buffer.get(), kReadSize, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return Close();
  input_.append(buffer.get(), static_cast<size_t>(count));
  std::string_view rest = input_;
  Packet packet;
  while (open_) {
    // Nearly all there is.
    if (rest.size() >= kPubackSize && rest[0] == 0x40 && rest[1] == 2) {
      OnPuback();
      rest.remove_prefix(kPubackSize);
      continue;
    }
    const ParseResult result = sim::ParsePacket(rest, kMaxPacket, &packet);
    if (result == ParseResult::kBroken) return Close();
    if (result == ParseResult::kNeedMore) break;
    Handle(packet);
    rest.remove_prefix(packet.size);
  }
  input_.erase(0, input_.size() - rest.size());
}

void FloodClient::OnPuback() {
  if (!InRound() || acknowledged_ == sent_) return;
  if (++acknowledged_ < wanted_) return;
  round_end_ = sim::EventLoop::Now();
  callbacks_.round_ended();
}

void FloodClient::Handle(const Packet& packet) {
  const auto answer = [&](PacketType type) {
    if (const auto id = sim::ParsePacketId(packet)) {
      sim::AppendAcknowledgement(type, *id, &output_);
    }
  };
  switch (packet.type) {
    case PacketType::kConnect:
      return OnConnect(packet.body);
    case PacketType::kSubscribe:
      return OnSubscribe(packet.body);
    case PacketType::kUnsubscribe:
      return OnUnsubscribe(packet.body);
    case PacketType::kPublish:
      return OnPublish(packet);
    case PacketType::kPubrel:
      return answer(PacketType::kPubcomp);
    case PacketType::kPingreq:
      return sim::AppendBare(PacketType::kPingresp, &output_);
    default:  // DISCONNECT, or what only brokers send
      return Close();
  }
}

void FloodClient::OnConnect(std::string_view body) {
  const std::optional<std::string> protocol = TakeString(&body);
  constexpr size_t kLevelFlagsAndKeepAlive = 4;
  if (!protocol.has_value() || body.size() < kLevelFlagsAndKeepAlive) return Close();
  const bool known = body[0] == kProtocolLevel311;
  body.remove_prefix(kLevelFlagsAndKeepAlive);
  client_id_ = TakeString(&body).value_or("");
  // CONNACK: no session; accepted, or unacceptable protocol version.
  output_.append({0x20, 2, 0, static_cast<char>(known ? 0 : 1)});
}

void FloodClient::OnSubscribe(std::string_view body) {
  const std::optional<uint16_t> id = TakeUint16(&body);
  std::string granted;
  std::vector<std::string> filters;
  while (!body.empty()) {
    std::optional<std::string> filter = TakeString(&body);
    if (!filter.has_value() || body.empty()) return Close();
    granted.push_back(std::min<char>(body[0], 1));
    body.remove_prefix(1);
    filters.push_back(*std::move(filter));
  }
  if (!id.has_value() || granted.size() > 100) return Close();
  output_.append({static_cast<char>(0x90), static_cast<char>(2 + granted.size()),
                  static_cast<char>(*id >> 8), static_cast<char>(*id)});
  output_.append(granted);
  for (const std::string& filter : filters) SendStatuses(filter);
  filters_.insert(filters.begin(), filters.end());
  const auto wants_uplinks = [](const std::string& filter) {
    return filter.starts_with("gw-event/received_data/");
  };
  if (std::any_of(filters.begin(), filters.end(), wants_uplinks)) callbacks_.subscribed();
}

void FloodClient::OnUnsubscribe(std::string_view body) {
  const std::optional<uint16_t> id = TakeUint16(&body);
  if (!id.has_value()) return Close();
  while (!body.empty()) {
    const std::optional<std::string> filter = TakeString(&body);
    if (!filter.has_value()) return Close();
    filters_.erase(*filter);
  }
  sim::AppendAcknowledgement(PacketType::kUnsuback, *id, &output_);
}

void FloodClient::OnPublish(const Packet& packet) {
  const auto publish = sim::ParsePublish(packet);
  if (!publish.has_value()) return Close();
  if (publish->qos == 0) return;
  sim::AppendAcknowledgement(publish->qos == 1 ? PacketType::kPuback : PacketType::kPubrec,
                             publish->packet_id, &output_);
}

// At QoS 0, so that every acknowledgement is one of a flood packet.
void FloodClient::SendStatuses(const std::string& filter) {
  for (const FloodLoad::Status& status : load_->statuses()) {
    if (!TopicMatches(filter, status.topic)) continue;
    sim::AppendPublishHead(status.topic, status.payload.size(), /*qos=*/0, /*retain=*/true,
                           /*packet_id=*/0, &output_);
    output_ += status.payload;
  }
}

void FloodClient::Fill() {
  const uint64_t until = std::min(wanted_, acknowledged_ + window_);
  while (sent_ < until && output_.size() - flushed_ < kBatchBytes) {
    if (++packet_id_ == 0) ++packet_id_;
    packets_[events_ % packets_.size()]->AppendTo(packet_id_, load_->EventId(events_), &output_);
    ++events_;
    ++sent_;
  }
}

void FloodClient::Flush() {
  while (open_ && flushed_ < output_.size()) {
    const ssize_t count =
        send(fd_, output_.data() + flushed_, output_.size() - flushed_, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EAGAIN) return Close();
    if (count < 0) break;
    flushed_ += static_cast<size_t>(count);
  }
  if (flushed_ == output_.size()) {
    output_.clear();
    flushed_ = 0;
  }
  if (open_ && !InRound()) loop_->Rewatch(fd_, output_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void FloodClient::Close() {
  if (!open_) return;
  open_ = false;
  loop_->Unwatch(fd_);
  callbacks_.closed();
}

}  // namespace wirepas_grpc::bench
