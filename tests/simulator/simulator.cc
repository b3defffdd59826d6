// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/simulator.h"

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::sim {
namespace {

constexpr uint32_t kFirstNode = 0x01000000;
constexpr int kRequestQos = 2;
// Brokers accept connections through a queue that thousands at once would overrun.
constexpr size_t kConnectionsPerStep = 20;
constexpr absl::Duration kConnectionStep = absl::Milliseconds(5);
constexpr absl::Duration kShutDownTime = absl::Seconds(3);

std::optional<uint32_t> MaxScratchpadSize(const Options& options, uint32_t gateway) {
  const std::vector<uint32_t>& sizes = options.max_scratchpad_sizes;
  if (sizes.empty()) return std::nullopt;
  return sizes[gateway % sizes.size()];
}

std::vector<SinkSettings> MakeSinks(const Options& options, uint32_t gateway) {
  const auto has = [&](pb::GatewayFeature feature) {
    for (pb::GatewayFeature f : options.features) {
      if (f == feature) return true;
    }
    return false;
  };
  std::vector<SinkSettings> sinks;
  for (uint32_t i = 0; i < options.sinks; ++i) {
    SinkSettings sink;
    sink.sink_id = absl::StrCat(options.sink_id_prefix, i);
    sink.profile = options.profile;
    sink.node_address = 1 + gateway * options.sinks + i;
    sink.network_address = options.network_addresses[i % options.network_addresses.size()];
    sink.app_config_max_size =
        options.app_config_max_sizes[i % options.app_config_max_sizes.size()];
    sink.pads_app_config = options.pad_app_config;
    sink.has_app_config = !options.no_app_config;
    sink.max_scratchpad_request = MaxScratchpadSize(options, gateway);
    sink.scratchpad_chunks =
        has(pb::SCRATCHPAD_CHUNK_V1) || sink.max_scratchpad_request.has_value();
    sink.key_management = has(pb::SINK_KEY_MANAGEMENT_V1);
    sinks.push_back(std::move(sink));
  }
  return sinks;
}

// Tells the simulator's own client ids from those of another simulator.
std::string RandomSuffix() {
  std::random_device device;
  return absl::StrCat(absl::Hex(device(), absl::kZeroPad8));
}

}  // namespace

Simulator::Simulator(EventLoop* loop, const Options& options, Callbacks callbacks)
    : loop_(loop),
      callbacks_(std::move(callbacks)),
      plan_(options.uplinks),
      rate_(options.rate),
      shared_connection_(options.shared_connection) {
  MakeGateways(options);
  if (shared_connection_) {
    MakeSharedConnection(options);
  } else {
    MakeOwnConnections(options);
  }
  MakeControlConnection(options);
  std::vector<Gateway*> gateways;
  for (const auto& gateway : gateways_) gateways.push_back(gateway.get());
  generator_ = std::make_unique<UplinkGenerator>(loop_, std::move(gateways), options.count,
                                                 callbacks_.count_sent);
}

void Simulator::MakeGateways(const Options& options) {
  std::mt19937_64 random(options.seed);
  for (uint32_t i = 0; i < options.gateways; ++i) {
    Gateway::Settings settings;
    settings.model.gateway_id = absl::StrCat(options.gateway_id_prefix, i);
    settings.model.profile = options.profile;
    settings.model.counts_event_ids = options.count_event_ids;
    settings.model.model = options.model;
    settings.model.version = options.version;
    settings.model.max_scratchpad_size = MaxScratchpadSize(options, i);
    settings.model.features = options.features;
    settings.model.unknown_features = options.unknown_features;
    settings.model.old = options.old_gateway;
    settings.model.sinks = MakeSinks(options, i);
    settings.faults = options.faults;
    settings.first_event_id = random();
    settings.random_seed = random();
    settings.first_node = kFirstNode + i * options.sinks * plan_.nodes;
    settings.shares_connection = options.shared_connection;
    settings.resends = options.resend;
    gateways_.push_back(std::make_unique<Gateway>(loop_, &plan_, settings));
    gateways_by_id_[gateways_.back()->id()] = gateways_.back().get();
    gateways_.back()->OnOnlineChanged([this, i] { OnOnlineChanged(i); });
  }
  was_online_.resize(gateways_.size());
}

ConnectPacket Simulator::MakeConnect(const Options& options, const std::string& client_id) const {
  ConnectPacket connect;
  connect.client_id = client_id;
  connect.username = options.username;
  connect.password = options.password;
  return connect;
}

void Simulator::MakeOwnConnections(const Options& options) {
  for (const auto& owner : gateways_) {
    Gateway* gateway = owner.get();
    const size_t index = connections_.size();
    MqttConnection::Callbacks callbacks;
    callbacks.connected = [this, gateway, index] {
      MqttConnection* connection = connections_[index].get();
      connection->SetWill(gateway->MakeWill());
      // First the subscriptions: who sees the status may send requests at once.
      connection->Subscribe(gateway->RequestFilters(), kRequestQos, [gateway](bool ok) {
        if (ok) return gateway->OnConnected();
        spdlog::error("{}: the broker refused the subscriptions", gateway->id());
      });
    };
    callbacks.disconnected = [gateway](const std::string& reason) {
      spdlog::info("{}: not connected: {}", gateway->id(), reason);
      gateway->OnDisconnected();
    };
    callbacks.message = [gateway](std::string_view topic, std::string_view payload) {
      const auto request = ParseRequestTopic(topic);
      if (request.has_value() && request->gateway_id == gateway->id()) {
        gateway->OnRequest(*request, payload);
      } else {
        spdlog::warn("{}: ignored a message on {}", gateway->id(), topic);
      }
    };
    callbacks.window_open = [this] { generator_->Wake(); };
    connections_.push_back(std::make_unique<MqttConnection>(
        loop_, options.broker, MakeConnect(options, gateway->id()), std::move(callbacks)));
    gateway->Use(connections_.back().get());
  }
}

void Simulator::MakeSharedConnection(const Options& options) {
  MqttConnection::Callbacks callbacks;
  callbacks.connected = [this] {
    // One filter for all: a broker would need long for some thousand.
    connections_[0]->Subscribe({"gw-request/#"}, kRequestQos, [this](bool ok) {
      if (!ok) return spdlog::error("the broker refused the subscriptions");
      for (const auto& gateway : gateways_) gateway->OnConnected();
    });
  };
  callbacks.disconnected = [this](const std::string& reason) {
    spdlog::info("not connected: {}", reason);
    for (const auto& gateway : gateways_) gateway->OnDisconnected();
  };
  callbacks.message = [this](std::string_view topic, std::string_view payload) {
    OnSharedMessage(topic, payload);
  };
  callbacks.window_open = [this] { generator_->Wake(); };
  const std::string client_id = absl::StrCat(options.gateway_id_prefix, "shared-", RandomSuffix());
  connections_.push_back(std::make_unique<MqttConnection>(
      loop_, options.broker, MakeConnect(options, client_id), std::move(callbacks)));
  for (const auto& gateway : gateways_) gateway->Use(connections_[0].get());
}

void Simulator::MakeControlConnection(const Options& options) {
  MqttConnection::Callbacks callbacks;
  callbacks.connected = [this] {
    control_->Subscribe({absl::StrCat(absl::string_view(kControlTopic.data()), "+")}, kRequestQos,
                        [this](bool ok) {
                          if (!ok) return spdlog::error("the broker refused the control topic");
                          control_listens_ = true;
                          CheckReady();
                        });
  };
  callbacks.disconnected = [](const std::string& reason) {
    spdlog::info("control: not connected: {}", reason);
  };
  callbacks.message = [this](std::string_view topic, std::string_view payload) {
    OnControl(topic, payload);
  };
  callbacks.window_open = [] {};
  const std::string client_id = absl::StrCat(options.gateway_id_prefix, "control-", RandomSuffix());
  control_ = std::make_unique<MqttConnection>(
      loop_, options.broker, MakeConnect(options, client_id), std::move(callbacks));
}

void Simulator::Start() {
  control_->Start();
  if (shared_connection_) {
    connections_[0]->Start();
  } else {
    for (size_t i = 0; i < gateways_.size(); ++i) {
      const absl::Duration delay = kConnectionStep * static_cast<int64_t>(i / kConnectionsPerStep);
      loop_->RunAfter(delay, [this, i] { gateways_[i]->GoOnline(nullptr); });
    }
  }
  generator_->SetRate(rate_);
}

void Simulator::ShutDown(std::function<void()> done) {
  generator_->SetRate(0);
  loop_->RunAfter(kShutDownTime, done);
  const auto left = std::make_shared<size_t>(gateways_.size());
  for (const auto& gateway : gateways_) {
    gateway->GoOffline([this, left, done](bool) {
      if (--*left > 0) return;
      for (const auto& connection : connections_) connection->Stop();
      control_->Stop();
      done();
    });
  }
}

Gateway* Simulator::FindGateway(std::string_view id) {
  const auto found = gateways_by_id_.find(absl::string_view(id.data(), id.size()));
  return found == gateways_by_id_.end() ? nullptr : found->second;
}

void Simulator::OnSharedMessage(std::string_view topic, std::string_view payload) {
  const auto request = ParseRequestTopic(topic);
  // Requests for gateways of others are nothing unusual here.
  Gateway* gateway = request.has_value() ? FindGateway(request->gateway_id) : nullptr;
  if (gateway != nullptr) gateway->OnRequest(*request, payload);
}

void Simulator::OnOnlineChanged(size_t gateway) {
  generator_->Wake();
  if (was_online_[gateway] || !gateways_[gateway]->online()) return;
  was_online_[gateway] = true;
  ++were_online_;
  CheckReady();
}

void Simulator::CheckReady() {
  if (ready_ || !control_listens_ || were_online_ < gateways_.size()) return;
  ready_ = true;
  callbacks_.ready();
}

}  // namespace wirepas_grpc::sim
