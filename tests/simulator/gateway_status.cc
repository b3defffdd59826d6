// SPDX-License-Identifier: Apache-2.0
// The part of Gateway that tells of the gateway itself and of its sinks: status, last
// will, and responses that nobody asked for.
#include <utility>

#include "tests/simulator/gateway.h"

namespace wirepas_grpc::sim {
namespace {

// Changes within this time are told in one status.
constexpr absl::Duration kGatherChanges = absl::Milliseconds(500);

}  // namespace

Will Gateway::MakeWill() {
  if (will_.has_value()) return *will_;
  Will will;
  will.topic = StatusTopic();
  will.payload = model_.Status(false, absl::Now()).message.SerializeAsString();
  will.qos = kWillQos;
  will.retain = true;
  if (!polite()) will_ = will;
  return will;
}

void Gateway::PublishStatus(Done done) {
  if (keeps()) {
    told_configs_.reset();
    return PutStatus(std::move(done));
  }
  const absl::Time now = absl::Now();
  const Outgoing status = model_.Status(true, now);
  connection_->Publish(status.topic, status.message, kEventQos, true, std::move(done));
  if (!polite()) return;
  const Outgoing configs = model_.UnaskedConfigs(now);
  connection_->Publish(configs.topic, configs.message, kResponseQos, false, nullptr);
}

void Gateway::OnChanged(size_t sink, RequestType by) {
  if (by == RequestType::kSetConfig) sinks_[sink].uplinks.Follow(model_.sink(sink));
  if (by == RequestType::kSetTarget || by == RequestType::kLoadScratchpad) {
    sinks_[sink].nodes.Follow(model_.sink(sink).scratchpads(), EventLoop::Now());
  }
  changed_sinks_.insert(sink);
  PublishNewsSoon();
}

void Gateway::PublishNewsSoon() {
  if (news_timer_.has_value()) return;
  news_timer_ = loop_->RunAfter(kGatherChanges, [this] { PublishNews(); });
}

void Gateway::PublishNews() {
  news_timer_.reset();
  const auto changed = std::exchange(changed_sinks_, {});
  if (keeps()) return PutStatus(nullptr);
  // A gateway that is away tells everything when it comes back.
  if (!online_) return;
  if (!polite()) return PublishStatus(nullptr);
  const absl::Time now = absl::Now();
  if (model_.old()) {
    const Outgoing configs = model_.UnaskedConfigs(now);
    connection_->Publish(configs.topic, configs.message, kResponseQos, false, nullptr);
  } else {
    PublishStatus(nullptr);
  }
  for (size_t sink : changed) {
    const Outgoing config = model_.UnaskedSinkConfig(sink, now);
    connection_->Publish(config.topic, config.message, kResponseQos, false, nullptr);
  }
}

void Gateway::PutStatus(Done done) {
  std::vector<std::string> configs;
  for (size_t i = 0; i < model_.sink_count(); ++i) {
    configs.push_back(model_.sink(i).Config().SerializeAsString());
  }
  const auto told = std::exchange(told_configs_, configs);
  if (told == configs) return;
  const absl::Time now = absl::Now();
  const Outgoing status = model_.Status(true, now);
  outbox_.Put(status.topic, status.message.SerializeAsString(), kEventQos, true,
              [this, done = std::move(done)](bool acknowledged) {
                if (acknowledged && wanted_) SetOnline(true);
                if (done) done(acknowledged);
              });
  const Outgoing all = model_.UnaskedConfigs(now);
  outbox_.Put(all.topic, all.message.SerializeAsString(), kResponseQos, false, nullptr);
  for (size_t i = 0; i < configs.size(); ++i) {
    if (told.has_value() && told->at(i) == configs[i]) continue;
    const Outgoing config = model_.UnaskedSinkConfig(i, now);
    outbox_.Put(config.topic, config.message.SerializeAsString(), kResponseQos, false, nullptr);
  }
}

}  // namespace wirepas_grpc::sim
