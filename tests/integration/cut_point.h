// SPDX-License-Identifier: Apache-2.0
//
// Where a connection between an MQTT client and its broker can be cut.
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_CUT_POINT_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_CUT_POINT_H_

#include <string>
#include <vector>

#include "tests/simulator/mqtt_packet.h"

namespace wirepas_grpc::integration {

// A packet that a connection can be cut at.
struct HandshakePacket {
  sim::PacketType type = sim::PacketType::kConnect;
  int number = 1;      // how many of this type it makes
  std::string filter;  // of a SUBSCRIBE or UNSUBSCRIBE, and of its answer
};

// A place to cut a connection at, and how.
struct CutPoint {
  enum class Where {
    kBefore,          // the packet does not reach the other side
    kInside,          // half of it does
    kAfter,           // it does, and nothing after it in either direction
    kAfterPublishes,  // the broker's next two PUBLISHes do too, and nothing that the client says
  };
  enum class How {
    // Both sides are ended behind what was passed. That arrives for certain, and what
    // either side still says is thrown away without a word.
    kEnd,
    // Both sides are reset: the next one who writes fails, and what has just been passed
    // may not be read any more.
    kReset,
    // The same, together with the packet, which is held back until the broker has said
    // much more: the client is still busy with all of that when it is to write. Of a
    // packet of the broker, and after it.
    kResetInBurst,
  };
  HandshakePacket packet;
  Where where = Where::kBefore;
  How how = How::kEnd;
};

// Whether packets of this type, from that side, are ones to cut at.
bool IsToCutAt(sim::PacketType type, bool from_client);

// "before SUBACK 2 (gw-event/status/+)".
std::string Text(const CutPoint& point);

// Every place to cut a connection at that these packets have passed on, in an order that
// does not depend on how the two directions took turns. A reset comes where it strikes the
// client: in the middle of what it says, and while it reads.
std::vector<CutPoint> CutPointsOf(const std::vector<HandshakePacket>& packets);

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_CUT_POINT_H_
