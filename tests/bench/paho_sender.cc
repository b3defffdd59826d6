// SPDX-License-Identifier: Apache-2.0
// The least that a C++ program can do to send messages through gateways and to know what
// became of them. The service's SendMessages is measured against it.
#include <chrono>
#include <iostream>
#include <random>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "gateway_api/generic_message.pb.h"
#include "mqtt/async_client.h"
#include "tests/bench/send_tally.h"
#include "tests/bench/tally.h"

namespace wirepas_grpc::bench {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

// As the service does: a request that came twice would be two messages in the mesh.
constexpr int kRequestQos = 2;
constexpr int kAnswerQos = 1;

// The ids of the requests whose answers are to come. Thread-safe.
class Pending {
 public:
  void Add(uint64_t id) {
    core::MutexLock lock(&mutex_);
    ids_.insert(id);
  }
  bool Remove(uint64_t id) {
    core::MutexLock lock(&mutex_);
    return ids_.erase(id) > 0;
  }

 private:
  core::Mutex mutex_;
  absl::flat_hash_set<uint64_t> ids_ ABSL_GUARDED_BY(mutex_);
};

std::string MakeRequest(uint64_t id, uint64_t number, const SenderOptions& options) {
  gw::GenericMessage message;
  gw::SendPacketReq* packet = message.mutable_wirepas()->mutable_send_packet_req();
  packet->mutable_header()->set_req_id(id);
  packet->mutable_header()->set_sink_id(options.SinkId(number));
  packet->set_destination_address(0xFFFFFFFF);
  packet->set_source_endpoint(1);
  packet->set_destination_endpoint(1);
  packet->set_qos(0);
  packet->set_payload(options.payload);
  return message.SerializeAsString();
}

void OnAnswer(const mqtt::const_message_ptr& message, Pending* pending, SendTally* tally) {
  gw::GenericMessage answer;
  if (!answer.ParseFromString(message->get_payload_str())) return;
  const gw::ResponseHeader& header = answer.wirepas().send_packet_resp().header();
  if (pending->Remove(header.req_id())) tally->AddAnswer(header.res() == gw::OK);
}

int Run(const SenderOptions& options) {
  Pending pending;
  SendTally tally(options);
  std::mt19937_64 random(std::random_device{}());
  mqtt::async_client client("tcp://" + options.target, "bench-paho-sender",
                            static_cast<int>(options.in_flight));
  client.set_message_callback(
      [&](const mqtt::const_message_ptr& message) { OnAnswer(message, &pending, &tally); });
  try {
    client.connect()->wait();
    client.subscribe("gw-response/send_data/#", kAnswerQos)->wait();
    PrintReady();
    for (uint64_t number = 0; tally.Next(); ++number) {
      const uint64_t id = random();
      pending.Add(id);
      client.publish(absl::StrCat("gw-request/send_data/", options.GatewayId(number), "/",
                                  options.SinkId(number)),
                     MakeRequest(id, number, options), kRequestQos, /*retained=*/false);
    }
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
  const auto options = wirepas_grpc::bench::ParseSenderOptions(
      argc, argv, "Sends messages through gateways, by MQTT.");
  wirepas_grpc::bench::BlockStopSignals();
  return wirepas_grpc::bench::Run(options);
}
