// SPDX-License-Identifier: Apache-2.0
#include "service/core_options.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "core/gateway_api/topics.h"
#include "core/mqtt/inflight_guard.h"
#include "core/mqtt/paho_broker_client.h"
#include "core/mqtt/split_broker_client.h"
#include "service/client_id.h"

namespace wirepas_grpc::service {
namespace {

// Wake-ups of subscribers stay this far apart: enough to gather packets when many
// come, too little to be felt when few do.
constexpr absl::Duration kMinWakeInterval = absl::Microseconds(500);
// With hundreds of subscribers and much traffic they are this far apart at most.
constexpr absl::Duration kMaxWakeInterval = absl::Milliseconds(125);

// Each watcher of gateways and sinks compares all of them when something changed.
constexpr absl::Duration kMinDirectoryWakeInterval = absl::Milliseconds(20);

// Watchers of nodes look at what has changed no more often than this.
constexpr absl::Duration kMinNodeWakeInterval = absl::Milliseconds(20);

// What downlink subscribers can fall behind by.
constexpr size_t kDownlinkLogBytes = 8 << 20;

struct Session {
  std::string client_id;
  bool persistent = false;
};

// The session that belongs to the state is left alone when that could not be opened: what
// the broker keeps for it would be lost.
Session SessionOf(const ServiceOptions& options, const DurableState* state) {
  if (!options.mqtt_client_id.empty()) {
    return {options.mqtt_client_id, options.mqtt_persist_session};
  }
  if (state == nullptr) return {RandomClientId(), false};
  return {state->mqtt_client_id(), options.mqtt_persist_session};
}

core::BrokerOptions BrokerOptionsOf(const ServiceOptions& options, const DurableState* state) {
  core::BrokerOptions broker;
  broker.host = options.mqtt_hostname;
  broker.port = options.mqtt_port;
  broker.username = options.mqtt_username;
  broker.password = options.mqtt_password;
  broker.use_tls = !options.mqtt_force_unsecure;
  broker.ca_file = options.mqtt_ca_certs;
  broker.client_cert = options.mqtt_client_crt;
  broker.client_key = options.mqtt_client_key;
  broker.ciphers = options.mqtt_ciphers;
  broker.at_least_tls12 = options.mqtt_tls_version == "PROTOCOL_TLSv1_2";
  broker.allow_untrusted = options.mqtt_allow_untrusted;
  broker.use_websocket = options.mqtt_use_websocket;
  broker.websocket_path = options.mqtt_websocket_path;
  broker.version = options.mqtt_version == "5" ? core::MqttVersion::k5 : core::MqttVersion::k311;
  const Session session = SessionOf(options, state);
  broker.client_id = session.client_id;
  broker.persist_session = session.persistent;
  broker.max_inflight = static_cast<size_t>(options.mqtt_max_inflight_messages);
  broker.max_qos = options.mqtt_request_qos;
  broker.keep_alive = options.mqtt_keepalive;
  broker.reconnect_min_delay = options.mqtt_reconnect_min_delay;
  broker.reconnect_max_delay = options.mqtt_reconnect_max_delay;
  broker.max_outstanding_publishes = static_cast<size_t>(options.max_pending_requests) + 1000;
  return broker;
}

// The connection that requests go over. MQTT 5 brokers say how many they take at a time, and
// none loses what is of QoS 1.
std::unique_ptr<core::BrokerClient> MakeRequestsClient(const core::BrokerOptions& options,
                                                       core::Scheduler* scheduler) {
  auto client = std::make_unique<core::PahoBrokerClient>(options);
  const bool says_so = options.version == core::MqttVersion::k5;
  if (says_so || options.max_inflight == 1 || options.max_qos < 2) return client;
  core::InflightGuard::Options guard;
  guard.prefix = std::string(absl::StripSuffix(core::kSendDataRequestFilter, "#"));
  guard.max_inflight = options.max_inflight;
  core::PahoBrokerClient* const paho = client.get();
  return std::make_unique<core::InflightGuard>(
      guard, std::move(client), [paho](size_t inflight) { paho->SetMaxInflight(inflight); },
      scheduler);
}

}  // namespace

// With a session that is kept, requests have a connection of their own beside it: see
// SplitBrokerClient.
std::unique_ptr<core::BrokerClient> MakeBrokerClient(const ServiceOptions& options,
                                                     const DurableState* state,
                                                     core::Scheduler* scheduler,
                                                     core::BrokerFaults* faults) {
  core::BrokerOptions broker = BrokerOptionsOf(options, state);
  broker.faults = faults;
  if (!broker.persist_session) return MakeRequestsClient(broker, scheduler);
  core::BrokerOptions requests = broker;
  requests.persist_session = false;
  requests.client_id = RequestsClientId(broker.client_id);
  requests.client_id_per_connection = true;
  return std::make_unique<core::SplitBrokerClient>(
      std::make_unique<core::PahoBrokerClient>(broker), MakeRequestsClient(requests, scheduler),
      std::vector<std::string>{core::kResponseFilter, core::kSendDataRequestFilter},
      core::IsStatusTopic);
}

core::Network::Options NetworkOptionsOf(const ServiceOptions& options, DurableState* state) {
  core::Network::Options network;
  network.directory.min_wake_interval = kMinDirectoryWakeInterval;
  network.uplink_log.max_bytes = static_cast<size_t>(options.uplink_log_bytes);
  network.uplink_log.min_wake_interval = kMinWakeInterval;
  network.uplink_log.max_wake_interval = kMaxWakeInterval;
  network.downlinks.log.max_bytes = kDownlinkLogBytes;
  network.downlinks.log.min_wake_interval = kMinWakeInterval;
  network.uplink_linger = options.uplink_linger;
  network.max_uplink_filters = static_cast<size_t>(options.max_uplink_filters);
  network.response_linger = options.response_linger;
  network.max_pending_requests = static_cast<size_t>(options.max_pending_requests);
  network.max_counted = static_cast<size_t>(options.metrics_max_gateways);
  network.persistent_session = SessionOf(options, state).persistent;
  if (state != nullptr) {
    network.durable = state->uplinks();
    network.subscription_store = state->subscriptions();
  }
  network.broker_endpoint = absl::StrCat(options.mqtt_hostname, ":", options.mqtt_port);
  return network;
}

core::NodeCollector::Options NodeOptionsOf(const ServiceOptions& options) {
  core::NodeCollector::Options nodes;
  nodes.registry.max_nodes = static_cast<size_t>(options.max_nodes);
  nodes.registry.min_wake_interval = kMinNodeWakeInterval;
  nodes.always = options.collect_nodes;
  nodes.linger = options.collect_linger;
  return nodes;
}

core::NodeStatusCollector::Options NodeStatusOptionsOf(const ServiceOptions& options) {
  core::NodeStatusCollector::Options statuses;
  statuses.registry.max_nodes = static_cast<size_t>(options.max_nodes);
  statuses.registry.min_wake_interval = kMinNodeWakeInterval;
  statuses.always = options.collect_node_status;
  statuses.linger = options.collect_linger;
  return statuses;
}

}  // namespace wirepas_grpc::service
