// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "api/call/asker.h"
#include "api/call/await_directory.h"
#include "api/call/deadlines.h"
#include "api/call/errors.h"
#include "api/call/gateway.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/sink.h"
#include "api/network/rpcs.h"
#include "api/sinks/gateway_selection.h"
#include "api/sinks/sink_page.h"
#include "core/base/instant.h"
#include "core/network/failures.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::ListSinksRequest;
using Response = mesh::ListSinksResponse;
using Reactor = grpc::ServerUnaryReactor;

// The most that silent_gateway_ids take, in bytes. Beside them a response has a page of sinks,
// and errors, which take 1 MiB at most.
constexpr size_t kMaxSilentBytes = 512 << 10;
// More are not told: one page is to stay below what clients take.
constexpr int kMaxErrors = 1000;

struct Listing {
  Request request;
  SinkPage page;
  absl::flat_hash_set<std::string> sink_ids;  // empty: any
};

absl::StatusOr<Listing> Parse(const Request& request) {
  FilterSize size;
  absl::Status status = size.AddIds("gateway_ids", request.gateway_ids());
  status.Update(size.AddIds("sink_ids", request.sink_ids()));
  status.Update(CheckIds("gateway_ids", request.gateway_ids()));
  status.Update(CheckIds("sink_ids", request.sink_ids()));
  if (request.has_network_address()) {
    status.Update(CheckNetworkAddress("network_address", request.network_address()));
  }
  if (!status.ok()) return status;
  absl::StatusOr<SinkPage> page = ParseSinkPageOf("ListSinks", request);
  if (!page.ok()) return page.status();
  return Listing{request, *std::move(page), {request.sink_ids().begin(), request.sink_ids().end()}};
}

// Fills a page. `gateways` are sorted.
class PageFiller {
 public:
  PageFiller(const Listing& listing, Response* response) : listing_(listing), response_(response) {}

  void Fill(const std::vector<core::GatewayPtr>& gateways) {
    for (const core::GatewayPtr& gateway : gateways) {
      if (!gateway->reachable() || gateway->id < listing_.page.after_gateway) continue;
      if (!AddSinks(*gateway)) return;
    }
  }

 private:
  // False: the page is full.
  bool AddSinks(const core::GatewayRecord& gateway) {
    auto sink = gateway.id == listing_.page.after_gateway
                    ? gateway.sinks.upper_bound(listing_.page.after_sink)
                    : gateway.sinks.begin();
    for (; sink != gateway.sinks.end(); ++sink) {
      const core::SinkConfig& config = *sink->second;
      const Request& wanted = listing_.request;
      if (wanted.has_network_address() && NetworkOf(config) != wanted.network_address()) continue;
      if (!listing_.sink_ids.empty() && !listing_.sink_ids.contains(sink->first)) continue;
      if (IsFull()) {
        const mesh::Sink& last = response_->sinks(response_->sinks_size() - 1);
        response_->set_next_page_token(listing_.page.NextToken(last.gateway_id(), last.sink_id()));
        return false;
      }
      mesh::Sink* added = response_->add_sinks();
      *added = ToProto(gateway.id, config);
      bytes_ += added->ByteSizeLong();
    }
    return true;
  }

  bool IsFull() const {
    return static_cast<size_t>(response_->sinks_size()) == listing_.page.page.size ||
           bytes_ > kMaxPageBytes;
  }

  const Listing& listing_;
  Response* const response_;
  size_t bytes_ = 0;
};

// One call, from step to step: the directory is read, gateways are asked, sinks
// are listed.
struct SinkListing {
  core::Network* network;
  UnaryCall<Response>::Ptr call;
  Listing listing;
  core::Instant client_end;
  core::AskerPtr asker;

  GatewaySelection Select() const {
    return SelectGateways(*network->directory().Snapshot(), listing.request.gateway_ids(),
                          listing.request.allow_unknown_gateway());
  }
};
using ListingPtr = std::shared_ptr<const SinkListing>;

void FailFor(const SinkListing& work, const std::string& gateway_id, const absl::Status& status,
             bool asked = false) {
  core::RequestOutcome outcome;
  outcome.status = status;
  outcome.maybe_done = asked;
  work.call->Fail(ToGrpcStatus(outcome, {gateway_id, ""}));
}

// As many as there is room for, beside a page of sinks.
void AddSilent(const std::vector<std::string>& silent, Response* response) {
  size_t bytes = 0;
  for (const std::string& id : silent) {
    bytes += id.size() + 4;
    if (bytes > kMaxSilentBytes) return;
    response->add_silent_gateway_ids(id);
  }
}

// Those that are offline by now are not listed, and that they told nothing is no failure.
void DropOffline(const core::DirectorySnapshot& snapshot, core::SinkAnswers* answers) {
  std::erase_if(answers->failed, [&](const auto& failed) {
    const core::GatewayPtr gateway = snapshot.Find(failed.first);
    return gateway != nullptr && !gateway->reachable();
  });
}

// What a listing that requires all fails for: the first gateway that told nothing. False: all
// told.
bool FailForOne(const SinkListing& work, const core::SinkAnswers& answers) {
  const bool named = work.listing.request.gateway_ids_size() > 0;
  core::SinkAnswers counted = answers;
  if (!named) DropOffline(*work.network->directory().Snapshot(), &counted);
  const auto& [silent, failed] = counted;
  if (!failed.empty() && (silent.empty() || failed.front().first < silent.front())) {
    const auto& [id, outcome] = failed.front();
    work.call->Fail(ToGrpcStatus(outcome, {id, ""}));
    return true;
  }
  if (silent.empty()) return false;
  FailFor(work, silent.front(),
          core::WithReason(absl::DeadlineExceededError(
                               absl::StrCat("did not answer when asked for its sinks, one of ",
                                            silent.size(), " such gateways")),
                           core::Reason::kNoAnswer),
          /*asked=*/true);
  return true;
}

void List(const ListingPtr& work, core::SinkAnswers answers) {
  if (work->listing.request.require_all() && FailForOne(*work, answers)) return;
  work->call->Succeed([&](Response* response) {
    AddSilent(answers.silent, response);
    DropOffline(*work->network->directory().Snapshot(), &answers);
    for (const auto& [id, outcome] : answers.failed) {
      if (response->errors_size() == kMaxErrors) break;
      *response->add_errors() = ToCallError(outcome, {id, ""});
    }
    PageFiller(work->listing, response).Fill(work->Select().gateways);
  });
}

void AskGateways(const ListingPtr& work) {
  const absl::Status status = CheckDirectory(work->network);
  if (!status.ok()) return work->call->Fail(ToGrpcStatus(status));
  // The pages after the first give what is known.
  if (!work->listing.page.page.first) return List(work, {});

  const Request& request = work->listing.request;
  const GatewaySelection selection = work->Select();
  if (!selection.unknown_id.empty()) {
    return FailFor(*work, selection.unknown_id, core::GatewayNotKnown());
  }
  std::vector<core::GatewayPtr> asked;
  for (const core::GatewayPtr& gateway : selection.gateways) {
    if (gateway->reachable()) {
      // Whoever was heard once and does not answer would make every listing take its time.
      const bool in_vain = gateway->mute && request.gateway_ids_size() == 0;
      if (request.refresh() || (!gateway->sinks_known && !in_vain)) asked.push_back(gateway);
    } else if (request.require_all() && request.gateway_ids_size() > 0) {
      return FailFor(*work, gateway->id, core::GatewayOffline());
    }
  }
  if (asked.empty()) return List(work, {});
  if (const absl::Status broker = CheckBroker(work->network);
      request.require_all() && !broker.ok()) {
    return FailFor(*work, asked.front()->id, broker);
  }
  const absl::Duration limit =
      std::clamp(work->client_end - core::Instant::Now(), absl::ZeroDuration(), kRequestLimit);
  const uint64_t refresh = work->network->RefreshSinks(
      asked, LimitOf(work->asker, limit),
      [work](core::SinkAnswers answers) { List(work, std::move(answers)); });
  work->call->AddCancel([network = work->network, refresh] { network->CancelRefresh(refresh); });
}

}  // namespace

Reactor* ListSinks(Engine* engine, const grpc::CallbackServerContext& context,
                   const Request& request, Response* response) {
  absl::StatusOr<Listing> listing = Parse(request);
  if (!listing.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(listing.status()));
  const auto call = UnaryCall<Response>::Create(engine->network, response);
  const core::Instant client_end =
      core::Instant::Now() + ClientLimit(context).value_or(absl::InfiniteDuration());
  const ListingPtr work = std::make_shared<const SinkListing>(SinkListing{
      engine->network, call, *std::move(listing), client_end, AskerOf(engine->network, context)});
  call->AddCancel(AwaitDirectory(engine->network, LimitAtMost(context, kRequestLimit),
                                 [work] { AskGateways(work); }));
  return call.get();
}

}  // namespace wirepas_grpc::api
