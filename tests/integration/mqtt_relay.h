// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_MQTT_RELAY_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_MQTT_RELAY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "tests/integration/cut_point.h"
#include "tests/simulator/mqtt_packet.h"

namespace wirepas_grpc::integration {

// Stands between the service and its MQTT 3.1.1 broker, passes packet by packet, and
// cuts the connection at a packet of choice. Of the service's two connections it knows one;
// the other is passed on and is not meant by what is said below, but by Break() and
// SetDown(). Of PUBLISH and PUBACK it counts the first only, and only of what comes from the
// broker. Thread-safe.
class MqttRelay {
 public:
  enum class Of { kKeptSession, kRequests };
  static absl::StatusOr<std::unique_ptr<MqttRelay>> Start(int broker_port,
                                                          Of of = Of::kKeptSession);
  ~MqttRelay();
  MqttRelay(const MqttRelay&) = delete;
  MqttRelay& operator=(const MqttRelay&) = delete;

  int port() const { return port_; }

  // Ends the connections; the next ones are passed on.
  void Break();
  // From now on, until it is set to false again, connections are ended at once.
  void SetDown(bool down);

  // Cuts the next connection that comes to the point; packets are counted from its
  // CONNECT on.
  void CutNext(const CutPoint& point);
  // The same of the present connection, with packets counted from now on.
  void CutPresent(const CutPoint& point);
  // The same, and from the cut on it is as after SetDown(true).
  void CutPresentAndStayDown(const CutPoint& point);
  // Counts the packets of the present connection from now on.
  void CountAnew();

  // What a cut has left behind.
  struct Remains {
    bool connect_passed = false;          // the broker knows of the connection
    std::optional<bool> session_present;  // as it was told; nothing: no CONNACK
    std::vector<HandshakePacket> passed;  // on that connection
  };
  // Waits until what was last asked to be cut has been. Nothing: `bound` is over.
  std::optional<Remains> AwaitCut(absl::Duration bound);
  int cuts() const;

  // Waits until a connection stands on which the broker has answered all and granted
  // exactly these filters, and none are left over in its session. False: `bound` is over.
  bool AwaitSettled(const std::set<std::string>& filters, absl::Duration bound);

  // Waits until a packet of this type has been counted. False: `bound` is over.
  bool AwaitPassed(sim::PacketType type, absl::Duration bound);

  // Of the present connection or the latest.
  std::vector<HandshakePacket> passed() const;
  std::optional<bool> session_present() const;
  // What the broker has granted on it and not been told to end.
  std::set<std::string> granted() const;
  // What the broker's session of the client subscribes to, as far as it has been told.
  std::set<std::string> session() const;

 private:
  struct Connection;
  enum class Verdict { kPass, kCut, kPassHalfAndCut, kPassAndCut, kPassAndHold, kGather };

  MqttRelay(int listener, int wake_fd, int port, int broker_port, Of of);
  void Wake();
  void Run();
  // True while the loop shall go on.
  bool Step();
  void Accept();
  // Reads from one side and passes on what are whole packets.
  void Receive(Connection* connection, bool from_client);
  void PassPackets(Connection* connection, bool from_client);
  // Passes the packet or does not, as it may be.
  void Pass(Connection* connection, bool from_client, const sim::Packet& packet,
            absl::string_view bytes);
  // Passes on all that has been gathered once it is enough, and cuts.
  void PassBurst(Connection* connection);
  void End(Connection* connection, CutPoint::How how = CutPoint::How::kEnd);
  void Cut(Connection* connection) ABSL_LOCKS_EXCLUDED(mutex_);
  // Counts a packet that is about to be passed. Nothing: it is not one that counts.
  std::optional<HandshakePacket> Count(Connection* connection, bool from_client,
                                       const sim::Packet& packet)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Verdict Judge(const Connection& connection, const HandshakePacket& packet)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Note(Connection* connection, const HandshakePacket& packet, absl::string_view body)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int listener_;
  const int wake_fd_;  // an eventfd: something was asked for
  const int port_;
  const int broker_port_;
  const Of of_;

  std::vector<std::unique_ptr<Connection>> connections_;  // of the relay's own thread

  mutable core::Mutex mutex_;
  core::CondVar changed_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  bool down_ ABSL_GUARDED_BY(mutex_) = false;
  bool break_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<CutPoint> cut_ ABSL_GUARDED_BY(mutex_);
  bool down_after_cut_ ABSL_GUARDED_BY(mutex_) = false;
  int cut_from_ ABSL_GUARDED_BY(mutex_) = 0;  // the first connection that it is for
  int cuts_ ABSL_GUARDED_BY(mutex_) = 0;
  Remains remains_ ABSL_GUARDED_BY(mutex_);
  // Of the connection that has had a CONNECT last.
  int present_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stands_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<bool> session_present_ ABSL_GUARDED_BY(mutex_);
  std::map<sim::PacketType, int> counts_ ABSL_GUARDED_BY(mutex_);
  std::vector<HandshakePacket> passed_ ABSL_GUARDED_BY(mutex_);
  std::map<uint16_t, std::string> unanswered_ ABSL_GUARDED_BY(mutex_);  // by packet id
  std::set<std::string> granted_ ABSL_GUARDED_BY(mutex_);
  // Over all connections of the session.
  std::set<std::string> session_ ABSL_GUARDED_BY(mutex_);

  std::thread thread_;
};

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_MQTT_RELAY_H_
