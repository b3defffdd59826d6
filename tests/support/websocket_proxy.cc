// SPDX-License-Identifier: Apache-2.0
#include "tests/support/websocket_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace wirepas_grpc {
namespace {

using core::MutexLock;

constexpr uint8_t kBinary = 0x2;
constexpr uint8_t kClose = 0x8;
constexpr int kGatherMilliseconds = 20;

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

bool ReadAll(int fd, void* data, size_t size) {
  return size == 0 || recv(fd, data, size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

bool WriteAll(int fd, const std::string& data) {
  for (size_t sent = 0; sent < data.size();) {
    const ssize_t count = send(fd, data.data() + sent, data.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += count;
  }
  return true;
}

// One MQTT packet: a byte, the length in up to four bytes of seven bits, the rest.
bool ReadPacket(int fd, std::string* packet) {
  uint8_t byte;
  if (!ReadAll(fd, &byte, 1)) return false;
  packet->assign(1, static_cast<char>(byte));
  size_t length = 0;
  for (int shift = 0; shift < 28; shift += 7) {
    if (!ReadAll(fd, &byte, 1)) return false;
    packet->push_back(static_cast<char>(byte));
    length |= static_cast<size_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) break;
  }
  const size_t head = packet->size();
  packet->resize(head + length);
  return ReadAll(fd, packet->data() + head, length);
}

// RFC 6455, section 4.2.2.
std::string AcceptKey(absl::string_view key) {
  const std::string text = absl::StrCat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
             EVP_sha1(), nullptr);
  return absl::Base64Escape(digest);
}

std::string BinaryFrame(absl::string_view payload) {
  std::string frame(1, static_cast<char>(0x80 | kBinary));
  const size_t size = payload.size();
  const int length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  frame.push_back(static_cast<char>(length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127));
  for (int i = length_bytes - 1; i >= 0; --i) frame.push_back(static_cast<char>(size >> (8 * i)));
  return absl::StrCat(frame, payload);
}

}  // namespace

WebSocketProxy::WebSocketProxy(int broker_port, Framing framing)
    : broker_port_(broker_port),
      framing_(framing),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = Loopback(0);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof(address);
  if (bind(listener_, generic, length) == 0 && listen(listener_, 10) == 0 &&
      getsockname(listener_, generic, &length) == 0) {
    port_ = ntohs(address.sin_port);
  }
  acceptor_ = std::thread([this] { AcceptAll(); });
}

WebSocketProxy::~WebSocketProxy() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  std::vector<std::thread> threads;
  {
    MutexLock lock(&mutex_);
    for (int fd : sockets_) shutdown(fd, SHUT_RDWR);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
  MutexLock lock(&mutex_);
  for (int fd : sockets_) close(fd);
}

std::vector<std::string> WebSocketProxy::paths() const {
  MutexLock lock(&mutex_);
  return paths_;
}

void WebSocketProxy::AcceptAll() {
  while (true) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    MutexLock lock(&mutex_);
    sockets_.push_back(client);
    threads_.emplace_back([this, client] { Serve(client); });
  }
}

void WebSocketProxy::Serve(int client) {
  const int broker = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  {
    MutexLock lock(&mutex_);
    sockets_.push_back(broker);
  }
  const sockaddr_in address = Loopback(broker_port_);
  if (Upgrade(client) &&
      connect(broker, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    std::thread back([this, broker, client] { RelayToClient(broker, client); });
    RelayToBroker(client, broker);
    shutdown(broker, SHUT_RDWR);
    back.join();
  }
  shutdown(client, SHUT_RDWR);
  shutdown(broker, SHUT_RDWR);
}

bool WebSocketProxy::Upgrade(int client) {
  std::string request;
  while (request.find("\r\n\r\n") == std::string::npos) {
    char byte;
    if (request.size() > 10000 || !ReadAll(client, &byte, 1)) return false;
    request.push_back(byte);
  }
  std::string key;
  bool mqtt = false;
  const std::vector<std::string> lines = absl::StrSplit(request, "\r\n");
  for (const std::string& line : lines) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    const std::string name = absl::AsciiStrToLower(field.first);
    if (name == "sec-websocket-key") key = std::string(absl::StripAsciiWhitespace(field.second));
    if (name == "sec-websocket-protocol") mqtt = absl::StripAsciiWhitespace(field.second) == "mqtt";
  }
  const std::vector<std::string> words = absl::StrSplit(lines[0], ' ');
  if (key.empty() || !mqtt || words.size() < 2) return false;
  {
    MutexLock lock(&mutex_);
    paths_.push_back(words[1]);
  }
  return WriteAll(client, absl::StrCat("HTTP/1.1 101 Switching Protocols\r\n",
                                       "Upgrade: websocket\r\nConnection: Upgrade\r\n",
                                       "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Accept: ",
                                       AcceptKey(key), "\r\n\r\n"));
}

bool WebSocketProxy::ReadFrame(int client, Frame* frame) {
  uint8_t head[2];
  if (!ReadAll(client, head, 2)) return false;
  frame->opcode = head[0] & 0x0F;
  uint64_t size = head[1] & 0x7F;
  const int length_bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (length_bytes > 0) size = 0;
  for (int i = 0; i < length_bytes; ++i) {
    uint8_t byte;
    if (!ReadAll(client, &byte, 1)) return false;
    size = size << 8 | byte;
  }
  uint8_t mask[4] = {};
  const bool masked = (head[1] & 0x80) != 0;
  if (size > (64u << 20) || (masked && !ReadAll(client, mask, 4))) return false;
  frame->payload.resize(size);
  if (!ReadAll(client, frame->payload.data(), size)) return false;
  for (uint64_t i = 0; i < size; ++i) frame->payload[i] ^= static_cast<char>(mask[i % 4]);
  return true;
}

void WebSocketProxy::RelayToBroker(int client, int broker) {
  Frame frame;
  while (ReadFrame(client, &frame) && frame.opcode != kClose) {
    if (!WriteAll(broker, frame.payload)) return;
  }
}

void WebSocketProxy::RelayToClient(int broker, int client) {
  std::string packets;
  while (ReadPacket(broker, &packets)) {
    pollfd more = {broker, POLLIN, 0};
    while (framing_ == Framing::kManyPackets && poll(&more, 1, kGatherMilliseconds) > 0) {
      std::string packet;
      if (!ReadPacket(broker, &packet)) break;
      packets += packet;
    }
    if (!WriteAll(client, BinaryFrame(packets))) break;
  }
  shutdown(client, SHUT_RDWR);
}

}  // namespace wirepas_grpc
