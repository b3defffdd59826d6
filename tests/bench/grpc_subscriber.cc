// SPDX-License-Identifier: Apache-2.0
// One subscriber to all uplinks of the service, as a client would write it.
#include <google/protobuf/arena.h>

#include <iostream>
#include <memory>
#include <thread>

#include "grpcpp/create_channel.h"
#include "tests/bench/tally.h"
#include "wirepas/mesh/v1/network_service.grpc.pb.h"

namespace wirepas_grpc::bench {
namespace {

namespace v1 = ::wirepas::mesh::v1;

void Take(const v1::SubscribeUplinkResponse& response, Tally* tally) {
  if (response.has_gap()) tally->AddGap();
  if (tally->wants_delays()) {
    for (const v1::Uplink& uplink : response.uplinks()) tally->AddDelay(uplink.payload());
  }
  if (response.uplinks_size() > 0) tally->Add(static_cast<uint64_t>(response.uplinks_size()));
}

int Run(const SubscriberOptions& options) {
  Tally tally(options);
  auto channel = grpc::CreateChannel(options.target, grpc::InsecureChannelCredentials());
  auto stub = v1::NetworkService::NewStub(channel);
  grpc::ClientContext context;
  auto reader = stub->SubscribeUplink(&context, v1::SubscribeUplinkRequest());
  v1::SubscribeUplinkResponse first;
  if (!reader->Read(&first)) {
    std::cerr << "gRPC: " << reader->Finish().error_message() << std::endl;
    return 1;
  }
  PrintReady();
  std::thread receiver([&reader, &tally] {
    google::protobuf::Arena arena;
    auto* response = google::protobuf::Arena::CreateMessage<v1::SubscribeUplinkResponse>(&arena);
    while (reader->Read(response)) {
      Take(*response, &tally);
      arena.Reset();
      response = google::protobuf::Arena::CreateMessage<v1::SubscribeUplinkResponse>(&arena);
    }
  });
  tally.WaitAndPrint();
  AwaitStopSignal();
  context.TryCancel();
  receiver.join();
  return 0;
}

}  // namespace
}  // namespace wirepas_grpc::bench

int main(int argc, char** argv) {
  const auto options = wirepas_grpc::bench::ParseSubscriberOptions(
      argc, argv, "Counts the uplinks that the service sends.");
  wirepas_grpc::bench::BlockStopSignals();
  return wirepas_grpc::bench::Run(options);
}
