// SPDX-License-Identifier: Apache-2.0
#include "service/daemon.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/impl/server_builder_option.h"
#include "grpcpp/impl/server_builder_plugin.h"
#include "grpcpp/server_builder.h"
#include "service/call_observer.h"
#include "service/client_bounds.h"
#include "service/core_options.h"
#include "service/credentials.h"
#include "spdlog/spdlog.h"
#include "wirepas/mesh/v1/app_config_service.grpc.pb.h"
#include "wirepas/mesh/v1/network_service.grpc.pb.h"
#include "wirepas/mesh/v1/node_service.grpc.pb.h"
#include "wirepas/mesh/v1/otap_service.grpc.pb.h"

namespace wirepas_grpc::service {
namespace {

// Two, so that a subscriber with much to look through does not hold up answers.
constexpr int kExecutorThreads = 2;

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

std::vector<std::string> OwnServices() {
  return {wirepas::mesh::v1::NetworkService::service_full_name(),
          wirepas::mesh::v1::NodeService::service_full_name(),
          wirepas::mesh::v1::OtapService::service_full_name(),
          wirepas::mesh::v1::AppConfigService::service_full_name()};
}

// Those that clients can call.
std::vector<std::string> ServiceNames() {
  std::vector<std::string> names = OwnServices();
  names.emplace_back("grpc.health.v1.Health");
  names.emplace_back("grpc.reflection.v1alpha.ServerReflection");
  return names;
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
      network_service_(&network_, &nodes_,
                       api::NetworkServiceImpl::Options{
                           .max_streams = static_cast<size_t>(options.max_streams)}),
      node_service_(network_service_.engine(), &nodes_),
      otap_service_(network_service_.engine(), &node_status_),
      app_config_service_(network_service_.engine()),
      call_metrics_(ServiceNames()),
      connections_(ConnectionLimitsOf(options), &stream_probe_),
      request_memory_(
          [this](absl::string_view peer, size_t bytes) { connections_.NoteRequest(peer, bytes); }),
      listener_(Listener::Options(), &connections_) {}

Daemon::~Daemon() { Stop(); }

absl::Status Daemon::Start() {
  // Before a client can resume.
  RestoreState();
  if (absl::Status status = StartServer(); !status.ok()) return status;
  WatchLiveness();
  if (absl::Status status = StartPages(); !status.ok()) return status;
  memory_trimmer_ = std::make_unique<MemoryTrimmer>();
  nodes_.Start();
  node_status_.Start();
  network_.Start();
  network_started_ = true;
  return absl::OkStatus();
}

void Daemon::WatchLiveness() {
  const auto executor = [](const char* name, core::Executor* each, absl::Duration limit) {
    return Liveness::Part{name, [each] { return each->Silence(); }, [each] { each->WakeIdle(); },
                          limit};
  };
  const absl::Duration limit = state_ == nullptr ? Liveness::kLimit : Liveness::kDiskLimit;
  std::vector<Liveness::Part> parts = {
      executor("executor", &executor_, limit),
      {"scheduler", [this] { return scheduler_.Silence(); }, nullptr, limit},
      {"listener", [this] { return listener_.Silence(); }, nullptr, Liveness::kLimit}};
  if (state_ != nullptr) {
    parts.push_back(executor("disk_reader", &state_->readers(), Liveness::kDiskLimit));
    parts.push_back(executor("disk_writer", &state_->writers(), Liveness::kDiskLimit));
  }
  liveness_ = std::make_unique<Liveness>(std::move(parts),
                                         [this](bool alive) { health_->SetAlive(alive); });
}

absl::Status Daemon::StartPages() {
  if (options_.metrics_listen.empty()) return absl::OkStatus();
  OperatorPages::Sources sources;
  sources.metrics.network = &network_;
  sources.metrics.nodes = &nodes_;
  sources.metrics.node_status = &node_status_;
  sources.metrics.broker_faults = &broker_faults_;
  sources.metrics.state = state_.get();
  sources.metrics.messages = &network_service_.engine()->sender.queues();
  sources.metrics.connections = &connections_;
  sources.metrics.calls = &call_metrics_;
  sources.metrics.delivery = &network_service_.engine()->delivery;
  sources.metrics.liveness = liveness_.get();
  sources.metrics.state_dir = options_.state_dir;
  sources.metrics.certificates = CertificateFilesOf(options_);
  sources.liveness = liveness_.get();
  sources.readiness = [this] { return Readiness(); };
  auto pages = OperatorPages::Start(options_.metrics_listen, sources);
  if (!pages.ok()) return pages.status();
  pages_ = *std::move(pages);
  spdlog::info("/livez, /readyz and metrics on http://{}/metrics", pages_->address());
  return absl::OkStatus();
}

std::string Daemon::BrokerFailure() {
  const core::BrokerState broker = network_.broker().Get().state;
  if (broker.connected) return "";
  return broker.detail.empty() ? "not connected yet" : broker.detail;
}

std::string Daemon::Status() {
  const std::string failure = BrokerFailure();
  return absl::StrCat("listening on ", absl::StrJoin(listener_.addresses(), ", "), "; ",
                      failure.empty() ? "connected to the broker" : "the broker: ", failure);
}

std::vector<OperatorPages::Check> Daemon::Readiness() {
  return {{"broker", BrokerFailure()},
          {"shutdown", network_.draining() ? "the service shuts down" : ""}};
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
  BoundClients(options_, &builder);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> observers;
  observers.push_back(std::make_unique<CallObserverFactory>(&connections_, &call_metrics_));
  builder.experimental().SetInterceptorCreators(std::move(observers));
  Listener::ServerSide acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, *credentials);
  builder.RegisterService(&bounded_network_service_);
  builder.RegisterService(&bounded_node_service_);
  builder.RegisterService(&bounded_otap_service_);
  builder.RegisterService(&bounded_app_config_service_);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) return absl::InternalError("gRPC does not start");
  health_ = std::make_unique<HealthReporter>(server_->GetHealthCheckService(), &network_.broker(),
                                             OwnServices());
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
  pages_.reset();
  liveness_.reset();
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
