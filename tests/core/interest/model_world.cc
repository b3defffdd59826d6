// SPDX-License-Identifier: Apache-2.0
//
// What happens. What must hold: model_world_checks.cc.
#include "tests/core/interest/model_world.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/interest/uplink_pattern.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

constexpr char kResponses[] = "gw-response/#";
constexpr char kStatus[] = "gw-event/status/+";
constexpr char kSendData[] = "gw-request/send_data/#";
// Far more packets than all filters together need.
constexpr int kMostToSettle = 10000;
constexpr int kQos = 1;
constexpr Subscriptions::Terms kReader = {.linger = absl::Seconds(10), .remembered = true};

const std::vector<ModelFilter>& Filters() {
  static const auto* const filters = new std::vector<ModelFilter>{
      {},
      {.gateways = {"a"}},
      {.gateways = {"b"}},
      {.gateways = {"c"}},
      {.gateways = {"a"}, .endpoints = {1}},
      {.gateways = {"b"}, .endpoints = {2}},
      {.networks = {7}},
      {.gateways = {"a"}, .networks = {7}},
      {.networks = {8}, .endpoints = {1}},
      {.endpoints = {1}},
      {.gateways = {"a", "b"}},
      {.gateways = {"b", "c"}, .endpoints = {1}},
  };
  return *filters;
}

const std::vector<std::vector<std::string>>& OtherFilters() {
  static const auto* const filters =
      new std::vector<std::vector<std::string>>{{kResponses}, {kSendData, kResponses}, {kStatus}};
  return *filters;
}

const std::vector<Subscriptions::Terms>& AllTerms() {
  static const auto* const terms = new std::vector<Subscriptions::Terms>{
      kReader,
      kReader,
      {},
      {.linger = absl::Hours(1)},
      {.stays = true},
      {.linger = absl::Seconds(10), .remembered = true, .stays = true},
  };
  return *terms;
}

Subscriptions::Options OptionsOf(const ModelSettings& settings, SubscriptionStore* store) {
  Subscriptions::Options options;
  options.max_uplink_filters = settings.max_uplink_filters;
  options.session_kept = settings.session != ModelSettings::Session::kNone;
  options.store = store;
  options.jitter = [] { return 0.5; };
  return options;
}

}  // namespace

TrafficFilter ModelFilter::Traffic() const {
  TrafficFilter filter;
  filter.gateway_ids.insert(gateways.begin(), gateways.end());
  filter.network_addresses.insert(networks.begin(), networks.end());
  for (const int endpoint : endpoints) filter.source_endpoints.set(endpoint);
  return filter;
}

bool ModelFilter::Matches(const ModelMessage& message) const {
  return (gateways.empty() || gateways.contains(message.gateway)) &&
         (networks.empty() || networks.contains(message.network)) &&
         (endpoints.empty() || endpoints.contains(message.endpoint));
}

ModelWorld::ModelWorld(const ModelSettings& settings, uint64_t seed, Database* database,
                       Executor* executor)
    : settings_(settings),
      database_(database),
      executor_(executor),
      random_(seed),
      broker_(settings.session != ModelSettings::Session::kNone, &random_),
      log_({}, {}, executor, &log_scheduler_),
      now_(log_scheduler_.Now()) {
  StartRun();
}

ModelWorld::~ModelWorld() {
  if (disk_fails_) FailDisk(false);
  run_->subscriptions->Stop();
  readers_.clear();
  run_->subscriptions.reset();
}

void ModelWorld::Fail(const std::string& what) {
  if (!failure_.has_value()) failure_ = what;
}

void ModelWorld::StartRun() {
  run_ = std::make_unique<Run>();
  run_->scheduler.JumpTo(now_);
  if (settings_.has_store) {
    run_->store = std::make_unique<SubscriptionStore>(database_, &run_->scheduler);
    const auto contents = SubscriptionStore(database_, &run_->scheduler).Load();
    if (!contents.ok()) return Fail(contents.status().ToString());
    for (const auto& covered : contents->covered) restored_.insert(covered.topic_filter);
  } else if (settings_.session != ModelSettings::Session::kNone) {
    restored_.insert(kUplinkFilter);
  }
  restored_until_ = absl::InfiniteFuture();
  run_->subscriptions = std::make_unique<Subscriptions>(
      OptionsOf(settings_, run_->store.get()), &log_, &broker_, executor_, &run_->scheduler);
  const absl::Status status = run_->subscriptions->Restore(kReader);
  if (!status.ok()) Fail(status.ToString());
}

void ModelWorld::Restart() {
  // What was on the way may still get there.
  TakeSome(4);
  const bool in_order = OneOf(2);
  Trace(in_order ? "restart" : "kill and restart");
  if (in_order && broker_.connected()) {
    broker_.Break();
    run_->subscriptions->OnDisconnected();
  }
  run_->subscriptions->Stop();  // does nothing but stop: as if it were killed
  readers_.clear();
  broker_.Break();
  run_->subscriptions.reset();
  if (disk_failed_) forgetful_ = true;
  if (disk_fails_) FailDisk(false);
  disk_failed_ = false;
  lingering_.clear();
  restored_.clear();
  ++seen_.restarts;
  StartRun();
}

void ModelWorld::Acquire() {
  Reader reader;
  reader.number = next_reader_++;
  reader.terms = AllTerms()[Below(AllTerms().size())];
  const auto changed = [told = reader.told] { ++*told; };
  if (OneOf(6)) {
    // Without a store a run knows nothing of other filters than these.
    const auto& filters = OtherFilters();
    reader.topic_filters = filters[Below(settings_.has_store ? filters.size() : 2)];
    Trace(absl::StrCat("reader ", reader.number, ": ", absl::StrJoin(reader.topic_filters, " ")));
    reader.interest = run_->subscriptions->Acquire(reader.topic_filters, reader.terms, changed);
  } else {
    reader.uplinks = Filters()[Below(Filters().size())];
    for (const UplinkPattern& pattern :
         PatternsOf(reader.uplinks->Traffic(), std::max<size_t>(settings_.max_uplink_filters, 1))) {
      reader.topic_filters.push_back(pattern.TopicFilter());
    }
    std::sort(reader.topic_filters.begin(), reader.topic_filters.end());
    Trace(absl::StrCat("reader ", reader.number, ": ", absl::StrJoin(reader.topic_filters, " "),
                       ", linger ", absl::FormatDuration(reader.terms.linger),
                       reader.terms.remembered ? ", remembered" : "",
                       reader.terms.stays ? ", stays" : ""));
    reader.interest =
        run_->subscriptions->AcquireUplinks(reader.uplinks->Traffic(), reader.terms, changed);
  }
  reader.result = reader.interest->result();
  readers_.push_back(std::move(reader));
  check_truth_ = true;
}

void ModelWorld::Release(size_t index) {
  Reader reader = std::move(readers_[index]);
  readers_.erase(readers_.begin() + static_cast<ptrdiff_t>(index));
  Trace(absl::StrCat("reader ", reader.number, " goes"));
  lingering_[{reader.topic_filters, reader.terms.linger, reader.terms.remembered,
              reader.terms.stays}] = now_ + reader.terms.linger;
  reader.interest.reset();
}

void ModelWorld::Advance(absl::Duration by) {
  Trace(absl::StrCat("time passes: ", absl::FormatDuration(by)));
  now_ += by;
  run_->scheduler.Advance(by);
  if (!disk_fails_ && by >= SubscriptionStore::kRetryInterval) disk_failed_ = false;
}

void ModelWorld::PublishSome() {
  static constexpr const char* kGateways[] = {"a", "b", "c", "d"};
  for (uint64_t count = 1 + Below(3); count > 0; --count) {
    ModelMessage message{.gateway = kGateways[Below(4)],
                         .network = static_cast<int>(7 + Below(2)),
                         .endpoint = static_cast<int>(1 + Below(2))};
    Trace(absl::StrCat("published ", broker_.messages().size(), " on ", message.Topic()));
    broker_.Publish(std::move(message));
  }
}

void ModelWorld::TakeSome(uint64_t most) {
  for (uint64_t count = Below(most + 1); count > 0; --count) {
    if (broker_.TakeOne()) Trace("the broker takes one");
    if (OneOf(3)) PublishSome();
  }
}

void ModelWorld::DeliverSome(uint64_t most) {
  for (uint64_t count = Below(most + 1); count > 0; --count) DeliverOne();
}

bool ModelWorld::DeliverOne() {
  const std::optional<ModelSent> sent = broker_.DeliverOne();
  if (!sent.has_value()) return false;
  switch (sent->kind) {
    case ModelSent::Kind::kPublish: {
      ModelMessage& message = broker_.messages()[sent->message];
      auto uplink = std::make_unique<Uplink>();
      uplink->gateway_id = message.gateway;
      message.delivered_at = log_.Append(std::move(uplink), "", "");
      Trace(absl::StrCat("delivered ", sent->message, " as entry ", message.delivered_at));
      break;
    }
    case ModelSent::Kind::kSubAck:
      Trace(absl::StrCat(sent->granted    ? "granted "
                         : sent->may_pass ? "refused for now "
                                          : "refused ",
                         sent->filter));
      run_->subscriptions->OnSubscribed(sent->filter, SubscribeAnswerOf(sent->granted    ? kQos
                                                                        : sent->may_pass ? 0x91
                                                                                         : 0x87,
                                                                        kQos));
      break;
    case ModelSent::Kind::kUnsubAck:
      Trace(absl::StrCat("gone ", sent->filter));
      run_->subscriptions->OnUnsubscribed(sent->filter);
      break;
  }
  // All that this has put into the log came after what the broker sent until then.
  entry_times_.resize(log_.next(), sent->time);
  ReadResults();
  return true;
}

void ModelWorld::Drain() {
  for (int steps = 0; !broker_.idle(); ++steps) {
    if (steps == kMostToSettle) return Fail("it is never settled");
    OneOf(2) ? TakeSome(1) : DeliverSome(1);
  }
}

void ModelWorld::Connect() {
  const bool present = broker_.Connect();
  Trace(present ? "connected, the session is there" : "connected");
  run_->subscriptions->OnConnected(present);
}

void ModelWorld::Break() {
  TakeSome(3);
  Trace("disconnected");
  broker_.Break();
  run_->subscriptions->OnDisconnected();
}

void ModelWorld::LoseSession() {
  if (broker_.connected()) Break();
  Trace("the session is lost");
  broker_.LoseSession();
}

void ModelWorld::ChangeAccess() {
  std::string filter = kUplinkFilter;
  if (!OneOf(3)) {
    const ModelFilter& some = Filters()[Below(Filters().size())];
    filter = OneOf(8) ? kResponses : PatternsOf(some.Traffic(), 4)[0].TopicFilter();
  }
  const bool allow = OneOf(2);
  const bool may_pass = OneOf(2);
  Trace(absl::StrCat("from now on the broker ",
                     allow      ? "allows "
                     : may_pass ? "refuses for now "
                                : "refuses ",
                     filter));
  allow ? broker_.Allow(filter) : broker_.Refuse(filter, may_pass);
}

void ModelWorld::FailDisk(bool fail) {
  Trace(fail ? "the disk fails" : "the disk works again");
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = fail ? 1 : limit.rlim_max;
  setrlimit(RLIMIT_FSIZE, &limit);
  disk_fails_ = fail;
  if (fail) {
    std::signal(SIGXFSZ, SIG_IGN);
    disk_failed_ = true;
    seen_.failed_writes += !database_->Put(database_->meta(), "test", "").ok();
  } else if (const absl::Status status = database_->Resume(); !status.ok()) {
    Fail(status.ToString());
  }
}

void ModelWorld::Step() {
  const uint64_t what = Below(100);
  if (!broker_.connected() && OneOf(6)) {
    Connect();
  } else if (what < 20) {
    if (readers_.size() < 9) Acquire();
  } else if (what < 36) {
    if (!readers_.empty()) Release(Below(readers_.size()));
  } else if (what < 45) {
    static constexpr int kSeconds[] = {1, 5, 9, 10, 11, 61};
    Advance(OneOf(20) ? absl::Hours(1) : absl::Seconds(kSeconds[Below(6)]));
  } else if (what < 57) {
    TakeSome(3);
  } else if (what < 69) {
    DeliverSome(3);
  } else if (what < 77) {
    if (broker_.connected()) Drain();
  } else if (what < 87) {
    PublishSome();
  } else if (what < 92) {
    if (broker_.connected()) Break();
  } else if (what < 94) {
    if (settings_.session == ModelSettings::Session::kLostAtTimes) LoseSession();
  } else if (what < 97) {
    if (settings_.refuses) ChangeAccess();
  } else if (what < 98) {
    Restart();
  } else if (settings_.disk_fails) {
    FailDisk(!disk_fails_);
  }
  Check();
}

void ModelWorld::End() {
  if (disk_fails_) FailDisk(false);
  if (!broker_.connected()) Connect();
  Drain();
  Check();
  broker_.LetPass();
  Advance(Subscriptions::Options().max_retry);
  Drain();
  Check();
  for (const Reader& reader : readers_) {
    if (Waits(reader)) Fail(absl::StrCat("reader ", reader.number, " waits for ever"));
  }
  core::Drain(executor_, 2);
  for (const Reader& reader : readers_) {
    if (*reader.told >= reader.changes) continue;
    Fail(absl::StrCat("reader ", reader.number, " was not told that its result changed"));
  }
  while (!readers_.empty()) Release(readers_.size() - 1);
  Drain();
  Advance(absl::Hours(2));
  Drain();
  Check();
  if (failure_.has_value()) return;
  if (run_->scheduler.pending() > 0) Fail("a timer is left");
  if (!forgetful_ && !broker_.held().empty()) {
    Fail(absl::StrCat("nobody wants ", *broker_.held().begin()));
  }
  if (run_->subscriptions->uplink_filters() > 0) Fail("it needs uplinks that nobody wants");
  if (!settings_.has_store) return;
  const auto contents = SubscriptionStore(database_, &run_->scheduler).Load();
  if (!contents.ok()) return Fail(contents.status().ToString());
  if (!contents->covered.empty()) Fail("what nobody wants is remembered");
  if (!forgetful_ && !contents->asked.empty()) Fail("what the broker gave up is remembered");
}

}  // namespace wirepas_grpc::core
