// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_BROKER_CLIENT_H_
#define WIREPAS_GRPC_CORE_MQTT_BROKER_CLIENT_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/mqtt/subscribe_answer.h"

namespace wirepas_grpc::core {

// Why there is no connection.
enum class DisconnectReason {
  kNone,               // connected
  kNotTriedYet,        // just started, the first attempt is under way
  kUnknownHost,        // the host name does not resolve
  kRefused,            // nobody listens on that port
  kUnreachable,        // no route, network down
  kTimeout,            // no answer in time
  kTls,                // handshake failed: certificate, name or protocol version
  kBadCredentials,     // user name or password rejected (CONNACK 4, MQTT 5: 0x86)
  kNotAuthorized,      // CONNACK 5, MQTT 5: 0x87
  kClientIdRejected,   // CONNACK 2, MQTT 5: 0x85
  kProtocol,           // protocol version or packet not accepted
  kServerUnavailable,  // CONNACK 3, MQTT 5: 0x88, 0x89
  kSessionTakenOver,   // another client with the same id (MQTT 5: 0x8E)
  kConnectionLost,     // an open connection broke or its keep-alive ran out
  kStopped,            // Stop() was called
};

// "unknown host", "connection refused", ...
absl::string_view DisconnectReasonText(DisconnectReason reason);

struct BrokerState {
  bool connected = false;
  DisconnectReason reason = DisconnectReason::kNotTriedYet;
  std::string detail;     // what the library or the broker said, for people
  std::string endpoint;   // "host:port"
  absl::Time since;       // when it became connected, or stopped being so
  uint32_t attempts = 0;  // failed attempts since the last connection
  // Connected: the broker kept the session of the connection before. Not said where it may
  // be the session of an attempt since, whose CONNECT the broker got and whose answer was lost.
  bool session_present = false;
};

// A message as it arrives. The views are valid during the call only.
struct BrokerMessage {
  absl::string_view topic;
  absl::string_view payload;
  bool retained = false;
};

// A connection to one MQTT broker that is kept up for ever: it connects, and
// reconnects with growing, jittered delays. What is subscribed to is for the user to
// say on each new connection. Thread-safe; no call blocks but Stop().
class BrokerClient {
 public:
  // All calls come on the client's threads and must return quickly: the messages
  // of every connection of the process wait meanwhile, keep-alives included.
  // OnMessage is never called concurrently with itself, nor are the others with
  // each other.
  // Calling back into the client is allowed, Stop() excepted.
  class Handler {
   public:
    virtual ~Handler() = default;
    // Also while OnState() has told of no connection: what comes is acknowledged.
    virtual void OnMessage(const BrokerMessage& message) = 0;
    // Connected, connection lost, or another failed attempt.
    virtual void OnState(const BrokerState& state) = 0;
    // The broker answered a Subscribe(): it granted the subscription, or refused it.
    // A connection that breaks before that is no answer: none comes.
    virtual void OnSubscribed(const std::string& filter, const SubscribeAnswer& answer) = 0;
    // The broker answered an Unsubscribe(). Should it have refused that (MQTT 5 only), which the
    // log tells, messages may go on to arrive.
    virtual void OnUnsubscribed(const std::string& filter) = 0;
  };

  // Called once, when the broker has taken the message (QoS 1: PUBACK, QoS 2:
  // PUBCOMP), refused it, or the connection was lost before that: UNAVAILABLE when
  // nothing was sent, ABORTED when the broker may have it. CANCELLED: PublishBegin said so.
  using PublishDone = absl::AnyInvocable<void(const absl::Status&)>;
  // Called at most once, when the message is about to be handed to the connection, which may be
  // long after it was given to the client. False: it is not wanted any more, and not sent.
  using PublishBegin = absl::AnyInvocable<bool()>;

  virtual ~BrokerClient() = default;

  // Starts connecting. `handler` must outlive Stop(). Once only.
  virtual void Start(Handler* handler) = 0;

  // Disconnects in order and waits until no handler call is under way; none comes
  // after it returned. Outstanding PublishDone are called before. Never from a handler.
  virtual void Stop() = 0;

  // Asks for `filter` at `qos` (the maximum granted) on the present connection;
  // without one nothing happens. Asking for a filter again makes the broker send its
  // retained messages anew.
  virtual void Subscribe(const std::string& filter, int qos) = 0;
  // Likewise.
  virtual void Unsubscribe(const std::string& filter) = 0;

  // What waits to be sent.
  struct Outgoing {
    std::string topic;
    std::string payload;
    int qos = 0;
    bool retain = false;
    PublishDone done = nullptr;
    // Is let go of when it has been called, or the message is dropped: what it owns lives as
    // long as the message waits.
    PublishBegin begin = nullptr;
  };

  // UNAVAILABLE: not connected, nothing was sent; RESOURCE_EXHAUSTED: too much
  // waits to be sent; INVALID_ARGUMENT: MQTT forbids the topic or the QoS. `done`
  // is not called then.
  virtual absl::Status Enqueue(Outgoing publish) = 0;
  absl::Status Publish(std::string topic, std::string payload, int qos, bool retain,
                       PublishDone done) {
    return Enqueue({std::move(topic), std::move(payload), qos, retain, std::move(done)});
  }
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_BROKER_CLIENT_H_
