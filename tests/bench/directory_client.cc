// SPDX-License-Identifier: Apache-2.0
// How long the service takes to know a network, and to list it. To be started before the
// service.
#include <google/protobuf/util/time_util.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/create_channel.h"
#include "tests/bench/tally.h"
#include "wirepas/mesh/v1/network_service.grpc.pb.h"

namespace wirepas_grpc::bench {
namespace {

namespace v1 = ::wirepas::mesh::v1;
using Stub = v1::NetworkService::Stub;

constexpr absl::Duration kPatience = absl::Seconds(120);

struct Options {
  std::string target;
  uint64_t sinks = 0;
};

void Prepare(grpc::ClientContext* context) {
  context->set_wait_for_ready(true);
  context->set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
}

// When the service was connected to its broker.
absl::Time AwaitBroker(Stub* stub) {
  grpc::ClientContext context;
  Prepare(&context);
  const auto reader = stub->WatchBroker(&context, v1::WatchBrokerRequest());
  v1::WatchBrokerResponse response;
  while (reader->Read(&response)) {
    if (!response.state().connected()) continue;
    context.TryCancel();
    return absl::FromUnixMicros(
        google::protobuf::util::TimeUtil::TimestampToMicroseconds(response.state().since()));
  }
  return absl::InfinitePast();
}

// When as many sinks were known; the infinite future when that did not come to pass.
absl::Time AwaitSinks(Stub* stub, uint64_t wanted) {
  grpc::ClientContext context;
  Prepare(&context);
  const auto reader = stub->WatchNetwork(&context, v1::WatchNetworkRequest());
  v1::WatchNetworkResponse response;
  uint64_t sinks = 0;
  while (sinks < wanted && reader->Read(&response)) {
    for (const v1::NetworkEvent& event : response.events()) {
      if (event.type() == v1::NETWORK_EVENT_TYPE_SINK_PRESENT ||
          event.type() == v1::NETWORK_EVENT_TYPE_SINK_ADDED) {
        ++sinks;
      }
    }
  }
  const absl::Time end = sinks < wanted ? absl::InfiniteFuture() : absl::Now();
  context.TryCancel();
  return end;
}

// When the service itself held the listing for whole: until then a listing waits for more.
absl::Time AwaitListing(Stub* stub) {
  grpc::ClientContext context;
  Prepare(&context);
  v1::ListSinksRequest request;
  request.set_page_size(1);
  v1::ListSinksResponse response;
  const grpc::Status status = stub->ListSinks(&context, request, &response);
  return status.ok() ? absl::Now() : absl::InfiniteFuture();
}

// How long each page took, in order; empty when the listing was not whole.
std::vector<absl::Duration> ListPages(Stub* stub, uint64_t wanted) {
  std::vector<absl::Duration> pages;
  v1::ListSinksRequest request;
  uint64_t sinks = 0;
  do {
    grpc::ClientContext context;
    Prepare(&context);
    v1::ListSinksResponse response;
    const absl::Time start = absl::Now();
    const grpc::Status status = stub->ListSinks(&context, request, &response);
    if (!status.ok()) {
      std::cerr << "gRPC: " << status.error_message() << std::endl;
      return {};
    }
    pages.push_back(absl::Now() - start);
    sinks += static_cast<uint64_t>(response.sinks_size());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (sinks != wanted) return {};
  return pages;
}

int Run(const Options& options) {
  grpc::ChannelArguments arguments;
  // The service is not there yet.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 10);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 10);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 10);
  arguments.SetMaxReceiveMessageSize(-1);
  const auto stub = v1::NetworkService::NewStub(
      grpc::CreateCustomChannel(options.target, grpc::InsecureChannelCredentials(), arguments));
  PrintReady();
  const absl::Time connected = AwaitBroker(stub.get());
  const absl::Time known = AwaitSinks(stub.get(), options.sinks);
  const absl::Time listed = AwaitListing(stub.get());
  std::vector<absl::Duration> pages = ListPages(stub.get(), options.sinks);
  if (known == absl::InfiniteFuture() || pages.empty()) {
    std::cerr << "not all sinks became known" << std::endl;
    return 1;
  }
  std::sort(pages.begin(), pages.end());
  std::cout << "{\"sinks\": " << options.sinks
            << ", \"known_seconds\": " << absl::ToDoubleSeconds(known - connected)
            << ", \"complete_seconds\": " << absl::ToDoubleSeconds(listed - connected)
            << ", \"pages\": " << pages.size()
            << ", \"page_median_ms\": " << absl::ToDoubleMilliseconds(pages[pages.size() / 2])
            << ", \"page_longest_ms\": " << absl::ToDoubleMilliseconds(pages.back()) << "}"
            << std::endl;
  return 0;
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  CLI::App app("Measures how long the service takes to know all sinks, and to list them.");
  app.add_option("--target", options.target, "gRPC address of the service")->required();
  app.add_option("--sinks", options.sinks, "How many sinks there are")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

}  // namespace
}  // namespace wirepas_grpc::bench

int main(int argc, char** argv) {
  return wirepas_grpc::bench::Run(wirepas_grpc::bench::ParseOptions(argc, argv));
}
