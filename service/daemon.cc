// SPDX-License-Identifier: Apache-2.0
#include "service/daemon.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/gateway_api/topics.h"
#include "core/mqtt/inflight_guard.h"
#include "core/mqtt/paho_broker_client.h"
#include "core/mqtt/split_broker_client.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/impl/server_builder_option.h"
#include "grpcpp/impl/server_builder_plugin.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server_builder.h"
#include "service/call_counter.h"
#include "service/client_id.h"
#include "service/credentials.h"
#include "service/file_limit.h"
#include "spdlog/spdlog.h"
#include "wirepas/mesh/v1/app_config_service.grpc.pb.h"
#include "wirepas/mesh/v1/network_service.grpc.pb.h"
#include "wirepas/mesh/v1/node_service.grpc.pb.h"
#include "wirepas/mesh/v1/otap_service.grpc.pb.h"

namespace wirepas_grpc::service {
namespace {

// Two, so that a subscriber with much to look through does not hold up answers.
constexpr int kExecutorThreads = 2;

// Wake-ups of subscribers stay this far apart: enough to gather packets when many
// come, too little to be felt when few do.
constexpr absl::Duration kMinWakeInterval = absl::Microseconds(500);
// With hundreds of subscribers and much traffic they are this far apart at most.
constexpr absl::Duration kMaxWakeInterval = absl::Milliseconds(125);

// Each watcher of gateways and sinks compares all of them when something changed.
constexpr absl::Duration kMinDirectoryWakeInterval = absl::Milliseconds(20);

// What downlink subscribers can fall behind by.
constexpr size_t kDownlinkLogBytes = 8 << 20;

// So long before the end of the grace, or a quarter of it if that is less, what still waits is
// ended; and so long its clients have to take that.
constexpr absl::Duration kMargin = absl::Seconds(1);
constexpr absl::Duration kToTell = absl::Seconds(2);
// How long clients have to close their connections.
constexpr absl::Duration kToClose = absl::Milliseconds(500);

// Without the state the rest of the service is still of use: the network can be
// reached, and live packets arrive.
std::unique_ptr<DurableState> OpenState(const ServiceOptions& options, core::Scheduler* scheduler) {
  if (options.state_dir.empty()) return nullptr;
  auto state = DurableState::Open(options, scheduler);
  if (state.ok()) return *std::move(state);
  spdlog::error("{}", std::string(state.status().message()));
  spdlog::error("going on without durable state: packets are kept in memory only");
  return nullptr;
}

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
  network.persistent_session = SessionOf(options, state).persistent;
  if (state != nullptr) {
    network.durable = state->uplinks();
    network.subscription_store = state->subscriptions();
  }
  network.broker_endpoint = absl::StrCat(options.mqtt_hostname, ":", options.mqtt_port);
  return network;
}

// Watchers of nodes look at what has changed no more often than this.
constexpr absl::Duration kMinNodeWakeInterval = absl::Milliseconds(20);

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

// The reflection library registers itself with every builder as soon as it is
// loaded; this takes it out again.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins,
                  [](const auto& plugin) { return plugin->name() == "proto_server_reflection"; });
  }
};

// Keep-alive for streams that are quiet for hours: middleboxes forget idle
// connections, and a dead peer should free what it holds.
void SetKeepAlive(grpc::ServerBuilder* builder) {
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60 * 1000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20 * 1000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Clients may ping as often as every 10 s without being sent away.
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10 * 1000);
}

// For those of gRPC's services that have one for each call, as reflection has. Calls beyond
// are refused with RESOURCE_EXHAUSTED.
constexpr int kMaxCallThreads = 32;

// For TLS and the first frames, once something has come.
constexpr int kHandshakeTimeoutMs = 20 * 1000;

ConnectionTable::Limits ConnectionLimitsOf(const ServiceOptions& options) {
  ConnectionTable::Limits limits;
  const OtherFiles other{!options.metrics_listen.empty(), !options.state_dir.empty()};
  const size_t fit = ConnectionsThatFit(FileLimit(), other);
  limits.connections = static_cast<size_t>(options.max_connections);
  if (fit < limits.connections) {
    spdlog::warn("--max_connections: {} instead of {}, for want of open files (the limit is {})",
                 fit, limits.connections, FileLimit());
    limits.connections = fit;
  }
  limits.connections_per_peer = static_cast<size_t>(options.max_connections_per_peer);
  // Clients that keep to their bound have been seen to have 800 more, on their way out.
  constexpr size_t kLeastSpare = 1000;
  const auto calls = static_cast<size_t>(options.max_calls_per_connection);
  limits.calls = calls + std::max(calls, kLeastSpare);
  limits.message_bytes = static_cast<uint64_t>(options.max_message_bytes);
  // Above what gRPC counts it ends anybody's calls and connections: an address is to be cut
  // off long before it has taken that. Two of the largest requests, and frames around them.
  const uint64_t largest = limits.message_bytes / 8 * 9;
  limits.unfinished_bytes =
      std::clamp(static_cast<uint64_t>(options.max_call_memory) / 6, largest, 2 * largest);
  return limits;
}

absl::StatusOr<UnixSocket::Access> UnixAccessOf(const ServiceOptions& options) {
  UnixSocket::Access access;
  if (options.unix_socket_mode.has_value()) {
    access.mode = static_cast<mode_t>(*options.unix_socket_mode);
  }
  if (!options.unix_socket_group.empty()) {
    const absl::StatusOr<gid_t> group = FindGroup(options.unix_socket_group);
    if (!group.ok()) return group.status();
    access.group = *group;
  }
  return access;
}

}  // namespace

Daemon::Daemon(const ServiceOptions& options)
    : options_(options),
      executor_(kExecutorThreads),
      state_(OpenState(options, &scheduler_)),
      broker_(MakeBrokerClient(options, state_.get(), &scheduler_, &broker_faults_)),
      network_(NetworkOptionsOf(options, state_.get()), broker_.get(), &executor_, &scheduler_),
      nodes_(NodeOptionsOf(options), &network_, state_ != nullptr ? state_->database() : nullptr),
      node_status_(NodeStatusOptionsOf(options), &network_,
                   state_ != nullptr ? state_->database() : nullptr),
      network_service_(&network_,
                       api::NetworkServiceImpl::Options{
                           .max_streams = static_cast<size_t>(options.max_streams)}),
      node_service_(network_service_.engine(), &nodes_),
      otap_service_(network_service_.engine(), &node_status_),
      app_config_service_(&network_),
      connections_(ConnectionLimitsOf(options), &stream_probe_),
      request_memory_(
          [this](absl::string_view peer, size_t bytes) { connections_.NoteRequest(peer, bytes); }),
      listener_(Listener::Options(), &connections_) {}

Daemon::~Daemon() { Stop(); }

absl::Status Daemon::Start() {
  // Before a client can resume.
  RestoreState();
  if (absl::Status status = StartServer(); !status.ok()) return status;
  if (!options_.metrics_listen.empty()) {
    auto metrics = MetricsServer::Start(
        options_.metrics_listen,
        MetricsSources{&network_, &nodes_, &node_status_, &broker_faults_, state_.get(),
                       &network_service_.engine()->sender.queues(), &connections_});
    if (!metrics.ok()) return metrics.status();
    metrics_ = *std::move(metrics);
    spdlog::info("metrics on http://{}/metrics", metrics_->address());
  }
  memory_trimmer_ = std::make_unique<MemoryTrimmer>();
  nodes_.Start();
  node_status_.Start();
  network_.Start();
  network_started_ = true;
  return absl::OkStatus();
}

void Daemon::RestoreState() {
  absl::Status status = network_.Restore();
  status.Update(nodes_.Restore());
  status.Update(node_status_.Restore());
  if (status.ok()) return;
  spdlog::error("--state_dir: a part of the state cannot be read: {}",
                std::string(status.message()));
}

absl::Status Daemon::StartServer() {
  auto credentials = MakeServerCredentials(options_);
  if (!credentials.ok()) return credentials.status();
  if (absl::Status status = Listen(); !status.ok()) return status;
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  grpc::ServerBuilder builder;
  if (!options_.reflection) builder.SetOption(std::make_unique<WithoutReflection>());
  builder.SetMaxReceiveMessageSize(options_.max_message_bytes);
  builder.SetMaxSendMessageSize(-1);
  SetKeepAlive(&builder);
  BoundClients(&builder);
  Listener::ServerSide acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, *credentials);
  builder.RegisterService(&bounded_network_service_);
  builder.RegisterService(&bounded_node_service_);
  builder.RegisterService(&bounded_otap_service_);
  builder.RegisterService(&bounded_app_config_service_);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) return absl::InternalError("gRPC does not start");
  health_ = std::make_unique<HealthReporter>(
      server_->GetHealthCheckService(), &network_.broker(),
      std::vector<std::string>{wirepas::mesh::v1::NetworkService::service_full_name(),
                               wirepas::mesh::v1::NodeService::service_full_name(),
                               wirepas::mesh::v1::OtapService::service_full_name(),
                               wirepas::mesh::v1::AppConfigService::service_full_name()});
  health_->Start();
  listener_.Start(std::move(acceptor));
  for (const std::string& address : listener_.addresses()) spdlog::info("listening on {}", address);
  return absl::OkStatus();
}

// Before a server is built: a second instance fails here.
absl::Status Daemon::Listen() {
  const auto access = UnixAccessOf(options_);
  if (!access.ok()) return access.status();
  for (const std::string& address : options_.listen) {
    const absl::Status status = listener_.Listen(address, *access);
    if (!status.ok()) {
      return absl::UnavailableError(absl::StrCat("--listen: ", status.message()));
    }
  }
  return absl::OkStatus();
}

// What clients can take of this process, whatever they do.
void Daemon::BoundClients(grpc::ServerBuilder* builder) {
  grpc::ResourceQuota quota("clients");
  quota.Resize(static_cast<size_t>(options_.max_call_memory));
  quota.SetMaxThreads(kMaxCallThreads);
  builder->SetResourceQuota(quota);
  // gRPC looks at the size of what was compressed only when it has unpacked it: a thousand times
  // as much as came.
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder->AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options_.max_calls_per_connection);
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> counters;
  counters.push_back(std::make_unique<CallCounterFactory>(&connections_));
  builder->experimental().SetInterceptorCreators(std::move(counters));
}

void Daemon::StopServing() {
  if (health_ != nullptr) health_->Stop();
  network_service_.Drain();  // with the streams of all services
  if (server_ == nullptr) return;
  const absl::Duration grace = options_.shutdown_grace;
  network_service_.AwaitIdle(grace - std::min(kMargin, grace / 4));
  network_service_.EndCalls();
  network_service_.AwaitEnded(kToTell);
  // Only now, since from here on new calls end without a word of this service. What is left are
  // calls whose clients take nothing, and connections that they keep open.
  listener_.Stop();  // before the server, see there
  server_->Shutdown(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                   gpr_time_from_millis(absl::ToInt64Milliseconds(kToClose), GPR_TIMESPAN)));
  server_->Wait();
}

void Daemon::Stop() {
  StopServing();
  metrics_.reset();
  memory_trimmer_.reset();
  if (network_started_) network_.Stop();
  nodes_.Stop();
  node_status_.Stop();
  network_started_ = false;
  if (state_ != nullptr) state_->Close();
  scheduler_.Stop();
  executor_.Stop();
  health_.reset();
  server_.reset();
}

}  // namespace wirepas_grpc::service
