// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/paho_connection.h"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/base/reason.h"
#include "core/mqtt/tls_context.h"

namespace wirepas_grpc::core {
namespace {

// Paho starts its threads with the first client and ends them with the last; doing
// both at the same time goes wrong, also for two unrelated clients.
Mutex& LibraryMutex() {
  static Mutex& mutex = *new Mutex;
  return mutex;
}

// The owner bounds what is under way; Paho's own bound (100 by default) is moved
// out of the way.
constexpr int kPahoBufferedMessages = 65535;

std::string ClientIdOf(const BrokerOptions& options) {
  if (!options.client_id_per_connection) return options.client_id;
  thread_local absl::BitGen random;
  return absl::StrCat(options.client_id, "-",
                      absl::Hex(absl::Uniform<uint16_t>(random), absl::kZeroPad4));
}

// What a SUBACK without a code is taken for.
constexpr int kUnspecifiedError = 0x80;

// Paho's connect timeout is checked every three seconds only; the owner gives up by
// destroying the connection, well before this.
constexpr absl::Duration kPahoConnectTimeoutMargin = absl::Seconds(30);

// Paho takes a packet whole, and copies it twice, before anybody can look at it: up to 256 MiB,
// as MQTT has it. The broker keeps larger ones from us, without a word: so this is well above
// all that is decoded, of which what is too large is counted here. Over MQTT 3.1.1 the broker
// cannot be told.
constexpr int kMaxPacketBytes = 16 << 20;

int VersionNumber(MqttVersion version) {
  return version == MqttVersion::k5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
}

int Seconds(absl::Duration duration, int least, int most) {
  return static_cast<int>(
      std::clamp<int64_t>(absl::ToInt64Seconds(duration), int64_t{least}, int64_t{most}));
}

absl::Status PahoStatus(int code) {
  const std::string message = absl::StrCat("Paho: ", mqtt::exception::error_str(code));
  switch (code) {
    case MQTTASYNC_DISCONNECTED:
    case MQTTASYNC_OPERATION_INCOMPLETE:
      return WithReason(absl::UnavailableError(message), Reason::kBrokerNotConnected);
    case MQTTASYNC_NO_MORE_MSGIDS:
    case MQTTASYNC_MAX_BUFFERED_MESSAGES:
      return WithReason(absl::ResourceExhaustedError(message), Reason::kTooMany);
    case MQTTASYNC_BAD_UTF8_STRING:
    case MQTTASYNC_BAD_QOS:
      return WithReason(absl::InvalidArgumentError(message), Reason::kInternal);
    default:
      return WithReason(absl::InternalError(message), Reason::kInternal);
  }
}

// Runs what calls Paho and turns its exceptions into a status.
template <typename Call>
absl::Status Guarded(Call call) {
  try {
    call();
    return absl::OkStatus();
  } catch (const mqtt::exception& e) {
    return PahoStatus(e.get_return_code());
  } catch (const std::exception& e) {
    return WithReason(absl::InternalError(e.what()), Reason::kInternal);
  }
}

// Fills in place: Paho's option classes point into themselves, and not all of their
// copies do it right.
void FillSslOptions(const BrokerOptions& options, mqtt::ssl_options& ssl) {
  if (!options.ca_file.empty()) ssl.set_trust_store(options.ca_file);
  if (!options.client_cert.empty()) {
    ssl.set_key_store(options.client_cert);
    ssl.set_private_key(options.client_key);
  }
  const std::string ciphers = CipherList(options);
  if (!ciphers.empty()) ssl.set_enabled_cipher_suites(ciphers);
  ssl.set_enable_server_cert_auth(!options.allow_untrusted);
  ssl.set_verify(!options.allow_untrusted);
  // No error handler: Paho C++ 1.2 calls it through a pointer into the copy of the
  // options that connect() had on its stack.
}

void FillConnectOptions(const BrokerOptions& options, mqtt::connect_options& connect) {
  connect.set_mqtt_version(VersionNumber(options.version));
  connect.set_keep_alive_interval(Seconds(options.keep_alive, 1, 65535));
  connect.set_connect_timeout(
      Seconds(options.connect_timeout + kPahoConnectTimeoutMargin, 1, 3600));
  connect.set_max_inflight(kPahoBufferedMessages);
  connect.set_automatic_reconnect(false);
  if (!options.username.empty()) connect.set_user_name(options.username);
  if (!options.password.empty()) connect.set_password(options.password);
  if (options.version == MqttVersion::k5) {
    connect.set_clean_start(!options.persist_session);
    // -1 is read as the unsigned maximum: for ever.
    const int expiry = options.session_expiry == absl::InfiniteDuration()
                           ? -1
                           : Seconds(options.session_expiry, 0, std::numeric_limits<int>::max());
    connect.set_properties({mqtt::property(mqtt::property::SESSION_EXPIRY_INTERVAL,
                                           options.persist_session ? expiry : 0),
                            mqtt::property(mqtt::property::MAXIMUM_PACKET_SIZE, kMaxPacketBytes)});
  } else {
    connect.set_clean_session(!options.persist_session);
  }
  if (options.use_tls) {
    mqtt::ssl_options ssl;
    FillSslOptions(options, ssl);
    connect.set_ssl(ssl);
  }
}

// Of an MQTT 5 CONNACK; what it does not say is not limited.
BrokerLimits LimitsFrom(const mqtt::properties& properties) {
  using mqtt::property;
  BrokerLimits limits;
  limits.receive_maximum = 65535;
  if (properties.contains(property::RECEIVE_MAXIMUM)) {
    limits.receive_maximum =
        std::max<size_t>(1, mqtt::get<uint16_t>(properties, property::RECEIVE_MAXIMUM));
  }
  if (properties.contains(property::MAXIMUM_PACKET_SIZE)) {
    limits.maximum_packet_size = mqtt::get<uint32_t>(properties, property::MAXIMUM_PACKET_SIZE);
  }
  if (properties.contains(property::MAXIMUM_QOS)) {
    limits.maximum_qos = mqtt::get<uint8_t>(properties, property::MAXIMUM_QOS);
  }
  if (properties.contains(property::RETAIN_AVAILABLE)) {
    limits.retain_available = mqtt::get<uint8_t>(properties, property::RETAIN_AVAILABLE) != 0;
  }
  return limits;
}

void* ContextOf(uint64_t id) { return reinterpret_cast<void*>(static_cast<uintptr_t>(id)); }

// Of the SUBACK to one filter. Paho takes what is not 0x80 over MQTT 3.1.1 for a success.
int SubackCodeOf(const mqtt::token& token) {
  int code = kUnspecifiedError;
  // It has come, so this neither waits nor throws.
  (void)Guarded([&] {
    const std::vector<mqtt::ReasonCode> codes = token.get_subscribe_response().get_reason_codes();
    if (!codes.empty()) code = static_cast<int>(codes.front());
  });
  return code;
}

uint64_t IdOf(const mqtt::token& token) {
  return static_cast<uint64_t>(reinterpret_cast<uintptr_t>(token.get_user_context()));
}

absl::string_view KindOf(const mqtt::token& token) {
  switch (token.get_type()) {
    case mqtt::token::UNSUBSCRIBE:
      return "unsubscription";
    default:
      return "message";
  }
}

// Paho C++ 1.2 does not give away the handle of the client below it. An explicit
// instantiation may name what is private; another version that has it elsewhere does not
// compile.
template <MQTTAsync mqtt::async_client::*Handle>
struct HandleAccess {
  friend MQTTAsync HandleOf(const mqtt::async_client& client) { return client.*Handle; }
};
MQTTAsync HandleOf(const mqtt::async_client& client);
template struct HandleAccess<&mqtt::async_client::cli_>;

}  // namespace

absl::StatusOr<std::unique_ptr<PahoConnection>> PahoConnection::Create(const BrokerOptions& options,
                                                                       const std::string& uri,
                                                                       Listener* listener) {
  std::unique_ptr<PahoConnection> connection;
  absl::Status status =
      Guarded([&] { connection.reset(new PahoConnection(options, uri, listener)); });
  if (!status.ok()) return status;
  return connection;
}

PahoConnection::PahoConnection(const BrokerOptions& options, const std::string& uri,
                               Listener* listener)
    : options_(options), listener_(listener) {
  mqtt::create_options create(VersionNumber(options.version));
  create.set_send_while_disconnected(false);
  create.set_max_buffered_messages(kPahoBufferedMessages);
  MutexLock lock(&LibraryMutex());
  // By default it formats a line for every packet, which nobody reads.
  MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
  client_ = std::make_unique<mqtt::async_client>(uri, ClientIdOf(options), create);
  client_->set_message_callback([this](const mqtt::const_message_ptr& message) {
    const std::string& topic = message->get_topic();
    const std::string& payload = message->get_payload();
    listener_->OnMessage({topic, payload, message->is_retained()});
  });
  client_->set_connection_lost_handler([this](const std::string&) {
    listener_->OnLost({DisconnectReason::kConnectionLost,
                       "the connection broke, or the broker closed it without a word"});
  });
  client_->set_disconnected_handler(
      [this](const mqtt::properties& properties, mqtt::ReasonCode code) {
        std::string said;
        if (properties.contains(mqtt::property::REASON_STRING)) {
          said = mqtt::get<std::string>(properties, mqtt::property::REASON_STRING);
        }
        listener_->OnLost(ClassifyServerDisconnect(static_cast<int>(code), said));
      });
}

PahoConnection::~PahoConnection() {
  MutexLock lock(&LibraryMutex());
  client_.reset();
}

absl::Status PahoConnection::Connect() {
  return Guarded([this] {
    mqtt::connect_options connect;
    FillConnectOptions(options_, connect);
    MutexLock lock(&LibraryMutex());
    client_->connect(connect, nullptr, *this);
  });
}

absl::Status PahoConnection::Publish(uint64_t id, std::string topic, std::string payload, int qos,
                                     bool retain) {
  return Guarded([&] {
    client_->publish(mqtt::message::create(std::move(topic), std::move(payload), qos, retain),
                     ContextOf(id), *this);
  });
}

absl::Status PahoConnection::Subscribe(uint64_t id, const std::string& filter, int qos) {
  return Guarded([&] { client_->subscribe(filter, qos, ContextOf(id), *this); });
}

absl::Status PahoConnection::Unsubscribe(uint64_t id, const std::string& filter) {
  return Guarded([&] { client_->unsubscribe(filter, ContextOf(id), *this); });
}

void PahoConnection::on_success(const mqtt::token& token) {
  if (token.get_type() == mqtt::token::CONNECT) {
    bool session_present = false;
    BrokerLimits limits;
    limits.receive_maximum = options_.max_inflight;
    // It has come, so this neither waits nor throws; an exception must not reach Paho C.
    (void)Guarded([&] {
      const mqtt::connect_response response = token.get_connect_response();
      session_present = response.is_session_present();
      if (options_.version == MqttVersion::k5) limits = LimitsFrom(response.get_properties());
    });
    listener_->OnConnected(session_present, limits);
    return;
  }
  if (token.get_type() == mqtt::token::PUBLISH && !qos2_told_) TellOfQos2(token);
  if (token.get_type() == mqtt::token::SUBSCRIBE) {
    listener_->OnSuback(IdOf(token), SubackCodeOf(token));
    return;
  }
  listener_->OnFinished(IdOf(token), absl::OkStatus());
}

void PahoConnection::TellOfQos2(const mqtt::token& token) {
  const mqtt::const_message_ptr message =
      static_cast<const mqtt::delivery_token&>(token).get_message();
  if (message == nullptr || message->get_qos() != 2) return;
  qos2_told_ = true;
  listener_->OnQos2Taken(token.get_message_id());
}

bool PahoConnection::KeepsMessage(int message_id) const {
  // By a PUBCOMP Paho forgets it; by a PUBACK the token ends, but it stays under way.
  return MQTTAsync_isComplete(HandleOf(*client_), message_id) != MQTTASYNC_TRUE;
}

void PahoConnection::on_failure(const mqtt::token& token) {
  const int code = token.get_return_code();
  if (token.get_type() == mqtt::token::CONNECT) {
    listener_->OnConnectFailed(code);
    return;
  }
  if (code < 0) {
    listener_->OnFinished(IdOf(token),
                          WithReason(absl::AbortedError("the connection to the broker broke"),
                                     Reason::kConnectionLost));
    return;
  }
  const int refusal = options_.version == MqttVersion::k5 ? token.get_reason_code() : code;
  if (token.get_type() == mqtt::token::SUBSCRIBE) {
    listener_->OnSuback(IdOf(token), refusal);
    return;
  }
  // Only a PUBCOMP has this code, after the broker has said that it took the message.
  if (token.get_type() == mqtt::token::PUBLISH &&
      refusal == mqtt::ReasonCode::PACKET_IDENTIFIER_NOT_FOUND) {
    listener_->OnFinished(IdOf(token),
                          WithReason(absl::AbortedError("the broker has lost track of the message"),
                                     Reason::kConnectionLost));
    return;
  }
  listener_->OnFinished(IdOf(token), ReasonCodeStatus(refusal, KindOf(token)));
}

PahoHold::PahoHold() {
  MutexLock lock(&LibraryMutex());
  // The address is never connected to.
  (void)Guarded(
      [this] { idle_client_ = std::make_unique<mqtt::async_client>("tcp://127.0.0.1:1883", ""); });
}

PahoHold::~PahoHold() {
  MutexLock lock(&LibraryMutex());
  idle_client_.reset();
}

}  // namespace wirepas_grpc::core
