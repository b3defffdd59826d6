// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_BROKER_OPTIONS_H_
#define WIREPAS_GRPC_CORE_MQTT_BROKER_OPTIONS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace wirepas_grpc::core {

enum class MqttVersion { k311, k5 };

// What brokers do against the rules of MQTT, counted for those who look after them.
struct BrokerFaults {
  // It answered a message of QoS 2 as one of QoS 1.
  std::atomic<uint64_t> qos2_answered_as_qos1 = 0;
};

// How to reach and identify to a broker.
struct BrokerOptions {
  std::string host;
  int port = 8883;
  std::string client_id;  // never empty; stable when the session persists
  // Each connection has four hexadecimal digits of its own behind that id, as in "id-7f03":
  // NATS does not forget the packet ids of a client although its sessions are clean.
  bool client_id_per_connection = false;
  std::string username;   // empty: none
  std::string password;

  bool use_tls = true;
  std::string ca_file;      // PEM; empty: the system's store
  std::string client_cert;  // PEM; with client_key
  std::string client_key;   // PEM
  // What TLS up to 1.2 may use, as an OpenSSL list; empty: OpenSSL's own.
  std::string ciphers;
  // No TLS before 1.2, whatever OpenSSL allows, and no ciphers that are older.
  bool at_least_tls12 = false;
  // Accepts any server certificate and name. For test set-ups.
  bool allow_untrusted = false;

  bool use_websocket = false;
  std::string websocket_path = "/mqtt";

  MqttVersion version = MqttVersion::k311;
  // The broker keeps subscriptions and what it could not deliver while this
  // client is away.
  bool persist_session = false;
  // MQTT 5 only: for how long (the broker may shorten it).
  absl::Duration session_expiry = absl::Hours(24 * 7);

  absl::Duration keep_alive = absl::Seconds(30);
  absl::Duration connect_timeout = absl::Seconds(10);
  // The delay before the n-th attempt grows from min to max by doubling; each is
  // then drawn between half and the whole of that, so that many clients that lost
  // one broker do not return at once.
  absl::Duration reconnect_min_delay = absl::Seconds(1);
  absl::Duration reconnect_max_delay = absl::Seconds(30);

  // Bound on messages given to Publish() and not yet finished.
  size_t max_outstanding_publishes = 30000;
  // Most messages sent and not completed over MQTT 3.1.1, where the broker cannot say what
  // it takes: see BrokerLimits.
  size_t max_inflight = 20;
  // What is published at a higher QoS goes out at this one: for brokers that cannot do it.
  int max_qos = 2;
  BrokerFaults* faults = nullptr;  // outlives the client; null: nobody counts
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_BROKER_OPTIONS_H_
