// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/cut_point.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace wirepas_grpc::integration {
namespace {

using sim::PacketType;
using How = CutPoint::How;
using Where = CutPoint::Where;

absl::string_view Name(PacketType type) {
  switch (type) {
    case PacketType::kConnect:
      return "CONNECT";
    case PacketType::kConnack:
      return "CONNACK";
    case PacketType::kPublish:
      return "PUBLISH";
    case PacketType::kPuback:
      return "PUBACK";
    case PacketType::kPubrec:
      return "PUBREC";
    case PacketType::kSubscribe:
      return "SUBSCRIBE";
    case PacketType::kSuback:
      return "SUBACK";
    case PacketType::kUnsubscribe:
      return "UNSUBSCRIBE";
    case PacketType::kUnsuback:
      return "UNSUBACK";
    default:
      return "another packet";
  }
}

}  // namespace

bool IsToCutAt(PacketType type, bool from_client) {
  switch (type) {
    case PacketType::kConnect:
    case PacketType::kPuback:
    case PacketType::kSubscribe:
    case PacketType::kUnsubscribe:
      return from_client;
    case PacketType::kConnack:
    case PacketType::kPublish:
    case PacketType::kPubrec:
    case PacketType::kSuback:
    case PacketType::kUnsuback:
      return !from_client;
    default:
      return false;
  }
}

std::string Text(const CutPoint& point) {
  constexpr absl::string_view kWhere[] = {"before ", "inside ", "after ", "two PUBLISHes after "};
  const HandshakePacket& packet = point.packet;
  constexpr absl::string_view kHow[] = {"", "reset ", "reset in a burst "};
  return absl::StrCat(kHow[static_cast<int>(point.how)], kWhere[static_cast<int>(point.where)],
                      Name(packet.type), " ", packet.number,
                      packet.filter.empty() ? "" : absl::StrCat(" (", packet.filter, ")"));
}

std::vector<CutPoint> CutPointsOf(const std::vector<HandshakePacket>& packets) {
  std::vector<CutPoint> points;
  for (const HandshakePacket& packet : packets) {
    points.push_back({packet, Where::kBefore, How::kEnd});
    points.push_back({packet, Where::kInside, How::kEnd});
    points.push_back({packet, Where::kAfter, How::kEnd});
    points.push_back(
        {packet, IsToCutAt(packet.type, true) ? Where::kBefore : Where::kAfter, How::kReset});
    if (packet.type == PacketType::kSubscribe) {
      points.push_back({packet, Where::kAfterPublishes, How::kEnd});
    }
  }
  std::stable_sort(points.begin(), points.end(), [](const CutPoint& a, const CutPoint& b) {
    return std::make_pair(a.packet.type, a.packet.number) <
           std::make_pair(b.packet.type, b.packet.number);
  });
  return points;
}

}  // namespace wirepas_grpc::integration
