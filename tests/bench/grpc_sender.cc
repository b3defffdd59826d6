// SPDX-License-Identifier: Apache-2.0
// One SendMessages stream of the service.
#include <iostream>
#include <thread>
#include <utility>

#include "grpcpp/create_channel.h"
#include "tests/bench/send_tally.h"
#include "tests/bench/tally.h"
#include "wirepas/mesh/v1/network_service.grpc.pb.h"

namespace wirepas_grpc::bench {
namespace {

namespace v1 = ::wirepas::mesh::v1;

v1::SendMessagesRequest MakeRequest(uint64_t number, const SenderOptions& options) {
  v1::SendMessagesRequest request;
  request.set_correlation_id(number);
  request.mutable_request()->mutable_sink()->set_gateway_id(options.GatewayId(number));
  request.mutable_request()->mutable_sink()->set_sink_id(options.SinkId(number));
  v1::Message* message = request.mutable_request()->mutable_message();
  message->set_destination_address(0xFFFFFFFF);
  message->set_source_endpoint(1);
  message->set_destination_endpoint(1);
  message->set_payload(options.payload);
  return request;
}

int Run(const SenderOptions& options) {
  SendTally tally(options);
  auto channel = grpc::CreateChannel(options.target, grpc::InsecureChannelCredentials());
  auto stub = v1::NetworkService::NewStub(channel);
  grpc::ClientContext context;
  auto stream = stub->SendMessages(&context);
  stream->WaitForInitialMetadata();
  PrintReady();
  std::thread reader([&] {
    v1::SendMessagesResponse response;
    bool told = false;
    while (stream->Read(&response)) {
      if (response.has_error() && !std::exchange(told, true)) {
        std::cerr << "first error: " << response.error().message() << std::endl;
      }
      tally.AddAnswer(response.has_sent());
    }
  });
  uint64_t number = 0;
  while (tally.Next() && stream->Write(MakeRequest(number, options))) ++number;
  stream->WritesDone();
  tally.WaitAndPrint();
  AwaitStopSignal();
  context.TryCancel();
  reader.join();
  return 0;
}

}  // namespace
}  // namespace wirepas_grpc::bench

int main(int argc, char** argv) {
  const auto options =
      wirepas_grpc::bench::ParseSenderOptions(argc, argv, "Sends messages through the service.");
  wirepas_grpc::bench::BlockStopSignals();
  return wirepas_grpc::bench::Run(options);
}
