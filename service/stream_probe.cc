// SPDX-License-Identifier: Apache-2.0
#include "service/stream_probe.h"

#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "grpc/grpc.h"
#include "grpc/support/alloc.h"
#include "nlohmann/json.hpp"

namespace wirepas_grpc::service {
namespace {

using nlohmann::json;

// What channelz said, which is null when there is nothing.
json Parse(char* said) {
  if (said == nullptr) return {};
  const std::unique_ptr<char, void (*)(void*)> owned(said, gpr_free);
  return json::parse(owned.get(), nullptr, /*allow_exceptions=*/false);
}

const json& Member(const json& object, const char* name) {
  static const json none;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found == object.end() ? none : *found;
}

// Numbers come as text, and not at all when they are 0.
int64_t NumberIn(const json& object, const char* name) {
  const json& value = Member(object, name);
  int64_t number = 0;
  return value.is_string() && absl::SimpleAtoi(value.get<std::string>(), &number) ? number : 0;
}

}  // namespace

std::optional<StreamCounts> StreamProbe::Look(absl::string_view peer_name) {
  auto found = sockets_.find(peer_name);
  const bool known = found != sockets_.end() && peer_name != kUnixPeer;
  if (!known && !std::exchange(searched_, true)) {
    Search();
    found = sockets_.find(peer_name);
  }
  if (found == sockets_.end()) return std::nullopt;
  StreamCounts sum;
  std::erase_if(found->second, [&sum](int64_t socket) {
    const std::optional<StreamCounts> counts = CountsOf(socket);
    if (!counts.has_value()) return true;
    sum.open += counts->open;
    sum.messages += counts->messages;
    return false;
  });
  if (!found->second.empty()) return sum;
  sockets_.erase(found);
  return std::nullopt;
}

std::optional<StreamCounts> StreamProbe::CountsOf(int64_t socket) {
  const json said = Member(Parse(grpc_channelz_get_socket(socket)), "socket");
  if (!said.is_object()) return std::nullopt;
  const json& data = Member(said, "data");
  StreamCounts counts;
  counts.open = NumberIn(data, "streamsStarted") - NumberIn(data, "streamsSucceeded") -
                NumberIn(data, "streamsFailed");
  counts.messages = NumberIn(data, "messagesReceived");
  return counts;
}

// Names a connection's socket "chttp2 ipv4:127.0.0.1:1234".
void StreamProbe::Search() {
  sockets_.clear();
  const json servers = Parse(grpc_channelz_get_servers(0));
  const json& list = Member(servers, "server");
  if (!list.is_array() || list.empty()) return;
  const int64_t server = NumberIn(Member(list[0], "ref"), "serverId");
  for (int64_t next = 0;;) {
    const json page = Parse(grpc_channelz_get_server_sockets(server, next, 0));
    const json& sockets = Member(page, "socketRef");
    if (!sockets.is_array() || sockets.empty()) return;
    for (const json& socket : sockets) {
      const json& name = Member(socket, "name");
      if (!name.is_string()) continue;
      const std::string text = name.get<std::string>();
      const std::string peer = text.substr(text.find(' ') + 1);
      const int64_t id = NumberIn(socket, "socketId");
      const bool is_unix = absl::StartsWith(peer, kUnixPeer);
      sockets_[is_unix ? std::string(kUnixPeer) : peer].push_back(id);
      next = id + 1;
    }
    if (Member(page, "end").is_boolean()) return;
  }
}

}  // namespace wirepas_grpc::service
