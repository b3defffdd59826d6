// SPDX-License-Identifier: Apache-2.0
// The least that a C++ program can do to receive uplinks: Paho's client with a message
// callback that counts. The service is measured against it.
#include <chrono>
#include <iostream>
#include <string>

#include "gateway_api/generic_message.pb.h"
#include "mqtt/async_client.h"
#include "tests/bench/tally.h"

namespace wirepas_grpc::bench {
namespace {

constexpr char kTopic[] = "gw-event/received_data/#";
constexpr int kQos = 1;

void AddDelay(const mqtt::const_message_ptr& message, Tally* tally) {
  wirepas::proto::gateway_api::GenericMessage decoded;
  if (decoded.ParseFromString(message->get_payload_str())) {
    tally->AddDelay(decoded.wirepas().packet_received_event().payload());
  }
}

int Run(const SubscriberOptions& options) {
  Tally tally(options);
  mqtt::async_client client("tcp://" + options.target, "bench-paho-subscriber");
  client.set_message_callback([&tally](const mqtt::const_message_ptr& message) {
    if (tally.wants_delays()) AddDelay(message, &tally);
    tally.Add(1);
  });
  try {
    client.connect()->wait();
    client.subscribe(kTopic, kQos)->wait();
    PrintReady();
    tally.WaitAndPrint();
    AwaitStopSignal();
    client.disconnect()->wait_for(std::chrono::seconds(2));
  } catch (const mqtt::exception& error) {
    std::cerr << "MQTT: " << error.what() << std::endl;
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace wirepas_grpc::bench

int main(int argc, char** argv) {
  const auto options = wirepas_grpc::bench::ParseSubscriberOptions(
      argc, argv, "Counts the uplinks that an MQTT broker sends.", [](CLI::App*) {});
  wirepas_grpc::bench::BlockStopSignals();
  return wirepas_grpc::bench::Run(options);
}
